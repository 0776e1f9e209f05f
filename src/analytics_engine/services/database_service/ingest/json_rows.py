from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa

from analytics_engine.contracts.data import RowError
from analytics_engine.errors import InvalidInput, TooLarge
from analytics_engine.services.database_service.ingest.reading import BATCH_ROWS, Batch, Gaps

_SHOWN = 120
_LONGEST_ARRAY_BYTES = 256 * 1024 * 1024
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


class _JsonRows(ABC):
    """Objects with a number each: their place, counted from 1. Numbers of what is no row are gaps."""

    columns = None

    def __init__(self, file: BinaryIO) -> None:
        self.malformed: list[RowError] = []
        self._file = file
        self._gaps = Gaps()

    def batches(self) -> Iterator[Batch]:
        rows = self._rows()
        while some := list(islice(rows, BATCH_ROWS)):
            names = dict.fromkeys(name for row in some for name in row)
            columns = {name: pa.array([_text(row.get(name)) for row in some], pa.string()) for name in names}
            yield Batch(columns, len(some))

    def line(self, row: int) -> int:
        return self._gaps.place(row) + 1

    @abstractmethod
    def _rows(self) -> Iterator[dict[str, Any]]: ...

    def _refuse(self, number: int, text: str, reason: str) -> None:
        self._gaps.add(number - 1)
        self.malformed.append(RowError(line=number, value=text.strip()[:_SHOWN], reason=reason))


class JsonArrayRows(_JsonRows):
    """One JSON array of objects."""

    def _rows(self) -> Iterator[dict[str, Any]]:
        for number, row in enumerate(self._elements(), 1):
            if isinstance(row, dict):
                yield row
            else:
                self._refuse(number, json.dumps(row), "is not a JSON object")

    def _elements(self) -> list[Any]:
        text = self._file.read(_LONGEST_ARRAY_BYTES + 1)
        if len(text) > _LONGEST_ARRAY_BYTES:
            raise TooLarge(
                f"The JSON array is larger than {_LONGEST_ARRAY_BYTES >> 20} MiB, and it has to be read as a whole.",
                remedy="Send one object a line as application/x-ndjson: that is read line by line.",
            )
        try:
            elements = _loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(
                f"The JSON cannot be read: {error}.", remedy="Send one array of objects: [{...}, {...}]."
            ) from error
        if not isinstance(elements, list):
            raise InvalidInput(
                "The JSON is not an array.",
                remedy="Send one array of objects, or one object a line as application/x-ndjson.",
            )
        return elements


class NdjsonRows(_JsonRows):
    """One JSON object a line; empty lines are passed over."""

    def _rows(self) -> Iterator[dict[str, Any]]:
        for number, text in enumerate(self._file, 1):
            if not text.strip():
                self._gaps.add(number - 1)
                continue
            try:
                row = _loads(text)
            except (ValueError, RecursionError) as error:
                self._refuse(number, text.decode("utf-8", "replace"), f"is not JSON: {error}")
                continue
            if isinstance(row, dict):
                yield row
            else:
                self._refuse(number, text.decode(), "is not a JSON object")


def _loads(text: bytes) -> Any:
    """Return what the text holds, with numbers as they were written: no digit is lost on the way to a decimal."""
    return _DECODER.decode(text.decode("utf-8-sig").strip())


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
