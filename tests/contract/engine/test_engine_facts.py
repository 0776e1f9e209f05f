"""Every scalar and aggregate, on every engine, is what plain Python says it is: on nulls, zeros, halves, odd clocks.

The whole way is taken: a formula is resolved, planned, written in the engine's dialect and run by it.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from analytics_engine.errors import QueryError
from analytics_engine.kpi.formula.functions import AGGREGATES as CATALOGUE
from analytics_engine.kpi.formula.functions import SCALARS
from contract.engine.aggregates import AGGREGATES
from contract.engine.rows import MODEL, ROWS, Formulas, by_id, by_kind
from contract.engine.scalars import CONDITIONS, NUMBERS, OTHERS
from support.engines import UNDER_TEST, EngineUnderTest, start_engine
from support.servers import TestServers

_RELATIVE = 1e-12
_OF_FLOATS = 1e-9
_OF_TIME = {"lost", "kept", "gained", "prorate", "time_weighted_avg"}
"""Aggregates of other natures than events; the golden cases show them on every engine."""
_SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "modulo": "%", "negate": "-"}


@pytest.fixture(scope="module", params=UNDER_TEST)
async def engine(request: pytest.FixtureRequest, servers: TestServers) -> AsyncIterator[EngineUnderTest]:
    running = await start_engine(request.param, servers)
    await running.create(MODEL)
    await running.load(MODEL, ROWS)
    await running.load(MODEL, ROWS, client_id="stranger")
    yield running
    await running.close()


class Answers:
    """What an engine says to all formulas, each statement run when it is first asked for."""

    def __init__(self, engine: EngineUnderTest) -> None:
        self._engine = engine
        self._known: dict[tuple[str, ...], dict[str, dict[str, Any]]] = {}

    async def of(self, formula: str, written: Mapping[str, str], dimension: str) -> dict[str, Any]:
        formulas = tuple(written.values())
        if formulas not in self._known:
            self._known[formulas] = await Formulas(formulas, dimension).answer(self._engine)
        return self._known[formulas][written[formula]]


@pytest.fixture(scope="module")
def answers(engine: EngineUnderTest) -> Iterator[Answers]:
    yield Answers(engine)


_OF_ONE_ROW = {formula: f"max({formula})" for formula in (*NUMBERS, *OTHERS)} | {
    formula: f"max(case when {formula} then 1 when not ({formula}) then 0 end)" for formula in CONDITIONS
}
"""One row is behind each cell, so the greatest value is the row's."""


def _slice(formula: str, formulas: Mapping[str, str], size: int = 20) -> dict[str, str]:
    """Return the formulas that are asked for together with one."""
    names = list(formulas)
    start = names.index(formula) // size * size
    return {name: formulas[name] for name in names[start : start + size]}


@pytest.mark.parametrize("formula", [*NUMBERS, *OTHERS, *CONDITIONS])
async def test_a_scalar_is_what_python_says(answers: Answers, formula: str) -> None:
    meaning = (NUMBERS | OTHERS | CONDITIONS)[formula]
    found = await answers.of(formula, _slice(formula, _OF_ONE_ROW), "thing.id")
    assert found.keys() == by_id().keys()
    for name, row in by_id().items():
        assert same(found[name], meaning(row)), f"{name}: {found[name]!r} is not {meaning(row)!r}"


@pytest.mark.parametrize("formula", AGGREGATES)
async def test_an_aggregate_is_what_python_says(answers: Answers, formula: str) -> None:
    found = await answers.of(formula, dict(zip(AGGREGATES, AGGREGATES, strict=True)), "thing.kind")
    for kind, rows in by_kind().items():
        expected = AGGREGATES[formula](rows)
        assert same(found[kind], expected), f"{kind}: {found[kind]!r} is not {expected!r}"


def same(found: Any, expected: Any) -> bool:
    """Return whether two values are one: integers and sums of decimals to the digit, the rest nearly."""
    if found is None or expected is None:
        return found is None and expected is None
    if isinstance(expected, int) and not isinstance(expected, bool):
        return (
            Decimal(found) == expected if not isinstance(found, float) else math.isclose(found, expected, rel_tol=1e-12)
        )
    if isinstance(expected, bool):
        return bool(found) is expected
    if isinstance(expected, Decimal):
        return Decimal(found) == expected or math.isclose(found, expected, rel_tol=_RELATIVE, abs_tol=1e-15)
    if isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=_OF_FLOATS, abs_tol=1e-12)
    if isinstance(expected, datetime):
        return bool(found == expected and found.tzinfo is not None)
    return bool(found == expected)
