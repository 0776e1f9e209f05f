"""What alerts ask: which periods are to be judged, and one answer for all alerts that ask the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from analytics_engine.contracts.calculation import Comparison, KpiQuery, KpiResult, RelativeRange, TimeRange
from analytics_engine.contracts.engine import DataState, Snapshot
from analytics_engine.errors import QueryError
from analytics_engine.kpi.alerts.conditions import ChangeCondition, LatenessCondition
from analytics_engine.kpi.model.catalog import KpiVersion
from analytics_engine.kpi.model.time import Calendar, Period, period_at
from analytics_engine.services.calculation_engine_service.alerts.schemas import AlertRule, Judged, RuleQuestion
from analytics_engine.services.calculation_engine_service.preparing import Prepared
from analytics_engine.services.calculation_engine_service.service import CalculationService

MOST_CELLS = 1_000
"""The most cells of one alert."""
MOST_CAUGHT_UP = 100
"""The most periods that are judged at once, when nobody judged for a while; of more, the newest."""
MOST_VALUES = MOST_CELLS * MOST_CAUGHT_UP
_MOMENT = timedelta(microseconds=1)


class Subject(NamedTuple):
    """What alerts have in common that share an answer: the question as JSON, and which periods of it are judged."""

    question: str
    judged: Judged
    delay_s: int
    until_loaded: bool
    lateness: bool

    @property
    def asks(self) -> RuleQuestion:
        return RuleQuestion.model_validate_json(self.question)


def subject_of(rule: AlertRule) -> Subject:
    """Return what a rule asks; rules of equal subjects are answered together."""
    question = RuleQuestion(**{name: getattr(rule, name) for name in RuleQuestion.model_fields})
    lateness = isinstance(rule.condition, LatenessCondition)
    return Subject(question.model_dump_json(), rule.judged, rule.delay_s, rule.condition.kind != "no_data", lateness)


def comparisons_of(rules: Sequence[AlertRule]) -> tuple[Comparison, ...]:
    """Return what the values of these rules are compared with, each once."""
    against = (rule.condition.against.value for rule in rules if isinstance(rule.condition, ChangeCondition))
    return tuple(Comparison(each) for each in dict.fromkeys(against))


def query_of(question: RuleQuestion, when: TimeRange | RelativeRange, comparisons: Sequence[Comparison]) -> KpiQuery:
    """Return the query of a question over a range."""
    return KpiQuery(
        kpis=(question.kpi,),
        range=when,
        grain=question.grain,
        dimensions=question.dimensions,
        filters=question.filters,
        where=question.where,
        segments=question.segments,
        parameters=question.parameters,
        time_zone=question.time_zone,
        comparisons=tuple(comparisons),
        limit=MOST_VALUES,
    )


@dataclass(frozen=True)
class Asked:
    """A question's answer, in one state of the data; without a result there was no period to be judged.

    Args:
        loaded: up to when each object model is loaded; those that never were are missing.
        expects: the object models whose rows tell how far the data is.
        reads: every object model whose change may change the answer.
        periods: those the result is of; one without rows is among them.
    """

    now: datetime
    kpi: KpiVersion
    catalog_version: str
    watermark: int
    loaded: dict[str, datetime]
    expects: tuple[str, ...]
    reads: tuple[str, ...]
    result: KpiResult | None = None
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How far the data of a question is, as a snapshot shows it."""

    subject: Subject
    prepared: Prepared
    state: DataState

    @property
    def calendar(self) -> Calendar:
        return self.prepared.times.calendar

    @property
    def now(self) -> datetime:
        return self.prepared.times.now

    @property
    def judged_until(self) -> datetime | None:
        """The moment up to which periods may be judged; None where not all that is read was ever loaded."""
        waited = self.now - timedelta(seconds=self.subject.delay_s)
        if not self.subject.until_loaded:
            return waited
        ends = [self.state.coverage[model].end for model in self.prepared.object_models if model in self.state.coverage]
        return min(waited, *ends) if ends and len(ends) == len(self.prepared.object_models) else None

    def newest(self) -> Period | None:
        """Return the newest period that may be judged."""
        until = self.judged_until
        return None if until is None else before(period_at(until, self.subject.asks.grain, self.calendar), self)

    def asked(self, result: KpiResult | None = None, periods: Sequence[Period] = ()) -> Asked:
        definitions = self.prepared.definitions
        return Asked(
            now=self.now,
            kpi=definitions.catalog.kpi(self.subject.asks.kpi),
            catalog_version=definitions.catalog.version,
            watermark=self.state.watermark if result is None else result.watermark,
            loaded={model: span.end for model, span in self.state.coverage.items()},
            expects=self.prepared.object_models,
            reads=self.prepared.reads,
            result=result,
            periods=tuple(periods),
        )


def before(period: Period, standing: Standing) -> Period:
    """Return the period before one."""
    return period_at(period.start - _MOMENT, standing.subject.asks.grain, standing.calendar)


class Questions:
    """Answers what alerts ask, from the rows as they are: a cached answer may be older than what led to the check."""

    def __init__(self, service: CalculationService) -> None:
        self._service = service

    async def standing(self, snapshot: Snapshot, client_id: str, subject: Subject) -> Standing:
        """Return how far the data of a question is.

        Raises:
            KpiNotFound, FormulaError, QueryError: it asks for what there is not, or not any more.
            DependencyUnavailable, DependencyTimeout: the engine, or what tells the definitions, does not answer.
        """
        probe = query_of(subject.asks, RelativeRange(current=subject.asks.grain), ())
        prepared = await self._service.prepare(client_id, probe)
        state = await snapshot.state(prepared.object_models, prepared.rollups)
        return Standing(subject, prepared, state)

    async def ask(
        self, client_id: str, subject: Subject, comparisons: Sequence[Comparison], *, since: datetime | None
    ) -> Asked:
        """Return the answer for the newest period to be judged, and for those before it from ``since`` on.

        Raises:
            KpiNotFound, FormulaError, QueryError: it asks for what there is not, or not any more, or for too much.
            DependencyUnavailable, DependencyTimeout: the engine, or what tells the definitions, does not answer.
        """
        async with self._service.engine.snapshot(client_id=client_id) as snapshot:
            standing = await self.standing(snapshot, client_id, subject)
            if subject.lateness:
                return standing.asked()
            if subject.judged is Judged.RUNNING:
                running = period_at(standing.now, subject.asks.grain, standing.calendar)
                return await self.over(snapshot, standing, comparisons, [running])
            newest = standing.newest()
            if newest is None or (since is not None and newest.start < since):
                return standing.asked()
            return await self.over(snapshot, standing, comparisons, _caught_up(newest, standing, since))

    async def over(
        self, snapshot: Snapshot, standing: Standing, comparisons: Sequence[Comparison], periods: Sequence[Period]
    ) -> Asked:
        """Return the answer for periods that follow one another.

        Raises:
            QueryError: there are more cells than an alert has.
        """
        query = query_of(standing.subject.asks, TimeRange(from_=periods[0].start, to=periods[-1].end), comparisons)
        prepared = await self._service.prepare(standing.prepared.definitions.client.client_id, query)
        result = await self._service.answer_in(snapshot, prepared)
        if result.truncated:
            raise QueryError(
                f"The alert has more than {MOST_VALUES:,} values in the periods it judges.",
                remedy=f"Alerts have at most {MOST_CELLS:,} cells: use fewer dimensions, or filters.",
            )
        return standing.asked(result, periods)


def _caught_up(newest: Period, standing: Standing, since: datetime | None) -> list[Period]:
    """Return the periods that were not judged yet, and the last one that was, in the order of time."""
    found = [newest]
    while since is not None and found[-1].start > since and len(found) < MOST_CAUGHT_UP:
        found.append(before(found[-1], standing))
    return found[::-1]
