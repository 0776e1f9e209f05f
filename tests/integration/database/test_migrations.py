"""From an empty database to the present schema, once, however many ask for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncpg
import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.bootstrap.migrations import MigrationReport, migrate
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.postgres import with_login
from analytics_engine.errors import DependencyUnavailable, InvalidSetting
from support.servers import TestDatabase

ROOT = Path(__file__).parents[3]


def migrated(url: str, secrets: Path | None, *, patience_s: float = 30.0) -> MigrationReport:
    """Migrate in a thread, where there is no event loop, as the command line does."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(migrate, url, role_secrets_dir=secrets, patience_s=patience_s).result()


async def test_two_at_once_migrate_once(each_empty_database: TestDatabase) -> None:
    """The second waits for the first and finds nothing to do."""
    with ThreadPoolExecutor(2) as pool:
        tasks = [
            pool.submit(migrate, each_empty_database.owner_url, role_secrets_dir=each_empty_database.role_secrets)
            for _ in range(2)
        ]
        first, second = sorted((task.result() for task in tasks), key=lambda report: -len(report.applied))
    assert first.before == ""
    assert first.applied[0] == "0001"
    assert first.after == first.applied[-1]
    assert (second.before, second.applied, second.after) == (first.after, (), first.after)
    assert first.logins == (*(f"ae_{service.value}" for service in Service), "ae_backup")


async def test_every_service_can_sign_in_afterwards(each_database: TestDatabase) -> None:
    for service in Service:
        own = PostgresDatabase(each_database.service_url(service))
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


async def test_the_public_may_do_nothing(each_empty_database: TestDatabase) -> None:
    migrated(each_empty_database.owner_url, each_empty_database.role_secrets)
    owner = PostgresDatabase(each_empty_database.owner_url)
    async with owner.transaction() as connection:
        await connection.execute("create role passer_by")
        for schema in ("public", "facts", "metadata", "config", "access", "audit", "kpi", "ingest", "messaging"):
            assert not await connection.fetch_value("select has_schema_privilege('passer_by', $1, 'usage')", schema)
        assert not await connection.fetch_value(
            "select has_database_privilege('passer_by', current_database(), 'connect')"
        )
        await connection.execute("drop role passer_by")
    await owner.stop()


async def test_no_role_of_ours_gets_round_row_level_security(each_database: TestDatabase) -> None:
    owner = PostgresDatabase(each_database.owner_url)
    async with owner.transaction() as connection:
        roles = await connection.fetch(
            "select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
            " where rolname like 'ae\\_%' or rolname = 'reporting'"
        )
    await owner.stop()
    assert len(roles) == len(Service) + 4  # who owns the rows, who reads reports, who runs jobs, who makes backups
    rights = {role["rolname"]: [name for name, right in role.items() if right is True] for role in roles}
    assert rights.pop("ae_backup") == ["rolbypassrls"]  # whose dumps are whole or not at all; it writes nothing
    assert not any(rights.values())


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
async def test_the_commands_of_the_guide_work_as_written(each_empty_database: TestDatabase, command: str) -> None:
    """``alembic upgrade head`` and ``analytics-engine migrate``, run twice: the second time there is nothing to do."""
    arguments = ["upgrade", "head"] if command == "alembic" else ["migrate"]
    environment = os.environ | {
        "DATABASE_URL": each_empty_database.owner_url,
        "AE_ROLE_SECRETS_DIR": str(each_empty_database.role_secrets),
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
    owner = PostgresDatabase(each_empty_database.owner_url)
    async with owner.transaction() as connection:
        assert await connection.fetch_value("select to_regclass('kpi.kpi_data') is not null")
    await owner.stop()
