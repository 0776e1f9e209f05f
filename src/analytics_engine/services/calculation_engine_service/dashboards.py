"""Several queries, answered from one state of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics_engine.contracts.calculation import BatchItem, DashboardResult, KpiQuery, KpiResult
from analytics_engine.contracts.engine import Snapshot
from analytics_engine.errors import AnalyticsEngineError, InvalidInput, NotFound, QueryError
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kpi.model.time import Period
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.services.calculation_engine_service.catalogs import Definitions
from analytics_engine.services.calculation_engine_service.merging import Answered, Together, together
from analytics_engine.services.calculation_engine_service.plans import PlanCache
from analytics_engine.services.calculation_engine_service.preparing import Prepared, prepare

MOST_STATEMENTS = 200
"""The most statements of one dashboard."""


@dataclass(frozen=True)
class Dashboard:
    """Queries ready to be run together; one that cannot be has its error in its place.

    Args:
        groups: those that can be run, as they are read.
    """

    queries: tuple[Prepared | AnalyticsEngineError, ...]
    groups: tuple[Together, ...]
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
        models = dict.fromkeys(model for group in self.groups for model in group.object_models)
        rollups = {number for group in self.groups for number in group.rollups}
        state = await snapshot.state(list(models), sorted(rollups))
        found: dict[int, Answered] = {}
        for group in self.groups:
            answers = await group.answers(snapshot, state)
            found |= {id(query): answer for query, answer in zip(group.queries, answers, strict=True)}
        items = [_item(found[id(query)] if isinstance(query, Prepared) else query) for query in self.queries]
        failed = sum(item.problem is not None for item in items)
        return DashboardResult(
            items=tuple(items),
            succeeded=len(items) - failed,
            failed=failed,
            watermark=state.watermark,
            asked_at=self.asked_at,
        )


def _item(answered: Answered) -> BatchItem:
    if isinstance(answered, KpiResult):
        return BatchItem(result=answered)
    return BatchItem(problem=problem_of(answered).model_dump(mode="json"))


@dataclass(frozen=True)
class DashboardMaker:
    """Makes queries ready to be run, with whatever definitions they are to be answered by."""

    queries: tuple[KpiQuery, ...]
    now: datetime
    plans: PlanCache
    dialect: Dialect

    def strictly(self, definitions: Definitions) -> list[Prepared]:
        """Return the queries, all of them ready.

        Raises:
            KpiNotFound, FormulaError, QueryError: one of them cannot be answered.
        """
        return [self.prepared(query, definitions) for query in self.queries]

    def as_they_are(self, definitions: Definitions) -> list[Prepared | AnalyticsEngineError]:
        """Return the queries, each ready or with its error."""

        def one(query: KpiQuery) -> Prepared | AnalyticsEngineError:
            try:
                return self.prepared(query, definitions)
            except (NotFound, InvalidInput) as error:
                return error

        return [one(query) for query in self.queries]

    def together(self, queries: Sequence[Prepared | AnalyticsEngineError]) -> Dashboard:
        """Return queries as they are read together.

        Raises:
            QueryError: they are too many statements.
        """
        ready = [query for query in queries if isinstance(query, Prepared)]
        count = sum(len(query.statements) for query in ready)
        if count > MOST_STATEMENTS:
            raise QueryError(
                f"The queries take {count} statements together; {MOST_STATEMENTS} are the most of one dashboard.",
                remedy="Ask fewer ranges, grains or subtotals, or several dashboards.",
            )
        return Dashboard(tuple(queries), tuple(together(ready, self.prepared)), self.now)

    def prepared(self, query: KpiQuery, definitions: Definitions) -> Prepared:
        """Return a query ready to be run.

        Raises:
            KpiNotFound, FormulaError, QueryError: it cannot be answered.
        """
        return prepare(query, definitions, now=self.now, plans=self.plans, dialect=self.dialect)
