"""Columns of the parts of an answer, put under one another as they go over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from analytics_engine.contracts.calculation import Cell, ComparedValues, NullExplanation
from analytics_engine.kpi.values.answer import MeasureColumn
from analytics_engine.kpi.values.reasons import Reason


@dataclass(frozen=True)
class Stack:
    """A measure's columns of all parts as one: values as they were computed, reasons by row number."""

    values: tuple[Any, ...]
    reasons: dict[int, Reason]

    def on_wire(self) -> ComparedValues:
        return ComparedValues(values=wire_column(self.values), reasons=explained(self.reasons))


def stacked(columns: Sequence[MeasureColumn]) -> Stack:
    """Return the values and reasons of a measure's columns, one under the other."""
    values: list[Any] = []
    reasons: dict[int, Reason] = {}
    for column in columns:
        reasons |= {len(values) + row: reason for row, reason in column.reasons.items()}
        values += column.values
    return Stack(tuple(values), reasons)


def stacked_counts(
    columns: Sequence[MeasureColumn], counts: Callable[[MeasureColumn], dict[str, tuple[int, ...]]]
) -> dict[str, tuple[int, ...]]:
    """Return counts by term of a measure's columns, one under the other; of a part that lacks a term, zeros."""
    labels = dict.fromkeys(label for column in columns for label in counts(column))
    return {
        label: tuple(count for column in columns for count in counts(column).get(label, (0,) * len(column.values)))
        for label in labels
    }


def explained(reasons: dict[int, Reason]) -> dict[int, NullExplanation]:
    return {row: NullExplanation(code=reason.code, detail=reason.detail) for row, reason in reasons.items()}


def wire_column(values: Iterable[Any]) -> tuple[Cell, ...]:
    return tuple(wire(value) for value in values)


def wire(value: Any) -> Cell:
    """Return a value as it goes over the wire: decimals as strings without loss, times in ISO 8601."""
    match value:
        case Decimal():
            return _decimal_text(value)
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _decimal_text(value: Decimal) -> str:
    """Return a decimal in full, without an exponent and without zeros that say nothing."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
