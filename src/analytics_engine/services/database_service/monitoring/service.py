"""Who does what on the database server now, and which statements took long."""

from __future__ import annotations

from collections.abc import Sequence

from analytics_engine.errors import NotFound
from analytics_engine.kernel.ports.database import Connection, Database, Row
from analytics_engine.kernel.queries import load_queries

_SQL = load_queries(__package__)


class Monitoring:
    """Reads PostgreSQL's own statistics."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def activity(self) -> Sequence[Row]:
        async with self._database.transaction(read_only=True) as connection:
            await self._become_monitor(connection)
            return await connection.fetch(_SQL["activity"])

    async def slow_queries(self, limit: int) -> Sequence[Row]:
        """Return the statements with the longest mean time.

        Raises:
            NotFound: the server does not count statements; the remedy says how it would.
        """
        async with self._database.transaction(read_only=True) as connection:
            counted = await connection.fetch_one(_SQL["statements_are_counted"])
            assert counted is not None
            if not (counted["installed"] and counted["preloaded"]):
                raise NotFound(
                    "The database server does not count statements: pg_stat_statements is not "
                    + ("installed in this database." if counted["preloaded"] else "preloaded."),
                    remedy="Add pg_stat_statements to shared_preload_libraries, restart PostgreSQL, and run "
                    "CREATE EXTENSION pg_stat_statements SCHEMA public as a superuser.",
                )
            await self._become_monitor(connection)
            return await connection.fetch(_SQL["slow_queries"], limit)

    async def _become_monitor(self, connection: Connection) -> None:
        """See other logins' statements, where the migration was allowed to grant that."""
        if await connection.fetch_value("select pg_has_role('pg_read_all_stats', 'member')"):
            await connection.execute(_SQL["as_monitor"])
