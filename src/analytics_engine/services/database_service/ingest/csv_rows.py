from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from analytics_engine.errors import InvalidInput, TooLarge
from analytics_engine.services.database_service.ingest.csv_lines import RecordLines, Refused
from analytics_engine.services.database_service.ingest.reading import Batch, Reading

_BLOCK_BYTES = 4 * 1024 * 1024
_FIRST_RECORD = 2


class CsvRows:
    """CSV with a header line. Fields are text here; an empty one without quotes, or the null token, is null.

    A record with nothing in it, such as a blank line, is no row.
    """

    def __init__(self, file: BinaryIO, reading: Reading) -> None:
        self._header = _header(file)
        self._lines = RecordLines()
        self._reader = self._opened(file, null_token=reading.null_token)

    @property
    def columns(self) -> tuple[str, ...]:
        return self._header

    def batches(self) -> Iterator[Batch]:
        while (read := self._read()) is not None:
            lines = self._lines.of(read)
            filled = _filled_records(read)
            rows = read.filter(filled)
            malformed, malformed_rows = self._lines.passed()
            columns = dict(zip(self._header, rows.columns, strict=True))
            yield Batch(columns, lines.filter(filled), malformed, malformed_rows)
        malformed, malformed_rows = self._lines.rest()
        nothing = {name: pa.array([], pa.string()) for name in self._header}
        yield Batch(nothing, pa.array([], pa.int64()), malformed, malformed_rows)

    def _read(self) -> pa.RecordBatch | None:
        try:
            return self._reader.read_next_batch()
        except StopIteration:
            return None
        except pa.ArrowInvalid as error:
            raise _unreadable(error) from error

    def _refuse(self, row: Any) -> str:
        text = row.text.rstrip("\r\n")
        reason = f"has {row.actual_columns} fields where the header has {row.expected_columns}" if text.strip() else ""
        self._lines.refuse(Refused(row.number - _FIRST_RECORD, text, reason))
        return "skip"

    def _opened(self, file: BinaryIO, *, null_token: str) -> Any:
        try:
            return pa_csv.open_csv(
                file,
                read_options=pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
                parse_options=pa_csv.ParseOptions(
                    newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=self._refuse
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(self._header, pa.string()),
                    null_values=["", *([null_token] if null_token else [])],
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            raise _unreadable(error) from error


def _filled_records(batch: pa.RecordBatch) -> pa.Array:
    filled = pc.is_valid(batch.columns[0])
    for column in batch.columns[1:]:
        filled = pc.or_(filled, pc.is_valid(column))
    return filled


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


def _unreadable(error: pa.ArrowInvalid) -> InvalidInput | TooLarge:
    message = str(error).splitlines()[0]
    if "UTF8" in message or "UTF-8" in message:
        return InvalidInput("The CSV is not UTF-8 text.", remedy="Save it as UTF-8, for example with: iconv -t UTF-8.")
    if "straddling" in message:
        return TooLarge(
            f"A row of the CSV is longer than {_BLOCK_BYTES >> 20} MiB.",
            remedy="See whether a quote is not closed; rows that are really so long go as Parquet or Arrow.",
            limit_bytes=_BLOCK_BYTES,
        )
    return InvalidInput(
        f"The CSV cannot be read: {message}.",
        remedy="Send comma-separated UTF-8 text (RFC 4180) with a header line.",
    )
