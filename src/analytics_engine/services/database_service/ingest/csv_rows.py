from __future__ import annotations

import bisect
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from analytics_engine.contracts.data import RowError
from analytics_engine.errors import InvalidInput
from analytics_engine.services.database_service.ingest.reading import Batch, Reading

_BLOCK_BYTES = 4 * 1024 * 1024
_SHOWN = 120


class CsvRows:
    """CSV with a header line. Fields are text here; an empty one without quotes, or the null token, is null."""

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self.malformed: list[RowError] = []
        self._skipped: list[int] = []
        self._breaks: list[tuple[int, int]] = []
        header = _header(file)
        self._header = header
        tokens = ["", *([reading.null_token] if reading.null_token else [])]
        try:
            self._reader = pa_csv.open_csv(
                file,
                read_options=pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
                parse_options=pa_csv.ParseOptions(
                    newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=self._malformed_row
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(header, pa.string()),
                    null_values=tokens,
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            raise _unreadable(error) from error

    @property
    def columns(self) -> tuple[str, ...]:
        return self._header

    def batches(self) -> Iterator[Batch]:
        first = 0
        while True:
            try:
                batch = self._reader.read_next_batch()
            except StopIteration:
                return
            except pa.ArrowInvalid as error:
                raise _unreadable(error) from error
            self._note_breaks(batch, first)
            first += batch.num_rows
            yield Batch(dict(zip(self._header, batch.columns, strict=True)), batch.num_rows)

    def line(self, row: int) -> int:
        """Return where a row begins: after the header, the rows left out before it, and line breaks in fields."""
        record = row + 2
        for skipped in self._skipped:
            if skipped > record:
                break
            record += 1
        place = bisect.bisect_left(self._breaks, (row, 0))
        return record + sum(count for _, count in self._breaks[:place])

    def _malformed_row(self, row: Any) -> str:
        blank = not row.text.strip()
        if row.number is not None:
            self._skipped.append(row.number)
        if not blank:
            reason = f"has {row.actual_columns} fields where the header has {row.expected_columns}"
            self.malformed.append(RowError(line=row.number or 0, value=row.text[:_SHOWN], reason=reason))
        return "skip"

    def _note_breaks(self, batch: pa.RecordBatch, first: int) -> None:
        """Remember rows with line breaks inside their fields: the lines after them count on from there."""
        for column in batch.columns:
            if pc.any(pc.match_substring(column, "\n")).as_py():
                counts = pc.fill_null(pc.count_substring(column, "\n"), 0).to_pylist()
                self._breaks.extend((first + row, count) for row, count in enumerate(counts) if count)
        self._breaks.sort()


def _header(file: BinaryIO) -> tuple[str, ...]:
    """Return the names in the first line, and leave the file at its start.

    Raises:
        InvalidInput: there is no header, or it names a column twice.
    """
    start = file.read(_BLOCK_BYTES)
    file.seek(0)
    if not start.strip():
        raise InvalidInput("The CSV is empty.", remedy="Send a header line with the attributes' names, then the rows.")
    try:
        names = pa_csv.read_csv(
            pa.BufferReader(start.split(b"\n", 1)[0] + b"\n"),
            read_options=pa_csv.ReadOptions(use_threads=False),
        ).column_names
    except pa.ArrowInvalid as error:
        raise _unreadable(error) from error
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(
            f"The header names {', '.join(twice)} twice.", remedy="Give each column once.", columns=twice
        )
    return tuple(names)


def _unreadable(error: pa.ArrowInvalid) -> InvalidInput:
    if "UTF8" in str(error) or "UTF-8" in str(error):
        return InvalidInput("The CSV is not UTF-8 text.", remedy="Save it as UTF-8, for example with: iconv -t UTF-8.")
    return InvalidInput(
        f"The CSV cannot be read: {str(error).splitlines()[0]}.",
        remedy="Send comma-separated UTF-8 text (RFC 4180) with a header line.",
    )
