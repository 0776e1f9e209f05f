"""Rows as ``COPY ... (FORMAT binary)`` takes them, made column by column.

A row is the number of its fields, then each field: its length in bytes, or -1 for null, and its value. What has the
same length in every row of a batch is laid out side by side in one block; blocks and texts are then joined row by row.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.ingest import numerics

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

_NULL = pa.scalar(b"\xff\xff\xff\xff", pa.binary())
_EPOCH_US = 946_684_800_000_000
_EPOCH_DAYS = 10_957
_VALUE_TYPES = {
    DataType.INTEGER: ">i8",
    DataType.FLOAT: ">f8",
    DataType.BOOLEAN: ">i1",
    DataType.DATE: ">i4",
    DataType.TIMESTAMP: ">i8",
}


def encoded(columns: Sequence[tuple[DataType, pa.Array]], *, client_id: str | None) -> bytes:
    """Return a batch of rows: the client if one is told, then the columns, typed as ``ARROW_TYPES`` says."""
    row = _Row(rows=len(columns[0][1]))
    if client_id is None:
        row.constant(struct.pack(">h", len(columns)))
    else:
        client = client_id.encode()
        row.constant(struct.pack(">hi", len(columns) + 1, len(client)) + client)
    for type_, column in columns:
        if type_ is DataType.TEXT:
            row.text(column)
        elif type_ is DataType.DECIMAL:
            row.decimal(column)
        else:
            row.fixed(column, _VALUE_TYPES[type_], _values(type_, column))
    return row.joined()


class _Row:
    """The pieces of all rows of a batch, in their order."""

    def __init__(self, *, rows: int) -> None:
        self._rows = rows
        self._pieces: list[Any] = []
        self._block: list[tuple[Any, Any]] = []

    def constant(self, content: bytes) -> None:
        self._pieces.append(pa.scalar(content, pa.binary()))

    def text(self, column: pa.Array) -> None:
        lengths = pc.fill_null(pc.binary_length(column), -1)
        self._block.append((">i4", lengths.to_numpy()))
        self._end_block()
        self._pieces.append(column.cast(pa.binary()).fill_null(b""))

    def fixed(self, column: pa.Array, type_: str, values: Any) -> None:
        size = np.dtype(type_).itemsize
        field = [(">i4", size), (type_, values)]
        if column.null_count:
            self.variable(column, self._as_binary(field))
        else:
            self._block.extend(field)

    def decimal(self, column: pa.Array) -> None:
        found = None if column.null_count else numerics.laid_out(column)
        if found is None:
            self.variable(column, numerics.fields(column.fill_null("0")))
        else:
            self._block.append((found.dtype, found))

    def variable(self, column: pa.Array, fields: pa.Array) -> None:
        self._end_block()
        self._pieces.append(pc.if_else(column.is_valid(), fields, _NULL) if column.null_count else fields)

    def joined(self) -> bytes:
        self._end_block()
        rows = pc.binary_join_element_wise(*self._pieces, pa.scalar(b"", pa.binary()))
        _, offsets, content = rows.buffers()
        ends = np.frombuffer(offsets, np.int32)
        return bytes(content[: int(ends[len(rows)])]) if content is not None else b""

    def _end_block(self) -> None:
        if self._block:
            self._pieces.append(self._as_binary(self._block))
            self._block = []

    def _as_binary(self, block: Sequence[tuple[Any, Any]]) -> pa.Array:
        laid_out = np.empty(self._rows, dtype=[(str(place), type_) for place, (type_, _) in enumerate(block)])
        for place, (_, values) in enumerate(block):
            laid_out[str(place)] = values
        return numerics.as_binary(laid_out)


def _values(type_: DataType, column: pa.Array) -> Any:
    """Return the numbers that PostgreSQL keeps; where there is null, any."""
    match type_:
        case DataType.TIMESTAMP:
            return column.cast(pa.int64()).fill_null(_EPOCH_US).to_numpy() - _EPOCH_US
        case DataType.DATE:
            return column.cast(pa.int32()).fill_null(_EPOCH_DAYS).to_numpy() - _EPOCH_DAYS
        case DataType.BOOLEAN:
            return column.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003 - the value of a null
        case _:
            return column.fill_null(0).to_numpy()
