"""A transaction that sees what others do, where the migration was allowed to grant that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.queries import load_queries

SQL: Mapping[str, str] = load_queries(__package__)


@asynccontextmanager
async def as_monitor(database: Database) -> AsyncIterator[Connection]:
    """Open a transaction that reads the server's statistics, those of other logins too."""
    async with database.transaction(read_only=True) as connection:
        await become_monitor(connection)
        yield connection


async def become_monitor(connection: Connection) -> None:
    """Go on as the role that sees other logins' statements, to the end of the transaction."""
    if await connection.fetch_value(SQL["may_monitor"]):
        await connection.execute(SQL["as_monitor"])
