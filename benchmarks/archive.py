"""The archive: how large it is beside the rows, and how long an answer takes whose rows are brought back from it."""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

from asking import Ask, binding_of, question_of, read_catalog
from data import CLIENT, Size
from reporting import Report
from rollups import Shop, open_shop
from sizes import run_at_sizes
from timing import side_by_side

from analytics_engine.adapters.blobs.local import LocalBlobs
from analytics_engine.adapters.engines.archive import Archive
from analytics_engine.adapters.engines.postgres import PostgresEngine
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.values.binding import bind
from analytics_engine.kpi.values.reach import reach_of
from analytics_engine.services.database_service.lifecycle.archiving import Archiving

_CHECKER = KpiChecker(read_catalog())
_ASK = Ask(("ORDERS", "REVENUE", "AVERAGE_ORDER"))
_CUTOFF = datetime(2028, 1, 1, tzinfo=UTC)


async def asked(engine: PostgresEngine) -> object:
    """Return what is answered from the rows, archived or not, without any rollup."""
    plan = build_plan(_CHECKER, question_of(_ASK), ())
    statement, binding = emit(plan, _CHECKER, POSTGRES), binding_of(_ASK)
    async with engine.snapshot(client_id=CLIENT) as snapshot:
        state = await snapshot.state(("order",))
        if state.archived:
            await snapshot.bring_back(reach_of(plan, statement.slots, _CHECKER.paths, binding))
        return [tuple(row.values()) for row in await snapshot.rows(statement.sql, bind(statement.slots, binding))]


async def measure(shop: Shop, size: Size, report: Report, *, folder: Path, rounds: int) -> None:
    clock, store = asyncio.get_running_loop(), LocalBlobs(folder)
    engine = PostgresEngine(shop.engine._database, Archive(store, most_rows=size.orders))  # noqa: SLF001
    size_of_rows = await shop.writer.fetchval(
        "SELECT sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'facts.\"order\"'::regclass"
    )
    expected = await asked(engine)
    hot = await side_by_side({"rows": lambda: asked(engine)}, rounds=rounds)
    began = clock.time()
    while held_up := await Archiving(shop.own, store, SystemClock()).leave("order", _CUTOFF):
        print(held_up)
    left_s = clock.time() - began
    assert await asked(engine) == expected
    cold = await side_by_side({"archive": lambda: asked(engine)}, rounds=rounds)
    files = sum([await store.size(name) for name in await store.names()])
    report.heading(f"{size} orders")
    report.table(
        ["", "size, MiB", "three KPIs by month, median s"],
        [
            ["rows", f"{size_of_rows / 2**20:,.0f}", f"{hot['rows'].median:.2f}"],
            ["archive", f"{files / 2**20:,.0f}", f"{cold['archive'].median:.2f}"],
        ],
    )
    report.note(f"All rows left in {left_s:.0f} s, with every file read back and compared. The answers were the same.")
    figures = {"rows_bytes": int(size_of_rows), "archive_bytes": files, "left_s": left_s}
    seconds = {"rows_s": hot["rows"].seconds, "archive_s": cold["archive"].seconds}
    report.keep("archive", str(size), figures={**figures, **seconds})


async def measure_size(given: argparse.Namespace, size: Size, report: Report, folder: Path) -> None:
    shop = await open_shop(size, folder)
    try:
        await measure(shop, size, report, folder=folder / f"archive-{size}", rounds=given.rounds)
    finally:
        await shop.close()


if __name__ == "__main__":
    run_at_sizes(
        "archive",
        "Two years of orders asked for by month where they are, and after all of them have left for the archive.",
        measure_size,
        description=__doc__,
    )
