"""The history of KPI values: the last of each hour and day, of one's own client, on every edition."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import asyncpg
import pytest

from analytics_engine.contracts.calculation import KpiResult
from analytics_engine.services.calculation_engine_service.jobs.history import keep_values
from analytics_engine.services.database_service.tables.edition import Edition, probe
from support.servers import TestDatabase

from .history import TODAY, VIEWS, History, minutes, reporting

PAGE = KpiResult.model_validate(
    {
        "grain": "day",
        "grains": ["day"],
        "time_zone": "Europe/Berlin",
        "ranges": [],
        "catalog_version": "1",
        "watermark": 42,
        "asked_at": TODAY,
        "coverage": {},
        "period": {
            "start": ["2024-01-02T00:00:00+01:00", "2024-01-03T00:00:00+01:00"],
            "end": ["2024-01-03T00:00:00+01:00", "2024-01-04T00:00:00+01:00"],
            "complete": [True, True],
        },
        "levels": [["order.channel"]],
        "dimensions": [{"name": "order.channel", "label": "Channel", "type": "text", "values": ["web", None]}],
        "kpis": [
            {
                "code": "K",
                "name": "K",
                "version": 7,
                "unit": "",
                "type": "decimal",
                "display": {},
                "direction": "higher",
                "values": ["0.12345678901234567890", None],
                "reasons": {1: {"code": "not_loaded", "detail": ""}},
            }
        ],
        "row_count": 2,
        "page": {"offset": 0, "next": None},
    }
)


@pytest.fixture
async def history(each_database: TestDatabase) -> AsyncIterator[History]:
    running = History(each_database)
    yield running
    await running.stop()


async def test_it_keeps_the_last_value_of_the_hour_and_the_day(history: History) -> None:
    """KPI values are never averaged; versions and dimensions are apart."""
    await history.add(minutes(59), 30)
    await history.add(minutes(0), 10)
    await history.add(minutes(60), 20)
    await history.add(minutes(61), 7, version=2)
    await history.add(minutes(62), 5, dimensions={"origin": "JFK"})
    assert await history.values("kpi_hourly") == [5, 30, 20, 7]
    assert await history.values("kpi_daily") == [5, 20, 7]


async def test_a_null_is_a_last_value_too_and_keeps_its_reason(history: History) -> None:
    """What was known an hour ago is not what is known now."""
    await history.add(minutes(1), 10)
    await history.add(minutes(2), None, reason="not_covered")
    async with history.engine.transaction(client_id="a") as connection:
        (row,) = await connection.fetch("select * from kpi.kpi_hourly")
    assert (row["value"], row["reason"], row["time"], row["bucket"]) == (None, "not_covered", TODAY + minutes(2), TODAY)
    assert row["period_end"] == datetime(2024, 1, 2, tzinfo=UTC)


async def test_a_page_of_an_answer_is_kept_as_it_was_answered(history: History) -> None:
    """As a job keeps it: decimals to the last digit, a null with its reason, each cell with its members."""
    async with history.engine.transaction(client_id="a") as connection:
        await keep_values(connection, PAGE, client_id="a", as_of=TODAY + minutes(5))
    async with history.engine.transaction(client_id="a") as connection:
        rows = await connection.fetch("select * from kpi.kpi_daily order by period_start, dimensions::text")
    assert [(row["dimensions"], row["value"], row["reason"], row["kpi_version"]) for row in rows] == [
        ({"order.channel": "web"}, Decimal("0.12345678901234567890"), "", 7),
        ({"order.channel": None}, None, "not_loaded", 7),
    ]
    assert [row["period_start"] for row in rows] == [datetime(2024, 1, day, 23, tzinfo=UTC) for day in (1, 2)]
    assert {(row["time"], row["kpi_code"], row["grain"], row["watermark"]) for row in rows} == {
        (TODAY + minutes(5), "K", "day", 42)
    }


@pytest.mark.parametrize("view", VIEWS)
async def test_a_client_sees_its_own_and_nothing_without_one(history: History, view: str) -> None:
    await history.add(minutes(1), 1, client="a")
    await history.add(minutes(1), 2, client="b")
    assert await history.values(view, client="a") == [1]
    assert await history.values(view, client="b") == [2]
    async with history.engine.transaction() as connection:
        assert await connection.fetch(f"select * from kpi.{view}") == []


async def test_a_value_of_another_client_is_refused(history: History) -> None:
    """Row-level security refuses it, or the view where there is none."""
    async with history.owner.transaction() as connection:
        edition = (await probe(connection)).edition
    refusal: type[asyncpg.PostgresError] = (
        asyncpg.WithCheckOptionViolationError if edition is Edition.COMMUNITY else asyncpg.InsufficientPrivilegeError
    )
    with pytest.raises(refusal):
        await history.add(minutes(1), 1, client="b", owner="a")
    assert await history.values("kpi_data", client="a") == []


@pytest.mark.parametrize("view", VIEWS)
async def test_a_report_writer_sees_the_client_of_its_login_whatever_it_sets(history: History, view: str) -> None:
    await history.add(minutes(1), 1, client="a")
    await history.add(minutes(1), 2, client="b")
    async with reporting(history, client="a") as report, report.transaction(client_id="b") as connection:
        assert [row["client_id"] for row in await connection.fetch(f"select client_id from kpi.{view}")] == ["a"]


@pytest.mark.parametrize("statement", ["delete from kpi.kpi_data", "update kpi.kpi_data set value = 0"])
async def test_history_is_not_rewritten(history: History, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with history.engine.transaction(client_id="a") as connection:
            await connection.execute(statement)
