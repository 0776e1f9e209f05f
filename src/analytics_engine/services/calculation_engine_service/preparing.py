"""A query made ready to be run: its times, its parts, their plans and statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.errors import QueryError
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.services.calculation_engine_service.catalogs import Definitions
from analytics_engine.services.calculation_engine_service.parameters import check_parameters
from analytics_engine.services.calculation_engine_service.parts import Part, check_dimension, levels_of, parts_of
from analytics_engine.services.calculation_engine_service.plans import Compiled, PlanCache
from analytics_engine.services.calculation_engine_service.times import Times, times_of
from analytics_engine.services.calculation_engine_service.top import as_many, ranking_of, with_top

MOST_OFFSET_OF_PARTS = 100_000
"""How far into an answer of several ranges or grains a page may begin: what lies before it is read."""

Compile = Callable[[Question], Compiled]


@dataclass(frozen=True)
class Prepared:
    """A query, ready to be run.

    Args:
        compiled: the plan and statement of each part; with a top, as if as many members as asked had been chosen.
        ranking: the statement that chooses the members of the top.
        compile: gives the plan and statement of a question.
    """

    query: KpiQuery
    definitions: Definitions
    times: Times
    levels: tuple[tuple[str, ...], ...]
    parts: tuple[Part, ...]
    compiled: tuple[Compiled, ...]
    ranking: Compiled | None
    compile: Compile

    @property
    def statements(self) -> tuple[Compiled, ...]:
        """Every statement of the answer, the ranking first."""
        return ((self.ranking,) if self.ranking else ()) + self.compiled

    @property
    def object_models(self) -> tuple[str, ...]:
        """The object models whose coverage is asked for."""
        return tuple(dict.fromkeys(model for each in self.statements for model in each.plan.object_models))

    @property
    def rollups(self) -> tuple[int, ...]:
        """The numbers of the rollups that are read."""
        return tuple(sorted({number for each in self.statements for number in each.plan.rollups}))

    @property
    def reads(self) -> tuple[str, ...]:
        """Every object model whose rows the answer depends on."""
        return tuple(sorted({model for each in self.statements for model in each.plan.reads}))

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules of the KPIs."""
        return tuple(sorted({measure.definition.module for measure in self.compiled[0].plan.measures}))

    @property
    def key(self) -> tuple[str, ...]:
        """What tells this answer from others: the query, its ranges as they are now, the definitions and the client."""
        windows = (f"{window.start.isoformat()} {window.end.isoformat()}" for window in self.times.windows)
        client = self.definitions.client.model_dump_json()
        return (self.query.model_dump_json(), *windows, self.definitions.catalog.version, client)


def prepare(
    query: KpiQuery, definitions: Definitions, *, now: datetime, plans: PlanCache, dialect: Dialect
) -> Prepared:
    """Return a query ready to be run.

    Raises:
        KpiNotFound, FormulaError, QueryError: the query asks for what there is not, or cannot be.
    """
    times = times_of(query, definitions.client, now)
    parts = parts_of(query, definitions.checker, times)
    _check_page(query, parts)

    def compile_(question: Question) -> Compiled:
        return plans.compiled(definitions, question, dialect=dialect)

    ranking, questions = None, [part.question for part in parts]
    if query.top is not None:
        ranking = compile_(ranking_of(query, query.top, questions[0]))
        questions = [with_top(question, query.top, as_many(query.top)) for question in questions]
    compiled = tuple(map(compile_, questions))
    prepared = Prepared(query, definitions, times, levels_of(query), parts, compiled, ranking, compile_)
    if query.pivot is not None:
        check_dimension(query, query.pivot.dimension, "pivot")
    check_parameters(query.parameters, (slot for each in prepared.statements for slot in each.statement.slots))
    return prepared


def _check_page(query: KpiQuery, parts: tuple[Part, ...]) -> None:
    several = sum(part.level == 0 for part in parts) > 1
    if several and query.offset > MOST_OFFSET_OF_PARTS:
        raise QueryError(
            f"An answer of several ranges or grains is paged up to cell {MOST_OFFSET_OF_PARTS:,}.",
            remedy="Ask one range and grain at a time, or narrow the query with filters.",
        )
