"""What the planner knows of tables follows what they hold, also in the minute after a load or a crash."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.database_service.tables.roles import become_ingest

log = get_logger(__name__)

_SQL = load_queries(__package__)
_EVERY_S, _REST_S = 5.0, 0.5
_PATIENCE_S = 30.0
_PAGES = 16
"""A table of fewer pages than this, of 8 KiB, is read as fast by any plan."""


class Measuring:
    """Measures tables that have outgrown what is known of them: fact tables, their keys, the cells of rollups.

    Autovacuum does it too, but once a minute, not of partitioned tables as wholes, and after a crash not before a tenth
    of a table has changed anew: statements planned for an empty table meanwhile took minutes instead of seconds.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanted = asyncio.Event()
        self._looked = asyncio.Condition()
        self._asked_for = 0
        self._done = 0

    def soon(self) -> None:
        """Have it looked at once whether a table has grown; whoever has just loaded rows need not wait for that."""
        self._asked_for += 1
        self._wanted.set()

    async def caught_up(self) -> None:
        """Return when all that was loaded here before is measured, or after 30 s.

        For statements that look for many rows: planned for an empty table they take minutes instead of seconds.
        """
        asked_for = self._asked_for
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S), self._looked:
                await self._looked.wait_for(lambda: self._done >= asked_for)

    async def keep(self) -> None:
        while is_wanted():
            self._wanted.clear()
            asked_for = self._asked_for
            await self.once()
            async with self._looked:
                self._done = asked_for
                self._looked.notify_all()
            await asyncio.sleep(_REST_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._wanted.wait()

    async def once(self) -> list[str]:
        """Measure each table that is more than twice as large as it was, and return their names."""
        async with self._database.transaction(read_only=True) as connection:
            found = [row["name"] for row in await connection.fetch(_SQL["outgrown"], _PAGES)]
        for name in found:
            try:
                async with self._database.transaction() as connection:
                    await become_ingest(connection)
                    await connection.execute(f"ANALYZE (SKIP_LOCKED) {name}")
            except AnalyticsEngineError as error:
                log.warning("table_not_measured", table=name, reason=error.detail)
        return found
