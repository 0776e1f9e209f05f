from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics_engine.errors import InvalidInput, TooLarge
from analytics_engine.services.database_service.ingest.reading import BATCH_BYTES, BATCH_ROWS, Batch
from analytics_engine.services.database_service.ingest.typed_columns import (
    LARGEST_BATCH_BYTES,
    parts,
    refuse_other_types,
)

_READ_BYTES = 1024 * 1024


class ParquetRows:
    """Typed columns. Rows count from 1; pages are read one after the other, however large a row group is."""

    def __init__(self, file: BinaryIO, *, limit_bytes: int) -> None:
        try:
            self._file = pq.ParquetFile(file, buffer_size=_READ_BYTES)
            schema = self._file.schema_arrow
            self._texts = [field.name for field in schema if pa.types.is_string(field.type)]
            self._dictionaries = pq.ParquetFile(file, buffer_size=_READ_BYTES, read_dictionary=self._texts)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(error) from error
        refuse_other_types(schema)
        self._groups = [self._file.metadata.row_group(number) for number in range(self._file.metadata.num_row_groups)]
        _refuse_too_large(sum(group.total_byte_size for group in self._groups), limit_bytes)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._file.schema_arrow.names)

    def batches(self) -> Iterator[Batch]:
        first = 1
        for number in range(len(self._groups)):
            for batch in self._record_batches(number):
                yield from parts(batch, first=first)
                first += batch.num_rows

    def _record_batches(self, number: int) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._file.iter_batches(
                batch_size=self._rows_at_once(number), row_groups=[number], use_threads=False
            )
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(error) from error

    def _rows_at_once(self, number: int) -> int:
        """Return how many rows of a group are read at once: so many as fit, were all texts the longest there is."""
        group = self._groups[number]
        average: int = max(1, group.total_byte_size // max(1, group.num_rows))
        return max(1, min(BATCH_ROWS, BATCH_BYTES // average, LARGEST_BATCH_BYTES // max(1, self._longest(number))))

    def _longest(self, number: int) -> int:
        """Return the length of the longest texts in the dictionaries of a row group, which few bytes may repeat."""
        if not self._texts:
            return 0
        batches = self._dictionaries.iter_batches(
            batch_size=1, row_groups=[number], columns=self._texts, use_threads=False
        )
        row = next(batches, None)
        if row is None:
            return 0
        longest: list[int] = [pc.max(pc.binary_length(column.dictionary)).as_py() or 0 for column in row.columns]
        return sum(longest)


def _refuse_too_large(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise TooLarge(
            f"The Parquet file holds {size_bytes:,} bytes once it is decompressed; {limit_bytes:,} are the most.",
            remedy="Send it in parts, each with its own Idempotency-Key, or have AE_MAX_DECOMPRESSED_BYTES raised.",
            limit_bytes=limit_bytes,
        )


def _unreadable(error: Exception) -> InvalidInput:
    return InvalidInput(
        f"The Parquet file cannot be read: {str(error).splitlines()[0]}.",
        remedy="Send a whole Parquet file, as any Parquet writer makes it.",
    )
