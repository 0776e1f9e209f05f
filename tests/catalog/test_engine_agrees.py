"""The starter catalog in the KPI language: each KPI is what was worked out by hand, and what plain SQL says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import asyncpg
import pytest

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog, KpiVersion, ObjectModelVersion
from analytics_engine.kpi.model.kpi import Kpi
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.time import Calendar, Window, local_midnight, periods
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.values.answer import Answer, read_answer
from analytics_engine.kpi.values.binding import Binding, Span, bind
from analytics_engine.services.business_metadata.bundle import read_bundle, read_directory
from catalog.cases import (
    CATALOG_FOLDER,
    CLIENT,
    CODES,
    MONTHS,
    ZONE,
    Expected,
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
from support.servers import TestServers

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@cache
def starter_catalog() -> Catalog:
    entries = [entry.definition for entry in read_bundle(read_directory(CATALOG_FOLDER))]
    return Catalog(
        version="starter",
        object_models=tuple(
            ObjectModelVersion(definition=model) for model in entries if isinstance(model, ObjectModel)
        ),
        kpis=tuple(KpiVersion(definition=kpi) for kpi in entries if isinstance(kpi, Kpi)),
    )


CHECKER = KpiChecker(starter_catalog())


async def answer(
    connection: asyncpg.Connection[Any],
    code: str,
    period: str,
    *,
    loaded: dict[str, Span],
    dimension: str | None = None,
) -> Answer:
    window = Window(*(local_midnight(moment.date()) for moment in bounds_of(period)))
    grain = "month" if len(period) == len("2026-01") else "day"
    plan = build_plan(CHECKER, Question((code,), grain, (dimension,) if dimension else ()))
    statement = emit(plan, CHECKER, POSTGRES)
    calendar = Calendar(ZONE)
    binding = Binding(
        client_id=CLIENT,
        calendar=calendar,
        periods=periods(window, grain, calendar),
        limit=10_000,
        now=NOW,
        grain=grain,
        coverage={model: loaded[model] for model in plan.object_models},
    )
    rows = await connection.fetch(statement.sql, *bind(statement.slots, binding))
    return read_answer(plan, rows, binding)


def value_and_reason(found: Answer, member: str | None, *, cut: bool) -> tuple[Any, str | None]:
    (column,) = found.measures
    rows = [row for row, value in enumerate(found.dimensions[0].values) if value == member] if cut else [0]
    (row,) = rows
    reason = column.reasons.get(row)
    return column.values[row], reason.code.value if reason else None


def same(value: Any, expected: Fraction) -> bool:
    """Exact sums are equal; what was divided is equal to 12 digits, floats to 9."""
    if isinstance(value, float):
        return abs(Fraction(value) - expected) <= abs(expected) * Fraction(1, 10**9) + Fraction(1, 10**12)
    return abs(Fraction(Decimal(value)) - expected) <= abs(expected) * Fraction(1, 10**12) + Fraction(1, 10**15)


@pytest.fixture(scope="module")
async def hand(servers: TestServers) -> AsyncIterator[asyncpg.Connection[Any]]:
    database = servers.new_database(migrated=False)
    connection = await asyncpg.connect(database.owner_url)
    await load_rows(connection, object_models_catalog(), hand_rows())
    yield connection
    await connection.close()
    servers.drop_database(database)


@pytest.fixture(scope="module")
async def generated(servers: TestServers) -> AsyncIterator[asyncpg.Connection[Any]]:
    database = servers.new_database(migrated=False)
    connection = await asyncpg.connect(database.owner_url)
    await load_rows(connection, object_models_catalog(), generated_rows(7))
    yield connection
    await connection.close()
    servers.drop_database(database)


LOADED = {model: Span(span.start, span.end) for model, span in hand_coverage().items()}
ALL_LOADED = dict.fromkeys(LOADED, LOADED["order"])


@pytest.mark.parametrize("expected", [*hand_expected(), *hand_cuts()], ids=str)
async def test_a_kpi_is_what_was_worked_out_by_hand(hand: asyncpg.Connection[Any], expected: Expected) -> None:
    found = await answer(hand, expected.kpi, expected.period, loaded=LOADED, dimension=expected.dimension)
    value, reason = value_and_reason(found, expected.member, cut=expected.dimension is not None)
    if expected.value is None:
        assert (value, reason) == (None, expected.reason), expected.working
    else:
        assert value is not None, f"{reason}; {expected.working}"
        assert same(value, expected.value), f"{value} is not {float(expected.value)}: {expected.working}"


@pytest.mark.parametrize("code", CODES)
async def test_a_kpi_is_what_plain_sql_says_on_generated_rows(generated: asyncpg.Connection[Any], code: str) -> None:
    for period in MONTHS:
        found = await answer(generated, code, period, loaded=ALL_LOADED)
        (value,) = found.measures[0].values
        said = await sql_value(generated, code, period)
        if said is None or value is None:
            assert value == said, period
        else:
            assert same(value, Fraction(str(said))), f"{period}: {value} is not {said}"
