"""The parts of a query read from a snapshot: what their statements are bound to, and which rows of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from analytics_engine.contracts.calculation import FilterValue
from analytics_engine.contracts.engine import DataState, Rows, Snapshot
from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.time import Period, periods
from analytics_engine.kpi.values.answer import read_answer
from analytics_engine.kpi.values.binding import Binding, bind
from analytics_engine.kpi.values.reach import reach_of
from analytics_engine.services.calculation_engine_service.answered import PartAnswer
from analytics_engine.services.calculation_engine_service.conditions import values_of
from analytics_engine.services.calculation_engine_service.parts import Part
from analytics_engine.services.calculation_engine_service.plans import Compiled
from analytics_engine.services.calculation_engine_service.preparing import Prepared
from analytics_engine.services.calculation_engine_service.top import Chosen, chosen_of, with_top


async def choose(snapshot: Snapshot, prepared: Prepared, state: DataState) -> Chosen | None:
    """Return the members of the top, by their rank; nothing where none is asked."""
    top, ranking = prepared.query.top, prepared.ranking
    if top is None or ranking is None:
        return None
    binding = ranking_binding(prepared, ranking, state)
    return chosen_of(await read(snapshot, prepared, ranking, binding, archived=state.archived))


async def read(
    snapshot: Snapshot, prepared: Prepared, compiled: Compiled, binding: Binding, *, archived: Collection[str]
) -> Rows:
    """Return the rows of a statement, to which archived ones are brought back as far as it reaches."""
    statement, plan = compiled.statement, compiled.plan
    if not set(plan.reads).isdisjoint(archived):
        paths = prepared.definitions.checker.paths
        await snapshot.bring_back(reach_of(plan, statement.slots, paths, binding))
    return await snapshot.rows(statement.sql, bind(statement.slots, binding))


def ranking_binding(prepared: Prepared, ranking: Compiled, state: DataState) -> Binding:
    """Return what the ranking of a top is bound to: the whole of the first range, as one period."""
    whole = periods(prepared.times.windows[0], None, prepared.times.calendar)
    limit = prepared.query.top.n if prepared.query.top is not None else 0
    return bound(prepared, ranking, grain=None, whole=whole, state=state, limit=limit)


def bound(
    prepared: Prepared,
    compiled: Compiled,
    *,
    grain: str | None,
    whole: tuple[Period, ...],
    state: DataState,
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
        coverage={model: span for model, span in state.coverage.items() if model in plan.object_models},
        marks=state.marks,
    )


def question_about(prepared: Prepared, part: Part, chosen: Chosen | None) -> Compiled:
    """Return the statement of a part, about the members that were chosen."""
    if prepared.query.top is None or chosen is None:
        return prepared.compile(part.question)
    return prepared.compile(with_top(part.question, prepared.query.top, chosen))


def binding_of(prepared: Prepared, part: Part, *, state: DataState, chosen: Chosen | None) -> Binding:
    """Return what a part's statement is bound to, with the first page."""
    top = prepared.query.top
    value_filters = values_of(prepared.query.value_filters) if part.level == 0 else ()
    members = chosen.values if chosen is not None and top is not None and top.dimension in part.dimensions else ()
    return bound(
        prepared,
        prepared.compiled[0],
        grain=part.cut.grain,
        whole=part.cut.periods,
        state=state,
        limit=prepared.query.limit,
        more=(*value_filters, *members),
    )


class PartReader:
    """Reads the parts of one run of a query."""

    def __init__(self, snapshot: Snapshot, prepared: Prepared, state: DataState, chosen: Chosen | None) -> None:
        self._snapshot = snapshot
        self._prepared = prepared
        self._state = state
        self._chosen = chosen

    async def cells(self, *, skip: int, wanted: int) -> list[PartAnswer]:
        """Return so many cells behind those that are passed over, from part to part; at least one part is read."""
        parts = [part for part in self._prepared.parts if part.level == 0]
        answers: list[PartAnswer] = []
        for part in parts:
            in_engine = skip if part is parts[-1] else 0
            found = await self._read(part, limit=wanted + skip - in_engine, offset=in_engine, drop=skip - in_engine)
            skip = max(0, skip - in_engine - found[1])
            wanted -= found[0].size
            answers.append(found[0])
            if wanted <= 0:
                break
        return answers

    async def coarser(self, *, most: int) -> list[PartAnswer]:
        """Return all subtotals and totals.

        Raises:
            QueryError: they are more than the most.
        """
        answers: list[PartAnswer] = []
        room = most
        for part in self._prepared.parts:
            if part.level > 0:
                found, _ = await self._read(part, limit=room + 1)
                room -= found.size
                answers.append(found)
            if room < 0:
                raise QueryError(
                    f"The subtotals have more than {most:,} rows.",
                    remedy="Ask for them as a query of their own, with fewer dimensions, or narrow it with filters.",
                )
        return answers

    async def _read(self, part: Part, *, limit: int, offset: int = 0, drop: int = 0) -> tuple[PartAnswer, int]:
        """Return a part's rows but for the first ones that are dropped, and how many there were with those."""
        compiled = question_about(self._prepared, part, self._chosen)
        binding = binding_of(self._prepared, part, state=self._state, chosen=self._chosen)
        binding = replace(binding, offset=offset, limit=limit)
        rows = await read(self._snapshot, self._prepared, compiled, binding, archived=self._state.archived)
        answer = read_answer(compiled.plan, rows[drop:], binding)
        return PartAnswer(part, compiled, binding, answer), len(rows)
