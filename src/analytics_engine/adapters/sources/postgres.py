from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

import asyncpg
from sqlglot import exp

from analytics_engine.adapters.network.guard import HostGuard
from analytics_engine.adapters.sources.values import shown
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, InvalidInput, NotFound
from analytics_engine.kernel.ports.sources import SourceColumn, SourcePreview, SourceTable
from analytics_engine.kernel.queries import load_queries

_CONNECT_S = 5.0
_STATEMENT_MS = 10_000
_ANSWER_S = 12.0

_ATTRIBUTE_TYPES = {
    "smallint": "integer",
    "integer": "integer",
    "bigint": "integer",
    "numeric": "decimal",
    "real": "float",
    "double precision": "float",
    "text": "text",
    "character varying": "text",
    "character": "text",
    "uuid": "text",
    "boolean": "boolean",
    "date": "date",
    "timestamp with time zone": "timestamp",
    "timestamp without time zone": "timestamp",
}


@dataclass(frozen=True, kw_only=True)
class PostgresSource:
    """A PostgreSQL database of the client's, read only and with time limits. ``tls``: disable, prefer, require."""

    guard: HostGuard
    host: str
    port: int
    database: str
    user: str
    password: str = field(repr=False)
    tls: Literal["disable", "prefer", "require"] = "prefer"

    async def check(self) -> str:
        async with self._connected() as connection:
            row = await connection.fetchrow(_SQL["check"])
        assert row is not None
        return f"PostgreSQL {row['version']} answers; {row['tables']} tables can be seen in {self.database}."

    async def tables(self) -> Sequence[SourceTable]:
        async with self._connected() as connection:
            rows = await connection.fetch(_SQL["tables"])
        return [
            SourceTable(
                name=f"{schema}.{name}",
                columns=[
                    SourceColumn(
                        name=row["column_name"],
                        type=_ATTRIBUTE_TYPES.get(row["data_type"], ""),
                        native_type=row["data_type"],
                        nullable=row["nullable"],
                    )
                    for row in columns
                ],
            )
            for (schema, name), columns in groupby(rows, key=lambda row: (row["table_schema"], row["table_name"]))
        ]

    async def preview(self, *, table: str | None, limit: int) -> SourcePreview:
        schema, _, name = (table or "").rpartition(".")
        if not name:
            raise InvalidInput(
                "A database has many tables, and none was named.", remedy="Name one: ?table=public.orders"
            )
        query = exp.select("*").from_(_table(schema or "public", name)).limit(limit).sql("postgres")
        async with self._connected() as connection:
            try:
                statement = await connection.prepare(query)
                columns = [attribute.name for attribute in statement.get_attributes()]
                rows = await statement.fetch()
            except asyncpg.UndefinedTableError as error:
                raise NotFound(
                    f"There is no table {table!r} in {self.database}.", remedy="List those there are: /schema"
                ) from error
        return SourcePreview(
            table=f"{schema or 'public'}.{name}",
            columns=columns,
            rows=[[shown(value) for value in row.values()] for row in rows],
        )

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection[Any]]:
        address = await self.guard.address(self.host, self.port)
        place = f"{self.host}:{self.port}"
        connection: asyncpg.Connection[Any] | None = None
        try:
            async with asyncio.timeout(_ANSWER_S):
                connection = await self._connect(address)
                yield connection
        except TimeoutError as error:
            raise DependencyTimeout(
                f"{place} did not answer in time.", remedy="Check host and port, and that a firewall lets us through."
            ) from error
        except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
            raise DependencyUnavailable(
                f"{place} refuses us: {error}.", remedy="Correct the profile's user, database or password."
            ) from error
        except asyncpg.QueryCanceledError as error:
            raise DependencyTimeout(
                f"{place} needed over 10 s.", remedy="Preview a smaller table or a view."
            ) from error
        except asyncpg.InsufficientPrivilegeError as error:
            raise InvalidInput(
                f"{place} does not let {self.user} read this: {error}.", remedy="Grant the user SELECT on the table."
            ) from error
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise DependencyUnavailable(
                f"{place} cannot be used: {error}", remedy="Check host and port, and that the server runs."
            ) from error
        finally:
            if connection is not None:
                connection.terminate()

    async def _connect(self, address: str) -> asyncpg.Connection[Any]:
        return await asyncpg.connect(
            host=address,
            port=self.port,
            database=self.database,
            user=self.user,
            password=self.password,
            ssl=self.tls,
            timeout=_CONNECT_S,
            server_settings={
                "application_name": "analytics-engine connector",
                "default_transaction_read_only": "on",
                "statement_timeout": str(_STATEMENT_MS),
            },
        )


def _table(schema: str, name: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(name, quoted=True), db=exp.to_identifier(schema, quoted=True))


_SQL = load_queries(__package__)
