"""A golden case: what is asked of the shop, and the rows or the refusal that were worked out by hand.

A case file holds ``about`` (what it shows), ``ask`` (a ``KpiQuery``) and one of

- ``rows``: a list a cell: the local start of its period, its dimensions, its values; a null as ``null: <reason>``,
- ``refused``: the ``detail`` and the ``remedy`` of the error.

It may also state ``kpis`` (by code, a formula or a definition, added to the catalog), ``client`` (settings of the
client), ``now``, ``loaded`` (by object model, another coverage, or null for none), and of the answer ``units`` (of
each KPI), ``complete`` (of each row) and ``why`` (the sentences of the nulls, row by row).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from analytics_engine.contracts.calculation import AttributeFilter, FilterOperator, KpiQuery, TimeRange
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.typed import Child, Expression, Operation, Term, TimeAverage, walk
from analytics_engine.kpi.model.calendars import custom_grains
from analytics_engine.kpi.model.time import Calendar, Period, Window, is_whole, local_midnight, periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.plan.question import FilterShape, Order, Question
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.values.answer import Answer, read_answer
from analytics_engine.kpi.values.binding import Binding, bind
from golden.engines import ShopEngine
from golden.shop import CLIENT, NOW, shop_catalog, shop_coverage

_CHECKER = KpiChecker(shop_catalog())
_DIVIDES = frozenset({"divide", "growth_of", "in_minutes", "in_hours", "in_days"}) | {
    "minutes_between",
    "hours_between",
    "days_between",
}
_MEANS = frozenset({"avg", "weighted_avg", "prorate"})
_OPERATORS = {
    FilterOperator.EQUAL: ("equal", False),
    FilterOperator.NOT_EQUAL: ("not_equal", False),
    FilterOperator.LESS: ("less", False),
    FilterOperator.LESS_OR_EQUAL: ("less_or_equal", False),
    FilterOperator.GREATER: ("greater", False),
    FilterOperator.GREATER_OR_EQUAL: ("greater_or_equal", False),
    FilterOperator.IN: ("in", False),
    FilterOperator.NOT_IN: ("in", True),
    FilterOperator.IS_NULL: ("is_null", False),
    FilterOperator.IS_NOT_NULL: ("is_not_null", False),
}


@dataclass(frozen=True)
class Case:
    """A question of the shop, with all that it depends on."""

    query: KpiQuery
    checker: KpiChecker
    client: ClientProfile
    now: datetime
    loaded: Mapping[str, Any]

    @property
    def calendar(self) -> Calendar:
        custom = tuple(grain for calendar in self.client.calendars for grain in custom_grains(calendar))
        zone = self.query.time_zone or self.client.time_zone
        return Calendar(zone, self.client.week_start, self.client.fiscal_year_start_month, custom)

    @property
    def periods(self) -> tuple[Period, ...]:
        assert isinstance(self.query.range, TimeRange)
        window = Window(_local(self.query.range.from_), _local(self.query.range.to))
        return periods(window, self.query.grain, self.calendar)

    @property
    def question(self) -> Question:
        query = self.query
        return Question(
            kpis=query.kpis,
            grain=query.grain,
            dimensions=query.dimensions,
            filters=tuple(map(_shape, query.filters)),
            where=(query.where,) if query.where else (),
            order=tuple(Order(order.by, order.descending) for order in query.order),
        )


@dataclass(frozen=True)
class Answered:
    """The statement a question became, its answer, and which of its rows are of whole periods."""

    sql: str
    plan: Plan
    answer: Answer
    calendar: Calendar
    complete: list[bool]


def _local(moment: date | datetime) -> datetime:
    return moment if isinstance(moment, datetime) else local_midnight(moment)


def _shape(condition: AttributeFilter) -> FilterShape:
    operator, negated = _OPERATORS[condition.operator]
    return FilterShape(condition.attribute, operator, len(condition.values), negated)


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
    plan = build_plan(case.checker, case.question)
    statement = emit(plan, case.checker, engine.dialect)
    known = shop_coverage(case.loaded)
    binding = Binding(
        client_id=CLIENT,
        calendar=case.calendar,
        periods=case.periods,
        limit=case.query.limit,
        now=case.now,
        grain=case.query.grain,
        base_currency=case.client.base_currency,
        givens=tuple(value for condition in case.query.filters for value in condition.values),
        parameters=case.query.parameters,
        coverage={model: known[model] for model in plan.object_models if model in known},
    )
    rows = await engine.rows(statement.sql, bind(statement.slots, binding))
    found = read_answer(plan, rows, binding)
    until = min([binding.elapsed_until, *(datetime.min.replace(tzinfo=UTC) for model in plan.object_models if model not in known)])
    complete = [
        period.end <= until and is_whole(period, case.query.grain, case.calendar) for period in found.periods
    ]
    return Answered(statement.sql, plan, found, case.calendar, complete)


def as_rows(answered: Answered) -> list[list[Any]]:
    """Return a list a cell: the local start of its period, its dimensions, its values; a null as its reason."""
    found = answered.answer
    return [
        [
            period.start.astimezone(answered.calendar.tz).isoformat().removesuffix("T00:00:00+00:00"),
            *(_written(dimension.values[row]) for dimension in found.dimensions),
            *(
                f"null: {kpi.reasons[row].code.value}" if kpi.values[row] is None else _written(kpi.values[row])
                for kpi in found.measures
            ),
        ]
        for row, period in enumerate(found.periods)
    ]


def _written(value: Any) -> Any:
    """Return a value as a case writes it: decimals as texts without zeros that say nothing, times in ISO 8601."""
    match value:
        case Decimal():
            text = format(value.normalize(), "f")
            return "0" if text == "-0" else text
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            return value


def check(answered: Answered, stated: Mapping[str, Any]) -> None:
    """Accept an answer that is the one that was worked out.

    Integers and decimals that only add up are equal to the digit; what was divided is within 1e-12, a float within
    1e-9 of it.
    """
    found = as_rows(answered)
    values = len(answered.plan.measures)
    exact = [not any(map(_divides, _parts(measure.expression))) for measure in answered.plan.measures]
    assert len(found) == len(stated["rows"]), found
    for actual, expected in zip(found, stated["rows"], strict=True):
        assert actual[:-values] == expected[:-values], found
        pairs = zip(actual[-values:], expected[-values:], exact, strict=True)
        assert all(_same(*pair) for pair in pairs), found
    _check_beside(answered, stated)


def _check_beside(answered: Answered, stated: Mapping[str, Any]) -> None:
    measures = answered.answer.measures
    if "units" in stated:
        assert [str(kpi.measure.unit) for kpi in measures] == stated["units"]
    if "complete" in stated:
        assert answered.complete == stated["complete"]
    if "why" in stated:
        rows = range(len(answered.answer.periods))
        assert [kpi.reasons[row].detail for row in rows for kpi in measures if row in kpi.reasons] == stated["why"]


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
