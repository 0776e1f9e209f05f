"""One transaction's connection, as the port asks for it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, cast

import asyncpg
from opentelemetry.trace import SpanKind

from analytics_engine.adapters.postgres.failures import lost, reported
from analytics_engine.kernel.ports.database import Row
from analytics_engine.kernel.queries import name_of
from analytics_engine.kernel.tracing import is_traced, part_of_trace


class MappingRecord(asyncpg.Record):
    """A row that is iterated by its column names, as any mapping is."""

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())


class QuietConnection(asyncpg.Connection):
    """Goes back to the pool without a reset: all we set is set for one transaction, so there is nothing to undo."""

    def get_reset_query(self) -> str:
        return ""


async def prepare(connection: asyncpg.Connection[Any]) -> None:
    """Let JSON columns be Python objects."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=_to_json, decoder=json.loads)


def is_lost(driver: asyncpg.Connection[Any]) -> bool:
    """Return whether a connection is closed; one that the pool has let go of since does not even say that."""
    try:
        return driver.is_closed()
    except asyncpg.InterfaceError:
        return True


def cut(driver: asyncpg.Connection[Any]) -> None:
    """Close a connection at once, if it is not closed yet."""
    with suppress(asyncpg.InterfaceError):
        driver.terminate()


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class TransactionConnection:
    """``kernel.ports.database.Connection`` on asyncpg.

    Args:
        address: host, port and database, for messages; without a password.
        patience_s: how long to wait for one answer; the server's own statement timeout comes first.
    """

    def __init__(self, driver: asyncpg.Connection[Any], *, address: str, patience_s: float) -> None:
        self._driver = driver
        self._address = address
        self._patience_s = patience_s

    async def execute(self, query: str, *args: Any) -> str:
        with self._reported(query):
            return await self._driver.execute(query, *args, timeout=self._patience_s)

    async def fetch(self, query: str, *args: Any) -> Sequence[Row]:
        with self._reported(query):
            return cast("Sequence[Row]", await self._driver.fetch(query, *args, timeout=self._patience_s))

    async def fetch_one(self, query: str, *args: Any) -> Row | None:
        with self._reported(query):
            return cast("Row | None", await self._driver.fetchrow(query, *args, timeout=self._patience_s))

    async def fetch_value(self, query: str, *args: Any) -> Any:
        with self._reported(query):
            return await self._driver.fetchval(query, *args, timeout=self._patience_s)

    async def copy_records(
        self, table: str, *, schema: str, columns: Sequence[str], records: Sequence[Sequence[Any]]
    ) -> int:
        with self._reported("copy"):
            tag = await self._driver.copy_records_to_table(
                table,
                schema_name=schema,
                columns=list(columns),
                records=cast("Any", records),
                timeout=self._patience_s,
            )
        return _count(tag)

    async def copy_csv(self, table: str, *, schema: str, columns: Sequence[str], source: AsyncIterable[bytes]) -> int:
        return await self._copy(table, schema, columns, source, format_="csv")

    async def copy_binary(
        self, table: str, *, schema: str, columns: Sequence[str], source: AsyncIterable[bytes]
    ) -> int:
        return await self._copy(table, schema, columns, source, format_="binary")

    async def copy_out(self, query: str, *args: Any, path: Path) -> int:
        with self._reported(query):
            tag = await self._driver.copy_from_query(query, *args, output=path, format="csv", timeout=self._patience_s)
        return _count(tag)

    async def _copy(
        self, table: str, schema: str, columns: Sequence[str], source: AsyncIterable[bytes], *, format_: Any
    ) -> int:
        with self._reported("copy"):
            tag = await self._driver.copy_to_table(
                table,
                source=source,
                schema_name=schema,
                columns=list(columns),
                format=format_,
                timeout=self._patience_s,
            )
        return _count(tag)

    @contextmanager
    def _reported(self, query: str) -> Iterator[None]:
        with _traced(query), reported(self._address):
            try:
                yield
            except (asyncpg.InterfaceError, RuntimeError) as error:  # the latter is uvloop's, of a transport that ended
                if is_lost(self._driver):
                    raise lost(self._address) from error
                raise


def _traced(query: str) -> AbstractContextManager[None]:
    """Trace a statement by its name, else by its first word; its text and values are nobody's business."""
    if not is_traced():
        return nullcontext()
    name = name_of(query) or query.lstrip().partition(" ")[0].upper()[:20]
    return part_of_trace(name, kind=SpanKind.CLIENT, db_system_name="postgresql", db_query_summary=name)


def _count(tag: str) -> int:
    return int(tag.rpartition(" ")[2])
