"""Queries that differ in nothing but their KPIs, read together: a dashboard's tiles take one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from analytics_engine.contracts.calculation import KpiQuery, KpiResult
from analytics_engine.contracts.engine import DataState, Snapshot
from analytics_engine.errors import AnalyticsEngineError, InvalidInput, NotFound
from analytics_engine.services.calculation_engine_service.answered import PartAnswer
from analytics_engine.services.calculation_engine_service.answering import answer_from, page_of
from analytics_engine.services.calculation_engine_service.catalogs import Definitions
from analytics_engine.services.calculation_engine_service.preparing import Prepared
from analytics_engine.services.calculation_engine_service.reading import PartReader, binding_of

MOST_COLUMNS = 500
"""So wide a statement gets; PostgreSQL's are of 1,664 columns at most."""
_COLUMNS_OF_A_LEAF = 3

Answered = KpiResult | AnalyticsEngineError
Prepare = Callable[[KpiQuery, Definitions], Prepared]


@dataclass(frozen=True)
class Together:
    """Queries that are read together.

    Args:
        queries: as they were asked.
        whole: asks all their KPIs; None where a query is read by itself.
    """

    queries: tuple[Prepared, ...]
    whole: Prepared | None = None

    @property
    def object_models(self) -> tuple[str, ...]:
        """The object models whose coverage is asked for."""
        return tuple(dict.fromkeys(model for query in self.queries for model in query.object_models))

    @property
    def rollups(self) -> tuple[int, ...]:
        """The numbers of the rollups that are read, together or one by one."""
        whole = self.whole.rollups if self.whole is not None else ()
        return tuple(sorted({*whole, *(number for query in self.queries for number in query.rollups)}))

    async def answers(self, snapshot: Snapshot, state: DataState) -> list[Answered]:
        """Return each query's answer, or the error in its place: one that fails spoils no other."""
        if self.whole is not None:
            try:
                return [*await self._split(self.whole, snapshot, state)]
            except AnalyticsEngineError:
                """One of them, or none alone: they are told apart one by one."""
        return [await _alone(query, snapshot, state) for query in self.queries]

    async def _split(self, whole: Prepared, snapshot: Snapshot, state: DataState) -> list[KpiResult]:
        reader = PartReader(snapshot, whole, state, None)
        answers = await reader.cells(skip=0, wanted=whole.query.limit + 1)
        return [_result(query, state, answers) for query in self.queries]


async def _alone(query: Prepared, snapshot: Snapshot, state: DataState) -> Answered:
    try:
        return await answer_from(snapshot, query, state)
    except AnalyticsEngineError as error:
        return error


def _result(query: Prepared, state: DataState, answers: Sequence[PartAnswer]) -> KpiResult:
    """Return a query's answer, whose KPIs are some of those that were read."""
    own = [
        PartAnswer(part, compiled, binding_of(query, part, state=state, chosen=None), read.answer)
        for part, compiled, read in zip(query.parts, query.compiled, answers, strict=False)
    ]
    return page_of(query, state, own, before=0)


def together(queries: Iterable[Prepared], prepare: Prepare) -> list[Together]:
    """Return queries in groups that are read together, in the order of each group's first.

    Without dimensions an answer has a row for each period, whatever its KPIs: so its rows can be taken from those of
    another with more KPIs. Only what reads the same object models is put together, so that it changes together too.
    """
    alike: dict[tuple[object, ...], list[Prepared]] = {}
    for number, query in enumerate(queries):
        shape = _shape(query.query)
        key = (number,) if shape is None else (shape, query.definitions.catalog.version, query.reads)
        alike.setdefault(key, []).append(query)
    return [*chain.from_iterable(_groups(group, prepare) for group in alike.values())]


def _shape(query: KpiQuery) -> str | None:
    """Return all of a query but its KPIs; None where its rows depend on these."""
    if query.dimensions or query.top or query.pivot or query.value_filters or query.order or query.offset:
        return None
    return query.model_dump_json(exclude={"kpis"})


def _groups(queries: Sequence[Prepared], prepare: Prepare) -> Iterator[Together]:
    group: list[Prepared] = []
    columns = 0
    for query in queries:
        width = max(len(each.plan.measures) + _COLUMNS_OF_A_LEAF * len(each.plan.leaves) for each in query.compiled)
        if group and columns + width > MOST_COLUMNS:
            yield from _group(group, prepare)
            group, columns = [], 0
        group.append(query)
        columns += width
    yield from _group(group, prepare)


def _group(queries: Sequence[Prepared], prepare: Prepare) -> Iterator[Together]:
    whole = _whole(queries, prepare) if len(queries) > 1 else None
    if whole is not None:
        yield Together(tuple(queries), whole)
    else:
        yield from (Together((query,)) for query in queries)


def _whole(queries: Sequence[Prepared], prepare: Prepare) -> Prepared | None:
    """Return what asks the KPIs of all queries; None where what can be asked of each cannot be asked of all."""
    first = queries[0]
    kpis = tuple(dict.fromkeys(kpi for query in queries for kpi in query.query.kpis))
    try:
        return prepare(first.query.model_copy(update={"kpis": kpis}), first.definitions)
    except (NotFound, InvalidInput):
        return None
