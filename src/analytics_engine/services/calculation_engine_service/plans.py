from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.emit import Statement, emit
from analytics_engine.services.calculation_engine_service.catalogs import Definitions

_Rollups = tuple[tuple[int, frozenset[tuple[int, Level]]], ...]
"""The number of each rollup, and which of its tallies are not worth reading."""
_Key = tuple[str, str, _Rollups, str, Question]


@dataclass(frozen=True)
class Compiled:
    """A question's plan and its statement, ready to be bound and run."""

    plan: Plan
    statement: Statement


class PlanCache:
    """Compiled questions by client, catalog version, rollups and shape; the least recently used go first."""

    def __init__(self, *, most: int = 2_000) -> None:
        self._most = most
        self._compiled: OrderedDict[_Key, Compiled] = OrderedDict()

    def compiled(self, definitions: Definitions, question: Question, *, dialect: Dialect) -> Compiled:
        """Return a question's plan and statement, from the cache where its shape was asked before.

        Raises:
            KpiNotFound, FormulaError, QueryError: as ``kpi.plan.build``.
        """
        checker = definitions.checker
        rollups = tuple((kept.id, kept.sparse) for kept in definitions.kept)
        key = (definitions.client.client_id, checker.catalog.version, rollups, dialect.name, question)
        found = self._compiled.get(key)
        if found is None:
            plan = build_plan(checker, question, definitions.kept)
            found = self._compiled[key] = Compiled(plan, emit(plan, checker, dialect))
            if len(self._compiled) > self._most:
                self._compiled.popitem(last=False)
        else:
            self._compiled.move_to_end(key)
        return found
