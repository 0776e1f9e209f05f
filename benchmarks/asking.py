"""The shop's catalog, and questions of it compiled and bound, as the product does for a query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from data import CLIENT

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.time import Calendar, Period, Window, periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.plan.question import Question, are_few
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.emit import Statement, emit
from analytics_engine.kpi.values.binding import Binding, Span, bind

_FILE = Path(__file__).with_name("catalog.yaml")
FIRST, LAST = datetime(2025, 1, 1), datetime(2027, 1, 1)  # noqa: DTZ001 - local times of the question's zone
_CALENDAR = Calendar("UTC")
_LOADED = Span(FIRST.replace(tzinfo=UTC), LAST.replace(tzinfo=UTC))
DASHBOARD = ("ORDERS", "REVENUE", "UNITS", "AVERAGE_ORDER", "LARGEST_ORDER", "NET_REVENUE", "REVENUE_PER_UNIT",
             "REVENUE_OF_THE_YEAR",
             "REVENUE_THE_MONTH_BEFORE", "RETURN_RATE", "CUSTOMERS", "DELIVERY_TIME_P90")  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """What is asked of the shop: KPIs by a grain, over the two years."""

    kpis: tuple[str, ...]
    grain: str = "month"
    dimensions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A question compiled and bound: the engine's statement and its parameters."""

    plan: Plan
    statement: Statement
    parameters: list[object]


def read_catalog() -> Catalog:
    """Return the shop's catalog."""
    raw: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8").replace("on: {", '"on": {'))
    return Catalog(
        version="benchmarks",
        object_models=tuple(ObjectModelVersion(definition=ObjectModel(**model)) for model in raw["object_models"]),
        kpis=tuple(KpiVersion(definition=kpi_of(code, formula)) for code, formula in raw["kpis"].items()),
    )


def kpi_of(code: str, formula: str) -> Kpi:
    """Return a KPI that is nothing but a code and a formula."""
    return Kpi(code=code, name=code, module="SHOP", direction="higher", formula=formula)


def question_of(ask: Ask) -> Question:
    return Question(kpis=ask.kpis, grain=ask.grain, dimensions=ask.dimensions, few=are_few(_periods(ask)))


def _periods(ask: Ask) -> tuple[Period, ...]:
    return periods(Window(FIRST, LAST), ask.grain, _CALENDAR)


def binding_of(ask: Ask) -> Binding:
    return Binding(
        client_id=CLIENT,
        calendar=_CALENDAR,
        periods=_periods(ask),
        limit=1_000_000,
        now=_LOADED.end,
        grain=ask.grain,
        coverage={"order": _LOADED},
    )


def asked(checker: KpiChecker, ask: Ask, dialect: Dialect) -> Asked:
    """Return a question compiled and bound for an engine."""
    plan = build_plan(checker, question_of(ask))
    statement = emit(plan, checker, dialect)
    return Asked(plan, statement, bind(statement.slots, binding_of(ask)))
