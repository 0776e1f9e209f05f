"""Engines that hold the shop's orders, on this machine, with the settings the product runs them with."""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import asyncpg
import duckdb
from data import CLIENT, Size, columns, customers, orders

from analytics_engine.adapters.engines.duckdb import RIGHT_PLANS
from analytics_engine.adapters.postgres.database import analytical_settings
from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.postgres import EmbeddedPostgres, PostgresOptions
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.sql.dialects import DUCKDB, POSTGRES, Dialect

_DATABASE = "benchmarks"
_CHUNK = 1_000_000
_SETTINGS = "shared_buffers = '1GB'\nmax_wal_size = '4GB'\n"
"""The buffers that the product has when its data is durable."""
_MAJOR = 18
"""The version of the embedded server."""
_SESSION = {"timezone": "UTC", **analytical_settings(_MAJOR)}
"""As the product asks."""
_MONTHS = [f"{2025 + number // 12}-{number % 12 + 1:02}-01" for number in range(26)]

Rows = list[tuple[Any, ...]]


class Shop(ABC):
    """The shop's orders in one engine; every statement is run on one connection."""

    name: ClassVar[str]
    dialect: ClassVar[Dialect]
    version: str

    @abstractmethod
    async def rows(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        """Return a statement's rows, as they come from the driver."""

    @abstractmethod
    async def explained(self, sql: str, parameters: Sequence[object] = ()) -> str:
        """Run a statement and return what the engine did for it."""

    @abstractmethod
    async def close(self) -> None: ...


class DuckDbShop(Shop):
    """A file, opened to read."""

    name = "duckdb"
    dialect = DUCKDB

    def __init__(self, catalog: Catalog, size: Size, folder: Path) -> None:
        self._path = folder / f"orders-{size}.duckdb"
        if not self._path.exists():
            self._fill(catalog, size)
        self._connection = duckdb.connect(str(self._path), read_only=True)
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(RIGHT_PLANS)
        self.version = duckdb.__version__

    async def rows(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        return self._connection.execute(sql, list(parameters)).fetchall()

    async def explained(self, sql: str, parameters: Sequence[object] = ()) -> str:
        (row,) = self._connection.execute(f"EXPLAIN ANALYZE {sql}", list(parameters)).fetchall()
        return str(row[1])

    async def close(self) -> None:
        self._connection.close()

    def _fill(self, catalog: Catalog, size: Size) -> None:
        unfinished = self._path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        with duckdb.connect(str(unfinished)) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("CREATE SCHEMA facts")
            for code, query, count in (("order", orders, size.orders), ("customer", customers, size.customers)):
                model = catalog.object_model(code).definition
                listed = columns(model, DUCKDB, decimal="DECIMAL(12, 2)")
                connection.execute(f'CREATE TABLE facts."{code}" ({listed})')
                connection.execute(f'INSERT INTO facts."{code}" {query(size, f"range(1, {count + 1}) AS n(i)")}')
        unfinished.rename(self._path)


def started(folder: Path, settings: str) -> EmbeddedPostgres:
    """Return the product's embedded server, started without fsync, with settings of its own."""
    home = Home(folder / "postgres", account=server_account())
    server = EmbeddedPostgres(home, PostgresOptions(durable=False))
    custom = home.server("postgres") / "data" / "custom.conf"
    server.start()
    if not custom.exists():
        custom.write_text(settings, encoding="utf-8")
        server.stop()
        server.start()
    return server


class PostgresShop(Shop):
    """The product's embedded server, without fsync; tables in monthly partitions, as the product lays them out."""

    name = "postgres"
    dialect = POSTGRES

    def __init__(self, server: EmbeddedPostgres, connection: asyncpg.Connection[Any]) -> None:
        self._server = server
        self.connection = connection
        self.version = ".".join(map(str, connection.get_server_version()[:2]))

    @classmethod
    async def open(cls, catalog: Catalog, size: Size, folder: Path) -> PostgresShop:
        """Return the shop, filled where it is not yet."""
        server = started(folder, _SETTINGS)
        database = f"{_DATABASE}_{size}".lower()
        if server.sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'") != "1":
            server.sql(f"CREATE DATABASE {database}_unfinished TEMPLATE template0")
            await _fill(catalog, size, server.url(f"{database}_unfinished"))
            server.sql(f"ALTER DATABASE {database}_unfinished RENAME TO {database}")
        return cls(server, await asyncpg.connect(server.url(database), server_settings=_SESSION))

    async def rows(self, sql: str, parameters: Sequence[object] = ()) -> Rows:
        return [tuple(row) for row in await self.connection.fetch(sql, *parameters)]

    async def explained(self, sql: str, parameters: Sequence[object] = ()) -> str:
        rows = await self.connection.fetch(f"EXPLAIN (ANALYZE, VERBOSE, BUFFERS) {sql}", *parameters)
        return "\n".join(row[0] for row in rows)

    async def close(self) -> None:
        await self.connection.close()
        self._server.stop()


async def _fill(catalog: Catalog, size: Size, url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE SCHEMA facts; SET timezone = 'UTC'")
        order, customer = (catalog.object_model(code).definition for code in ("order", "customer"))
        await connection.execute(
            f"CREATE TABLE facts.customer ({columns(customer, POSTGRES)}, PRIMARY KEY (client_id, customer_id))"
        )
        await connection.execute(
            f"INSERT INTO facts.customer {customers(size, f'generate_series(1, {size.customers}) AS n(i)')}"
        )
        await connection.execute(
            f'CREATE TABLE facts."order" ({columns(order, POSTGRES)}) PARTITION BY RANGE (ordered_at)'
        )
        for first, after in pairwise(_MONTHS):
            await connection.execute(
                f'CREATE TABLE facts."order_{first}" PARTITION OF facts."order" '
                f"FOR VALUES FROM ('{first}') TO ('{after}')"
            )
        for start in range(1, size.orders + 1, _CHUNK):
            numbers = f"generate_series({start}::bigint, {min(start + _CHUNK - 1, size.orders)}) AS n(i)"
            await connection.execute(f'INSERT INTO facts."order" {orders(size, numbers)}', timeout=3600)
        key = 'ALTER TABLE facts."order" ADD PRIMARY KEY (client_id, ordered_at, order_id)'
        await connection.execute(key, timeout=3600)
        await connection.execute("VACUUM (ANALYZE)", timeout=3600)
    finally:
        await connection.close()


class Folder:
    """Where the engines keep their data: a folder that stays, or one that is gone afterwards."""

    def __init__(self, kept: Path | None) -> None:
        self._kept = kept
        self.path = kept or Path(tempfile.mkdtemp(prefix="ae-benchmarks-"))
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o755)

    def remove(self) -> None:
        """Remove it, unless it is to stay."""
        if self._kept is None:
            Home(self.path / "postgres").delete_data()
            shutil.rmtree(self.path)


async def open_shop(name: str, catalog: Catalog, size: Size, folder: Path) -> Shop:
    """Return an engine that holds the shop's orders."""
    if name == "duckdb":
        return DuckDbShop(catalog, size, folder)
    return await PostgresShop.open(catalog, size, folder)


__all__ = ["CLIENT", "DuckDbShop", "Folder", "PostgresShop", "Rows", "Shop", "open_shop"]
