"""What values are compared with, row by row: other times, computed by the language itself, and the target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from analytics_engine.contracts.calculation import ComparedValues, Comparison, ComparisonColumn, KpiQuery
from analytics_engine.kpi.model.frames import Shift
from analytics_engine.kpi.model.kpi import Target
from analytics_engine.kpi.values.reasons import NullReason, Reason
from analytics_engine.services.calculation_engine_service.answered import PartAnswer
from analytics_engine.services.calculation_engine_service.comparisons import Compared
from analytics_engine.services.calculation_engine_service.stacking import Stack, stacked


def comparison_columns(
    query: KpiQuery, kpi: str, answers: Sequence[PartAnswer], *, whole: Stack, target: Target | None, zone: ZoneInfo
) -> Iterator[ComparisonColumn]:
    """Yield the columns of a KPI's comparisons, in the order they were asked.

    ``whole`` are the KPI's own values of all parts.
    """
    number = query.kpis.index(kpi)
    for comparison in query.comparisons:
        if comparison is Comparison.TARGET:
            yield _with_target(kpi, target, whole)
        else:
            yield _in_time(comparison, number, answers, zone)


def _in_time(comparison: Comparison, number: int, answers: Sequence[PartAnswer], zone: ZoneInfo) -> ComparisonColumn:
    def column(text: Callable[[Compared], str | None]) -> ComparedValues | None:
        texts = [text(_of(each, number, comparison)) for each in answers]
        columns = [each.measure(name) for each, name in zip(answers, texts, strict=True) if name is not None]
        return stacked(columns).on_wire() if columns else None

    start: list[str] = []
    end: list[str] = []
    for each in answers:
        found = each.binding.framed((), (Shift(_of(each, number, comparison).duration),))
        spans = dict(zip(each.binding.periods, found, strict=True))
        texts = {
            period: (there.start.astimezone(zone).isoformat(), there.end.astimezone(zone).isoformat())
            for period, there in spans.items()
        }
        start += [texts[period][0] for period in each.answer.periods]
        end += [texts[period][1] for period in each.answer.periods]
    values = column(lambda each: each.compared)
    assert values is not None
    return ComparisonColumn(
        comparison=comparison,
        start=tuple(start),
        end=tuple(end),
        compared=values,
        change=column(lambda each: each.change),
        growth=column(lambda each: each.growth),
    )


def _of(each: PartAnswer, number: int, comparison: Comparison) -> Compared:
    return next(found for found in each.part.comparisons[number] if found.comparison is comparison)


def _with_target(kpi: str, target: Target | None, whole: Stack) -> ComparisonColumn:
    aim = target.value if target is not None else None
    if aim is None:
        reason = Reason(NullReason.UNDEFINED, f"{kpi} has no target.")
        none = Stack((None,) * len(whole.values), dict.fromkeys(range(len(whole.values)), reason))
        return _target_column(none, none, none)
    goal = Stack((aim,) * len(whole.values), {})
    change = Stack(tuple(None if value is None else _less(value, aim) for value in whole.values), whole.reasons)
    return _target_column(goal, change, _growth(kpi, whole, aim))


def _target_column(compared: Stack, change: Stack, growth: Stack) -> ComparisonColumn:
    return ComparisonColumn(
        comparison=Comparison.TARGET,
        compared=compared.on_wire(),
        change=change.on_wire(),
        growth=growth.on_wire(),
    )


def _less(value: Any, aim: Decimal) -> Any:
    return value - float(aim) if isinstance(value, float) else value - aim


def _growth(kpi: str, whole: Stack, aim: Decimal) -> Stack:
    if aim <= 0:
        reason = Reason(
            NullReason.NO_POSITIVE_BASE, f"The target of {kpi} is not above 0, so nothing grows against it."
        )
        return Stack((None,) * len(whole.values), dict.fromkeys(range(len(whole.values)), reason) | whole.reasons)
    return Stack(tuple(None if value is None else _ratio(value, aim) - 1 for value in whole.values), whole.reasons)


def _ratio(value: Any, aim: Decimal) -> Any:
    return value / float(aim) if isinstance(value, float) else value / aim
