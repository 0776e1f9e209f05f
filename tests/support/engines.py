"""The engines that hold rows, started for tests: each takes object models and rows, and answers through its adapter.

``create`` makes an object model's table, ``load`` fills it for a client, ``cover`` says what is loaded, and ``run``
runs a statement through the adapter that production uses. ClickHouse runs in this process (chDB), Spark as Sail, which
speaks its protocol; DuckDB is a file. All are up in a second or two.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import asyncpg

from analytics_engine.adapters.engines.clickhouse import SETTINGS as CLICKHOUSE_SETTINGS
from analytics_engine.adapters.engines.clickhouse import ClickHouseEngine
from analytics_engine.adapters.engines.duckdb import DuckDbEngine
from analytics_engine.adapters.engines.spark import SparkEngine
from analytics_engine.contracts.engine import DataState, Engine
from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel
from analytics_engine.kpi.sql.dialects import CLICKHOUSE, DUCKDB, POSTGRES, SPARK, Dialect
from support.servers import GIVEN, ON_EACH_SERVER, POSTGRESQL, TIMESCALEDB, TestDatabase, TestServers

if TYPE_CHECKING:
    import pyarrow as pa

CLIENT = "client"
Row = Mapping[str, Any]
_COVERAGE = {"client_id": DataType.TEXT, "object_model": DataType.TEXT, "covered_from": DataType.TIMESTAMP,
             "covered_until": DataType.TIMESTAMP}  # fmt: skip


class EngineUnderTest(ABC):
    """One engine with tables of its own."""

    name: ClassVar[str]
    dialect: ClassVar[Dialect]

    async def create(self, model: ObjectModel) -> None:
        """Make the table of an object model: the client, and its attributes."""
        await self.create_table(model.bound_to.table, columns_of(model))

    async def load(self, model: ObjectModel, rows: Iterable[Row], *, client_id: str = CLIENT) -> None:
        """Add rows of a client; attributes that a row does not name are null."""
        named = [{"client_id": client_id, **row} for row in rows]
        if named:
            await self.fill(model.bound_to.table, columns_of(model), named)

    async def cover(self, model: str, start: datetime, end: datetime, *, client_id: str = CLIENT) -> None:
        """Say that an object model's rows of a span are loaded."""
        row = {"client_id": client_id, "object_model": model, "covered_from": start, "covered_until": end}
        await self.fill("coverage", _COVERAGE, [row])

    async def start(self) -> None:
        """Make what every engine has: the table of coverage."""
        await self.create_table("coverage", _COVERAGE)

    @abstractmethod
    async def create_table(self, table: str, columns: Mapping[str, DataType]) -> None: ...

    @abstractmethod
    async def fill(self, table: str, columns: Mapping[str, DataType], rows: Sequence[Row]) -> None: ...

    @abstractmethod
    async def run(self, sql: str, parameters: Sequence[object], *, client_id: str = CLIENT) -> list[dict[str, Any]]:
        """Return a statement's rows."""

    @abstractmethod
    async def close(self) -> None: ...


def columns_of(model: ObjectModel) -> dict[str, DataType]:
    return {"client_id": DataType.TEXT} | {attribute.name: attribute.type for attribute in model.attributes}


class ThroughAdapter(EngineUnderTest):
    """An engine that is asked through its adapter."""

    engine: Engine

    async def run(self, sql: str, parameters: Sequence[object], *, client_id: str = CLIENT) -> list[dict[str, Any]]:
        async with self.engine.snapshot(client_id=client_id) as snapshot:
            return [dict(row) for row in await snapshot.rows(sql, parameters)]

    async def state(self, models: Sequence[str], *, client_id: str = CLIENT) -> DataState:
        async with self.engine.snapshot(client_id=client_id) as snapshot:
            return await snapshot.state(models)


class PostgresUnderTest(EngineUnderTest):
    """An empty database of one of the session's servers; the adapter is tested where its roles and policies are.

    With TimescaleDB what has a time is a hypertable, as it is in production.
    """

    name = "postgres"
    dialect = POSTGRES

    def __init__(self, servers: TestServers, *, on: str = POSTGRESQL) -> None:
        self._servers = servers
        self._on = on
        self._database: TestDatabase | None = None
        self._connection: asyncpg.Connection[Any] | None = None

    @property
    def connection(self) -> asyncpg.Connection[Any]:
        assert self._connection is not None
        return self._connection

    async def start(self) -> None:
        self._database = self._servers.new_database(migrated=False, on=self._on)
        self._connection = await asyncpg.connect(self._database.owner_url)
        await self._connection.execute("CREATE SCHEMA facts")
        if self._on != POSTGRESQL:
            await self._connection.execute("CREATE EXTENSION timescaledb")
        await super().start()

    async def create(self, model: ObjectModel) -> None:
        await super().create(model)
        if self._on != POSTGRESQL and model.nature is not Nature.DIMENSION:
            await self.connection.execute(
                "SELECT create_hypertable($1::text::regclass, $2::text::name,"
                " chunk_time_interval => interval '1 month', create_default_indexes => false)",
                f'facts."{model.bound_to.table}"',
                model.time_attribute,
            )

    async def create_table(self, table: str, columns: Mapping[str, DataType]) -> None:
        await self.connection.execute(_create(self.dialect, f'facts."{table}"', columns, '"'))

    async def fill(self, table: str, columns: Mapping[str, DataType], rows: Sequence[Row]) -> None:
        records = [tuple(row.get(name) for name in columns) for row in rows]
        await self.connection.copy_records_to_table(table, schema_name="facts", records=records, columns=list(columns))

    async def run(self, sql: str, parameters: Sequence[object], *, client_id: str = CLIENT) -> list[dict[str, Any]]:
        try:
            return [dict(row) for row in await self.connection.fetch(sql, *parameters)]
        except asyncpg.DataError as error:
            raise QueryError(str(error)) from error  # as the adapter does

    async def close(self) -> None:
        if self._connection is not None and self._database is not None:
            await self._connection.close()
            self._servers.drop_database(self._database)


class DuckDbUnderTest(ThroughAdapter):
    """A file; it is opened to write for each change, and by the adapter to read."""

    name = "duckdb"
    dialect = DUCKDB

    def __init__(self, *, timeout_s: float = 30.0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ae-duckdb-"))
        self.engine = DuckDbEngine(self.folder / "facts.duckdb", timeout_s=timeout_s)

    async def start(self) -> None:
        await self._write("CREATE SCHEMA facts")
        await super().start()

    async def create_table(self, table: str, columns: Mapping[str, DataType]) -> None:
        await self._write(_create(self.dialect, f'facts."{table}"', columns, '"'))

    async def fill(self, table: str, columns: Mapping[str, DataType], rows: Sequence[Row]) -> None:
        names = ", ".join(f'"{name}"' for name in columns)
        await self._write(
            f'INSERT INTO facts."{table}" ({names}) SELECT {names} FROM loaded', arrow_table(columns, rows)
        )

    async def close(self) -> None:
        shutil.rmtree(self.folder)

    async def _write(self, sql: str, loaded: pa.Table | None = None) -> None:
        import duckdb

        def write() -> None:
            with duckdb.connect() as connection:
                connection.execute("ATTACH $1 AS kept", [str(self.folder / "facts.duckdb")])
                connection.execute("USE kept")
                connection.execute("SET TimeZone = 'UTC'")
                if loaded is not None:
                    connection.register("loaded", loaded)
                connection.execute(sql)

        await asyncio.to_thread(write)


class ClickHouseUnderTest(ThroughAdapter):
    """chDB, of which a process has one: its database is made anew for each that asks, so they must not overlap."""

    name = "clickhouse"
    dialect = CLICKHOUSE
    engine: ClickHouseEngine

    def __init__(self, *, timeout_s: float = 30.0) -> None:
        self.engine = ClickHouseEngine(f"chdb://{_chdb_folder()}", timeout_s=timeout_s)

    async def start(self) -> None:
        await self._command("DROP DATABASE IF EXISTS facts SYNC")
        await self._command("CREATE DATABASE facts")
        await super().start()

    async def create_table(self, table: str, columns: Mapping[str, DataType]) -> None:
        create = _create(self.dialect, f'facts."{table}"', columns, '"')
        await self._command(f"{create} ENGINE = MergeTree ORDER BY tuple()")

    async def fill(self, table: str, columns: Mapping[str, DataType], rows: Sequence[Row]) -> None:
        def insert() -> None:
            _chdb().insert_arrow(f'facts."{table}"', arrow_table(columns, rows))

        await asyncio.to_thread(insert)

    async def close(self) -> None:
        await self._command("DROP DATABASE IF EXISTS facts SYNC")
        await self.engine.close()

    async def _command(self, sql: str) -> None:
        await asyncio.to_thread(_chdb().command, sql)


@cache
def _chdb_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="ae-chdb-"))


@cache
def _chdb() -> Any:
    import clickhouse_connect

    return clickhouse_connect.get_client(dsn=f"chdb://{_chdb_folder()}", settings=CLICKHOUSE_SETTINGS)


class SparkUnderTest(ThroughAdapter):
    """Sail in this process, at a port of its own, or the server that ``AE_TEST_SPARK_URL`` names on this machine.

    Tables are folders of Parquet files.
    """

    name = "spark"
    dialect = SPARK
    engine: SparkEngine

    def __init__(self, *, timeout_s: float = 60.0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ae-spark-"))
        self.folder.chmod(0o755)
        self._elsewhere = os.environ.get("AE_TEST_SPARK_URL", "")
        self._server = None if self._elsewhere else _sail()
        self.engine = SparkEngine(self._elsewhere or _url_of(self._server), timeout_s=timeout_s)
        self._files = 0

    async def start(self) -> None:
        if self._elsewhere:
            await self._command("DROP DATABASE IF EXISTS facts CASCADE")
        await self._command("CREATE DATABASE facts")
        await super().start()

    async def create_table(self, table: str, columns: Mapping[str, DataType]) -> None:
        folder = self.folder / table
        folder.mkdir()
        create = _create(self.dialect, f"facts.`{table}`", columns, "`")
        self._write(table, columns, [])
        await self._command(f"{create} USING parquet LOCATION '{folder}'")

    async def fill(self, table: str, columns: Mapping[str, DataType], rows: Sequence[Row]) -> None:
        self._write(table, columns, rows)
        if self._elsewhere:
            await self._command(f"REFRESH TABLE facts.`{table}`")

    async def close(self) -> None:
        await self.engine.close()
        if self._server is not None:
            await asyncio.to_thread(self._server.stop)
        shutil.rmtree(self.folder)

    def _write(self, table: str, columns: Mapping[str, DataType], rows: Sequence[Row]) -> None:
        from pyarrow import parquet

        self._files += 1
        parquet.write_table(arrow_table(columns, rows), self.folder / table / f"{self._files}.parquet")

    async def _command(self, sql: str) -> None:
        session = await self.engine._connected()
        await asyncio.to_thread(session.sql, sql)


def _sail() -> Any:
    os.environ.setdefault("RUST_LOG", "error")  # its news of every session is of no use in a test's output
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    return server


def _url_of(server: Any) -> str:
    return f"sc://127.0.0.1:{server.listening_address[1]}"


def _create(dialect: Dialect, table: str, columns: Mapping[str, DataType], quote: str) -> str:
    written = ", ".join(f"{quote}{name}{quote} {dialect.types[kind]}" for name, kind in columns.items())
    return f"CREATE TABLE {table} ({written})"


def arrow_table(columns: Mapping[str, DataType], rows: Sequence[Row]) -> pa.Table:
    """Return rows as an Arrow table, decimals with six places."""
    import pyarrow as pa

    types = {
        DataType.INTEGER: pa.int64(),
        DataType.DECIMAL: pa.decimal128(38, 6),
        DataType.FLOAT: pa.float64(),
        DataType.TEXT: pa.string(),
        DataType.BOOLEAN: pa.bool_(),
        DataType.DATE: pa.date32(),
        DataType.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    }
    arrays = [pa.array([row.get(name) for row in rows], types[kind]) for name, kind in columns.items()]
    return pa.Table.from_arrays(arrays, names=list(columns))


UNDER_TEST = ("postgres", "duckdb", "clickhouse", "spark")
"""The engines, each with a dialect of its own."""

WITH_TIMESCALEDB = (*UNDER_TEST, *ON_EACH_SERVER[1:])
"""The same, and PostgreSQL once more for each server with TimescaleDB."""


async def start_engine(name: str, servers: TestServers) -> EngineUnderTest:
    """Return an engine that is up and empty."""
    makers: dict[str, Any] = {
        "postgres": lambda: PostgresUnderTest(servers),
        TIMESCALEDB: lambda: PostgresUnderTest(servers, on=TIMESCALEDB),
        GIVEN: lambda: PostgresUnderTest(servers, on=GIVEN),
        "duckdb": DuckDbUnderTest,
        "clickhouse": ClickHouseUnderTest,
        "spark": SparkUnderTest,
    }
    engine: EngineUnderTest = makers[name]()
    started = False
    try:
        await engine.start()
        started = True
    finally:
        if not started:
            with suppress(OSError):
                await engine.close()
    return engine
