from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

from analytics_engine.adapters.sources.values import shown
from analytics_engine.errors import InvalidInput, NotFound, TooLarge
from analytics_engine.kernel.ports.sources import SourceColumn, SourcePreview, SourceTable

_LARGEST_JSON_ARRAY_BYTES = 64 * 2**20
_SAMPLED_ROWS = 1000


class FileSource:
    """One file, as one table, read no further than asked for.

    Args:
        folder: the client's own folder; nothing outside it is read, through links neither.
        path: inside the folder.
        file_format: csv, parquet, or json (one object a line, or an array of objects).
    """

    def __init__(self, *, folder: Path, path: str, file_format: str) -> None:
        self._folder = folder
        self._name = path
        self._format = file_format

    async def check(self) -> str:
        (table,) = await self.tables()
        return f"{self._name} was read: {self._format}, {len(table.columns)} columns."

    async def tables(self) -> Sequence[SourceTable]:
        sample = await asyncio.to_thread(self._read, _SAMPLED_ROWS)
        columns = [
            SourceColumn(
                name=field.name, type=_attribute_type(field.type), native_type=str(field.type), nullable=field.nullable
            )
            for field in sample.schema
        ]
        return [SourceTable(name=self._name, columns=columns)]

    async def preview(self, *, table: str | None, limit: int) -> SourcePreview:
        if table not in {None, self._name}:
            raise NotFound(f"A file has one table, {self._name!r}.", remedy="Leave out the table's name.")
        sample = await asyncio.to_thread(self._read, limit)
        rows = zip(*(column.to_pylist() for column in sample.columns), strict=True)
        return SourcePreview(
            table=self._name,
            columns=sample.schema.names,
            rows=[[shown(value) for value in row] for row in rows],
        )

    def _read(self, limit: int) -> pa.Table:
        path = self._found()
        readers = {"csv": _read_csv, "parquet": _read_parquet, "json": _read_json}
        with self._told():
            return readers[self._format](path, limit)

    def _found(self) -> Path:
        folder = self._folder.resolve()
        path = (folder / self._name).resolve()
        if not path.is_relative_to(folder):
            raise InvalidInput(
                f"{self._name!r} is outside the folder of this client's files.",
                remedy="Give a path inside it: AE_CONNECTOR_FILES_DIR/<client>/.",
            )
        if not path.is_file():
            raise NotFound(
                f"There is no file {self._name!r} in this client's folder.",
                remedy="Put it into AE_CONNECTOR_FILES_DIR/<client>/, or correct the path.",
            )
        return path

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, ValueError) as error:
            raise InvalidInput(
                f"{self._name} cannot be read as {self._format}: {str(error).splitlines()[0]}",
                remedy="Correct the file, or the profile's format.",
            ) from error
        except OSError as error:
            raise InvalidInput(
                f"{self._name} cannot be read: {error.strerror or error}",
                remedy="Make the file readable for connector_service.",
            ) from error


def _read_csv(path: Path, limit: int) -> pa.Table:
    options = pa.csv.ParseOptions(newlines_in_values=True)
    with pa.csv.open_csv(path, parse_options=options) as reader:
        return _first(reader, reader.schema, limit)


def _read_parquet(path: Path, limit: int) -> pa.Table:
    with pa.parquet.ParquetFile(path) as file:
        return _first(file.iter_batches(batch_size=limit), file.schema_arrow, limit)


def _read_json(path: Path, limit: int) -> pa.Table:
    with path.open("rb") as file:
        is_array = file.read(512).lstrip().startswith(b"[")
    if not is_array:
        with pa.json.open_json(path) as reader:
            return _first(reader, reader.schema, limit)
    if path.stat().st_size > _LARGEST_JSON_ARRAY_BYTES:
        raise TooLarge(
            "A JSON array must be read whole, and this one is over 64 MB.",
            remedy="Write one object a line (NDJSON), or Parquet.",
        )
    rows = json.loads(path.read_text(encoding="utf-8"))
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("it is an array, but not of objects")
    return pa.Table.from_pylist(rows[:limit])


def _first(batches: Any, schema: pa.Schema, limit: int) -> pa.Table:
    taken: list[pa.RecordBatch] = []
    missing = limit
    for batch in batches:
        taken.append(batch.slice(0, missing))
        missing -= taken[-1].num_rows
        if missing <= 0:
            break
    return pa.Table.from_batches(taken, schema=schema)


def _attribute_type(arrow_type: pa.DataType) -> str:
    kinds = (
        ("boolean", pa.types.is_boolean),
        ("integer", pa.types.is_integer),
        ("float", pa.types.is_floating),
        ("decimal", pa.types.is_decimal),
        ("date", pa.types.is_date),
        ("timestamp", pa.types.is_timestamp),
        ("text", pa.types.is_string),
        ("text", pa.types.is_large_string),
    )
    return next((name for name, fits in kinds if fits(arrow_type)), "")
