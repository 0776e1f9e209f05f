"""Rows whose key is taken, by an earlier row of the input or by one that is there: the database finds them.

It does so only when the unique index refused the rows: their keys are then copied into a table of the session, which
the database compares however many they are. Nothing of it is left when the transaction goes back to its savepoint.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pyarrow as pa

from analytics_engine.contracts.data import LoadMode
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.ingest import statements
from analytics_engine.services.database_service.ingest.copying import Columns, copy_rows
from analytics_engine.services.database_service.ingest.kept import KeptRows
from analytics_engine.services.database_service.ingest.rejection import Rejection, WrongRow, raw_row, row_error
from analytics_engine.services.database_service.tables.fact_table import FactTable

_SCHEMA = "pg_temp"
_KNOWN = {
    LoadMode.APPEND: "is the key of a row that is there already; mode=upsert replaces it",
    LoadMode.UPSERT: "is the key of a row that another load brought in this moment",
}


class TakenKeys:
    """The rows of a load whose keys are taken."""

    def __init__(self, connection: Connection, *, client_id: str, table: FactTable, mode: LoadMode) -> None:
        self._connection = connection
        self._client_id = client_id
        self._table = table
        self._mode = mode
        self.rows = 0

    async def find(self, kept: KeptRows) -> None:
        """Compare all keys, and count the rows whose key is taken."""
        for statement in statements.create_staged(self._table):
            await self._connection.execute(statement)
        await copy_rows(
            self._connection,
            statements.STAGED,
            schema=_SCHEMA,
            columns=[statements.ROW, statements.LINE, *self._table.key],
            batches=self._staged(kept),
        )
        await self._connection.execute(statements.find_taken(self._table), self._client_id)
        self.rows = await self._connection.fetch_value(statements.count_taken())

    async def reject(self, kept: KeptRows, rejection: Rejection) -> None:
        """Name the rows whose key is taken, as many as are going to be named, and count all of them."""
        named: list[WrongRow] = []
        async for batch, lines, taken in self._with_taken(kept):
            room = rejection.room - len(named)
            named.extend(self._wrong(batch, lines, row) for row in taken[: max(0, room)])
            if room <= 0:
                break
        rejection.add(named, rows=self.rows, mistakes=self.rows)

    async def without(self, kept: KeptRows) -> KeptRows:
        """Return the rows whose key is not taken."""
        left = kept.like()
        async for batch, lines, taken in self._with_taken(kept):
            is_free = np.ones(batch.num_rows, dtype=bool)
            is_free[[row["place"] for row in taken]] = False
            left.write(batch.filter(pa.array(is_free)), lines.filter(pa.array(is_free)))
        return left

    def _staged(self, kept: KeptRows) -> Columns:
        first = 0
        for batch, lines in kept.batches():
            numbers = pa.array(range(first, first + batch.num_rows), pa.int64())
            keys = [(self._table.columns[name].type, batch.column(name)) for name in self._table.key]
            yield [(DataType.INTEGER, numbers), (DataType.INTEGER, lines), *keys]
            first += batch.num_rows

    async def _with_taken(self, kept: KeptRows) -> AsyncIterator[tuple[pa.RecordBatch, pa.Array, list[Row]]]:
        first = 0
        for batch, lines in kept.batches():
            after = first + batch.num_rows
            yield batch, lines, list(await self._connection.fetch(statements.taken_between(), first, after))
            first = after

    def _wrong(self, batch: pa.RecordBatch, lines: pa.Array, taken: Row) -> WrongRow:
        place: int = taken["place"]
        key = tuple(batch.column(name)[place].as_py() for name in self._table.key)
        earlier = taken["earlier_line"]
        reason = _KNOWN[self._mode] if earlier is None else f"repeats the key of line {earlier}"
        line = lines[place].as_py()
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        return WrongRow(
            line, (row_error(line, ", ".join(self._table.key), shown(key), reason),), raw_row(columns, place)
        )


def shown(key: tuple[Any, ...]) -> str:
    return ", ".join(value.isoformat() if hasattr(value, "isoformat") else str(value) for value in key)
