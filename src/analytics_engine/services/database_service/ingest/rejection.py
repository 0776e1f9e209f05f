"""Rows that are wrong: so many by name, all of them by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyarrow as pa

from analytics_engine.contracts.data import RowError
from analytics_engine.errors import RowsRejected

MOST_LISTED = 100
MOST_KEPT = 10_000
_MOST_KEPT_CHARACTERS = 32 * 1024 * 1024
_SHOWN = 120
_LONGEST_VALUE = 1_000

RawRow = Mapping[str, str | None] | str
"""A row as it was delivered: its fields by column, or its text where it could not be taken apart."""


@dataclass(frozen=True)
class WrongRow:
    """A row that cannot be loaded, with all that is wrong with it; ``raw`` is empty where nobody asks for it."""

    line: int
    mistakes: tuple[RowError, ...]
    raw: RawRow = ""


@dataclass(frozen=True)
class Tolerance:
    """How much of an input may be wrong: a number of rows, or a share of them."""

    rows: int | None = None
    percent: Decimal | None = None

    def is_exceeded(self, *, rejected: int, checked: int) -> bool:
        if self.rows is not None:
            return rejected > self.rows
        return self.percent is not None and 100 * rejected > self.percent * checked

    def __str__(self) -> str:
        return f"{self.percent}%" if self.rows is None else f"{self.rows:,}"


class Rejection:
    """Collects what is wrong with the rows of one input.

    Args:
        keeps_rows: the wrong rows are going to be kept for review, so more of them are named, as they were delivered.
    """

    def __init__(self, *, keeps_rows: bool = False) -> None:
        self.keeps_rows = keeps_rows
        self.listed: list[WrongRow] = []
        self.rows = 0
        self.mistakes = 0
        self._characters = 0

    @property
    def room(self) -> int:
        """How many more rows are going to be named."""
        if self._characters >= _MOST_KEPT_CHARACTERS:
            return 0
        return (MOST_KEPT if self.keeps_rows else MOST_LISTED) - len(self.listed)

    def add(self, named: Sequence[WrongRow], *, rows: int, mistakes: int) -> None:
        """Take wrong rows, the first of them by name; the numbers are of all of them."""
        self.rows += rows
        self.mistakes += mistakes
        for row in named[: self.room]:
            self.listed.append(row)
            self._characters += _characters(row.raw)

    def raise_if_any(self) -> None:
        """Return when nothing is wrong.

        Raises:
            RowsRejected: something is.
        """
        if self.rows:
            raise self._refusal("")

    def raise_beyond(self, tolerance: Tolerance, *, checked: int) -> None:
        """Return when no more is wrong than is tolerated.

        Raises:
            RowsRejected: more is.
        """
        if tolerance.is_exceeded(rejected=self.rows, checked=checked):
            raise self._refusal(
                f" {self.rows:,} of {checked:,} rows are wrong, and max_rejects tolerates no more than {tolerance}."
            )

    def _refusal(self, why: str) -> RowsRejected:
        named = [mistake for row in self.listed for mistake in row.mistakes][:MOST_LISTED]
        errors = sorted(named, key=lambda error: (error.line, error.column))
        first = errors[0]
        place = f"Line {first.line}" + (f", column {first.column}" if first.column else "")
        value = f"{first.value!r} " if first.value else ""
        others = f" Found {self.mistakes} mistakes in all." if self.mistakes > 1 else ""
        return RowsRejected(
            f"{place}: {value}{first.reason}.{others}{why}",
            remedy="Correct the rows listed under errors and send the whole input again; nothing of it was loaded.",
            errors=[error.model_dump() for error in errors],
            total=self.mistakes,
        )


def row_error(line: int, column: str, value: object, reason: str) -> RowError:
    return RowError(line=line, column=column, value=str(value)[:_SHOWN], reason=reason)


def raw_row(columns: Mapping[str, pa.Array], row: int) -> dict[str, str | None]:
    """Return a row's fields as text; a very long one is cut, and ends with an ellipsis."""
    return {name: raw_text(_text(column, row)) for name, column in columns.items()}


def raw_text(text: str | None) -> str | None:
    return text if text is None or len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def _text(column: pa.Array, row: int) -> str | None:
    field = column[row : row + 1]
    if pa.types.is_dictionary(field.type):
        field = field.dictionary_decode()
    text: str | None = field.cast(pa.string())[0].as_py()
    return text


def _characters(raw: Any) -> int:
    return len(raw) if isinstance(raw, str) else sum(len(value or "") for value in raw.values())
