"""A dashboard of 12 KPIs over 24 months, and KPIs over time by day: the engine beside the best written by hand."""

from __future__ import annotations

import argparse
import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
"""A join of rows with the calendar takes minutes on these rows, and hours on ten times as many."""

Contestant = Callable[[], Awaitable[Rows]]


class DifferentAnswers(Exception):
    """Two contestants do not give the same answer, so their times say nothing."""


@dataclass(frozen=True)
class Race:
    """Contestants that must give the same answer.

    Args:
        columns: the KPIs of the answer, one a column behind the period.
        bases: those the others are held against: the fastest of them.
        slow: those that take so long that they run in one round only.
    """

    title: str
    columns: tuple[str, ...]
    contestants: Mapping[str, Contestant]
    bases: tuple[str, ...]
    slow: Mapping[str, Contestant] = field(default_factory=dict)


def read_peers(engine: str, file: str) -> dict[str, str]:
    """Return the statements of a file by name."""
    _, *parts = _NAMED.split((_PEERS / engine / file).read_text(encoding="utf-8"))
    return dict(zip(parts[0::2], (part.strip() for part in parts[1::2]), strict=True))


def read_shared(engine: str) -> dict[str, str]:
    """Return the texts of the dashboard as one statement, each under what it does."""
    files = sorted((_PEERS / engine).glob("dashboard_*.sql"))
    names = [file.stem.removeprefix("dashboard_").replace("_", " ") for file in files]
    return {
        f"(a) one statement, {name}": file.read_text(encoding="utf-8") for name, file in zip(names, files, strict=True)
    }


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
    shared = {name: _runs(shop, sql) for name, sql in read_shared(shop.name).items()}
    separate = read_peers(shop.name, "one_by_one.sql")
    contestants: dict[str, Contestant] = {
        "engine": lambda: _rows(shop, question),
        **shared,
        "(b) one statement a KPI": lambda: _beside([_runs(shop, separate[code]) for code in DASHBOARD]),
        "engine, one question a KPI": lambda: _beside([_answers(shop, each) for each in alone]),
    }
    if shop.name == "postgres":
        arm = (_PEERS / "postgres" / "arm_of_a_month.sql").read_text(encoding="utf-8")
        contestants["(c) one arm a month"] = _runs(shop, by_month(arm))
    return Race("12 KPIs by month, 24 months", DASHBOARD, contestants, tuple(shared))


def over_time(shop: Shop, checker: KpiChecker, *, joins: bool) -> list[Race]:
    """Return the races of KPIs over time, by day."""
    peers = read_peers(shop.name, "over_time.sql")
    races = []
    for code, name, title in (
        ("CUSTOMERS_OF_28_DAYS", "rolling", "Different customers in the last 28 days, by day"),
        ("REVENUE_OF_THE_MONTH", "to date", "Revenue of the month to date, by day"),
    ):
        contestants = {
            "engine": _answers(shop, asked(checker, Ask((code,), "day"), shop.dialect)),
            "windows, by hand": _runs(shop, peers[name]),
        }
        slow = {"a join with the calendar": _runs(shop, peers[f"{name} by a join"])}
        races.append(Race(title, (code,), contestants, ("windows, by hand",), slow if joins else {}))
    return races


def _runs(shop: Shop, sql: str) -> Contestant:
    return lambda: shop.rows(sql)


def _answers(shop: Shop, question: Asked) -> Contestant:
    return lambda: _rows(shop, question)


async def _rows(shop: Shop, question: Asked) -> Rows:
    """Return the values of a question's answer without what stands beside them."""
    rows = await shop.rows(question.statement.sql, question.parameters)
    return [row[: 1 + len(question.plan.measures)] for row in rows]


async def _beside(works: Sequence[Contestant]) -> Rows:
    """Return the columns of several answers, side by side."""
    answers = [await work() for work in works]
    return [(rows[0][0], *(row[1] for row in rows)) for rows in zip(*answers, strict=True)]


async def check(race: Race, *slow: Rows) -> None:
    """Accept a race whose contestants all give one answer.

    Raises:
        DifferentAnswers: they do not.
    """
    base = race.bases[0]
    expected = await race.contestants[base]()
    for name, contestant in race.contestants.items():
        _check_same(race, name, await contestant(), expected)
    for name, rows in zip(race.slow, slow, strict=True):
        _check_same(race, name, rows, expected)


def _check_same(race: Race, name: str, found: Rows, expected: Rows) -> None:
    if len(found) != len(expected):
        raise DifferentAnswers(f"{race.title}: {name} has {len(found)} rows, {race.bases[0]} {len(expected)}")
    for mine, its in zip(found, expected, strict=True):
        for code, one, other in zip(race.columns, mine[1:], its[1:], strict=True):
            if not _same(one, other, _NEAR if code in _FLOATS else _EXACT):
                raise DifferentAnswers(f"{race.title}: {code} at {mine[0]}: {name} {one}, {race.bases[0]} {other}")


def _same(one: object, other: object, tolerance: float) -> bool:
    if one is None or other is None:
        return one is other
    first, second = float(str(one)), float(str(other))
    return abs(first - second) <= tolerance * max(abs(first), abs(second))


async def run_race(race: Race, rounds: int) -> dict[str, Times]:
    """Return the times of a race whose contestants agree; a slow one has one time for all rounds."""
    slow: dict[str, Times] = {}
    answers: list[Rows] = []
    for name, contestant in race.slow.items():
        began = time.perf_counter()
        answers.append(await contestant())
        slow[name] = Times((time.perf_counter() - began,) * rounds)
    await check(race, *answers)
    return await side_by_side(race.contestants, rounds=rounds) | slow


def tell(report: Report, race: Race, times: Mapping[str, Times], *path: str) -> None:
    """Put a race into a report."""
    base = min(race.bases, key=lambda name: times[name].median)
    rows = []
    for name, each in times.items():
        ratio = each.ratio_to(times[base])
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
    report.note(f"**{race.title}** (ratios to: {base})")
    report.table(["contestant", "least ms", "median ms", "most ms", "ratio, median", "ratios"], rows)


async def measure(
    engine: str, size: Size, folder: Folder, catalog: Catalog, *, report: Report, rounds: int, joins: bool
) -> None:
    """Run all races on one engine and size."""
    shop = await open_shop(engine, catalog, size, folder.path)
    try:
        report.machine.setdefault(engine, shop.version)
        report.heading(f"{engine}, {size} orders")
        checker = KpiChecker(catalog)
        for race in [dashboard(shop, checker), *over_time(shop, checker, joins=joins and size.orders <= _LARGEST_JOIN)]:
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
        for name, sql in read_shared(engine).items():
            print(name, "\n", await shop.explained(sql), "\n")
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
                    await measure(
                        engine, Size(rows), folder, catalog, report=report, rounds=given.rounds, joins=given.joins
                    )
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
    arguments.add_argument(
        "--joins", action=argparse.BooleanOptionalAction, default=True, help="joins with the calendar too (minutes)"
    )
    arguments.add_argument("--keep", type=Path, help="a folder the data stays in, for the next run")
    arguments.add_argument("--record", action="store_true", help="write the figures to results/")
    arguments.add_argument("--explain", action="store_true", help="print statements and plans instead")
    asyncio.run(run(arguments.parse_args()))


if __name__ == "__main__":
    main()
