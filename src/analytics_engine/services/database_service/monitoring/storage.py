"""What tables and indexes take, which of them are worth a look, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from analytics_engine.kernel.ports.database import Database, Row
from analytics_engine.services.database_service.monitoring import statements
from analytics_engine.services.database_service.monitoring.index_advice import advice, judged
from analytics_engine.services.database_service.monitoring.monitor import SQL, become_monitor
from analytics_engine.services.database_service.monitoring.schemas import (
    Bloat,
    IndexReport,
    TableReport,
    TableStorage,
)

_TIMEOUT_S = 60.0


class Storage:
    """The files of the database, by table and by index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tables(self, *, measure: bool) -> TableReport:
        """Return every table, the largest first.

        Args:
            measure: read the tables to measure their bloat, where the extension pgstattuple is installed.
        """
        async with self._database.transaction(read_only=True, timeout_s=_TIMEOUT_S) as connection:
            rows = await connection.fetch(SQL["tables"], measure)
            since = await connection.fetch_value(SQL["statistics_since"])
        return TableReport(statistics_since=since, tables=tuple(_table(row) for row in rows))

    async def indexes(self) -> IndexReport:
        """Return every index, the largest first, and the tables that may lack one."""
        async with self._database.transaction(read_only=True, timeout_s=_TIMEOUT_S) as connection:
            rows = await connection.fetch(SQL["indexes"])
            tables = [_table(row) for row in await connection.fetch(SQL["tables"], False)]  # noqa: FBT003 - a parameter
            since = await connection.fetch_value(SQL["statistics_since"])
            seen: Sequence[Row] = ()
            if await statements.are_counted(connection):
                await become_monitor(connection)
                seen = await connection.fetch(SQL["statements_with_predicates"])
        indexes = judged(rows)
        missing = await asyncio.to_thread(advice, tables, indexes, seen)
        return IndexReport(statistics_since=since, indexes=indexes, missing=missing)


def _table(row: Row) -> TableStorage:
    values = dict(row)
    bytes_, covers, measured = (values.pop(f"bloat_{name}") for name in ("bytes", "covers_bytes", "measured"))
    bloat = None
    if bytes_ is not None:
        method = "measured" if measured else "estimated"
        bloat = Bloat(
            bytes=bytes_,
            share=round(min(1.0, bytes_ / covers), 4) if covers else 0.0,
            covers_bytes=covers,
            method=method,
        )
    return TableStorage.model_validate({**values, "bloat": bloat})
