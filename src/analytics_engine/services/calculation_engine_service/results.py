"""The answers of a query's parts as one result, as it goes over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from typing import TypeVar

from analytics_engine.contracts.calculation import (
    Cell,
    Coverage,
    DimensionColumn,
    KpiColumn,
    KpiResult,
    Page,
    PeriodColumn,
    TimeSpan,
)
from analytics_engine.contracts.engine import DataState
from analytics_engine.kpi.model.time import Period, is_whole, span
from analytics_engine.kpi.plan.plan import Dimension
from analytics_engine.services.calculation_engine_service.answered import PartAnswer
from analytics_engine.services.calculation_engine_service.compared import comparison_columns
from analytics_engine.services.calculation_engine_service.empty_periods import shown
from analytics_engine.services.calculation_engine_service.labels import dimension_label
from analytics_engine.services.calculation_engine_service.preparing import Prepared
from analytics_engine.services.calculation_engine_service.stacking import (
    explained,
    stacked,
    stacked_counts,
    wire,
    wire_column,
)
from analytics_engine.services.calculation_engine_service.targets import statuses

T = TypeVar("T")


def write_result(prepared: Prepared, state: DataState, answers: Sequence[PartAnswer]) -> KpiResult:
    """Return all rows of the parts as one result."""
    return _Writer(prepared, state, answers).result()


class _Writer:
    def __init__(self, prepared: Prepared, state: DataState, answers: Sequence[PartAnswer]) -> None:
        self._prepared = prepared
        self._query = prepared.query
        self._times = prepared.times
        self._zone = prepared.times.calendar.tz
        self._state = state
        self._answers = answers

    def result(self) -> KpiResult:
        grains = self._times.grains
        count = sum(each.size for each in self._answers)
        return KpiResult(
            grain=grains[0] if len(grains) == 1 else None,
            grains=grains,
            time_zone=self._times.calendar.zone,
            ranges=tuple(self._ranges()),
            catalog_version=self._prepared.definitions.catalog.version,
            watermark=self._state.watermark,
            asked_at=self._times.now,
            coverage=self._coverage(),
            period=self._periods(),
            levels=self._prepared.levels,
            level=self._each(lambda each: each.part.level) if len(self._prepared.levels) > 1 else (),
            dimensions=tuple(self._dimension(dimension) for dimension in self._dimensions()),
            kpis=tuple(self._kpi(kpi) for kpi in self._query.kpis),
            row_count=count,
            page=Page(offset=0, next=None),
        )

    def _each(self, of: Callable[[PartAnswer], T]) -> tuple[T, ...]:
        """Return what is the same for all rows of a part, once a row."""
        return tuple(value for each in self._answers for value in (of(each),) * each.size)

    def _ranges(self) -> Iterator[TimeSpan]:
        for window in self._times.windows:
            yield self._span(span(window.start, window.end, self._times.calendar))

    def _span(self, period: Period) -> TimeSpan:
        return TimeSpan(
            start=period.start.astimezone(self._zone).isoformat(), end=period.end.astimezone(self._zone).isoformat()
        )

    def _coverage(self) -> dict[str, Coverage]:
        models = self._prepared.compiled[0].plan.object_models
        return {
            model: Coverage(covered_from=known.start.astimezone(UTC), covered_until=known.end.astimezone(UTC))
            for model, known in sorted(self._state.coverage.items())
            if model in models
        }

    # --- periods -----------------------------------------------------------------------------------------------------

    def _periods(self) -> PeriodColumn:
        spans: list[TimeSpan] = []
        complete: list[bool] = []
        for each in self._answers:
            of_part = {period: self._span(period) for period in set(each.answer.periods)}
            whole = {period: self._complete(period, each) for period in of_part}
            spans += [of_part[period] for period in each.answer.periods]
            complete += [whole[period] for period in each.answer.periods]
        times = self._times
        return PeriodColumn(
            start=tuple(each.start for each in spans),
            end=tuple(each.end for each in spans),
            complete=tuple(complete),
            grain=self._each(lambda each: each.part.cut.grain) if len(times.grains) > 1 else (),
            range=self._each(lambda each: each.part.cut.range) if len(times.windows) > 1 else (),
        )

    def _complete(self, period: Period, each: PartAnswer) -> bool:
        """Return whether a period is whole, over, and loaded to its end."""
        coverage = each.binding.coverage
        spans = [coverage.get(model) for model in each.compiled.plan.object_models]
        loaded = all(known is not None and period.end <= known.end for known in spans)
        over = period.end <= self._times.now
        return loaded and over and is_whole(period, each.part.cut.grain, self._times.calendar)

    # --- columns -----------------------------------------------------------------------------------------------------

    def _dimensions(self) -> tuple[Dimension, ...]:
        return self._prepared.compiled[0].plan.dimensions[: len(self._query.dimensions)]

    def _dimension(self, dimension: Dimension) -> DimensionColumn:
        values: list[Cell] = []
        rest: list[bool] = []
        top = self._query.top
        ranked = top is not None and top.dimension == dimension.name
        for each in self._answers:
            columns = {column.dimension.name: column.values for column in each.answer.dimensions}
            none = (None,) * each.size
            values += wire_column(columns.get(dimension.name, none))
            rest += [bool(flag) for flag in columns.get(f"{dimension.name} rest", none)] if ranked else []
        return DimensionColumn(
            name=dimension.name,
            label=dimension_label(dimension.name),
            type=dimension.type,
            values=tuple(values),
            rest=tuple(rest),
        )

    def _kpi(self, kpi: str) -> KpiColumn:
        columns = [each.measure(kpi) for each in self._answers]
        measure = columns[0].measure
        definition = measure.definition
        whole = stacked(columns)
        target = definition.target if self._is_defined(kpi) else None
        return KpiColumn(
            code=kpi,
            name=definition.name,
            version=measure.version,
            unit=str(measure.unit),
            type=measure.type,
            display=definition.display,
            direction=definition.direction,
            values=wire_column(whole.values),
            reasons=explained(whole.reasons),
            rows=stacked_counts(columns, lambda each: each.rows),
            skipped={
                term: counts
                for term, counts in stacked_counts(columns, lambda each: each.skipped).items()
                if any(counts)
            },
            shown=self._shown(kpi),
            status=statuses(whole.values, target, definition.direction) if target is not None else (),
            comparisons=tuple(
                comparison_columns(self._query, kpi, self._answers, whole=whole, target=target, zone=self._zone)
            ),
        )

    def _is_defined(self, kpi: str) -> bool:
        """Return whether a KPI is asked by its code: the target and the rule of one are not those of an expression."""
        return self._prepared.definitions.catalog.has_kpi(kpi)

    def _shown(self, kpi: str) -> dict[int, Cell]:
        first = 0
        found: dict[int, Cell] = {}
        for each in self._answers if self._is_defined(kpi) else ():
            found |= {first + row: wire(value) for row, value in shown(each.measure(kpi), each.answer)}
            first += each.size
        return found
