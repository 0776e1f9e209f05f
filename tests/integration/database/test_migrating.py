"""Migrations among others: killed midway, ten at once, beside long transactions, and asked without being run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command

from analytics_engine.adapters.postgres.schema_owner import LOCK_TIMEOUT_S, schema_owner
from analytics_engine.bootstrap.migrations import _config, migrate
from analytics_engine.bootstrap.schema import migration_files, migrations_folder, newest_revision
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.programs import postgres_programs
from analytics_engine.errors import SchemaLocked
from support.servers import TestDatabase, TestServers
from support.waiting import eventually

PROGRAM = str(Path(sys.executable).parent / "analytics-engine")
OLDER = "0011"
"""A revision on the way, from which migrations go on."""

SOON_S = 120
"""Deadlines are for machines that have much else to do."""


def started(database: TestDatabase, *arguments: str, url: str = "") -> subprocess.Popen[str]:
    environment = os.environ | {
        "DATABASE_URL": url or database.owner_url,
        "AE_ROLE_SECRETS_DIR": str(database.role_secrets),
    }
    return subprocess.Popen(
        [PROGRAM, "migrate", *arguments],
        env=environment,
        cwd=database.role_secrets,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = await asyncio.to_thread(process.communicate, timeout=SOON_S)
    return process.returncode, out, err


async def to_revision(database: TestDatabase, revision: str) -> None:
    """Bring a database to an older revision, as an older release would have left it."""
    config = _config(migrations_folder())

    def upgrade(connection: Any) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()

    async with schema_owner(database.owner_url) as connection:
        await connection.run_sync(upgrade)


@asynccontextmanager
async def session(url: str, application: str = "a reader") -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(url, server_settings={"application_name": application})
    try:
        yield connection
    finally:
        await connection.close()


async def schema(servers: TestServers, database: TestDatabase) -> str:
    """Return the whole schema as pg_dump writes it; its guard against injection is another one each time."""
    dumped = await asyncio.to_thread(
        subprocess.run,
        [str(postgres_programs(servers.home) / "pg_dump"), "--schema-only", database.owner_url],
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line for line in dumped.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


HANG = """
    create function public.hang() returns event_trigger language plpgsql as $f$
    begin
        if exists (select from pg_event_trigger_ddl_commands() where object_identity = {identity}) then
            perform pg_sleep(600);
        end if;
    end $f$;
    create event trigger hang on ddl_command_end execute function public.hang();
"""


@pytest.mark.parametrize(
    "identity",
    ["messaging.outbox", "ingest.loads", "lifecycle.parts", "operations.schema_revision"],
)
async def test_a_migration_killed_midway_is_finished_by_the_next(
    servers: TestServers, empty_database: TestDatabase, database: TestDatabase, identity: str
) -> None:
    """Killed while a statement of a migration runs: its transaction is undone, those before are kept."""
    async with session(empty_database.owner_url) as owner:
        await owner.execute(HANG.format(identity=f"'{identity}'"))
        process = started(empty_database)

        async def hangs() -> bool:
            return bool(
                await owner.fetchval(
                    "select exists (select from pg_stat_activity where datname = current_database()"
                    " and application_name = 'migrate' and wait_event = 'PgSleep')"
                )
            )

        await eventually(hangs, within_s=SOON_S)
        process.send_signal(signal.SIGKILL)
        await ended(process)
        await owner.execute("drop event trigger hang; drop function public.hang()")
        found = (
            await owner.fetchval("select max(version_num) from alembic_version")
            if identity != "messaging.outbox"
            else None
        )
        assert (found or "") < newest_revision()
    code, out, err = await ended(started(empty_database))
    assert code == 0, err
    assert out.startswith(f"Migrated from {found or 'empty'} to {newest_revision()}")
    assert await schema(servers, empty_database) == await schema(servers, database)


@pytest.mark.parametrize("revision", ["", OLDER])
async def test_of_ten_at_once_one_works(
    servers: TestServers, empty_database: TestDatabase, database: TestDatabase, revision: str
) -> None:
    """Ten processes, from nothing and from an older release: all end well, and one of them has migrated."""
    if revision:
        await to_revision(empty_database, revision)
    answers = await asyncio.gather(*(ended(started(empty_database, "--wait", "120")) for _ in range(10)))
    assert [code for code, _, _ in answers] == [0] * 10, [err for _, _, err in answers]
    told = sorted(out.splitlines()[0] for _, out, _ in answers)
    assert told[0].startswith(f"Migrated from {revision or 'empty'} to {newest_revision()}: ")
    assert told[1:] == [f"Nothing to do: the database is at {newest_revision()}."] * 9
    assert await schema(servers, empty_database) == await schema(servers, database)


async def test_nobody_waits_for_long_behind_a_migration_that_waits(empty_database: TestDatabase) -> None:
    """A transaction has read the outbox and stays open; 0017 adds a column to it. Others read it all the while."""
    await to_revision(empty_database, "0016")
    waits: list[float] = []
    done = asyncio.Event()

    async def ask(connection: asyncpg.Connection[Any]) -> None:
        while not done.is_set():
            began = time.monotonic()
            await connection.fetchval("select count(*) from messaging.outbox")
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.01)

    async with session(empty_database.owner_url) as reader, session(empty_database.owner_url, "others") as others:
        reading = reader.transaction()
        await reading.start()
        await reader.fetchval("select count(*) from messaging.outbox")
        asking = asyncio.create_task(ask(others))
        process = started(empty_database)

        async def held_up_twice() -> bool:
            return len([wait for wait in waits if wait > LOCK_TIMEOUT_S / 2]) >= 2

        await eventually(held_up_twice, within_s=SOON_S)
        await reading.rollback()
        code, out, err = await ended(process)
        done.set()
        await asking
    assert code == 0, err
    assert f"to {newest_revision()}: 0017" in out
    assert "Waiting for pid" in err
    assert "a reader" in err
    assert max(waits) < LOCK_TIMEOUT_S * 20, "one second, and what a busy machine adds"


async def test_who_is_in_the_way_for_too_long_is_named(empty_database: TestDatabase) -> None:
    """The migration gives up with what to do; what it did before is kept, and the next one goes on there."""
    await to_revision(empty_database, OLDER)
    async with session(empty_database.owner_url) as reader:
        async with reader.transaction():
            await reader.fetchval("select count(*) from messaging.outbox")
            with pytest.raises(SchemaLocked) as refused:
                await asyncio.to_thread(migrate, empty_database.owner_url, role_secrets_dir=None, lock_patience_s=5.0)
            pid = reader.get_server_pid()
        assert f"pid {pid} (a reader of analytics_engine, in a transaction since 20" in refused.value.detail
        assert f"select pg_terminate_backend({pid})" in refused.value.remedy
        assert refused.value.facts == {"blockers": [pid]}
        assert await reader.fetchval("select version_num from alembic_version") == "0016"
    report = await asyncio.to_thread(migrate, empty_database.owner_url, role_secrets_dir=None)
    assert (report.before, report.after) == ("0016", newest_revision())


async def test_what_is_pending_can_be_asked_by_every_service(
    database: TestDatabase, empty_database: TestDatabase, service_url: Callable[[Service], str]
) -> None:
    for service in Service:
        code, out, err = await ended(started(database, "--check", url=service_url(service)))
        assert (code, out, err) == (0, f"The database is at {newest_revision()}; nothing is pending.\n", "")
    code, out, _ = await ended(started(empty_database, "--check"))
    assert code == 3
    assert out.splitlines()[0] == f"The database is empty; {len(migration_files())} migrations are pending:"
    assert out.splitlines()[1].startswith("  0001  Schemas, roles and what they may do")


async def test_what_is_pending_can_be_read_by_programs_and_seen_as_sql(empty_database: TestDatabase) -> None:
    await to_revision(empty_database, "0016")
    code, out, err = await ended(started(empty_database, "--check", "--json"))
    assert code == 3, err
    answer = json.loads(out)
    assert (answer["found"], answer["wanted"], answer["empty"]) == ("0016", newest_revision(), False)
    assert [one["revision"] for one in answer["pending"]] == [one for one in migration_files() if one > "0016"]
    code, out, err = await ended(started(empty_database, "--dry-run"))
    assert code == 0, err
    assert "ALTER TABLE messaging.outbox ADD COLUMN position bigint" in out
    assert "CREATE TABLE messaging.outbox" not in out
    async with session(empty_database.owner_url) as owner:
        assert await owner.fetchval("select version_num from alembic_version") == "0016"


async def test_whoever_waits_for_the_schema_goes_on_once_it_is_there(empty_database: TestDatabase) -> None:
    """As new pods do beside the migration."""
    waiting = started(empty_database, "--check", "--wait", str(SOON_S))
    code, _, err = await ended(started(empty_database))
    assert code == 0, err
    code, out, err = await ended(waiting)
    assert (code, out) == (0, f"The database is at {newest_revision()}; nothing is pending.\n"), err


async def test_an_older_release_leaves_a_newer_schema_alone(database: TestDatabase) -> None:
    async with session(database.owner_url) as owner:
        await owner.execute("update alembic_version set version_num = '9999'")
    code, out, err = await ended(started(database))
    assert code == 0, err
    assert out.startswith("Nothing to do: the database is at 9999, of a newer release than this one.\n")
    code, out, _ = await ended(started(database, "--check"))
    assert (code, out) == (0, "The database is at 9999, of a newer release than this one; nothing is pending.\n")
