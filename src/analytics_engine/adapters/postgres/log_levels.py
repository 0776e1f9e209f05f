"""Log levels that operators set for a while, followed by every replica of every service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.logging import Levels, get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.tasks import is_wanted

log = get_logger(__name__)

_LOOK_EVERY_S = 2.0
_QUERIES = load_queries(__package__)


class FollowsLogLevels:
    """Gives this process's loggers the levels that are set in the database, and their own when these expire.

    While the database is away nothing new is heard of; what is known expires all the same.
    """

    def __init__(self, database: Database, *, service: str) -> None:
        self._database = database
        self._service = service
        self._known: Mapping[str, tuple[str, float]] = {}

    async def keep(self) -> None:
        levels = Levels()
        while is_wanted():
            try:
                self._known = await self._set_now()
            except AnalyticsEngineError as error:
                log.debug("log_levels_not_read", reason=error.detail)
            now = time.monotonic()
            wanted = {logger: level for logger, (level, until) in self._known.items() if until > now}
            if levels.become(wanted):
                log.warning("log_levels_changed", levels=wanted or "as configured")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _set_now(self) -> Mapping[str, tuple[str, float]]:
        async with self._database.transaction(read_only=True) as connection:
            rows = await connection.fetch(_QUERIES["log_levels"], self._service)
        now = time.monotonic()
        return {row["logger"]: (row["level"], now + row["remaining_s"]) for row in rows}
