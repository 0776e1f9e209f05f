"""Rows that were checked and found right, in memory while they are few and on disk beyond."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Self, cast

import pyarrow as pa
import pyarrow.compute as pc

from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.database_service.tables.fact_table import ARROW_TYPES

Instant = datetime | date

_IN_MEMORY_BYTES = 16 * 1024 * 1024
_LINE = "#line"


class KeptRows:
    """Batches of typed rows in the order of the input, each row with its line, and the span of their time.

    ``first`` and ``last`` are inclusive, None without rows or time attribute; ``months`` are the first days of the
    months the rows fall into.
    """

    def __init__(self, model: ObjectModel) -> None:
        self._model = model
        self._time = model.time_attribute
        self._schema = pa.schema(
            [*((one.name, ARROW_TYPES[one.type]) for one in model.attributes), (_LINE, pa.int64())]
        )
        self._file = cast("BinaryIO", SpooledTemporaryFile(_IN_MEMORY_BYTES))  # noqa: SIM115 - closed with this object
        self._writer = pa.ipc.new_stream(self._file, self._schema)
        self._is_whole = False
        self.rows = 0
        self.first: Instant | None = None
        self.last: Instant | None = None
        self.months: set[date] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def columns(self) -> tuple[str, ...]:
        """The attributes of the model, in their order."""
        return tuple(self._schema.names[:-1])

    def like(self) -> KeptRows:
        """Return an empty one for rows of the same object model."""
        return KeptRows(self._model)

    def write(self, rows: pa.RecordBatch, lines: pa.Array) -> None:
        """Keep some more rows."""
        if not rows.num_rows:
            return
        self._writer.write_batch(pa.record_batch([*rows.columns, lines], schema=self._schema))
        self.rows += rows.num_rows
        if self._time is not None:
            self._widen(rows.column(self._time))

    def batches(self) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
        """Give all rows and their lines from the first on; nothing is written any more."""
        self._end()
        self._file.seek(0)
        with pa.ipc.open_stream(pa.PythonFile(self._file, mode="r")) as reader:
            for batch in reader:
                yield batch.select(self.columns), batch.column(_LINE)

    def close(self) -> None:
        if not self._file.closed:
            self._end()
            self._file.close()

    def _end(self) -> None:
        """Write the end of the stream, once."""
        if not self._is_whole:
            self._writer.close()
            self._is_whole = True

    def _widen(self, times: pa.Array) -> None:
        ends = pc.min_max(times)
        first, last = ends["min"].as_py(), ends["max"].as_py()
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)
        if (first.year, first.month) == (last.year, last.month):
            self.months.add(date(first.year, first.month, 1))
        else:
            months = pc.unique(pc.floor_temporal(times, unit="month").cast(pa.timestamp("us")).cast(pa.date32()))
            self.months.update(months.to_pylist())
