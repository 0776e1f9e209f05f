"""Several queries, answered from one state of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from analytics_engine.contracts.calculation import BatchItem, DashboardResult, KpiQuery
from analytics_engine.contracts.engine import Snapshot
from analytics_engine.errors import AnalyticsEngineError, InvalidInput, NotFound, QueryError
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kpi.model.time import Period
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.services.calculation_engine_service.answering import answer_from
from analytics_engine.services.calculation_engine_service.catalogs import Definitions
from analytics_engine.services.calculation_engine_service.plans import PlanCache
from analytics_engine.services.calculation_engine_service.preparing import Prepared, prepare

MOST_STATEMENTS = 200
"""The most statements of one dashboard."""


@dataclass(frozen=True)
class Dashboard:
    """Queries ready to be run together; one that cannot be has its error in its place."""

    queries: tuple[Prepared | AnalyticsEngineError, ...]
    asked_at: datetime

    @property
    def prepared(self) -> tuple[Prepared, ...]:
        return tuple(query for query in self.queries if isinstance(query, Prepared))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this answer from others."""
        keys = (query.key if isinstance(query, Prepared) else (query.detail,) for query in self.queries)
        return tuple(part for key in keys for part in key)

    @property
    def reads(self) -> tuple[str, ...]:
        """Every object model whose rows the answer depends on."""
        return tuple(sorted({model for query in self.prepared for model in query.reads}))

    @property
    def periods(self) -> tuple[Period, ...]:
        return tuple(period for query in self.prepared for period in query.times.periods)

    async def answer(self, snapshot: Snapshot) -> DashboardResult:
        """Return every query's answer or problem, read from a snapshot."""
        models = tuple(dict.fromkeys(model for query in self.prepared for model in query.object_models))
        rollups = {number for query in self.prepared for number in query.rollups}
        state = await snapshot.state(models, sorted(rollups))
        items: list[BatchItem] = []
        for query in self.queries:
            if isinstance(query, AnalyticsEngineError):
                items.append(_problem(query))
                continue
            try:
                items.append(BatchItem(result=await answer_from(snapshot, query, state)))
            except AnalyticsEngineError as error:
                items.append(_problem(error))
        failed = sum(item.problem is not None for item in items)
        return DashboardResult(
            items=tuple(items),
            succeeded=len(items) - failed,
            failed=failed,
            watermark=state.watermark,
            asked_at=self.asked_at,
        )


def _problem(error: AnalyticsEngineError) -> BatchItem:
    return BatchItem(problem=problem_of(error).model_dump(mode="json"))


@dataclass(frozen=True)
class DashboardMaker:
    """Makes queries ready to be run together, with whatever definitions they are to be answered by."""

    queries: tuple[KpiQuery, ...]
    now: datetime
    plans: PlanCache
    dialect: Dialect

    def strictly(self, definitions: Definitions) -> Dashboard:
        """Return the queries, all of them ready.

        Raises:
            KpiNotFound, FormulaError, QueryError: one of them cannot be answered.
        """
        return self._within(Dashboard(tuple(self._prepared(query, definitions) for query in self.queries), self.now))

    def as_they_are(self, definitions: Definitions) -> Dashboard:
        """Return the queries, each ready or with its error.

        Raises:
            QueryError: they are too many statements together.
        """

        def one(query: KpiQuery) -> Prepared | AnalyticsEngineError:
            try:
                return self._prepared(query, definitions)
            except (NotFound, InvalidInput) as error:
                return error

        return self._within(Dashboard(tuple(map(one, self.queries)), self.now))

    @staticmethod
    def _within(dashboard: Dashboard) -> Dashboard:
        count = sum(len(query.statements) for query in dashboard.prepared)
        if count > MOST_STATEMENTS:
            raise QueryError(
                f"The queries take {count} statements together; {MOST_STATEMENTS} are the most of one dashboard.",
                remedy="Ask fewer ranges, grains or subtotals, or several dashboards.",
            )
        return dashboard

    def _prepared(self, query: KpiQuery, definitions: Definitions) -> Prepared:
        return prepare(query, definitions, now=self.now, plans=self.plans, dialect=self.dialect)
