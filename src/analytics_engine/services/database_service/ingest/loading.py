"""Checked rows into their table: all of them, inside the caller's transaction."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv

from analytics_engine.contracts.data import LoadMode
from analytics_engine.errors import Conflict
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.ingest import repository, statements
from analytics_engine.services.database_service.ingest.checking import CheckedRows
from analytics_engine.services.database_service.ingest.keys import shown
from analytics_engine.services.database_service.ingest.rejection import MOST_LISTED, Rejection, row_error
from analytics_engine.services.database_service.tables.fact_table import CLIENT, FactTable

_CHUNK_BYTES = 1024 * 1024
_KEYS_AT_ONCE = 50_000
_LEAST_TO_MEASURE = 1_000


@dataclass(frozen=True)
class Loaded:
    inserted: int
    updated: int


class Loader:
    """Copies one client's checked rows, as the role that owns the fact tables."""

    def __init__(self, connection: Connection, *, client_id: str, table: FactTable, rows: CheckedRows) -> None:
        self._connection = connection
        self._client_id = client_id
        self._table = table
        self._rows = rows

    async def load(self, mode: LoadMode) -> Loaded:
        """Add the rows; in upsert mode those of the same key are replaced, though they were at another time.

        Raises:
            RowsRejected: append mode, and some keys are there already.
            Conflict: append mode, and another load brought some of the keys in this very moment.
        """
        await repository.plan_for_the_rows_at_hand(self._connection)
        updated = await self._remove() if mode is LoadMode.UPSERT else 0
        await self._connection.execute("savepoint before_copy")
        try:
            await self._copy()
        except Conflict:
            await self._connection.execute("rollback to savepoint before_copy")
            (await self._known()).raise_if_any()
            raise
        await self._tell_the_planner()
        return Loaded(inserted=self._rows.rows - updated, updated=updated)

    async def _tell_the_planner(self) -> None:
        """Measure the table anew when this load made it something else; small growth is autovacuum's to notice."""
        known = await repository.rows_known_to_the_planner(self._connection, self._table.code)
        if self._rows.rows >= max(_LEAST_TO_MEASURE, known):
            await self._connection.execute(statements.analyze(self._table))

    async def _copy(self) -> None:
        if self._table.has_key_table:
            await self._connection.copy_csv(
                self._table.code,
                schema="fact_keys",
                columns=[CLIENT, *self._table.identity],
                source=_chunks(self._identity_csv()),
            )
        await self._connection.copy_csv(
            self._table.code, schema="facts", columns=self._rows.columns, source=_chunks(self._rows.copy)
        )

    def _identity_csv(self) -> BinaryIO:
        """Return the key table's rows in the order of its index, which takes little more than half the time."""
        identity = self._rows.identity.select(self._table.identity)
        identity = identity.sort_by([(name, "ascending") for name in self._table.key])
        client = pa.repeat(pa.scalar(self._client_id, pa.string()), identity.num_rows)
        file = io.BytesIO()
        pa_csv.write_csv(identity.add_column(0, CLIENT, client), file, pa_csv.WriteOptions(include_header=False))
        file.seek(0)
        return file

    async def _remove(self) -> int:
        removed = 0
        for keys in self._keys():
            tag = await self._connection.execute(statements.delete_rows(self._table), self._client_id, *keys)
            removed += int(tag.rpartition(" ")[2])
            if self._table.has_key_table:
                await self._connection.execute(statements.delete_keys(self._table), self._client_id, *keys)
        return removed

    async def _known(self) -> Rejection:
        """Return the rows whose key is there already."""
        rejection = Rejection()
        names = ", ".join(self._table.key)
        reason = "is the key of a row that is there already; mode=upsert replaces it"
        first = 0
        for keys in self._keys():
            found = await self._connection.fetch(statements.known_keys(self._table), self._client_id, *keys)
            places = [record["n"] - 1 for record in found]
            errors = [
                row_error(self._rows.line(first + place), names, shown(tuple(column[place] for column in keys)), reason)
                for place in places[: min(rejection.room, MOST_LISTED)]
            ]
            rejection.add(errors, total=len(places))
            first += len(keys[0])
        return rejection

    def _keys(self) -> Iterator[list[list[Any]]]:
        """Give the key columns as lists, some rows at a time."""
        keys = self._rows.identity.select(self._table.key)
        for start in range(0, keys.num_rows, _KEYS_AT_ONCE):
            yield [_as_parameters(column, self._table, name) for name, column in _columns(keys, start)]


def _columns(keys: pa.Table, start: int) -> Iterator[tuple[str, pa.ChunkedArray]]:
    part = keys.slice(start, _KEYS_AT_ONCE)
    return zip(part.column_names, part.columns, strict=True)


def _as_parameters(column: pa.ChunkedArray, table: FactTable, name: str) -> list[Any]:
    values: list[Any] = column.to_pylist()
    return [Decimal(value) for value in values] if table.columns[name].type is DataType.DECIMAL else values


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
