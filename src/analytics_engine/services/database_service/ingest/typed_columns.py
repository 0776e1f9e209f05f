"""Columns that come with types of their own: which are taken, that they are sound, and how many rows at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics_engine.errors import InvalidInput, TooLarge
from analytics_engine.services.database_service.ingest.reading import BATCH_BYTES, BATCH_ROWS, Batch

LARGEST_BATCH_BYTES = 256 * 1024 * 1024


def refuse_other_types(schema: pa.Schema) -> None:
    """Return when every column is of a type that an attribute can be made of.

    Raises:
        InvalidInput: one is not.
    """
    for field in schema:
        if not _is_taken(field.type):
            raise InvalidInput(
                f"The column {field.name} is of the type {field.type}, which no attribute can be made of.",
                remedy="Send numbers, text, booleans, dates or timestamps; make text of anything else.",
                column=field.name,
            )


def parts(batch: pa.RecordBatch, *, first: int) -> Iterator[Batch]:
    """Give a record batch in parts that are small enough; ``first`` is the number of its first row, from 1.

    Raises:
        InvalidInput: it is not sound, or has text that is not UTF-8.
    """
    try:
        batch.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput(
            f"The columns are not sound: {str(error).splitlines()[0]}.",
            remedy="Write text as UTF-8, and the file anew.",
        ) from error
    size = sum(_size_written_out(column) for column in batch.columns)
    step = max(1, min(BATCH_ROWS, BATCH_BYTES * batch.num_rows // max(size, 1)))
    for start in range(0, batch.num_rows, step):
        part = batch.slice(start, step)
        lines = pa.array(np.arange(first + start, first + start + part.num_rows))
        yield Batch(dict(zip(part.schema.names, part.columns, strict=True)), lines)


def refuse_too_large(what: str, size_bytes: int) -> None:
    """Return when something may be held in memory at once.

    Raises:
        TooLarge: it may not.
    """
    if size_bytes > LARGEST_BATCH_BYTES:
        raise TooLarge(
            f"{what} takes {size_bytes >> 20:,} MiB in memory; {LARGEST_BATCH_BYTES >> 20} MiB is the most.",
            remedy="Write fewer rows at once, such as 100,000.",
            limit_bytes=LARGEST_BATCH_BYTES,
        )


def _is_taken(type_: pa.DataType) -> bool:
    if pa.types.is_dictionary(type_):
        return _is_taken(type_.value_type) and not pa.types.is_dictionary(type_.value_type)
    return any(
        is_of(type_)
        for is_of in (
            pa.types.is_null,
            pa.types.is_boolean,
            pa.types.is_integer,
            pa.types.is_floating,
            pa.types.is_decimal,
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_string_view,
            pa.types.is_date,
            pa.types.is_time,
            pa.types.is_timestamp,
        )
    )


def _size_written_out(column: pa.Array) -> int:
    """Return the bytes of a column with each value of a dictionary in its place: few bytes may stand for very many."""
    size: int = column.nbytes
    if not pa.types.is_dictionary(column.type) or not len(column.dictionary):
        return size
    texts = column.dictionary.cast(pa.large_string())
    lengths = pc.fill_null(pc.binary_length(texts), 0)
    return int(pc.sum(pc.take(lengths, column.indices)).as_py() or 0) + size
