"""The schema a service's code was written for, and whether the database has it: on an older one nothing is done.

A newer one is fine: migrations first add, and take away only what no running release uses any more.
"""

from __future__ import annotations

import asyncio

from analytics_engine.errors import AnalyticsEngineError, SchemaTooOld
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.queries import load_queries

log = get_logger(__name__)

_QUERIES = load_queries(__package__, "schema.sql")
_LOOK_AGAIN_S = 1.0
_RETRY_AFTER_S = 5


class SchemaGate:
    """Closed while the schema is older than ``wanted``; once open it stays so. A health's dependency, too.

    Args:
        wanted: the revision of the last migration of this release. Revisions are numbers of one length.
    """

    def __init__(self, database: Database, *, wanted: str) -> None:
        self._database = database
        self._wanted = wanted
        self._open = False
        self._told = False

    async def ping(self) -> None:
        """Return when the server answers and has the schema.

        Raises:
            AnalyticsEngineError: it does not answer.
            SchemaTooOld: its schema is older.
        """
        await self._database.ping()
        await self.look()

    async def look(self) -> None:
        """Return when the schema is there; as ``ping``, but asks nothing once it was."""
        if self._open:
            return
        found = await self._revision()
        if found < self._wanted:
            raise SchemaTooOld(
                f"The database has the schema of {found or 'an older release'}, and this release needs {self._wanted}.",
                remedy="Run `analytics-engine migrate` with the owner's DATABASE_URL; the service goes on by itself.",
                found=found,
                wanted=self._wanted,
                retry_after_s=_RETRY_AFTER_S,
            )
        self._open = True

    async def opened(self) -> None:
        """Return once the schema is there, however long that takes."""
        while True:
            try:
                await self.look()
            except SchemaTooOld as error:
                if not self._told:
                    self._told = True
                    log.warning("schema_too_old", detail=error.detail, remedy=error.remedy)
            except AnalyticsEngineError as error:
                log.debug("schema_not_known", detail=error.detail)
            else:
                return
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _revision(self) -> str:
        """Return the last migration that was applied; empty where it is from before services could see it."""
        async with self._database.transaction(read_only=True) as connection:
            if not await connection.fetch_value(_QUERIES["can_see_the_revision"]):
                return ""
            return str(await connection.fetch_value(_QUERIES["revision"]))
