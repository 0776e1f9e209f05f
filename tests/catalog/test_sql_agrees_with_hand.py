"""The hand-worked values of the starter KPIs are what plain SQL, written apart from them, answers on a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import asyncpg
import pytest

from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from catalog.cases import (
    CODES,
    MONTHS,
    Expected,
    Row,
    Rows,
    bounds_of,
    generated_rows,
    hand_coverage,
    hand_cuts,
    hand_expected,
    hand_rows,
    load_rows,
    object_models_catalog,
    sql_value,
)
from catalog.cuts import ONLY
from support.servers import TestServers

STARTER_KPIS = 67
STARTER_OBJECT_MODELS = 39
REASONS = {"no_rows", "zero_denominator", "only_nulls", "not_loaded", "undefined", "unknown_day"}
CATALOG = object_models_catalog()
GENERATED = generated_rows(1)
DATA_SETS = {"hand": hand_rows(), "generated": GENERATED}
PYTHON_TYPES = {
    DataType.INTEGER: int,
    DataType.DECIMAL: Decimal,
    DataType.TEXT: str,
    DataType.BOOLEAN: bool,
    DataType.DATE: date,
    DataType.TIMESTAMP: datetime,
}


@pytest.fixture(scope="module")
async def hand(servers: TestServers) -> AsyncIterator[asyncpg.Connection[Any]]:
    async for connection in _loaded(servers, DATA_SETS["hand"]):
        yield connection


@pytest.fixture(scope="module")
async def generated(servers: TestServers) -> AsyncIterator[asyncpg.Connection[Any]]:
    async for connection in _loaded(servers, GENERATED):
        yield connection


async def _loaded(servers: TestServers, rows: Rows) -> AsyncIterator[asyncpg.Connection[Any]]:
    database = servers.new_database(migrated=False)
    connection = await asyncpg.connect(database.owner_url)
    await load_rows(connection, CATALOG, rows)
    yield connection
    await connection.close()
    servers.drop_database(database)


def difference(actual: Any, expected: Fraction | None) -> str | None:
    """Say how a value differs from what is expected by more than rounding; nothing where it does not."""
    if actual is None or expected is None:
        return None if actual is expected else f"{actual} instead of {expected}"
    exact = Fraction(Decimal(str(actual)))
    near = abs(exact - expected) <= abs(expected) * Fraction(1, 10**12)
    return None if near else f"{actual} instead of {expected} = {float(expected)}"


def test_every_kpi_has_a_query_and_a_value_for_each_month() -> None:
    """67 KPIs, each with SQL and four months; each value has its working, each null a known reason."""
    expected = hand_expected()
    assert len(CODES) == STARTER_KPIS
    assert {case.kpi for case in expected} == set(CODES)
    for code in CODES:
        assert {case.period for case in expected if case.kpi == code} >= set(MONTHS), code
    for case in [*expected, *hand_cuts()]:
        assert case.working, case
        assert (case.value is None) == (case.reason in REASONS), case


@pytest.mark.parametrize("code", CODES)
async def test_sql_answers_what_was_worked_out_by_hand(hand: asyncpg.Connection[Any], code: str) -> None:
    """What is not loaded cannot be seen in the rows: there, the query is not asked."""
    wrong = {}
    for case in hand_expected():
        if case.kpi == code and case.reason != "not_loaded":
            wrong[str(case)] = difference(await sql_value(hand, code, case.period), case.value)
    assert {case: text for case, text in wrong.items() if text} == {}


@pytest.mark.parametrize("case", hand_cuts(), ids=str)
async def test_sql_answers_the_cell_when_only_its_rows_are_left(hand: asyncpg.Connection[Any], case: Expected) -> None:
    """A KPI by a dimension is, for each member, the KPI of the rows with that member; null is a member."""
    transaction = hand.transaction()
    await transaction.start()
    for statement in ONLY[case.dimension or ""]:
        await hand.execute(statement, case.member)
    actual = await sql_value(hand, case.kpi, case.period)
    await transaction.rollback()
    assert difference(actual, case.value) is None, case.working


def test_only_what_ends_early_is_not_loaded() -> None:
    """Every period that is asked lies in what is loaded, except of the two object models that end early."""
    coverage = hand_coverage()
    periods = {case.period for case in hand_expected()}
    months = {period for period in periods if period < "2026-05"}
    short = {code for code, span in coverage.items() if any(span.end < bounds_of(period)[1] for period in months)}
    assert short == {"safety_incident", "training"}
    assert {case.kpi for case in hand_expected() if case.reason == "not_loaded"} == {
        "WF_INCIDENT_RATE",
        "WF_TRAINING_PER_FTE",
    }


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_the_rows_fit_their_object_models(data_set: str) -> None:
    """39 object models; types, values that must be there, value lists, and keys that are unique."""
    rows = DATA_SETS[data_set]
    assert len(CATALOG.object_models) == len(rows) == STARTER_OBJECT_MODELS
    for version in CATALOG.object_models:
        model = version.definition
        for row in rows[model.code]:
            assert misfits(model, row) == [], (model.code, row)
        keys = [tuple(row[name] for name in model.key) for row in rows[model.code]]
        assert len(set(keys)) == len(keys), model.code


def misfits(model: ObjectModel, row: Row) -> list[str]:
    if set(row) != {attribute.name for attribute in model.attributes}:
        return [f"columns {list(row)}"]
    found = []
    for attribute in model.attributes:
        value = row[attribute.name]
        if value is None:
            if not attribute.nullable:
                found.append(f"{attribute.name} is null")
        elif type(value) is not PYTHON_TYPES[attribute.type]:
            found.append(f"{attribute.name} is a {type(value).__name__}")
        elif attribute.values and value not in attribute.values:
            found.append(f"{attribute.name} is {value!r}")
    return found


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_the_rows_refer_to_rows_that_exist(data_set: str) -> None:
    """Every relation whose attributes are there leads to a row, or, as of a moment, to a series."""
    rows = DATA_SETS[data_set]
    for version in CATALOG.object_models:
        model = version.definition
        for relation in model.relations:
            targets = {tuple(row[name] for name in relation.on.values()) for row in rows[relation.target]}
            for row in rows[model.code]:
                reference = tuple(row[name] for name in relation.on)
                assert None in reference or reference in targets, (model.code, relation.name, row)


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_intervals_end_after_they_begin_and_do_not_overlap(data_set: str) -> None:
    """What holds of one thing at one moment is one row: else a relation as of a moment would meet two."""
    rows = DATA_SETS[data_set]
    for version in CATALOG.object_models:
        model = version.definition
        if model.valid_from is None or model.valid_to is None:
            continue
        series: dict[tuple[Any, ...], list[tuple[Any, Any]]] = {}
        for row in rows[model.code]:
            name = tuple(row[attribute] for attribute in model.series)
            series.setdefault(name, []).append((row[model.valid_from], row[model.valid_to]))
        for name, spans in series.items():
            spans.sort(key=lambda span: span[0])
            assert all(end is None or start < end for start, end in spans), (model.code, name)
            assert all(end is not None and end <= after[0] for (_, end), after in pairwise(spans)), (model.code, name)


@pytest.mark.parametrize("code", CODES)
async def test_the_generated_rows_give_every_kpi_a_value(generated: asyncpg.Connection[Any], code: str) -> None:
    """Random rows are worth comparing on: each KPI has a number in most months, and not always the same."""
    values = [await sql_value(generated, code, month) for month in MONTHS]
    known = [value for value in values if value is not None]
    assert len(known) >= 3, values
    assert len(set(known)) > 1, values


def test_the_same_seed_gives_the_same_rows() -> None:
    assert generated_rows(1) == GENERATED
    assert generated_rows(2) != GENERATED
