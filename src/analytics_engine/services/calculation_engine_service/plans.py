from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.emit import Statement, emit


@dataclass(frozen=True)
class Compiled:
    """A question's plan and its statement, ready to be bound and run."""

    plan: Plan
    statement: Statement


class PlanCache:
    """Compiled questions by client, catalog version and shape; the least recently used go first."""

    def __init__(self, *, most: int = 2_000) -> None:
        self._most = most
        self._compiled: OrderedDict[tuple[str, str, str, Question], Compiled] = OrderedDict()

    def compiled(self, client_id: str, checker: KpiChecker, question: Question, *, dialect: Dialect) -> Compiled:
        """Return a question's plan and statement, from the cache where its shape was asked before.

        Raises:
            KpiNotFound, FormulaError, QueryError: as ``kpi.plan.build``.
        """
        key = (client_id, checker.catalog.version, dialect.name, question)
        found = self._compiled.get(key)
        if found is None:
            plan = build_plan(checker, question)
            found = self._compiled[key] = Compiled(plan, emit(plan, checker, dialect))
            if len(self._compiled) > self._most:
                self._compiled.popitem(last=False)
        else:
            self._compiled.move_to_end(key)
        return found
