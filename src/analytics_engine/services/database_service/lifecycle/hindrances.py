"""What keeps rows from leaving: rollups that would compute from rows that are no longer there."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.errors import Conflict
from analytics_engine.kpi.states.kept import Kept
from analytics_engine.services.database_service.tables.fact_table import FactTable


def check(table: FactTable, rollups: Iterator[Kept]) -> None:
    """Return when every rollup can do without old rows of the table.

    A rollup of these rows by their own time can: its buckets of then are whole. One that reads them for other rows,
    or by another time, may meet any of them again.

    Raises:
        Conflict: one cannot.
    """
    for kept in rollups:
        needs = _why(kept, table)
        if needs:
            raise Conflict(
                f"The rollup {kept.code} of {kept.model} {needs}, so all rows of {table.code} have to stay.",
                remedy=f"Take the rollup {kept.code} away, or keep the rows of {table.code}.",
                object_model=table.code,
                rollup=kept.code,
            )


def _why(kept: Kept, table: FactTable) -> str:
    if any(read.model == table.code for read in kept.reads):
        return f"reads {table.code} for its rows"
    if kept.model == table.code and kept.anchor != table.time_attribute:
        return f"is by {kept.anchor}"
    return ""
