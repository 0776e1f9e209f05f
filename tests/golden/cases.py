"""A golden case: what is asked of the shop, and the rows or the refusal that were worked out by hand.

A case file holds ``about`` (what it shows), ``ask`` (a ``KpiQuery``) and one of

- ``rows``: a list a cell: the local start of its period, its dimensions, its values; a null as ``null: <reason>``,
- ``refused``: the ``detail`` and the ``remedy`` of the error.

It may also state ``kpis`` (by code, a formula or a definition, added to the catalog), ``client`` (settings of the
client), ``now``, ``loaded`` (by object model, another coverage, or null for none), and of the answer ``units`` (of
each KPI), ``complete`` (of each row), ``why`` (the sentences of the nulls, row by row) and ``beside``: by the path of a
value in the result, such as ``kpis.0.skipped``, what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
import yaml

from analytics_engine.contracts.calculation import KpiColumn, KpiQuery, KpiResult
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.contracts.engine import Coverage, DataState, Rows
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.typed import Child, Expression, Operation, Term, TimeAverage, walk
from analytics_engine.services.calculation_engine_service import answering
from analytics_engine.services.calculation_engine_service.catalogs import Definitions
from analytics_engine.services.calculation_engine_service.plans import PlanCache
from analytics_engine.services.calculation_engine_service.preparing import Prepared, prepare
from golden.shop import CLIENT, NOW, shop_catalog, shop_coverage
from support.engines import EngineUnderTest

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
    definitions: Definitions
    now: datetime
    loaded: Mapping[str, Any]


@dataclass(frozen=True)
class Answered:
    """What a question became, and its answer."""

    prepared: Prepared
    result: KpiResult

    @property
    def sql(self) -> str:
        return ";\n\n".join(compiled.statement.sql for compiled in self.prepared.statements)

    def is_exact(self, kpi: str) -> bool:
        """Return whether a KPI's values only add up and multiply, so that every engine has them to the digit."""
        plan = self.prepared.compiled[0].plan
        measure = next(measure for measure in plan.measures if measure.name == kpi)
        return not any(map(_divides, _parts(measure.expression)))


@dataclass(frozen=True)
class _Snapshot:
    """The shop's rows on one engine, as loaded as a case says."""

    engine: EngineUnderTest
    client_id: str
    coverage: Coverage

    async def state(self, models: Sequence[str], rollups: Sequence[int] = ()) -> DataState:
        return DataState(1, {model: self.coverage[model] for model in models if model in self.coverage})

    async def rows(self, sql: str, parameters: Sequence[object]) -> Rows:
        return await self.engine.run(sql, parameters, client_id=self.client_id)


def read(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


def case_of(stated: Mapping[str, Any]) -> Case:
    """Return the question that a case states."""
    more = stated.get("kpis")
    now = stated.get("now")
    checker = KpiChecker(shop_catalog(more)) if more else _CHECKER
    client = ClientProfile.model_validate({"client_id": CLIENT, "name": "Shop", **stated.get("client", {})})
    return Case(
        query=KpiQuery.model_validate(stated["ask"]),
        definitions=Definitions(catalog=checker.catalog, checker=checker, client=client),
        now=NOW if now is None else datetime.fromisoformat(str(now)).replace(tzinfo=UTC),
        loaded=stated.get("loaded", {}),
    )


async def answer(engine: EngineUnderTest, case: Case) -> Answered:
    """Return what an engine answers.

    Raises:
        AnalyticsEngineError: the question is refused.
    """
    prepared = prepare(case.query, case.definitions, now=case.now, plans=PlanCache(), dialect=engine.dialect)
    snapshot = _Snapshot(engine, case.definitions.client.client_id, shop_coverage(case.loaded))
    result = await answering.answer(snapshot, prepared)
    return Answered(prepared, result)


def as_rows(result: KpiResult) -> list[list[Any]]:
    """Return a list a cell: the local start of its period, its dimensions, its values; a null as its reason."""
    return [
        [
            result.period.start[row].removesuffix("T00:00:00+00:00"),
            *(dimension.values[row] for dimension in result.dimensions),
            *(_cell(kpi, row) for kpi in result.kpis),
        ]
        for row in range(result.row_count)
    ]


def _cell(kpi: KpiColumn, row: int) -> Any:
    value = kpi.values[row]
    return f"null: {kpi.reasons[row].code.value}" if value is None else value


def check(answered: Answered, stated: Mapping[str, Any]) -> None:
    """Accept an answer that is the one that was worked out.

    Integers and decimals that only add up are equal to the digit; what was divided is within 1e-12, a float within
    1e-9 of it.
    """
    result = answered.result
    found = as_rows(result)
    cells = len(found[0]) - len(result.kpis) if found else 0
    exact = [answered.is_exact(kpi.code) for kpi in result.kpis]
    assert len(found) == len(stated["rows"]), found
    for actual, expected in zip(found, stated["rows"], strict=True):
        assert actual[:cells] == expected[:cells], found
        pairs = zip(actual[cells:], expected[cells:], exact, strict=True)
        assert all(_same(*pair) for pair in pairs), found
    _check_beside(result, stated)


def _check_beside(result: KpiResult, stated: Mapping[str, Any]) -> None:
    if "units" in stated:
        assert [kpi.unit for kpi in result.kpis] == stated["units"]
    if "complete" in stated:
        assert list(result.period.complete) == stated["complete"]
    if "why" in stated:
        rows = range(result.row_count)
        assert [kpi.reasons[row].detail for row in rows for kpi in result.kpis if row in kpi.reasons] == stated["why"]
    whole = result.model_dump(mode="json")
    for path, expected in stated.get("beside", {}).items():
        actual = _at(whole, path)
        assert _alike(actual, expected), (path, actual)


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[int(part)] if isinstance(value, list) else value[part]
    return value


def _alike(actual: Any, expected: Any) -> bool:
    """Return whether two values are the same all through, numbers but for what dividing them may cost."""
    if isinstance(expected, Mapping):
        return len(actual) == len(expected) and all(_alike(actual[str(key)], expected[key]) for key in expected)
    if isinstance(expected, list):
        return len(actual) == len(expected) and all(map(_alike, actual, expected))
    return _same(actual, expected, exact=False)


def _same(actual: Any, expected: Any, exact: bool) -> bool:
    if isinstance(actual, str) and isinstance(expected, str):
        return actual == expected or (not exact and _near(actual, expected))
    if isinstance(actual, float) and isinstance(expected, float):
        return bool(actual == pytest.approx(expected, rel=1e-9))
    return type(actual) is type(expected) and bool(actual == expected)


def _near(actual: str, expected: str) -> bool:
    try:
        return abs(Decimal(actual) - Decimal(expected)) <= abs(Decimal(expected)) * Decimal("1e-12")
    except InvalidOperation:
        return False


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
