"""A golden case: what is asked of the shop, and the rows or the refusal that were worked out by hand.

A case file holds ``about`` (what it shows), ``ask`` (a ``KpiQuery``) and one of

- ``rows``: a list a cell: the local start of its period, its dimensions, its values; a null as ``null: <reason>``,
- ``refused``: the ``detail`` and the ``remedy`` of the error.

It may also state ``kpis`` (by code, a formula or a definition, added to the catalog), ``client`` (settings of the
client), ``now``, ``loaded`` (by object model, another coverage, or null for none), and of the answer ``units`` (of
each KPI), ``complete`` (of each row) and ``why`` (the sentences of the nulls, row by row).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from analytics_engine.contracts.calculation import KpiQuery, KpiResult
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.contracts.engine import Reading
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.typed import Child, Expression, Operation, Term, TimeAverage, walk
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.values.binding import bind
from analytics_engine.services.calculation_engine_service.asking import ask, question_of
from analytics_engine.services.calculation_engine_service.results import ResultWriter
from golden.engines import ShopEngine
from golden.shop import CLIENT, NOW, shop_catalog, shop_coverage

_CHECKER = KpiChecker(shop_catalog())
_DIVIDES = frozenset({"divide", "growth_of", "in_minutes", "in_hours", "in_days"}) | {
    "minutes_between",
    "hours_between",
    "days_between",
}
_MEANS = frozenset({"avg", "weighted_avg", "prorate"})


@dataclass(frozen=True)
class Case:
    """A question of the shop, with all that it depends on."""

    query: KpiQuery
    checker: KpiChecker
    client: ClientProfile
    now: datetime
    loaded: Mapping[str, Any]


@dataclass(frozen=True)
class Answered:
    """The statement a question became, and its answer."""

    sql: str
    plan: Plan
    result: KpiResult


def read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


def case_of(stated: Mapping[str, Any]) -> Case:
    """Return the question that a case states."""
    more = stated.get("kpis")
    now = stated.get("now")
    return Case(
        query=KpiQuery.model_validate(stated["ask"]),
        checker=KpiChecker(shop_catalog(more)) if more else _CHECKER,
        client=ClientProfile(client_id=CLIENT, name="Shop", **stated.get("client", {})),
        now=NOW if now is None else datetime.fromisoformat(str(now)).replace(tzinfo=UTC),
        loaded=stated.get("loaded", {}),
    )


async def answer(engine: ShopEngine, case: Case) -> Answered:
    """Return what an engine answers.

    Raises:
        AnalyticsEngineError: the question is refused.
    """
    plan = build_plan(case.checker, question_of(case.query))
    statement = emit(plan, case.checker, engine.dialect)
    asked = ask(case.query, case.client, case.now)
    known = shop_coverage(case.loaded)
    coverage = {model: known[model] for model in plan.object_models if model in known}
    rows = await engine.rows(statement.sql, bind(statement.slots, asked.binding(CLIENT, coverage)))
    writer = ResultWriter(plan=plan, asked=asked, catalog_version="golden")
    return Answered(statement.sql, plan, writer.write(CLIENT, Reading(rows, coverage, 1)))


def as_rows(result: KpiResult) -> list[list[Any]]:
    """Return a list a cell: the local start of its period, its dimensions, its values; a null as its reason."""
    return [
        [
            result.period.start[index].removesuffix("T00:00:00+00:00"),
            *(dimension.values[index] for dimension in result.dimensions),
            *(
                f"null: {kpi.reasons[index].code.value}" if kpi.values[index] is None else kpi.values[index]
                for kpi in result.kpis
            ),
        ]
        for index in range(result.row_count)
    ]


def check(answered: Answered, stated: Mapping[str, Any]) -> None:
    """Accept an answer that is the one that was worked out.

    Integers and decimals that only add up are equal to the digit; what was divided is within 1e-12, a float within
    1e-9 of it.
    """
    found = as_rows(answered.result)
    values = len(answered.plan.measures)
    exact = [not any(map(_divides, _parts(measure.expression))) for measure in answered.plan.measures]
    assert len(found) == len(stated["rows"]), found
    for actual, expected in zip(found, stated["rows"], strict=True):
        assert actual[:-values] == expected[:-values], found
        pairs = zip(actual[-values:], expected[-values:], exact, strict=True)
        assert all(_same(*pair) for pair in pairs), found
    _check_beside(answered.result, stated)


def _check_beside(result: KpiResult, stated: Mapping[str, Any]) -> None:
    if "units" in stated:
        assert [kpi.unit for kpi in result.kpis] == stated["units"]
    if "complete" in stated:
        assert list(result.period.complete) == stated["complete"]
    if "why" in stated:
        cells = range(result.row_count)
        assert [kpi.reasons[row].detail for row in cells for kpi in result.kpis if row in kpi.reasons] == stated["why"]


def _same(actual: Any, expected: Any, exact: bool) -> bool:  # noqa: FBT001 - a column of a table
    if isinstance(actual, str) and isinstance(expected, str) and not expected.startswith("null: "):
        return actual == expected or (not exact and _near(actual, expected))
    if isinstance(actual, float) and isinstance(expected, float):
        return bool(actual == pytest.approx(expected, rel=1e-9))
    return type(actual) is type(expected) and bool(actual == expected)


def _near(actual: str, expected: str) -> bool:
    if actual.startswith("null: "):
        return False
    return abs(Decimal(actual) - Decimal(expected)) <= abs(Decimal(expected)) * Decimal("1e-12")


def _parts(expression: Expression) -> Iterator[Expression]:
    """Yield everything an expression is made of, children of rows included."""
    for part in walk(expression):
        yield part
        if isinstance(part, Child):
            for inner in (part.argument, part.where):
                yield from () if inner is None else _parts(inner)


def _divides(part: Expression) -> bool:
    match part:
        case Operation(operator=operator):
            return operator in _DIVIDES
        case Term(function=function):
            return function in _MEANS
        case Child(function=function):
            return function == "avg"
        case _:
            return isinstance(part, TimeAverage)
