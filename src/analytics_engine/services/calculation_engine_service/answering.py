"""A query answered in one snapshot: the ranking of its top, then its parts, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analytics_engine.contracts.calculation import FilterValue, KpiResult
from analytics_engine.contracts.engine import Coverage, DataState, Rows, Snapshot
from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.kpi import EmptyPeriod
from analytics_engine.kpi.model.time import Period, periods
from analytics_engine.kpi.values.answer import read_answer
from analytics_engine.kpi.values.binding import Binding, bind
from analytics_engine.services.calculation_engine_service.answered import PartAnswer
from analytics_engine.services.calculation_engine_service.conditions import values_of
from analytics_engine.services.calculation_engine_service.parts import Part
from analytics_engine.services.calculation_engine_service.picking import paged
from analytics_engine.services.calculation_engine_service.pivot import pivoted
from analytics_engine.services.calculation_engine_service.plans import Compiled
from analytics_engine.services.calculation_engine_service.preparing import Prepared
from analytics_engine.services.calculation_engine_service.results import write_result
from analytics_engine.services.calculation_engine_service.top import Chosen, chosen_of, with_top

MOST_PIVOTED = 100_000
"""The most cells that are laid out in columns."""


async def answer(snapshot: Snapshot, prepared: Prepared) -> KpiResult:
    """Return a query's result, read from a snapshot.

    Raises:
        QueryError: a value does not fit, or there are more cells than are laid out in columns.
        DependencyUnavailable, DependencyTimeout: the engine does not answer.
    """
    state = await snapshot.state(prepared.object_models)
    return await answer_from(snapshot, prepared, state)


async def answer_from(snapshot: Snapshot, prepared: Prepared, state: DataState) -> KpiResult:
    """Return a query's result, of a snapshot whose state is known."""
    chosen = await choose(snapshot, prepared, state.coverage)
    return await _Run(snapshot, prepared, state, chosen).result()


async def choose(snapshot: Snapshot, prepared: Prepared, coverage: Coverage) -> Chosen | None:
    """Return the members of the top, by their rank; nothing where none is asked."""
    top, ranking = prepared.query.top, prepared.ranking
    if top is None or ranking is None:
        return None
    binding = ranking_binding(prepared, ranking, coverage)
    return chosen_of(await snapshot.rows(ranking.statement.sql, bind(ranking.statement.slots, binding)))


def ranking_binding(prepared: Prepared, ranking: Compiled, coverage: Coverage) -> Binding:
    """Return what the ranking of a top is bound to: the whole of the first range, as one period."""
    whole = periods(prepared.times.windows[0], None, prepared.times.calendar)
    limit = prepared.query.top.n if prepared.query.top is not None else 0
    return bound(prepared, ranking, grain=None, whole=whole, coverage=coverage, limit=limit)


def bound(
    prepared: Prepared,
    compiled: Compiled,
    *,
    grain: str | None,
    whole: tuple[Period, ...],
    coverage: Coverage,
    limit: int,
    offset: int = 0,
    more: Sequence[FilterValue] = (),
) -> Binding:
    """Return what a run of a statement brings to it; ``more`` are values behind those of the query's filters."""
    query, plan = prepared.query, compiled.plan
    return Binding(
        client_id=prepared.definitions.client.client_id,
        calendar=prepared.times.calendar,
        periods=whole,
        limit=limit,
        now=prepared.times.now,
        grain=grain,
        offset=offset,
        base_currency=prepared.definitions.client.base_currency,
        givens=(*values_of(query.filters), *more),
        parameters=query.parameters,
        coverage={model: span for model, span in coverage.items() if model in plan.object_models},
    )


def question_about(prepared: Prepared, part: Part, chosen: Chosen | None) -> Compiled:
    """Return the statement of a part, about the members that were chosen."""
    if prepared.query.top is None or chosen is None:
        return prepared.compile(part.question)
    return prepared.compile(with_top(part.question, prepared.query.top, chosen))


def binding_of(prepared: Prepared, part: Part, *, coverage: Coverage, chosen: Chosen | None) -> Binding:
    """Return what a part's statement is bound to, with the first page."""
    top = prepared.query.top
    value_filters = values_of(prepared.query.value_filters) if part.level == 0 else ()
    members = chosen.values if chosen is not None and top is not None and top.dimension in part.dimensions else ()
    return bound(
        prepared,
        prepared.compiled[0],
        grain=part.cut.grain,
        whole=part.cut.periods,
        coverage=coverage,
        limit=prepared.query.limit,
        more=(*value_filters, *members),
    )


class _Run:
    """One run of a query's parts."""

    def __init__(self, snapshot: Snapshot, prepared: Prepared, state: DataState, chosen: Chosen | None) -> None:
        self._snapshot = snapshot
        self._prepared = prepared
        self._query = prepared.query
        self._state = state
        self._chosen = chosen
        self._answers: list[PartAnswer] = []

    async def result(self) -> KpiResult:
        if self._query.pivot is not None:
            return await self._pivoted()
        if self._query.offset and self._looks_back():
            await self._read(skip=0, wanted=self._query.offset + self._query.limit + 1)
            skip = self._query.offset
        else:
            await self._read(skip=self._query.offset, wanted=self._query.limit + 1)
            skip = 0
        limit = self._query.limit
        return paged(write_result(self._prepared, self._state, self._answers), self._query, skip=skip, limit=limit)

    async def _pivoted(self) -> KpiResult:
        await self._read(skip=0, wanted=MOST_PIVOTED + 1)
        whole = write_result(self._prepared, self._state, self._answers)
        if whole.row_count > MOST_PIVOTED:
            raise QueryError(
                f"The answer has more than {MOST_PIVOTED:,} cells, which are too many to be laid out in columns.",
                remedy="Ask a shorter range, a coarser grain, or the top members of a dimension.",
            )
        return paged(pivoted(whole, self._query), self._query, skip=self._query.offset, limit=self._query.limit)

    def _looks_back(self) -> bool:
        """Return whether a value may be shown that is of an earlier page."""
        measures = self._prepared.compiled[0].plan.measures
        return any(measure.definition.empty_period is EmptyPeriod.PREVIOUS for measure in measures)

    async def _read(self, *, skip: int, wanted: int) -> None:
        """Read so many rows behind those that are passed over, from part to part."""
        last = self._prepared.parts[-1]
        for part in self._prepared.parts:
            compiled = question_about(self._prepared, part, self._chosen)
            binding = binding_of(self._prepared, part, coverage=self._state.coverage, chosen=self._chosen)
            in_sql = skip if part is last else 0
            binding = replace(binding, offset=in_sql, limit=wanted + skip - in_sql)
            rows: Rows = await self._snapshot.rows(compiled.statement.sql, bind(compiled.statement.slots, binding))
            kept = rows[skip - in_sql :]
            skip = max(0, skip - in_sql - len(rows))
            wanted -= len(kept)
            self._answers.append(PartAnswer(part, compiled, binding, read_answer(compiled.plan, kept, binding)))
            if wanted <= 0:
                return
