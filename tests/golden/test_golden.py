"""Golden cases: what is asked, the SQL it becomes, and the rows a real PostgreSQL answers.

A case's ``rows`` are worked out by hand from ``data.yaml``. Its SQL is kept beside it, so that a change of the
compiler is seen; ``UPDATE_GOLDEN=1 pytest tests/golden`` writes the SQL anew, and never the rows.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from analytics_engine.contracts.calculation import KpiQuery, KpiResult
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.contracts.engine import Reading
from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.values.binding import bind
from analytics_engine.services.calculation_engine_service.asking import ask, question_of
from analytics_engine.services.calculation_engine_service.results import ResultWriter
from golden.shop import CLIENT, LOADED, load_shop, shop_catalog
from support.servers import TestServers

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
NOW = datetime(2026, 11, 2, tzinfo=UTC)
CATALOG = shop_catalog()
CHECKER = KpiChecker(CATALOG)


@pytest.fixture(scope="module")
async def shop(servers: TestServers) -> AsyncIterator[asyncpg.Connection[Any]]:
    database = servers.new_database(migrated=False)
    connection = await asyncpg.connect(database.owner_url)
    await load_shop(connection, CATALOG)
    yield connection
    await connection.close()
    servers.drop_database(database)


def load_case(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return case


async def answer(connection: asyncpg.Connection[Any], query: KpiQuery) -> tuple[str, KpiResult]:
    plan = build_plan(CHECKER, question_of(query))
    statement = emit(plan, CHECKER, POSTGRES)
    asked = ask(query, ClientProfile(client_id=CLIENT, name="Shop"), NOW)
    coverage = dict.fromkeys(plan.object_models, LOADED)
    rows = await connection.fetch(statement.sql, *bind(statement.slots, asked.binding(CLIENT, coverage)))
    writer = ResultWriter(plan=plan, asked=asked, catalog_version="golden")
    return statement.sql, writer.write(CLIENT, Reading(rows, coverage, 1))


def as_rows(result: KpiResult) -> list[list[Any]]:
    """One list a cell: the local start of its period, its dimensions, its values; a null as its reason."""
    rows = []
    for index in range(result.row_count):
        row: list[Any] = [result.period.start[index].removesuffix("T00:00:00+00:00")]
        row += [dimension.values[index] for dimension in result.dimensions]
        for kpi in result.kpis:
            value = kpi.values[index]
            row.append(f"null: {kpi.reasons[index].code.value}" if value is None else value)
        rows.append(row)
    return rows


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_question_becomes_this_sql_and_these_rows(shop: asyncpg.Connection[Any], path: Path) -> None:
    case = load_case(path)
    query = KpiQuery.model_validate(case["ask"])
    if "refused" in case:
        with pytest.raises(AnalyticsEngineError) as refusal:
            await answer(shop, query)
        assert {"detail": refusal.value.detail, "remedy": refusal.value.remedy} == case["refused"]
        return
    sql, result = await answer(shop, query)
    kept = path.with_suffix(".sql")
    if os.environ.get("UPDATE_GOLDEN"):
        kept.write_text(sql + "\n", encoding="utf-8")
    assert as_rows(result) == case["rows"], case["about"]
    assert sql + "\n" == kept.read_text(encoding="utf-8")


def test_every_kept_statement_belongs_to_a_case() -> None:
    """A case that is renamed or removed leaves no SQL behind."""
    cases = {path.stem for path in CASES if "refused" not in load_case(path)}
    assert {path.stem for path in (Path(__file__).parent / "cases").glob("*.sql")} == cases
