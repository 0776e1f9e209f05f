"""The rows of a statement as columns of values, each null with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast

from analytics_engine.errors import Conflict
from analytics_engine.kpi.formula.conversion import convert
from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.formula.typed import (
    Constant,
    Expression,
    Leaf,
    Operation,
    Parameter,
    PeriodDays,
    Term,
    TimeAverage,
)
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Period
from analytics_engine.kpi.plan.plan import Dimension, Measure, Plan, cut_of
from analytics_engine.kpi.sql.guards import REPEATED
from analytics_engine.kpi.values.binding import Binding
from analytics_engine.kpi.values.reasons import Cell, Reason, label, reason_of

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class MeasureColumn:
    """One measure's values by row; ``reasons`` has an entry for each null, ``rows`` the rows behind each term.

    ``skipped`` says how many of these rows have no value there, for the terms of which some may have none.
    """

    measure: Measure
    values: tuple[Any, ...]
    reasons: dict[int, Reason]
    rows: dict[str, tuple[int, ...]]
    skipped: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class DimensionValues:
    dimension: Dimension
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Answer:
    """A question's answer: columns of equal length, one entry a cell."""

    periods: tuple[Period, ...]
    dimensions: tuple[DimensionValues, ...]
    measures: tuple[MeasureColumn, ...]


def read_answer(plan: Plan, rows: Rows, binding: Binding) -> Answer:
    """Return the columns of an answer from the rows of its statement (``sql.emit.Statement`` gives their shape).

    Nulls: every null value of a measure has a reason.

    Raises:
        Conflict: several rows of a joined object model have one key, so rows would be counted more than once.
    """
    _check_keys(rows)
    reader = _Reader(plan, rows, binding)
    return Answer(
        periods=tuple(binding.periods[row["period"] - 1] for row in rows),
        dimensions=tuple(
            DimensionValues(dimension, tuple(row[f"d{index}"] for row in rows))
            for index, dimension in enumerate(plan.dimensions)
        ),
        measures=tuple(reader.measure(index, measure) for index, measure in enumerate(plan.measures)),
    )


def _check_keys(rows: Rows) -> None:
    for name, count in rows[0].items() if rows else ():
        if name.startswith(REPEATED) and count:
            code = name.removeprefix(REPEATED)
            raise Conflict(
                f"{count} keys of {code} are those of several rows: joined, what points to them would count again.",
                remedy=f"Keep one row of {code} for each key where the data is loaded.",
                object_model=code,
            )


class _Reader:
    def __init__(self, plan: Plan, rows: Rows, binding: Binding) -> None:
        self._rows = rows
        self._binding = binding
        self._numbers = {leaf: number for number, leaf in enumerate(plan.leaves)}
        self._covered: dict[Leaf, list[bool]] = {}

    def measure(self, index: int, measure: Measure) -> MeasureColumn:
        values = tuple(_typed(row[f"k{index}"], measure.type) for row in self._rows)
        expression = _with_parameters(measure.expression, self._binding)
        counted = _counted(measure)
        return MeasureColumn(
            measure=measure,
            values=values,
            reasons={
                position: reason_of(expression, self._cell(measure, self._rows[position]))
                for position, value in enumerate(values)
                if value is None
            },
            rows={label(leaf): self._counts(f"r{self._numbers[leaf]}") for leaf in counted},
            skipped={label(leaf): skipped for leaf in counted if (skipped := self._skipped(leaf)) is not None},
        )

    def _counts(self, name: str) -> tuple[int, ...]:
        return tuple(row[name] for row in self._rows)

    def _skipped(self, leaf: Term | TimeAverage) -> tuple[int, ...] | None:
        """Return how many rows behind a term have no value, where the statement counts those that have one."""
        known = f"n{self._numbers[leaf]}"
        if not self._rows or known not in self._rows[0]:
            return None
        rows = self._counts(f"r{self._numbers[leaf]}")
        return tuple(count - valued for count, valued in zip(rows, self._counts(known), strict=True))

    def _cell(self, measure: Measure, row: Mapping[str, Any]) -> Cell:
        counted = _counted(measure)
        values: dict[Leaf, Any] = {leaf: row[f"v{self._numbers[leaf]}"] for leaf in counted}
        values |= {leaf: self._days(leaf, row) for leaf in measure.leaves if isinstance(leaf, PeriodDays)}
        return Cell(
            values=values,
            rows={leaf: row[f"r{self._numbers[leaf]}"] for leaf in counted},
            covered={leaf: self._is_covered(leaf, row["period"]) for leaf in counted},
        )

    def _days(self, leaf: PeriodDays, row: Mapping[str, Any]) -> int:
        period: int = row["period"]
        return self._binding.framed((), leaf.frame)[period - 1].days

    def _is_covered(self, leaf: Term | TimeAverage, period: int) -> bool:
        if isinstance(leaf, TimeAverage):
            return True
        if leaf not in self._covered:
            self._covered[leaf] = self._binding.covered(leaf.model, cut_of(leaf, ()))
        return self._covered[leaf][period - 1]


def _counted(measure: Measure) -> list[Term | TimeAverage]:
    """Return the leaves of a measure that have rows behind them."""
    return [leaf for leaf in measure.leaves if not isinstance(leaf, PeriodDays)]


def _with_parameters(expression: Expression, binding: Binding) -> Expression:
    """Return an expression of cells with the values that its parameters have in this run."""
    match expression:
        case Parameter(name=name, type=kind, unit=unit) if name in binding.parameters:
            return Constant(cast("LiteralValue", convert(binding.parameters[name], kind)), kind, unit)
        case Operation(operands=operands):
            return replace(expression, operands=tuple(_with_parameters(part, binding) for part in operands))
        case _:
            return expression


def _typed(value: Any, kind: DataType) -> Any:
    """Return a value in the type the formula gives: sums of integers arrive as decimals."""
    if value is None:
        return None
    match kind:
        case DataType.INTEGER:
            return int(value)
        case DataType.FLOAT:
            return float(value)
        case DataType.DECIMAL:
            return value if isinstance(value, Decimal) else Decimal(str(value))
        case _:
            return value
