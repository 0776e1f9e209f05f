"""A dashboard of 12 KPIs over 24 months, and KPIs over time by day: the engine beside the best written by hand."""

from __future__ import annotations

import argparse
import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asking import DASHBOARD, Ask, Asked, asked, read_catalog
from data import MONTHS, Size
from engines import Folder, Rows, Shop, open_shop
from reporting import Report, machine
from timing import Times, side_by_side

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog

_PEERS = Path(__file__).with_name("peers")
_NAMED = re.compile(r"^-- name: (.+)$", re.MULTILINE)
_EXACT, _NEAR = 1e-12, 1e-9
_FLOATS = {"DELIVERY_TIME_P90"}
_LARGEST_JOIN = 1_000_000
"""A join of rows with a calendar takes minutes on more rows than these."""

Contestant = Callable[[], Awaitable[Rows]]


class DifferentAnswers(Exception):
    """Two contestants do not give the same answer, so their times say nothing."""


@dataclass(frozen=True)
class Race:
    """Contestants that must give the same answer; ``base`` is the one the others are held against.

    ``columns`` are the KPIs of the answer, one a column behind the period.
    """

    title: str
    columns: tuple[str, ...]
    contestants: Mapping[str, Contestant]
    base: str


def read_peers(engine: str, file: str) -> dict[str, str]:
    """Return the statements of a file by name; a file without names is one statement."""
    text = (_PEERS / engine / file).read_text(encoding="utf-8")
    _, *parts = _NAMED.split(text)
    if not parts:
        return {"": text}
    return dict(zip(parts[0::2], (part.strip() for part in parts[1::2]), strict=True))


def by_month(text: str) -> str:
    """Return the dashboard for PostgreSQL with an arm for each month."""
    arm = re.sub(r"^--.*\n", "", text, flags=re.MULTILINE)
    starts = [f"{2025 + month // 12}-{month % 12 + 1:02}-01 00:00:00+00" for month in range(MONTHS + 1)]
    arms = [
        arm.replace(":month", str(month + 1)).replace(":first", starts[month]).replace(":after", starts[month + 1])
        for month in range(MONTHS)
    ]
    return f"""
WITH months AS ({" UNION ALL ".join(arms)})
SELECT
  month, orders, revenue, units, revenue / amounts, largest, net, revenue / units,
  SUM(revenue) OVER (PARTITION BY (month - 1) / 12 ORDER BY month), LAG(revenue) OVER (ORDER BY month),
  returned::numeric / orders, customers, slow_s / 3600
FROM months ORDER BY month"""


def dashboard(shop: Shop, checker: KpiChecker) -> Race:
    """Return the race of the dashboard."""
    question = asked(checker, Ask(DASHBOARD), shop.dialect)
    alone = [asked(checker, Ask((code,)), shop.dialect) for code in DASHBOARD]
    shared = read_peers(shop.name, "dashboard.sql")[""]
    separate = read_peers(shop.name, "one_by_one.sql")
    contestants: dict[str, Contestant] = {
        "engine": lambda: _rows(shop, question),
        "(a) shared, by hand": lambda: shop.rows(shared),
        "(b) one statement a KPI, by hand": lambda: _beside(
            [lambda sql=separate[code]: shop.rows(sql) for code in DASHBOARD]
        ),
        "engine, one question a KPI": lambda: _beside([lambda each=each: _rows(shop, each) for each in alone]),
    }
    if shop.name == "postgres":
        arms = by_month(read_peers(shop.name, "by_month.sql")[""])
        contestants["(c) one arm a month, by hand"] = lambda: shop.rows(arms)
    return Race("12 KPIs by month, 24 months", DASHBOARD, contestants, "(a) shared, by hand")


def over_time(shop: Shop, checker: KpiChecker, size: Size) -> list[Race]:
    """Return the races of KPIs over time, by day."""
    peers = read_peers(shop.name, "over_time.sql")
    races = []
    for code, name, title in (
        ("CUSTOMERS_OF_28_DAYS", "rolling", "Different customers in the last 28 days, by day"),
        ("REVENUE_OF_THE_MONTH", "to date", "Revenue of the month to date, by day"),
    ):
        question = asked(checker, Ask((code,), "day"), shop.dialect)
        contestants: dict[str, Contestant] = {
            "engine": lambda question=question: _rows(shop, question),
            "windows, by hand": lambda sql=peers[name]: shop.rows(sql),
        }
        if size.orders <= _LARGEST_JOIN:
            contestants["a join with the calendar"] = lambda sql=peers[f"{name} by a join"]: shop.rows(sql)
        races.append(Race(title, (code,), contestants, "windows, by hand"))
    return races


async def _rows(shop: Shop, question: Asked) -> Rows:
    """Return the values of a question's answer without what stands beside them."""
    rows = await shop.rows(question.statement.sql, question.parameters)
    return [row[: 1 + len(question.plan.measures)] for row in rows]


async def _beside(works: Sequence[Contestant]) -> Rows:
    """Return the columns of several answers, side by side."""
    answers = [await work() for work in works]
    return [(rows[0][0], *(row[1] for row in rows)) for rows in zip(*answers, strict=True)]


async def check(race: Race) -> None:
    """Accept a race whose contestants all give one answer.

    Raises:
        DifferentAnswers: they do not.
    """
    expected = await race.contestants[race.base]()
    for name, contestant in race.contestants.items():
        found = await contestant()
        if len(found) != len(expected):
            raise DifferentAnswers(f"{race.title}: {name} has {len(found)} rows, {race.base} {len(expected)}")
        for mine, its in zip(found, expected, strict=True):
            for code, one, other in zip(race.columns, mine[1:], its[1:], strict=True):
                if not _same(one, other, _NEAR if code in _FLOATS else _EXACT):
                    raise DifferentAnswers(f"{race.title}: {code} at {mine[0]}: {name} {one}, {race.base} {other}")


def _same(one: object, other: object, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    first, second = float(str(one)), float(str(other))
    return abs(first - second) <= tolerance * max(abs(first), abs(second))


async def run_race(race: Race, rounds: int) -> dict[str, Times]:
    await check(race)
    return await side_by_side(race.contestants, rounds=rounds)


def tell(report: Report, race: Race, times: Mapping[str, Times], *path: str) -> None:
    """Put a race into a report."""
    base = times[race.base]
    rows = []
    for name, each in times.items():
        ratio = each.ratio_to(base)
        seconds = [f"{value * 1e3:,.1f}" for value in (each.least, each.median, each.most)]
        rows.append([name, *seconds, f"{ratio.median:.2f}", f"{ratio.least:.2f} to {ratio.most:.2f}"])
        figures = {
            "least_s": each.least,
            "median_s": each.median,
            "most_s": each.most,
            "ratio": ratio.median,
            "ratios": ratio.rounds,
        }
        report.keep(*path, race.title, name, figures=figures)
    report.note(f"**{race.title}** (ratios to: {race.base})")
    report.table(["contestant", "least ms", "median ms", "most ms", "ratio, median", "ratios"], rows)


async def measure(engine: str, size: Size, folder: Folder, catalog: Catalog, *, report: Report, rounds: int) -> None:
    """Run all races on one engine and size."""
    shop = await open_shop(engine, catalog, size, folder.path)
    try:
        report.machine.setdefault(engine, shop.version)
        report.heading(f"{engine}, {size} orders")
        checker = KpiChecker(catalog)
        for race in [dashboard(shop, checker), *over_time(shop, checker, size)]:
            tell(report, race, await run_race(race, rounds), engine, str(size))
    finally:
        await shop.close()


async def explain(engine: str, size: Size, folder: Folder, catalog: Catalog) -> None:
    """Print what an engine does for its own statement and for the one written by hand."""
    shop = await open_shop(engine, catalog, size, folder.path)
    try:
        question = asked(KpiChecker(catalog), Ask(DASHBOARD), shop.dialect)
        print(question.statement.sql, "\n")
        print(await shop.explained(question.statement.sql, question.parameters), "\n")
        print(await shop.explained(read_peers(engine, "dashboard.sql")[""]))
    finally:
        await shop.close()


async def run(given: argparse.Namespace) -> None:
    catalog = read_catalog()
    about = (
        "Twelve KPIs over two years of orders, asked of the engine, and the same written by hand. Contestants took "
        "turns within one process; a ratio is of two times of one round. The aim is a ratio of at most 1.1 to (a)."
    )
    folder = Folder(given.keep)
    report = Report("dashboard", about, machine("sqlglot"))
    try:
        for rows in given.rows:
            for engine in given.engines:
                if given.explain:
                    await explain(engine, Size(rows), folder, catalog)
                else:
                    await measure(engine, Size(rows), folder, catalog, report=report, rounds=given.rounds)
    finally:
        folder.remove()
    if given.record:
        report.record()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--engines", nargs="+", choices=["duckdb", "postgres"], default=["duckdb", "postgres"])
    arguments.add_argument(
        "--rows", nargs="+", type=int, default=[1_000_000], help="how many orders (10000000 take 4 GB, some minutes)"
    )
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--keep", type=Path, help="a folder the data stays in, for the next run")
    arguments.add_argument("--record", action="store_true", help="write the figures to results/")
    arguments.add_argument("--explain", action="store_true", help="print statements and plans instead")
    asyncio.run(run(arguments.parse_args()))


if __name__ == "__main__":
    main()
