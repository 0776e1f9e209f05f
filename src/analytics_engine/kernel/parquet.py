"""Rows of the database as Parquet files and back, every value as it was, in batches however many they are."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from analytics_engine.kernel.ports.database import Connection

_BLOCK_BYTES = 4 * 1024 * 1024
_BATCH_ROWS = 64 * 1024
_READING = pc.ParseOptions(newlines_in_values=True)


async def write_parquet(
    connection: Connection, query: str, args: Sequence[Any], path: Path, *, schema: pa.Schema
) -> int:
    """Write the rows of a query to a file and return how many they are.

    Args:
        connection: a transaction whose time zone is UTC.
        query: its columns are those of the schema, in their order.
        args: its parameters.
        path: the file that is made.
        schema: the types in the file; text holds any value as the database writes it.
    """
    with TemporaryDirectory(prefix="ae-rows-") as folder:
        text = Path(folder) / "rows.csv"
        await connection.copy_out(query, *args, path=text)
        return await asyncio.to_thread(_to_parquet, text, path, schema)


async def read_parquet(connection: Connection, path: Path, table: str, *, schema: str, columns: Sequence[str]) -> int:
    """Copy the rows of a file into a table and return how many they are.

    Args:
        connection: the transaction.
        path: the file.
        table: the table, in the database's ``schema``.
        schema: the table's.
        columns: the columns that are read, which are called the same in the file and in the table.
    """
    return await connection.copy_csv(table, schema=schema, columns=columns, source=_as_csv(path, list(columns)))


def digest_of(path: Path) -> bytes:
    """Return what tells a file's content from any other: its SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _to_parquet(text: Path, path: Path, schema: pa.Schema) -> int:
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        if text.stat().st_size == 0:
            return 0
        reader = pc.open_csv(
            text,
            read_options=pc.ReadOptions(column_names=schema.names, block_size=_BLOCK_BYTES, use_threads=False),
            parse_options=_READING,
            convert_options=pc.ConvertOptions(
                column_types=schema,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


async def _as_csv(path: Path, columns: list[str]) -> AsyncIterator[bytes]:
    with pq.ParquetFile(path) as file:
        batches = file.iter_batches(batch_size=_BATCH_ROWS, columns=columns, use_threads=False)
        while (content := await asyncio.to_thread(_next_text, batches, columns)) is not None:
            yield content


def _next_text(batches: Any, columns: list[str]) -> bytes | None:
    batch = next(batches, None)
    if batch is None:
        return None
    content = io.BytesIO()
    pc.write_csv(batch.select(columns), content, pc.WriteOptions(include_header=False))
    return content.getvalue()
