from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from analytics_engine.contracts.data import RowError
from analytics_engine.errors import InvalidInput
from analytics_engine.services.database_service.ingest.reading import BATCH_ROWS, Batch


class ParquetRows:
    """Typed columns. Rows count from 1."""

    def __init__(self, file: BinaryIO) -> None:
        self.malformed: list[RowError] = []
        try:
            self._file = pq.ParquetFile(file)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(error) from error

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self._file.schema_arrow.names)

    def batches(self) -> Iterator[Batch]:
        try:
            for batch in self._file.iter_batches(batch_size=BATCH_ROWS):
                yield Batch(dict(zip(self.columns, batch.columns, strict=True)), batch.num_rows)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(error) from error

    def line(self, row: int) -> int:
        return row + 1


def _unreadable(error: Exception) -> InvalidInput:
    return InvalidInput(
        f"The Parquet file cannot be read: {str(error).splitlines()[0]}.",
        remedy="Send a whole Parquet file, as any Parquet writer makes it.",
    )
