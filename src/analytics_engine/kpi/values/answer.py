"""The rows of a statement as columns of values, each null with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Period
from analytics_engine.kpi.plan.plan import Dimension, Measure, Plan
from analytics_engine.kpi.values.binding import Binding
from analytics_engine.kpi.values.reasons import Cell, Reason, reason_of

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class MeasureColumn:
    """One measure's values by row; ``reasons`` has an entry for each null, ``rows`` the rows behind each term."""

    measure: Measure
    values: tuple[Any, ...]
    reasons: dict[int, Reason]
    rows: dict[str, tuple[int, ...]]


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
    """
    reader = _Reader(plan, rows, binding)
    return Answer(
        periods=tuple(binding.periods[row["period"] - 1] for row in rows),
        dimensions=tuple(
            DimensionValues(dimension, tuple(row[f"d{index}"] for row in rows))
            for index, dimension in enumerate(plan.dimensions)
        ),
        measures=tuple(reader.measure(index, measure) for index, measure in enumerate(plan.measures)),
    )


class _Reader:
    def __init__(self, plan: Plan, rows: Rows, binding: Binding) -> None:
        self._rows = rows
        self._numbers = {term: number for number, term in enumerate(plan.terms)}
        self._covered = {model: binding.covered(model) for model in plan.object_models}

    def measure(self, index: int, measure: Measure) -> MeasureColumn:
        values = tuple(_typed(row[f"k{index}"], measure.type) for row in self._rows)
        return MeasureColumn(
            measure=measure,
            values=values,
            reasons={
                position: reason_of(measure.expression, self._cell(measure, self._rows[position]))
                for position, value in enumerate(values)
                if value is None
            },
            rows={term.label: tuple(row[f"r{self._numbers[term]}"] for row in self._rows) for term in measure.terms},
        )

    def _cell(self, measure: Measure, row: Mapping[str, Any]) -> Cell:
        return Cell(
            values={term: row[f"t{self._numbers[term]}"] for term in measure.terms},
            rows={term: row[f"r{self._numbers[term]}"] for term in measure.terms},
            covered={model: spans[row["period"] - 1] for model, spans in self._covered.items()},
        )


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
            return value if isinstance(value, Decimal) else Decimal(value)
        case _:
            return value
