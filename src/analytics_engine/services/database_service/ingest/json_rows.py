from __future__ import annotations

import codecs
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from analytics_engine.errors import InvalidInput, TooLarge
from analytics_engine.services.database_service.ingest.reading import (
    BATCH_BYTES,
    BATCH_ROWS,
    LONGEST_ROW_BYTES,
    Batch,
    Malformed,
)
from analytics_engine.services.database_service.ingest.rejection import MOST_KEPT

_READ_BYTES = 256 * 1024
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_SPACE = " \t\n\r"

Row = dict[str, str | None]


class _JsonRows(ABC):
    """Objects with a number each: their place, counted from 1. Numbers of what is no row are gaps."""

    columns = None

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._described = 0

    def batches(self) -> Iterator[Batch]:
        rows: list[Row] = []
        lines: list[int] = []
        malformed: list[Malformed] = []
        malformed_rows = held_bytes = 0
        for number, size, found in self._elements():
            held_bytes += size
            if isinstance(found, Malformed):
                malformed_rows += 1
                if self._described < MOST_KEPT:
                    self._described += 1
                    malformed.append(found)
            else:
                rows.append(found)
                lines.append(number)
            if len(rows) >= BATCH_ROWS or held_bytes >= BATCH_BYTES:
                yield _batch(rows, lines, malformed, malformed_rows)
                rows, lines, malformed = [], [], []
                malformed_rows = held_bytes = 0
        yield _batch(rows, lines, malformed, malformed_rows)

    @abstractmethod
    def _elements(self) -> Iterator[tuple[int, int, Row | Malformed]]:
        """Give each element with its number and how long it is."""


class JsonArrayRows(_JsonRows):
    """One JSON array of objects, read piece by piece."""

    def _elements(self) -> Iterator[tuple[int, int, Row | Malformed]]:
        for number, (element, size) in enumerate(_ArrayText(self._file).elements(), 1):
            yield number, size, _row(number, element)


class NdjsonRows(_JsonRows):
    """One JSON object a line; empty lines are passed over."""

    def _elements(self) -> Iterator[tuple[int, int, Row | Malformed]]:
        number = 0
        while line := self._file.readline(LONGEST_ROW_BYTES + 1):
            number += 1
            if len(line) > LONGEST_ROW_BYTES:
                raise _too_long(f"Line {number}")
            if line.strip():
                yield number, len(line), self._found(number, line)

    def _found(self, number: int, line: bytes) -> Row | Malformed:
        try:
            text = line.decode("utf-8-sig").strip()
            return _row(number, _DECODER.decode(text))
        except (ValueError, RecursionError) as error:
            return Malformed(number, line.decode("utf-8", "replace").strip(), f"is not JSON: {error}")


class _ArrayText:
    """The text of one array, of which no more is held than the element at hand."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._ended = False
        self._lines_gone = 0
        self._characters_gone = 0
        self._characters_before_line = 0

    def elements(self) -> Iterator[tuple[Any, int]]:
        """Give the elements, and how many characters each took.

        Raises:
            InvalidInput: the text is not one array.
            TooLarge: an element is longer than a row may be.
        """
        if self._next_character() != "[":
            self._decode_one()
            raise InvalidInput(
                "The JSON is not an array.",
                remedy="Send one array of objects, or one object a line as application/x-ndjson.",
            )
        self._at += 1
        if self._next_character() == "]":
            self._at += 1
        else:
            while True:
                yield self._decode_one()
                mark = self._next_character()
                if mark not in {",", "]"}:
                    raise self._unreadable("Expecting ',' delimiter", self._at)
                self._at += 1
                if mark == "]":
                    break
                self._next_character()
        if self._next_character():
            raise self._unreadable("Extra data", self._at)

    def _next_character(self) -> str:
        """Pass over space and return the character there, none at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text) or not self._read_on():
                return self._text[self._at : self._at + 1]

    def _decode_one(self) -> tuple[Any, int]:
        """Return the value at this place; what fails may only be cut off, so more is read until it cannot be."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > LONGEST_ROW_BYTES:
                    raise _too_long("An element of the array") from error
                if not self._read_on(len(self._text) - self._at):
                    raise self._unreadable(error.msg, error.pos) from error
                continue
            except RecursionError as error:
                raise self._unreadable("It is nested too deeply", self._at) from error
            if end < len(self._text) or not self._read_on():
                size, self._at = end - self._at, end
                return value, size

    def _read_on(self, at_least: int = 0) -> bool:
        """Forget what was passed and read some more; return whether there was any."""
        self._forget()
        before = len(self._text)
        while not self._ended and len(self._text) == before:
            chunk = self._file.read(max(_READ_BYTES, at_least))
            self._ended = not chunk
            try:
                self._text += self._decoder.decode(chunk, final=self._ended)
            except UnicodeDecodeError as error:
                raise InvalidInput("The JSON is not UTF-8 text.", remedy="Send it as UTF-8.") from error
        return len(self._text) > before

    def _forget(self) -> None:
        gone = self._text[: self._at]
        self._lines_gone += gone.count("\n")
        if "\n" in gone:
            self._characters_before_line = self._characters_gone + gone.rindex("\n") + 1
        self._characters_gone += len(gone)
        self._text = self._text[self._at :]
        self._at = 0

    def _unreadable(self, reason: str, position: int) -> InvalidInput:
        """Return the error in the words of Python's parser, its place counted in the whole text."""
        self._at = min(position, len(self._text.rstrip(_SPACE)))
        self._forget()
        column = self._characters_gone - self._characters_before_line + 1
        place = f"line {self._lines_gone + 1} column {column} (char {self._characters_gone})"
        return InvalidInput(
            f"The JSON cannot be read: {reason}: {place}.", remedy="Send one array of objects: [{...}, {...}]."
        )


def _row(number: int, element: Any) -> Row | Malformed:
    """Return an object's values as text, numbers as they were written: no digit is lost on the way to a decimal."""
    if not isinstance(element, dict):
        return Malformed(number, json.dumps(element), "is not a JSON object")
    row = {name: _text(value) for name, value in element.items()}
    try:
        "".join(value for value in (*row, *row.values()) if value is not None).encode()
    except UnicodeEncodeError:
        return Malformed(number, json.dumps(element), "holds half of a surrogate pair, which is no character")
    return row


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _batch(rows: list[Row], lines: list[int], malformed: list[Malformed], malformed_rows: int) -> Batch:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return Batch(columns, pa.array(lines, pa.int64()), tuple(malformed), malformed_rows)


def _too_long(what: str) -> TooLarge:
    return TooLarge(
        f"{what} is longer than {LONGEST_ROW_BYTES >> 20} MiB.",
        remedy="Send rows that are so long as Parquet or Arrow.",
        limit_bytes=LONGEST_ROW_BYTES,
    )
