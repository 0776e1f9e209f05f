"""An answer of the engine as it goes over the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from analytics_engine.contracts.calculation import (
    Cell,
    Coverage,
    DimensionColumn,
    KpiColumn,
    KpiResult,
    NullExplanation,
    PeriodColumn,
)
from analytics_engine.contracts.engine import Reading
from analytics_engine.kpi.model.time import Period, is_whole
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.values.answer import Answer, DimensionValues, MeasureColumn, read_answer
from analytics_engine.services.calculation_engine_service.asking import Asked
from analytics_engine.services.calculation_engine_service.labels import dimension_label


class ResultWriter:
    """Writes the results of one plan's runs; a period that ends later than the time of asking is not complete."""

    def __init__(self, *, plan: Plan, asked: Asked, catalog_version: str) -> None:
        self._plan = plan
        self._asked = asked
        self._catalog_version = catalog_version
        self._now = asked.now

    def write(self, client_id: str, reading: Reading) -> KpiResult:
        """Return the result of one reading."""
        limit = self._asked.query.limit
        truncated = len(reading.rows) > limit
        answer = read_answer(self._plan, reading.rows[:limit], self._asked.binding(client_id, reading.coverage))
        return KpiResult(
            grain=self._asked.query.grain,
            time_zone=self._asked.calendar.zone,
            catalog_version=self._catalog_version,
            watermark=reading.watermark,
            coverage={
                model: Coverage(covered_from=span.start.astimezone(UTC), covered_until=span.end.astimezone(UTC))
                for model, span in sorted(reading.coverage.items())
            },
            period=self._periods(answer, reading),
            dimensions=tuple(_dimension(column) for column in answer.dimensions),
            kpis=tuple(_kpi(column) for column in answer.measures),
            row_count=len(answer.periods),
            truncated=truncated,
        )

    def _periods(self, answer: Answer, reading: Reading) -> PeriodColumn:
        zone = self._asked.calendar.tz
        complete = {period: self._complete(period, reading) for period in set(answer.periods)}
        return PeriodColumn(
            start=tuple(period.start.astimezone(zone).isoformat() for period in answer.periods),
            end=tuple(period.end.astimezone(zone).isoformat() for period in answer.periods),
            complete=tuple(complete[period] for period in answer.periods),
        )

    def _complete(self, period: Period, reading: Reading) -> bool:
        """Return whether a period is whole, over, and loaded to its end."""
        spans = [reading.coverage.get(model) for model in self._plan.object_models]
        loaded = all(span is not None and period.end <= span.end for span in spans)
        return loaded and period.end <= self._now and is_whole(period, self._asked.query.grain, self._asked.calendar)


def as_cached(result: KpiResult) -> KpiResult:
    """Return a result marked as answered from the cache."""
    return result.model_copy(update={"cached": True})


def _dimension(column: DimensionValues) -> DimensionColumn:
    return DimensionColumn(
        name=column.dimension.name,
        label=dimension_label(column.dimension.name),
        type=column.dimension.type,
        values=_wire_column(column.values),
    )


def _kpi(column: MeasureColumn) -> KpiColumn:
    definition = column.measure.definition
    return KpiColumn(
        code=column.measure.name,
        name=definition.name,
        version=column.measure.version,
        unit=str(column.measure.unit),
        type=column.measure.type,
        display=definition.display,
        direction=definition.direction,
        values=_wire_column(column.values),
        reasons={
            row: NullExplanation(code=reason.code, detail=reason.detail) for row, reason in column.reasons.items()
        },
        rows=column.rows,
    )


def _wire_column(values: Sequence[Any]) -> tuple[Cell, ...]:
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
