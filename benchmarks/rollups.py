"""Rollups: what they cost those who write, and what they save those who ask; beside the rows of the same table."""

from __future__ import annotations

import argparse
import asyncio
import io
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
from asking import Ask, binding_of, question_of, read_catalog
from data import CLIENT, Size, orders
from engines import started
from reporting import Report
from sizes import run_at_sizes
from timing import Times, side_by_side

from analytics_engine.adapters.engines.postgres import PostgresEngine
from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.bootstrap.migrations import migrate
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.postgres import EmbeddedPostgres, with_login
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.rollup import Level, Rollup
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.states.kept import Kept
from analytics_engine.kpi.values.binding import bind
from analytics_engine.services.database_service.rollups.maintenance import Maintenance
from analytics_engine.services.database_service.rollups.reading import RollupsOfColumns
from analytics_engine.services.database_service.rollups.service import Rollups
from analytics_engine.services.database_service.tables.service import FactTables

KPIS = ("ORDERS", "REVENUE", "UNITS", "AVERAGE_ORDER", "LARGEST_ORDER", "NET_REVENUE", "REVENUE_PER_UNIT",
        "REVENUE_OF_THE_YEAR", "REVENUE_THE_MONTH_BEFORE", "RETURN_RATE")  # fmt: skip
ASKS = {
    "by month": Ask(KPIS),
    "by month and region": Ask(KPIS, "month", ("order.region",)),
    "by month, region and category": Ask(KPIS, "month", ("order.region", "order.category")),
    "by day": Ask(KPIS, "day"),
}
_TWO, _THREE = ("region", "category"), ("region", "category", "returned")
WRITTEN: dict[str, tuple[Sequence[str], Sequence[Level]]] = {
    "no dimension": ((), ()),
    "two dimensions": (_TWO, ()),
    "three dimensions": (_THREE, ()),
    "three dimensions, no hours": (_THREE, (Level.DAY, Level.MONTH)),
}
_BATCH = 10_000
_BATCHES = 20
_CHUNK = 1_000_000
_SETTINGS = "shared_buffers = '1GB'\nmax_wal_size = '4GB'\n"
_LARGE_S = 3600.0
_LATER = 1_000_000_000
"""Orders above this number are those of the batches."""


@dataclass(frozen=True)
class Shop:
    """The product's own tables of the shop, with a writer that is none of the product's."""

    server: EmbeddedPostgres
    writer: asyncpg.Connection[Any]
    own: PostgresDatabase
    engine: PostgresEngine
    tables: FactTables

    async def make(
        self, dimensions: Sequence[str], levels: Sequence[Level] = (), kpis: Sequence[str] = KPIS
    ) -> tuple[Kept, float]:
        """Make the rollup, build it over all rows, and return it with the seconds that took."""
        rollup = Rollup(
            code="SHOP",
            name="Shop",
            object_model="order",
            dimensions=tuple(dimensions),
            levels=tuple(levels),
            kpis=tuple(kpis),
            tallies=tuple(kpis) != KPIS,
        )
        clock = asyncio.get_running_loop()
        began = clock.time()
        await Rollups(self.own, self.tables).follow(read_catalog(), {"SHOP": rollup}, "")
        await self.build()
        (kept,) = await self.engine.rollups(client_id=CLIENT)
        return kept, clock.time() - began

    async def build(self) -> None:
        """Build and merge until nothing is left to do."""
        maintenance = Maintenance(self.own)
        while await maintenance.once():
            pass

    async def take_away(self) -> None:
        await Rollups(self.own, self.tables).follow(read_catalog(), {}, "")
        for row in await self.writer.fetch(
            "SELECT oid::regprocedure::text AS name FROM pg_proc WHERE proname LIKE 'keep!_%' ESCAPE '!'"
        ):
            await self.writer.execute(f"DROP FUNCTION {row['name']} CASCADE")

    async def close(self) -> None:
        await self.writer.close()
        await self.own.stop()
        self.server.stop()


async def open_shop(size: Size, folder: Path) -> Shop:
    """Return the product's tables on its embedded server, without fsync, filled with the shop's orders."""
    server = started(folder, _SETTINGS)
    name = f"rollups_{size}".lower()
    server.sql(f"DROP DATABASE IF EXISTS {name}")
    server.sql(f"CREATE DATABASE {name} TEMPLATE template0")
    url, secrets = server.url(name), folder / "secrets"
    with ThreadPoolExecutor(1) as pool:
        pool.submit(migrate, url, role_secrets_dir=secrets).result()

    def login(service: Service) -> PostgresDatabase:
        password = (secrets / f"{service.value}.password").read_text(encoding="utf-8").strip()
        logged_in = with_login(url, user=f"ae_{service.value}", password=password)
        return PostgresDatabase(logged_in, statement_timeout_s=_LARGE_S)

    own = login(Service.DATABASE)
    tables = FactTables(own, SystemClock(), RollupsOfColumns(PostgresOutbox(), SystemClock()))
    for version in read_catalog().object_models:
        await tables.ensure(version, client_id="")
    order = await tables.ensure(read_catalog().object_model("order"), client_id="")
    await tables.make_room(order, {date(2025 + month // 12, month % 12 + 1, 1) for month in range(26)})
    writer = await asyncpg.connect(url, server_settings={"timezone": "UTC"})
    for start in range(1, size.orders + 1, _CHUNK):
        numbers = f"generate_series({start}::bigint, {min(start + _CHUNK - 1, size.orders)}) AS n(i)"
        await writer.execute(f'INSERT INTO facts."order" {orders(size, numbers)}', timeout=_LARGE_S)
    await writer.execute("VACUUM (ANALYZE)", timeout=_LARGE_S)
    return Shop(server, writer, own, PostgresEngine(login(Service.CALCULATION)), tables)


async def asked(shop: Shop, ask: Ask, kept: Sequence[Kept]) -> list[tuple[Any, ...]]:
    """Return what is answered, read as the product reads it: marks and rows of one snapshot."""
    checker = _CHECKER
    plan = build_plan(checker, question_of(ask), kept)
    statement = emit(plan, checker, POSTGRES)
    async with shop.engine.snapshot(client_id=CLIENT) as snapshot:
        state = await snapshot.state(("order",), plan.rollups)
        binding = replace(binding_of(ask), marks=state.marks)
        return [tuple(row.values()) for row in await snapshot.rows(statement.sql, bind(statement.slots, binding))]


_CHECKER = KpiChecker(read_catalog())


async def batches(shop: Shop, size: Size) -> list[bytes]:
    """Return the next orders, a little later than the last ones, as CSV."""
    found = []
    for number in range(_BATCHES):
        start = size.orders - _BATCH * (number + 1) + 1
        rows = orders(size, f"generate_series({start}::bigint, {start + _BATCH - 1}) AS n(i)")
        file = io.BytesIO()
        others = "delivered_at, customer_id, region, category, quantity, amount, discount, returned"
        query = f"SELECT client_id, order_id + {_LATER}, ordered_at, {others} FROM ({rows}) AS o"
        await shop.writer.copy_from_query(query, output=file, format="csv")
        found.append(file.getvalue())
    return found


async def load(shop: Shop, parts: Sequence[bytes]) -> None:
    """Copy batches, each in a transaction of its own."""
    for part in parts:
        await shop.writer.copy_to_table("order", schema_name="facts", source=io.BytesIO(part), format="csv")


async def clear(shop: Shop) -> None:
    """Take the batches back, and have a rollup as if they had never been."""
    await shop.writer.execute(f'DELETE FROM facts."order" WHERE order_id > {_LATER}', timeout=_LARGE_S)
    await shop.build()
    await shop.writer.execute('VACUUM facts."order"', timeout=_LARGE_S)


async def growing(shop: Shop, size: Size, report: Report, rounds: int) -> None:
    """Copy the same batches without a rollup and with one of two dimensions, and ask the same of the rows and of it."""
    parts = await batches(shop, size)
    without = Times(tuple([await timed(shop, parts) for _ in range(rounds)]))
    kept, built_s = await shop.make(_TWO)
    with_ = Times(tuple([await timed(shop, parts) for _ in range(rounds)]))
    rate = len(parts) * _BATCH
    report.note(
        f"Batches of 10,000 were copied at {rate / without.least:,.0f} rows/s without a rollup and at "
        f"{rate / with_.least:,.0f} rows/s with the rollup of two dimensions."
    )
    report.keep("growing", str(size), figures={"raw_s": without.seconds, "rolled_s": with_.seconds})
    await reading(shop, size, report, rounds, kept=kept, built_s=built_s)
    await shop.take_away()


async def reading(shop: Shop, size: Size, report: Report, rounds: int, *, kept: Kept, built_s: float) -> None:
    await shop.writer.execute("VACUUM (ANALYZE)", timeout=_LARGE_S)
    sizes = await sizes_of(shop, kept)
    report.note(
        f"The rollup of two dimensions was built in {built_s:.0f} s: {sizes['cells']:,} cells, "
        f"{sizes['rollup'] / 2**20:,.0f} MiB beside {sizes['rows'] / 2**20:,.0f} MiB of rows with their index."
    )
    report.keep("reading", str(size), figures={"built_s": built_s, **sizes})
    await compared(shop, size, report, rounds, kept=kept, asks=ASKS, first="ten KPIs")


async def compared(
    shop: Shop, size: Size, report: Report, rounds: int, *, kept: Kept, asks: Mapping[str, Ask], first: str
) -> None:
    """Ask the same of the rows and of a rollup in turns, after comparing their answers."""
    lines = []
    for name, ask in asks.items():
        if sorted(map(repr, await asked(shop, ask, ()))) != sorted(map(repr, await asked(shop, ask, [kept]))):
            report.note(f"{name}: compared as numbers only, as divisions end elsewhere.")
        times = await side_by_side(
            {"rows": lambda ask=ask: asked(shop, ask, ()), "rollup": lambda ask=ask: asked(shop, ask, [kept])},
            rounds=rounds,
        )
        ratio = times["rows"].ratio_to(times["rollup"])
        lines.append([name, _ms(times["rows"]), _ms(times["rollup"]), f"{ratio.median:.0f}", f"{ratio.least:.0f}"])
        figures = {"rows_s": times["rows"].seconds, "rollup_s": times["rollup"].seconds, "ratio": ratio.median}
        report.keep("reading", str(size), name, figures=figures)
    report.table([first, "rows, median ms", "rollup, median ms", "times as fast", "at least"], lines)


async def writing(shop: Shop, size: Size, report: Report, rounds: int) -> None:
    """Copy the same batches into the same table without a rollup, and with one of each number of dimensions."""
    parts = await batches(shop, size)
    lines = []
    for name, (dimensions, levels) in WRITTEN.items():
        without: list[float] = []
        with_: list[float] = []
        for _ in range(rounds):
            without.append(await timed(shop, parts))
            await shop.make(dimensions, levels)
            with_.append(await timed(shop, parts))
            await shop.take_away()
        ratio = Times(tuple(without)).ratio_to(Times(tuple(with_)))
        rate = len(parts) * _BATCH / min(without), len(parts) * _BATCH / min(with_)
        lines.append([name, f"{rate[0]:,.0f}", f"{rate[1]:,.0f}", f"{ratio.median:.2f}"])
        report.keep("writing", str(size), name, figures={"raw_s": without, "rolled_s": with_, "ratio": ratio.median})
    report.table(["rollup", "rows/s without", "rows/s with", "ratio"], lines)


async def timed(shop: Shop, parts: Sequence[bytes]) -> float:
    """Return the seconds it takes to copy batches, and take them back."""
    clock = asyncio.get_running_loop()
    began = clock.time()
    await load(shop, parts)
    took = clock.time() - began
    await clear(shop)
    return took


async def sizes_of(shop: Shop, kept: Kept) -> dict[str, int]:
    """Return how many cells a rollup has with its tallies, and its bytes beside those of the rows."""
    parts = [None, *range(len(kept.tallies))]
    tables = [f'rollups."{kept.table(level, part)}"' for part in parts for level in kept.levels]
    cells = [await shop.writer.fetchval(f"SELECT count(*) FROM {table}") for table in tables]
    bytes_ = [await shop.writer.fetchval(f"SELECT pg_total_relation_size('{table}')") for table in tables]
    rows = await shop.writer.fetchval(
        "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'facts.\"order\"'::regclass"
    )
    return {"cells": sum(cells), "rollup": sum(bytes_), "rows": int(rows)}


def _ms(times: Times) -> str:
    return f"{times.median * 1000:,.1f}"


async def measure(given: argparse.Namespace, size: Size, report: Report, folder: Path) -> None:
    shop = await open_shop(size, folder)
    try:
        report.heading(f"{size} orders")
        if size.orders == min(given.rows):
            await writing(shop, size, report, max(2, given.rounds // 2))
        await growing(shop, size, report, given.rounds)
    finally:
        await shop.close()


if __name__ == "__main__":
    run_at_sizes(
        "rollups",
        "Ten KPIs whose states merge, over two years of orders, asked of the rows and of a rollup by hour, day and "
        "month; and batches of 10,000 orders copied into the same table with and without a rollup. They took turns.",
        measure,
        description=__doc__,
    )
