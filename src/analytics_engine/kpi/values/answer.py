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
    return Answer(
        periods=tuple(binding.periods[row["period"] - 1] for row in rows),
        dimensions=tuple(
            DimensionValues(dimension, tuple(row[f"d{index}"] for row in rows))
            for index, dimension in enumerate(plan.dimensions)
        ),
        measures=tuple(
            _measure_column(index, measure, plan, rows, binding) for index, measure in enumerate(plan.measures)
        ),
    )


def _measure_column(index: int, measure: Measure, plan: Plan, rows: Rows, binding: Binding) -> MeasureColumn:
    name = f"k{index}"
    numbers = {term: number for number, term in enumerate(plan.terms)}
    values = tuple(_typed(row[name], measure.type) for row in rows)
    covered = {model: binding.covered(model) for model in plan.object_models}
    reasons: dict[int, Reason] = {}
    for position, value in enumerate(values):
        if value is None:
            row = rows[position]
            cell = Cell(
                values={term: row[f"t{numbers[term]}"] for term in measure.terms},
                rows={term: row[f"r{numbers[term]}"] for term in measure.terms},
                covered={model: spans[row["period"] - 1] for model, spans in covered.items()},
            )
            reasons[position] = reason_of(measure.expression, cell)
    return MeasureColumn(
        measure=measure,
        values=values,
        reasons=reasons,
        rows={term.label: tuple(row[f"r{numbers[term]}"] for row in rows) for term in measure.terms},
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
