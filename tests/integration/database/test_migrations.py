"""From an empty database to the present schema, once, however many ask for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.bootstrap.migrations import MigrationReport, migrate
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.postgres import with_login
from analytics_engine.errors import DependencyUnavailable, InvalidSetting
from support.servers import ON_EACH_SERVER, TestDatabase, TestServers

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=ON_EACH_SERVER)
def database(request: pytest.FixtureRequest, servers: TestServers) -> Iterator[TestDatabase]:
    """A migrated database of this test's own, on each server in turn."""
    own = servers.new_database(on=request.param)
    yield own
    servers.drop_database(own)


@pytest.fixture(params=ON_EACH_SERVER)
def empty_database(request: pytest.FixtureRequest, servers: TestServers) -> Iterator[TestDatabase]:
    own = servers.new_database(migrated=False, on=request.param)
    yield own
    servers.drop_database(own)


def migrated(url: str, secrets: Path | None, *, patience_s: float = 30.0) -> MigrationReport:
    """Migrate in a thread, where there is no event loop, as the command line does."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(migrate, url, role_secrets_dir=secrets, patience_s=patience_s).result()


async def test_two_at_once_migrate_once(empty_database: TestDatabase) -> None:
    """The second waits for the first and finds nothing to do."""
    with ThreadPoolExecutor(2) as pool:
        tasks = [
            pool.submit(migrate, empty_database.owner_url, role_secrets_dir=empty_database.role_secrets)
            for _ in range(2)
        ]
        first, second = sorted((task.result() for task in tasks), key=lambda report: -len(report.applied))
    assert first.before == ""
    assert first.applied[0] == "0001"
    assert first.after == first.applied[-1]
    assert (second.before, second.applied, second.after) == (first.after, (), first.after)
    assert first.logins == tuple(f"ae_{service.value}" for service in Service)


async def test_every_service_can_sign_in_afterwards(database: TestDatabase) -> None:
    for service in Service:
        own = PostgresDatabase(database.service_url(service))
        async with own.transaction() as connection:
            assert await connection.fetch_value("select session_user::text") == f"ae_{service.value}"
        await own.stop()


async def test_a_missing_password_is_made_and_a_changed_one_takes_hold(database: TestDatabase, tmp_path: Path) -> None:
    """Rotation: change or delete the file, run migrate. The files are their owner's only."""
    old = (database.role_secrets / "connector_service.password").read_text().strip()
    (tmp_path / "connector_service.password").write_text("a new one, with 'quotes' and \\ and :colons\n")
    try:
        migrated(database.owner_url, tmp_path)
        assert (tmp_path / "api_gateway.password").stat().st_mode & 0o777 == 0o600
        connection = await asyncpg.connect(
            database.owner_url, user="ae_connector_service", password="a new one, with 'quotes' and \\ and :colons"
        )
        await connection.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(with_login(database.owner_url, user="ae_connector_service", password=old))
    finally:
        migrated(database.owner_url, database.role_secrets)


async def test_without_a_folder_of_secrets_passwords_are_left_alone(database: TestDatabase) -> None:
    assert migrated(database.owner_url, None).logins == ()


async def test_the_public_may_do_nothing(empty_database: TestDatabase) -> None:
    migrated(empty_database.owner_url, empty_database.role_secrets)
    owner = PostgresDatabase(empty_database.owner_url)
    async with owner.transaction() as connection:
        await connection.execute("create role passer_by")
        for schema in ("public", "facts", "metadata", "config", "access", "audit", "kpi", "ingest", "messaging"):
            assert not await connection.fetch_value("select has_schema_privilege('passer_by', $1, 'usage')", schema)
        assert not await connection.fetch_value(
            "select has_database_privilege('passer_by', current_database(), 'connect')"
        )
        await connection.execute("drop role passer_by")
    await owner.stop()


async def test_no_role_of_ours_gets_round_row_level_security(database: TestDatabase) -> None:
    owner = PostgresDatabase(database.owner_url)
    async with owner.transaction() as connection:
        roles = await connection.fetch(
            "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
            " where rolname like 'ae\\_%' or rolname = 'reporting'"
        )
    await owner.stop()
    assert len(roles) == len(Service) + 2
    assert not any(right for role in roles for right in list(role.values())[1:])


async def test_a_server_that_is_not_there_is_waited_for_and_then_named() -> None:
    with pytest.raises(DependencyUnavailable, match=r"The database at 127\.0\.0\.1:1/nothing cannot be reached"):
        migrated("postgresql://a:b@127.0.0.1:1/nothing", None, patience_s=0.5)


async def test_a_wrong_password_is_not_waited_for(empty_database: TestDatabase) -> None:
    url = with_login(empty_database.owner_url, user="analytics_engine", password="wrong")
    with pytest.raises(DependencyUnavailable, match="refuses the login") as refused:
        migrated(url, None, patience_s=600)
    assert "wrong" not in refused.value.detail


async def test_a_url_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="DATABASE_URL is not a PostgreSQL URL"):
        migrated("mysql://a:b@c/d", None)


@pytest.mark.parametrize("command", ["alembic", "analytics-engine"])
async def test_the_commands_of_the_guide_work_as_written(empty_database: TestDatabase, command: str) -> None:
    """``alembic upgrade head`` and ``analytics-engine migrate``, run twice: the second time there is nothing to do."""
    arguments = ["upgrade", "head"] if command == "alembic" else ["migrate"]
    environment = os.environ | {
        "DATABASE_URL": empty_database.owner_url,
        "AE_ROLE_SECRETS_DIR": str(empty_database.role_secrets),
    }
    for _ in range(2):
        done = await asyncio.to_thread(
            subprocess.run,
            [str(Path(sys.executable).parent / command), *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    if command == "analytics-engine":
        assert done.stdout.startswith("Nothing to do: the database is at ")
    owner = PostgresDatabase(empty_database.owner_url)
    async with owner.transaction() as connection:
        assert await connection.fetch_value("select to_regclass('kpi.kpi_data') is not null")
    await owner.stop()


async def test_kpi_history_keeps_the_last_value_of_the_hour_and_the_day(database: TestDatabase) -> None:
    """KPI values are never averaged; clients, versions, grains and dimensions are apart, and so are tenants."""
    own = PostgresDatabase(database.service_url(Service.CALCULATION))
    add = (
        "insert into kpi.kpi_data (time, client_id, kpi_code, kpi_version, grain, dimensions, period_start, period_end,"
        " value, watermark) values (date_trunc('day', now(), 'UTC') + $2::interval, $1, 'K', $3, 'day', $4,"
        " '2024-01-01', '2024-01-02', $5, 1)"
    )
    async with own.transaction(client_id="a") as connection:
        for minutes, version, dimensions, value in [
            (0, 1, {}, 10),
            (59, 1, {}, 30),
            (60, 1, {}, 20),
            (61, 2, {}, 7),
            (62, 1, {"origin": "JFK"}, 5),
        ]:
            await connection.execute(add, "a", timedelta(minutes=minutes), version, dimensions, value)
        hourly = await connection.fetch(
            "select value from kpi.kpi_hourly order by kpi_version, dimensions::text, bucket"
        )
        daily = await connection.fetch("select value from kpi.kpi_daily order by kpi_version, dimensions::text, bucket")
    assert [int(row["value"]) for row in hourly] == [5, 30, 20, 7]
    assert [int(row["value"]) for row in daily] == [5, 20, 7]
    async with own.transaction(client_id="b") as connection:
        assert await connection.fetch("select * from kpi.kpi_hourly") == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(add, "a", timedelta(0), 1, {}, 1)
    await own.stop()
