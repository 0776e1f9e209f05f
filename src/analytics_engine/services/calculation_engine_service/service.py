"""Questions to answers: definitions, plan, statement, reading, result; and what explains them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from analytics_engine.contracts.calculation import (
    BatchItem,
    BatchResult,
    DimensionChoices,
    KpiQuery,
    KpiResult,
    ValidateRequest,
    Validation,
)
from analytics_engine.contracts.engine import Engine
from analytics_engine.errors import AnalyticsEngineError, FormulaError
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kpi.values.binding import bind
from analytics_engine.services.calculation_engine_service import checking
from analytics_engine.services.calculation_engine_service.answers import AnswerCache, data_version, keep_for_s
from analytics_engine.services.calculation_engine_service.asking import Asked, ask, question_of
from analytics_engine.services.calculation_engine_service.catalogs import Catalogs, Definitions
from analytics_engine.services.calculation_engine_service.plans import Compiled, PlanCache
from analytics_engine.services.calculation_engine_service.results import ResultWriter, as_cached

_AT_ONCE = 4
"""How many queries of one batch are under way at the same time."""


@dataclass(frozen=True)
class Prepared:
    """A query, ready to be run: its definitions, its times, its plan and statement."""

    definitions: Definitions
    asked: Asked
    compiled: Compiled


class CalculationService:
    """Answers queries for one client at a time."""

    def __init__(self, *, engine: Engine, catalogs: Catalogs, answers: AnswerCache, clock: Clock) -> None:
        self.engine = engine
        self._catalogs = catalogs
        self._answers = answers
        self._clock = clock
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

    async def prepare(self, client_id: str, query: KpiQuery) -> Prepared:
        """Return a query ready to be run.

        Raises:
            KpiNotFound, FormulaError, QueryError: the query asks for what there is not, or cannot be.
        """

        def prepared(known: Definitions) -> Prepared:
            compiled = self._plans.compiled(client_id, known.checker, question_of(query), dialect=self.engine.dialect)
            return Prepared(known, ask(query, known.client, self._clock.now()), compiled)

        return await self._catalogs.use(client_id, prepared)

    async def calculate(self, client_id: str, query: KpiQuery) -> bytes:
        """Return a query's ``KpiResult`` as JSON, from the cache where the data is still the same."""
        prepared = await self.prepare(client_id, query)

        async def compute() -> tuple[bytes, bytes]:
            result = await self.run(client_id, prepared)
            return result.model_dump_json().encode(), as_cached(result).model_dump_json().encode()

        modules = sorted({measure.definition.module for measure in prepared.compiled.plan.measures})
        return await self._answers.get(
            prefix=f"kpis:{'+'.join(modules)}:{query.grain or 'range'}:{client_id}",
            parts=[
                query.model_dump_json(),
                prepared.definitions.catalog.version,
                prepared.definitions.client.model_dump_json(),
            ],
            depends_on=[data_version(client_id, model) for model in prepared.compiled.plan.reads],
            ttl_s=keep_for_s(prepared.asked.periods, prepared.asked.now),
            compute=compute,
        )

    async def run(self, client_id: str, prepared: Prepared) -> KpiResult:
        """Return a query's result, read now."""
        compiled = prepared.compiled
        reading = await self.engine.read(
            compiled.statement.sql,
            client_id=client_id,
            models=compiled.plan.object_models,
            bind=lambda coverage: bind(compiled.statement.slots, prepared.asked.binding(client_id, coverage)),
        )
        writer = ResultWriter(
            plan=compiled.plan,
            asked=prepared.asked,
            catalog_version=prepared.definitions.catalog.version,
        )
        return writer.write(client_id, reading)

    async def batch(self, client_id: str, queries: Sequence[KpiQuery]) -> BatchResult:
        """Return every query's answer or problem, in the order they were asked."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(query: KpiQuery) -> BatchItem:
            async with gate:
                try:
                    answer = await self.calculate(client_id, query)
                except AnalyticsEngineError as error:
                    return BatchItem(problem=problem_of(error).model_dump(mode="json"))
                return BatchItem(result=KpiResult.model_validate_json(answer))

        items = await asyncio.gather(*(one(query) for query in queries))
        failed = sum(item.problem is not None for item in items)
        return BatchResult(items=tuple(items), succeeded=len(items) - failed, failed=failed)
