"""The history of KPI values as the calculation engine, a report writer and the owner see it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.postgres import with_login
from support.databases import TestDatabase

TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
ADD = """
    insert into kpi.kpi_data (time, client_id, kpi_code, kpi_version, grain, dimensions, period_start, period_end,
                              value, reason, watermark)
    values ($2, $1, 'K', $3, 'day', $4, '2024-01-01', '2024-01-02', $5, $6, 1)
"""
VIEWS = ("kpi_data", "kpi_hourly", "kpi_daily")


class History:
    """The calculation engine's login, and the owner's."""

    def __init__(self, database: TestDatabase) -> None:
        self.url = database.owner_url
        self.owner = PostgresDatabase(database.owner_url)
        self.engine = PostgresDatabase(database.service_url(Service.CALCULATION))

    async def add(
        self,
        after: timedelta,
        value: int | None,
        *,
        version: int = 1,
        dimensions: dict[str, str] | None = None,
        reason: str = "",
        client: str = "a",
        owner: str | None = None,
    ) -> None:
        """Keep a value computed so long after the beginning of today; ``owner`` is whose the row says it is."""
        async with self.engine.transaction(client_id=client) as connection:
            await connection.execute(ADD, owner or client, TODAY + after, version, dimensions or {}, value, reason)

    async def stop(self) -> None:
        await self.owner.stop()
        await self.engine.stop()

    async def values(self, view: str, *, client: str = "a") -> list[int | None]:
        async with self.engine.transaction(client_id=client) as connection:
            rows = await connection.fetch(f"select value from kpi.{view} order by kpi_version, dimensions::text, time")
        return [None if row["value"] is None else int(row["value"]) for row in rows]


@asynccontextmanager
async def reporting(history: History, *, client: str) -> AsyncIterator[PostgresDatabase]:
    """Give a report writer's own login."""
    login = f"report_{uuid4().hex[:12]}"
    async with history.owner.transaction() as connection:
        await connection.execute(f"create role {login} login password 'only-for-this-test' in role reporting")
        await connection.execute("insert into access.report_logins values ($1, $2)", login, client)
    database = PostgresDatabase(with_login(history.url, user=login, password="only-for-this-test"))
    try:
        yield database
    finally:
        await database.stop()
        async with history.owner.transaction() as connection:
            await connection.execute(f"drop role {login}")


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)
