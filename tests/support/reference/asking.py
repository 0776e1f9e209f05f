"""What the reference is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from analytics_engine.kpi.formula.syntax import LiteralValue, Node
from analytics_engine.kpi.formula.typed import Expression, Term
from analytics_engine.kpi.model.time import Period, Window

Value = Any
"""An int, Decimal, float, str, bool, date, aware datetime, or None for null."""

Members = tuple[Value, ...]
"""One member of each dimension; null is a member."""

CellKey = tuple[int, Members]
"""The number of a period, from 0, and the members of the dimensions."""


class Covered(Protocol):
    """A half-open span of instants for which the rows of an object model are loaded."""

    @property
    def start(self) -> datetime: ...

    @property
    def end(self) -> datetime: ...


@dataclass(frozen=True)
class Question:
    """Measures over a window, cut by a grain and by dimensions.

    Args:
        measures: the name of each, and its typed cell expression.
        grain: the name of a grain, or None for the whole window as one period.
        dimensions: row expressions, seen from the rows of every term.
        filters: conditions on rows that must hold for every term.
        parameters: values of parameters by their names; the others keep their defaults.
        givens: values of ``Given`` by their positions.
    """

    measures: tuple[tuple[str, Expression], ...]
    window: Window
    grain: str | None = None
    dimensions: tuple[str | Node, ...] = ()
    filters: tuple[str | Node, ...] = ()
    parameters: Mapping[str, LiteralValue] = field(default_factory=dict)
    givens: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Every cell there is: the values of the measures, and how many rows are behind each of their terms.

    ``magnitudes`` is the greatest number that was met while a value was computed: what its rounding errors are
    measured against.
    """

    periods: tuple[Period, ...]
    cells: dict[CellKey, dict[str, Value]]
    rows: dict[CellKey, dict[Term, int]]
    magnitudes: dict[CellKey, dict[str, float]]
