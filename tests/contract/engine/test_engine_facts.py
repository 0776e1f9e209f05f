"""Every scalar and aggregate, on every engine, is what plain Python says it is: on nulls, zeros, halves, odd clocks.

The whole way is taken: a formula is resolved, planned, written in the engine's dialect and run by it.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

import pytest

from analytics_engine.errors import QueryError
from analytics_engine.kpi.formula.functions import AGGREGATES as CATALOGUE
from analytics_engine.kpi.formula.functions import SCALARS
from analytics_engine.kpi.formula.typed import Operation, Term, walk
from contract.engine.aggregates import AGGREGATES
from contract.engine.rows import MODEL, ROWS, Formulas, by_id, by_kind
from contract.engine.scalars import CONDITIONS, NUMBERS, OTHERS, of, remainder
from support.engines import WITH_TIMESCALEDB, EngineUnderTest, start_engine
from support.servers import TestServers

_RELATIVE = 1e-12
_OF_FLOATS = 1e-9
_OF_TIME = {"lost", "kept", "gained", "prorate", "time_weighted_avg", "converted"}
"""Aggregates over time, or of other natures than events; the golden cases show them on every engine."""
_APPROXIMATE = 1e-2


@pytest.fixture(scope="module", params=WITH_TIMESCALEDB)
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
def answers(engine: EngineUnderTest) -> Answers:
    return Answers(engine)


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
        near = _APPROXIMATE if formula.startswith("approx") else _OF_FLOATS
        assert same(found[kind], expected, of_floats=near), f"{kind}: {found[kind]!r} is not {expected!r}"


def test_every_scalar_and_aggregate_is_shown() -> None:
    """A function that is added to the catalogue is added here."""
    plan = Formulas([*_OF_ONE_ROW.values(), *AGGREGATES]).plan()
    shown = {part for measure in plan.measures for part in walk(measure.expression)}
    assert {part.operator for part in shown if isinstance(part, Operation)} >= {
        name for name, scalar in SCALARS.items() if not scalar.internal
    }
    assert {part.function for part in shown if isinstance(part, Term)} >= CATALOGUE.keys() - _OF_TIME


BIG = [
    {
        "id": "most",
        "kind": "big",
        "at": ROWS[0]["at"],
        "a": 2**63 - 1,
        "b": 3,
        "m": Decimal(10) ** 31,
        "n": Decimal("0.5"),
    },
    {
        "id": "least",
        "kind": "big",
        "at": ROWS[0]["at"],
        "a": -(2**63),
        "b": -7,
        "m": -(Decimal(10) ** 31),
        "n": Decimal(3),
    },
    {
        "id": "more",
        "kind": "big",
        "at": ROWS[0]["at"],
        "a": 2**62,
        "b": 2**62,
        "m": Decimal(10) ** 20,
        "n": Decimal(10) ** 20,
    },
]
_HUGE: dict[str, Any] = {
    "thing.a + thing.a": of("a", lambda a: a + a),
    "thing.a - thing.b": of("a b", lambda a, b: a - b),
    "-thing.a": of("a", lambda a: -a),
    "abs(thing.a)": of("a", abs),
    "thing.a * thing.b": of("a b", lambda a, b: a * b),
    "thing.a * thing.a * thing.b": of("a b", lambda a, b: a * a * b),
    "thing.a * thing.a * thing.a * thing.b * thing.b": of("a b", lambda a, b: a**3 * b**2),
    "thing.a * thing.m": of("a m", lambda a, m: a * m),
    "thing.m * thing.m": of("m", lambda m: m * m),
    "thing.m * thing.m * thing.n": of("m n", lambda m, n: m * m * n),
    "thing.m * thing.m * thing.m * thing.m": of("m", lambda m: m**4),
    "thing.m + thing.m": of("m", lambda m: m + m),
    "thing.a % thing.b": of("a b", remainder),
}


@pytest.fixture(scope="module")
async def big(engine: EngineUnderTest) -> EngineUnderTest:
    await engine.load(MODEL, BIG, client_id="big")
    return engine


@pytest.mark.parametrize("formula", _HUGE)
@pytest.mark.parametrize("row", BIG, ids=lambda row: row["id"])
async def test_a_number_that_outgrows_the_engine_is_an_error_and_never_another_number(
    big: EngineUnderTest, row: Mapping[str, Any], formula: str
) -> None:
    asked = Formulas([f"max({formula}) filter (where thing.id = '{row['id']}')"], client="big")
    with localcontext(prec=400), suppress(QueryError):
        found = (await asked.answer(big))[asked.formulas[0]]
        assert same(found[row["id"]], Decimal(_HUGE[formula](row)))


async def test_a_sum_that_outgrows_an_integer_is_exact(big: EngineUnderTest) -> None:
    """Also for columns of 64 bits, and of products of them."""
    asked = Formulas(["sum(thing.a)", "sum(abs(thing.b))", "sum(thing.m)"], dimension="thing.kind", client="big")
    found = await asked.answer(big)
    assert found["sum(thing.a)"]["big"] == 2**62 - 1
    assert found["sum(abs(thing.b))"]["big"] == 2**62 + 10
    assert found["sum(thing.m)"]["big"] == Decimal(10) ** 20


def same(found: Any, expected: Any, *, of_floats: float = _OF_FLOATS) -> bool:
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
        return math.isclose(found, expected, rel_tol=of_floats, abs_tol=1e-12)
    if isinstance(expected, datetime):
        return bool(found == expected and found.tzinfo is not None)
    return bool(found == expected)
