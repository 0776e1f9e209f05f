"""What a display shows for a period without rows: the KPI's own rule, after everything is computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analytics_engine.kpi.model.kpi import EmptyPeriod
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.values.answer import Answer, MeasureColumn
from analytics_engine.kpi.values.reasons import NullReason


def shown(column: MeasureColumn, answer: Answer) -> Iterator[tuple[int, Any]]:
    """Yield the rows of empty periods with what is shown there, where that is not what was computed.

    A period is empty where no term of the formula has rows. What was not loaded stays unknown. ``previous`` is the
    last value that the same members have in an earlier period of the answer; where there is none, nothing is shown.
    """
    rule = column.measure.definition.empty_period
    if rule is EmptyPeriod.AS_COMPUTED:
        return
    last: dict[tuple[Any, ...], Any] = {}
    for row in _in_time(answer):
        value = column.values[row]
        members = tuple(dimension.values[row] for dimension in answer.dimensions)
        if not _is_empty(column, row):
            last[members] = value if value is not None else last.get(members)
            continue
        other = _instead(rule, column.measure.type, last.get(members))
        if other != value or (other is None) != (value is None):
            yield row, other


def _in_time(answer: Answer) -> list[int]:
    return sorted(range(len(answer.periods)), key=lambda row: answer.periods[row].start)


def _is_empty(column: MeasureColumn, row: int) -> bool:
    unknown = row in column.reasons and column.reasons[row].code is NullReason.NOT_LOADED
    return not unknown and not any(counts[row] for counts in column.rows.values())


def _instead(rule: EmptyPeriod, kind: DataType, last: Any) -> Any:
    match rule:
        case EmptyPeriod.ZERO:
            return 0 if kind.numeric else None
        case EmptyPeriod.PREVIOUS:
            return last
        case _:
            return None
