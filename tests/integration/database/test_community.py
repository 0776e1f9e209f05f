"""What only TimescaleDB's Community licence has: the history of KPI values as continuous aggregates."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory

from analytics_engine.bootstrap.migrations import migrations_folder
from support.servers import GIVEN, GIVEN_URL, TestServers

from .history import TODAY, VIEWS, History, minutes, reporting

ROOT = Path(__file__).parents[3]
NEEDED = "on TimescaleDB Community, which AE_TEST_TIMESCALE_URL does not name"
EARLIER = timedelta(days=-3)
MATERIALIZED = """
    select format('%I.%I', materialization_hypertable_schema, materialization_hypertable_name)
      from timescaledb_information.continuous_aggregates
     where view_schema = 'kpi'
     order by view_name desc
"""


@pytest.fixture
async def history(servers: TestServers) -> AsyncIterator[History]:
    if not GIVEN_URL or await _licence() != "timescale":
        pytest.skip(NEEDED)
    database = servers.new_database(on=GIVEN)
    running = History(database)
    yield running
    await running.stop()
    servers.drop_database(database)


async def _licence() -> str:
    connection = await asyncpg.connect(GIVEN_URL)
    try:
        await connection.execute("create extension if not exists timescaledb")
        return str(await connection.fetchval("show timescaledb.license"))
    finally:
        await connection.close()


async def refresh(history: History) -> None:
    """Do at once what the refresh policies do now and then."""
    connection = await asyncpg.connect(history.url)
    try:
        jobs = await connection.fetch(
            "select job_id from timescaledb_information.jobs where proc_name = 'policy_refresh_continuous_aggregate'"
        )
        assert len(jobs) == 2
        for job in jobs:
            await connection.execute(f"call run_job({job['job_id']})")
    finally:
        await connection.close()


async def kept(history: History) -> list[int]:
    """Return how many hours and days are kept by now."""
    async with history.owner.transaction() as connection:
        tables = [row["format"] for row in await connection.fetch(MATERIALIZED)]
        return [await connection.fetch_value(f"select count(*) from {table}") for table in tables]


async def test_hours_and_days_that_are_over_are_kept(history: History) -> None:
    """Answers are the same before and after; what is not over yet is found when it is asked for."""
    await history.add(EARLIER + minutes(1), 10)
    await history.add(EARLIER + minutes(2), None, reason="not_covered")
    await history.add(EARLIER + minutes(61), 20)
    await history.add(datetime.now(UTC) - TODAY, 30)
    before = [await history.values(view) for view in VIEWS]
    assert before == [[10, None, 20, 30], [None, 20, 30], [20, 30]]
    assert await kept(history) == [0, 0]
    await refresh(history)
    assert await kept(history) == [2, 1]
    assert [await history.values(view) for view in VIEWS] == before
    async with history.engine.transaction(client_id="a") as connection:
        reasons = await connection.fetch("select reason from kpi.kpi_hourly order by time")
    assert [row["reason"] for row in reasons] == ["not_covered", "", ""]


async def test_a_value_that_comes_late_is_in_the_next_refresh(history: History) -> None:
    await history.add(EARLIER, 10)
    await refresh(history)
    await history.add(EARLIER + minutes(1), 20)
    assert await history.values("kpi_hourly") == [10]
    await refresh(history)
    assert await history.values("kpi_hourly") == [20]


async def test_what_is_below_the_views_is_out_of_reach(history: History) -> None:
    """No row-level security is there, so nobody but the owner may name it."""
    await history.add(EARLIER, 10)
    await refresh(history)
    async with history.owner.transaction() as connection:
        tables = [row["format"] for row in await connection.fetch(MATERIALIZED)]
        chunks = await connection.fetch(
            "select format('%I.%I', chunk_schema, chunk_name) from timescaledb_information.chunks"
        )
    assert len(chunks) >= 3
    below = ["kpi.kpi_values", "kpi.hourly_values", "kpi.daily_values", *tables, *(row["format"] for row in chunks)]
    async with reporting(history, client="a") as report:
        for login in (history.engine, report):
            for relation in below:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with login.transaction(client_id="a") as connection:
                        await connection.fetch(f"select value from {relation}")


@pytest.mark.parametrize("view", VIEWS)
async def test_kept_values_are_of_one_client_too(history: History, view: str) -> None:
    await history.add(EARLIER, 1, client="a")
    await history.add(EARLIER, 2, client="b")
    await refresh(history)
    assert await history.values(view, client="b") == [2]
    async with history.engine.transaction() as connection:
        assert await connection.fetch(f"select * from kpi.{view}") == []
    async with reporting(history, client="a") as report, report.transaction(client_id="b") as connection:
        assert [int(row["value"]) for row in await connection.fetch(f"select value from kpi.{view}")] == [1]


async def test_the_way_back_keeps_all_values(history: History) -> None:
    """To row-level security and plain views, and forth again."""
    await history.add(EARLIER, 10)
    await history.add(minutes(1), 20)
    await refresh(history)
    scripts = ScriptDirectory(str(migrations_folder()))
    before = scripts.get_revision("0010").down_revision
    assert isinstance(before, str)
    for command in (("downgrade", before), ("upgrade", "head")):
        await asyncio.to_thread(
            subprocess.run,
            [str(Path(sys.executable).parent / "alembic"), *command],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": history.url},
            check=True,
            capture_output=True,
        )
        assert [await history.values(view) for view in VIEWS] == [[10, 20]] * 3
        assert await history.values("kpi_data", client="b") == []
