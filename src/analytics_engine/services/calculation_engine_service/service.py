"""Questions to answers: definitions, plans, statements, one snapshot, result."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from time import perf_counter

from analytics_engine.contracts.calculation import (
    BatchItem,
    BatchResult,
    DimensionChoices,
    DimensionValues,
    DimensionValuesQuery,
    KpiQuery,
    KpiResult,
    RowsQuery,
    RowsResult,
    ValidateRequest,
    Validation,
)
from analytics_engine.contracts.engine import Engine, Snapshot
from analytics_engine.contracts.questions import MOST_ROWS
from analytics_engine.errors import AnalyticsEngineError, FormulaError, InvalidInput, NotFound
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.services.calculation_engine_service import checking
from analytics_engine.services.calculation_engine_service.answering import answer
from analytics_engine.services.calculation_engine_service.answers import AnswerCache, data_versions, keep_for_s
from analytics_engine.services.calculation_engine_service.catalogs import Catalogs
from analytics_engine.services.calculation_engine_service.dashboards import DashboardMaker
from analytics_engine.services.calculation_engine_service.members import list_values, prepare_values
from analytics_engine.services.calculation_engine_service.merging import Answered, Together
from analytics_engine.services.calculation_engine_service.plans import PlanCache
from analytics_engine.services.calculation_engine_service.preparing import Prepared, prepare
from analytics_engine.services.calculation_engine_service.rows import list_rows, prepare_rows
from analytics_engine.services.calculation_engine_service.usage import UsageLog

_AT_ONCE = 4
"""How many queries of one batch are under way at the same time."""


class CalculationService:
    """Answers queries for one client at a time."""

    def __init__(
        self, *, engine: Engine, catalogs: Catalogs, answers: AnswerCache, clock: Clock, usage: UsageLog
    ) -> None:
        self.engine = engine
        self._catalogs = catalogs
        self._answers = answers
        self._clock = clock
        self._usage = usage
        self._plans = PlanCache()

    async def validate(self, client_id: str, request: ValidateRequest) -> Validation:
        """Return what a formula is, or what is wrong with it and where."""
        try:
            return await self._catalogs.use(client_id, lambda known: checking.validate(known.checker, request))
        except FormulaError as error:
            return checking.mistaken(error)

    async def dimensions(self, client_id: str, codes: Sequence[str]) -> DimensionChoices:
        """Return what all these KPIs can be cut by together.

        Raises:
            KpiNotFound, FormulaError: one of them is unknown or wrong.
        """
        return await self._catalogs.use(client_id, lambda known: checking.dimensions(known.checker, codes))

    async def prepare(self, client_id: str, query: KpiQuery, *, now: datetime | None = None) -> Prepared:
        """Return a query ready to be run, as of a moment; without one it is the present.

        Raises:
            KpiNotFound, FormulaError, QueryError: the query asks for what there is not, or cannot be.
        """
        now = now or self._clock.now()
        return await self._catalogs.use(
            client_id, lambda known: prepare(query, known, now=now, plans=self._plans, dialect=self.engine.dialect)
        )

    async def calculate(self, client_id: str, query: KpiQuery) -> bytes:
        """Return a query's ``KpiResult`` as JSON, from the cache where the data is still the same."""
        prepared = await self.prepare(client_id, query)

        async def compute() -> tuple[bytes, bytes]:
            async with self.engine.snapshot(client_id=client_id) as snapshot:
                result = await self.answer_in(snapshot, prepared)
            return result.model_dump_json().encode(), _as_cached(result).model_dump_json().encode()

        grains = "+".join(grain or "range" for grain in prepared.times.grains)
        return await self._answers.get(
            prefix=f"kpis:{'+'.join(prepared.modules)}:{grains}:{client_id}",
            parts=prepared.key,
            depends_on=data_versions(client_id, prepared.reads),
            ttl_s=keep_for_s(prepared.times.periods, prepared.times.now),
            compute=compute,
        )

    async def answer_in(self, snapshot: Snapshot, prepared: Prepared) -> KpiResult:
        """Return a prepared query's result, read from a snapshot and never from the cache."""
        began = perf_counter()
        result = await answer(snapshot, prepared)
        self._note([prepared], perf_counter() - began)
        return result

    async def pages(self, client_id: str, query: KpiQuery, *, now: datetime) -> AsyncIterator[KpiResult]:
        """Yield a query's whole answer as of a moment, page by page, all of one state of the data; nothing is cached.

        Raises:
            KpiNotFound, FormulaError, QueryError: the query asks for what there is not, or cannot be.
        """
        async with self.engine.snapshot(client_id=client_id) as snapshot:
            following: int | None = 0
            while following is not None:
                query = query.model_copy(update={"limit": MOST_ROWS, "offset": following})
                result = await self.answer_in(snapshot, await self.prepare(client_id, query, now=now))
                yield result
                following = result.page.next

    async def codes(self, client_id: str) -> tuple[str, ...]:
        """Return the codes of all KPIs of a client's catalog."""
        known = await self._catalogs.of(client_id)
        return tuple(kpi.definition.code for kpi in known.catalog.kpis)

    async def batch(self, client_id: str, queries: Sequence[KpiQuery]) -> BatchResult:
        """Return every query's answer or problem, in the order they were asked."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(query: KpiQuery) -> BatchItem:
            async with gate:
                try:
                    found = await self.calculate(client_id, query)
                except AnalyticsEngineError as error:
                    return BatchItem(problem=problem_of(error).model_dump(mode="json"))
                return BatchItem(result=KpiResult.model_validate_json(found))

        items = await asyncio.gather(*(one(query) for query in queries))
        failed = sum(item.problem is not None for item in items)
        return BatchResult(items=tuple(items), succeeded=len(items) - failed, failed=failed)

    async def dashboard(self, client_id: str, queries: Sequence[KpiQuery]) -> bytes:
        """Return the ``DashboardResult`` of queries as JSON: all of them answered from one state of the data."""
        ready, maker = await self.prepare_each(client_id, queries)
        dashboard = maker.together(ready)

        async def compute() -> tuple[bytes, bytes | None]:
            began = perf_counter()
            async with self.engine.snapshot(client_id=client_id) as snapshot:
                result = await dashboard.answer(snapshot)
            self._note(dashboard.prepared, perf_counter() - began)
            first = result.model_dump_json().encode()
            if result.failed:
                return first, None
            return first, result.model_copy(update={"cached": True}).model_dump_json().encode()

        return await self._answers.get(
            prefix=f"dashboards:{client_id}",
            parts=dashboard.key,
            depends_on=data_versions(client_id, dashboard.reads),
            ttl_s=keep_for_s(dashboard.periods, dashboard.asked_at),
            compute=compute,
        )

    async def prepare_each(
        self, client_id: str, queries: Sequence[KpiQuery]
    ) -> tuple[list[Prepared | AnalyticsEngineError], DashboardMaker]:
        """Return queries, each ready to be run or with its error; and what made them so.

        Raises:
            DependencyUnavailable: definitions are not known yet.
        """
        maker = DashboardMaker(tuple(queries), self._clock.now(), self._plans, self.engine.dialect)
        try:
            return [*await self._catalogs.use(client_id, maker.strictly)], maker
        except (NotFound, InvalidInput):
            return maker.as_they_are(await self._catalogs.of(client_id)), maker

    async def read(self, client_id: str, group: Together) -> list[Answered]:
        """Return the answers of queries that are read together, present ones; of each its error where it has none.

        Raises:
            DependencyUnavailable, DependencyTimeout: the engine does not answer.
        """
        began = perf_counter()
        async with self.engine.snapshot(client_id=client_id) as snapshot:
            state = await snapshot.state(group.object_models, group.rollups)
            answers = await group.answers(snapshot, state)
        self._note(group.queries, perf_counter() - began)
        return answers

    def _note(self, queries: Sequence[Prepared], seconds: float) -> None:
        for query in queries:
            definitions = query.definitions
            client_id = definitions.client.client_id
            self._usage.note(client_id, definitions.checker.paths, query.statements, seconds / len(queries))

    async def values(self, client_id: str, query: DimensionValuesQuery) -> DimensionValues:
        """Return the members of a dimension with their counts.

        Raises:
            KpiNotFound, FormulaError, QueryError: there is no such dimension, or a condition does not fit.
        """
        now = self._clock.now()
        wanted = await self._catalogs.use(
            client_id, lambda known: prepare_values(query, known, now=now, dialect=self.engine.dialect)
        )
        async with self.engine.snapshot(client_id=client_id) as snapshot:
            return await list_values(snapshot, wanted)

    async def rows(self, client_id: str, query: RowsQuery) -> RowsResult:
        """Return the rows behind a value.

        Raises:
            KpiNotFound, FormulaError, QueryError: there is no such value, or its rows cannot be listed.
        """
        now = self._clock.now()
        wanted = await self._catalogs.use(
            client_id, lambda known: prepare_rows(query, known, now=now, dialect=self.engine.dialect)
        )
        async with self.engine.snapshot(client_id=client_id) as snapshot:
            return await list_rows(snapshot, wanted)


def _as_cached(result: KpiResult) -> KpiResult:
    """Return a result marked as answered from the cache."""
    return result.model_copy(update={"cached": True})
