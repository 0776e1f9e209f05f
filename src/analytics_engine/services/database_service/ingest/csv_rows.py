from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from analytics_engine.contracts.data import RowError
from analytics_engine.errors import InvalidInput
from analytics_engine.services.database_service.ingest.reading import Batch, Gaps, Reading

_BLOCK_BYTES = 4 * 1024 * 1024
_SHOWN = 120
_FIRST_RECORD = 2


class CsvRows:
    """CSV with a header line. Fields are text here; an empty one without quotes, or the null token, is null.

    A record with nothing in it, such as a blank line, is no row.
    """

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self._header = _header(file)
        self._refused: list[tuple[int, str, str]] = []
        self._malformed_records = Gaps()
        self._blank_records = Gaps()
        self._breaks = _LineBreaks()
        self._reader = _reader(file, self._header, null_token=reading.null_token, refuse=self._refuse)

    @property
    def columns(self) -> tuple[str, ...]:
        return self._header

    @property
    def malformed(self) -> list[RowError]:
        return [
            RowError(line=number + self._breaks.before(number - _FIRST_RECORD), value=text, reason=reason)
            for number, text, reason in self._refused
        ]

    def batches(self) -> Iterator[Batch]:
        first = 0
        while (read := self._read()) is not None:
            empty = _empty_records(read)
            for index in pc.indices_nonzero(empty).to_pylist():
                self._blank_records.add(first + index)
            self._breaks.note(read, self._malformed_records, first)
            first += read.num_rows
            rows = read.filter(pc.invert(empty))
            yield Batch(dict(zip(self._header, rows.columns, strict=True)), rows.num_rows)

    def line(self, row: int) -> int:
        """Return where a row begins: after the header, records that are no rows, and line breaks in fields."""
        record = self._malformed_records.place(self._blank_records.place(row))
        return record + _FIRST_RECORD + self._breaks.before(record)

    def _read(self) -> pa.RecordBatch | None:
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            return None
        except pa.ArrowInvalid as error:
            raise _unreadable(error) from error

    def _refuse(self, row: Any) -> str:
        self._malformed_records.add(row.number - _FIRST_RECORD)
        if row.text.strip():
            reason = f"has {row.actual_columns} fields where the header has {row.expected_columns}"
            self._refused.append((row.number, row.text[:_SHOWN], reason))
        return "skip"


class _LineBreaks:
    """Line breaks inside fields: the lines after them count on from there."""

    def __init__(self) -> None:
        self._records: list[int] = []
        self._total: list[int] = [0]

    def note(self, batch: pa.RecordBatch, malformed: Gaps, first: int) -> None:
        counts: Counter[int] = Counter()
        for column in batch.columns:
            if pc.any(pc.match_substring(column, "\n")).as_py():
                breaks = pc.fill_null(pc.count_substring(column, "\n"), 0)
                for index in pc.indices_nonzero(breaks).to_pylist():
                    counts[index] += breaks[index].as_py()
        for index, count in sorted(counts.items()):
            self._records.append(malformed.place(first + index))
            self._total.append(self._total[-1] + count)

    def before(self, record: int) -> int:
        """Return how many there are in the records before one."""
        return self._total[bisect.bisect_left(self._records, record)]


def _reader(file: BinaryIO, header: tuple[str, ...], *, null_token: str, refuse: Callable[[Any], str]) -> Any:
    try:
        return pa_csv.open_csv(
            file,
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
            parse_options=pa_csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=refuse
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=["", *([null_token] if null_token else [])],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise _unreadable(error) from error


def _empty_records(batch: pa.RecordBatch) -> pa.Array:
    empty = pc.is_null(batch.columns[0])
    for column in batch.columns[1:]:
        empty = pc.and_(empty, pc.is_null(column))
    return empty


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
