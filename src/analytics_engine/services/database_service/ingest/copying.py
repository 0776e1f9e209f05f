"""Batches of columns into what the database copies: made in a thread, one batch ahead of what is being sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing

import pyarrow as pa

from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.ingest.binary import HEADER, TRAILER, encoded

_CHUNK_BYTES = 1024 * 1024
_LEAST_ROWS, _MOST_ROWS = 2_048, 16_384

Columns = Iterator[Sequence[tuple[DataType, pa.Array]]]
"""Batches of typed columns, as ``tables.fact_table.ARROW_TYPES`` says; none of them is empty."""


def in_parts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give batches in parts, small ones first: the database works on those while the others are still made."""
    most = _LEAST_ROWS
    for batch in batches:
        first = 0
        while first < batch.num_rows:
            yield batch.slice(first, most)
            first += most
            most = min(2 * most, _MOST_ROWS)


async def copy_rows(
    connection: Connection,
    table: str,
    *,
    schema: str,
    columns: Sequence[str],
    batches: Columns,
    client_id: str | None = None,
) -> None:
    """Copy rows into a table, each with the client first where one is told.

    Nothing is read from the batches any more when this returns or raises: their file may be read anew.
    """
    async with aclosing(_binary_rows(batches, client_id=client_id)) as source:
        await connection.copy_binary(table, schema=schema, columns=columns, source=source)


async def _binary_rows(batches: Columns, *, client_id: str | None) -> AsyncGenerator[bytes, None]:

    def next_content() -> bytes | None:
        columns = next(batches, None)
        return None if columns is None else encoded(columns, client_id=client_id)

    yield HEADER
    ahead = asyncio.create_task(asyncio.to_thread(next_content))
    try:
        while (content := await ahead) is not None:
            ahead = asyncio.create_task(asyncio.to_thread(next_content))
            for start in range(0, len(content), _CHUNK_BYTES):
                yield content[start : start + _CHUNK_BYTES]
    finally:
        await asyncio.wait([ahead])
    yield TRAILER
