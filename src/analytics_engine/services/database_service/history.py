"""The history of KPI values has its partitions before the values come."""

from __future__ import annotations

import asyncio

from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.tasks import is_wanted

log = get_logger(__name__)

_EVERY_S = 6 * 3600.0


class HistoryPartitions:
    """Makes the partitions of ``kpi.kpi_data`` for the months ahead."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self) -> None:
        while is_wanted():
            async with self._database.transaction() as connection:
                made = await connection.fetch_value("select kpi.make_partitions()")
            if made:
                log.info("history_partitions_made", count=made)
            await asyncio.sleep(_EVERY_S)
