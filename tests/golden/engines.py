"""The engines that hold the shop's rows: each with its dialect, filled the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import asyncpg

from analytics_engine.kpi.sql.dialects import POSTGRES, Dialect
from golden.shop import load_shop, shop_catalog
from support.servers import TestServers


class ShopEngine(Protocol):
    """Runs statements over the shop's rows."""

    @property
    def dialect(self) -> Dialect: ...

    async def rows(self, sql: str, parameters: Sequence[object]) -> Sequence[Mapping[str, Any]]: ...


class OpenShop(Protocol):
    """Fills an engine with the shop's rows, for as long as the context lasts."""

    def __call__(self, servers: TestServers) -> AbstractAsyncContextManager[ShopEngine]: ...


class _PostgresShop:
    dialect = POSTGRES

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self._connection = connection

    async def rows(self, sql: str, parameters: Sequence[object]) -> Sequence[Mapping[str, Any]]:
        rows: Sequence[Mapping[str, Any]] = await self._connection.fetch(sql, *parameters)
        return rows


@asynccontextmanager
async def _postgres(servers: TestServers) -> AsyncIterator[ShopEngine]:
    database = servers.new_database(migrated=False)
    connection = await asyncpg.connect(database.owner_url)
    try:
        await load_shop(connection, shop_catalog())
        yield _PostgresShop(connection)
    finally:
        await connection.close()
        servers.drop_database(database)


ENGINES: dict[str, OpenShop] = {"postgres": _postgres}
"""How the shop is opened on each engine."""
