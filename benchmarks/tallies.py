"""Different values and approximate percentiles from a rollup's tallies, beside the rows; and what tallies cost."""

from __future__ import annotations

import argparse
from pathlib import Path

from asking import Ask
from data import CLIENT, Size
from reporting import Report
from rollups import batches, compared, open_shop, sizes_of, timed
from sizes import run_at_sizes

from analytics_engine.kpi.model.rollup import Level

KPIS = ("CUSTOMERS", "TYPICAL_ORDER")
_LEVELS = (Level.DAY, Level.MONTH)
ASKS = {
    "customers by month": Ask(("CUSTOMERS",)),
    "customers of 28 days, by day": Ask(("CUSTOMERS_OF_28_DAYS",), "day"),
    "typical order by month": Ask(("TYPICAL_ORDER",)),
    "typical order by quarter": Ask(("TYPICAL_ORDER",), "quarter"),
    "typical order by day": Ask(("TYPICAL_ORDER",), "day"),
}


async def measure(given: argparse.Namespace, size: Size, report: Report, folder: Path) -> None:
    shop = await open_shop(size, folder)
    try:
        report.heading(f"{size} orders of {size.customers:,} customers")
        parts = await batches(shop, size)
        without = min([await timed(shop, parts) for _ in range(2)])
        _, built_s = await shop.make((), _LEVELS, KPIS)
        with_ = min([await timed(shop, parts) for _ in range(2)])
        await shop.writer.execute("VACUUM (ANALYZE)", timeout=3600)
        (kept,) = await shop.engine.rollups(client_id=CLIENT)
        sizes = await sizes_of(shop, kept)
        report.note(
            f"Built in {built_s:.0f} s: {sizes['cells']:,} cells and values, {sizes['rollup'] / 2**20:,.0f} MiB beside "
            f"{sizes['rows'] / 2**20:,.0f} MiB of rows with their index. Batches of 10,000 rows were copied at "
            f"{without / with_:.2f} of the rate without the rollup."
        )
        report.keep("size", str(size), figures={"built_s": built_s, "raw_s": without, "rolled_s": with_, **sizes})
        await compared(shop, size, report, given.rounds, kept=kept, asks=ASKS, first="asked")
    finally:
        await shop.close()


if __name__ == "__main__":
    run_at_sizes(
        "tallies",
        "Different customers and the typical amount of an order, over two years of orders, asked of the rows and of a "
        "rollup by day and month whose tallies count each cell's customers and bins of amounts. "
        "They took turns. Where values are more than an eighth of the rows, the rows are read, tally or not.",
        measure,
        description=__doc__,
    )
