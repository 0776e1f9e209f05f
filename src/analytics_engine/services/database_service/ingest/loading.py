"""Checked rows into their table, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

import pyarrow as pa

from analytics_engine.contracts.data import LoadMode
from analytics_engine.errors import Conflict
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.ingest import repository, statements
from analytics_engine.services.database_service.ingest.copying import Columns, copy_rows, in_parts
from analytics_engine.services.database_service.ingest.kept import KeptRows
from analytics_engine.services.database_service.ingest.keys import TakenKeys
from analytics_engine.services.database_service.ingest.progress import Progress
from analytics_engine.services.database_service.ingest.reading import BATCH_ROWS
from analytics_engine.services.database_service.ingest.rejection import Rejection
from analytics_engine.services.database_service.tables.fact_table import CLIENT, FactTable
from analytics_engine.services.database_service.tables.roles import become_service

_RUN_ROWS = 1_000_000
_RUN_BYTES = 64 * 1024 * 1024
_ATTEMPTS = 5


@dataclass(frozen=True)
class Loaded:
    inserted: int
    updated: int


class Loader:
    """Copies one client's checked rows as the role that owns the fact tables; afterwards the role is the service's.

    ``rows`` are those that are loaded: rows whose key is taken leave them where wrong rows are kept for review.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        client_id: str,
        table: FactTable,
        rows: KeptRows,
        rejection: Rejection,
        progress: Progress,
    ) -> None:
        self._connection = connection
        self._client_id = client_id
        self._table = table
        self._rejection = rejection
        self._progress = progress
        self.rows = rows

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.rows.close()

    async def load(self, mode: LoadMode) -> Loaded:
        """Add the rows; in upsert mode those of the same key are replaced, though they were at another time.

        Raises:
            RowsRejected: the keys of some rows are taken, and all rows are to be right.
            Conflict: again and again another load brought some of the keys in the very moment.
        """
        await repository.begin_to_copy(self._connection)
        updated = 0
        if mode is LoadMode.UPSERT:
            updated = await self._remove()
            await repository.save_point(self._connection)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._copy()
                break
            except Conflict as conflict:
                await repository.return_to_save_point(self._connection)
                await self._leave_out_taken(mode, conflict, is_last=attempt == _ATTEMPTS)
                await repository.return_to_save_point(self._connection)
        await become_service(self._connection)
        return Loaded(inserted=self.rows.rows - updated, updated=updated)

    async def _leave_out_taken(self, mode: LoadMode, conflict: Conflict, *, is_last: bool) -> None:
        """Go on without the rows whose key is taken, where they are to be kept for review."""
        taken = TakenKeys(self._connection, client_id=self._client_id, table=self._table, mode=mode)
        await taken.find(self.rows)
        if not taken.rows or is_last:
            raise conflict
        await taken.reject(self.rows, self._rejection)
        if not self._rejection.keeps_rows:
            self._rejection.raise_if_any()
        left = await taken.without(self.rows)
        self.rows.close()
        self.rows = left

    async def _copy(self) -> None:
        self._progress.rows_copied = 0
        if self._table.has_key_table:
            await copy_rows(
                self._connection,
                self._table.code,
                schema="fact_keys",
                columns=[CLIENT, *self._table.identity],
                batches=self._identities(),
                client_id=self._client_id,
            )
        await copy_rows(
            self._connection,
            self._table.code,
            schema="facts",
            columns=[CLIENT, *self.rows.columns],
            batches=self._facts(),
            client_id=self._client_id,
        )

    def _facts(self) -> Columns:
        for batch in in_parts(batch for batch, _ in self.rows.batches()):
            yield self._typed(batch)
            self._progress.rows_copied += batch.num_rows

    def _identities(self) -> Columns:
        """Give the key table's rows in runs in the order of its index, which take half the time of rows in none."""
        run: list[pa.RecordBatch] = []
        for batch, _ in self.rows.batches():
            run.append(batch.select(self._table.identity))
            if sum(part.num_rows for part in run) >= _RUN_ROWS or sum(part.nbytes for part in run) >= _RUN_BYTES:
                yield from self._in_order(run)
                run = []
        if run:
            yield from self._in_order(run)

    def _in_order(self, run: list[pa.RecordBatch]) -> Columns:
        ordered = pa.Table.from_batches(run).sort_by([(name, "ascending") for name in self._table.key])
        for batch in ordered.combine_chunks().to_batches(max_chunksize=BATCH_ROWS):
            yield self._typed(batch)

    def _typed(self, batch: pa.RecordBatch) -> list[tuple[DataType, pa.Array]]:
        return [
            (self._table.columns[name].type, column)
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]

    async def _remove(self) -> int:
        removed = 0
        for keys in self._keys():
            tag = await self._connection.execute(statements.delete_rows(self._table), self._client_id, *keys)
            removed += int(tag.rpartition(" ")[2])
        return removed

    def _keys(self) -> Iterator[list[list[Any]]]:
        """Give the key columns as lists, some rows at a time."""
        for batch, _ in self.rows.batches():
            yield [_as_parameters(batch.column(name), self._table, name) for name in self._table.key]


def _as_parameters(column: pa.Array, table: FactTable, name: str) -> list[Any]:
    values: list[Any] = column.to_pylist()
    return [Decimal(value) for value in values] if table.columns[name].type is DataType.DECIMAL else values
