"""Nobody waits forever: the limits every pool sets, and what is said when one is reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.errors import DependencyUnavailable, Locked
from analytics_engine.kernel.ports.database import Connection
from support.waiting import eventually

LIMITS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
MakePool = Callable[..., PostgresDatabase]


@pytest.fixture
async def make_pool(postgres_url: str) -> AsyncIterator[MakePool]:
    """``make_pool(lock_timeout_s=1)``: a pool that is closed at the end."""
    made: list[PostgresDatabase] = []

    def make(**limits: float) -> PostgresDatabase:
        made.append(PostgresDatabase(postgres_url, **limits))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for pool in made:
        await pool.stop()


async def pid_of(connection: Connection) -> int:
    pid: int = await connection.fetch_value("select pg_backend_pid()")
    return pid


@pytest.mark.parametrize("service", list(Service))
async def test_every_service_limits_statements_locks_and_idle_transactions(
    settings_for: Callable[..., Settings], service: Service
) -> None:
    """Each has its own limit, from its own setting."""
    overrides = {"ae_statement_timeout_s": 7, "ae_lock_timeout_s": 2.5, "ae_idle_in_transaction_timeout_s": 90}
    for given, wanted in [({}, ("30s", "10s", "2min")), (overrides, ("7s", "2500ms", "90s"))]:
        database = Platform(service, settings_for(service, **given)).database
        async with database.transaction() as connection:
            found = tuple([await connection.fetch_value(f"show {name}") for name in LIMITS])
        await database.stop()
        assert found == wanted


async def test_a_lock_that_another_holds_too_long_is_told_of_and_passes_by_itself(make_pool: MakePool) -> None:
    database = make_pool(lock_timeout_s=0.1)
    async with database.transaction() as connection:
        await connection.execute("create table t (x int)")

    async def read() -> int:
        async with database.transaction() as connection:
            return len(await connection.fetch("select * from t"))

    async with database.transaction() as holder:
        await holder.execute("lock table t in access exclusive mode")
        with pytest.raises(Locked, match="lock timeout") as locked:
            await read()
    assert "/activity/blocking" in locked.value.remedy
    assert locked.value.facts == {"retry_after_s": 5}
    assert await read() == 0


async def test_a_transaction_that_does_nothing_is_ended_and_frees_what_it_locked(make_pool: MakePool) -> None:
    """Unless it named a time of its own: then it may be idle for so long."""
    database, observer = make_pool(idle_in_transaction_timeout_s=0.1), make_pool()

    async def idle() -> None:
        async with database.transaction() as connection:
            pid = await pid_of(connection)

            async def ended() -> bool:
                async with observer.transaction() as looking:
                    there = "select exists (select from pg_stat_activity where pid = $1)"
                    return not await looking.fetch_value(there, pid)

            await eventually(ended)
            await connection.fetch("select 1")

    async with database.transaction(timeout_s=60) as patient:
        with pytest.raises(DependencyUnavailable, match="was lost; nothing of this request was kept"):
            await idle()
        assert await patient.fetch_value("show idle_in_transaction_session_timeout") == "1min"


async def test_of_a_connection_lost_while_committing_it_is_said_that_nobody_knows(make_pool: MakePool) -> None:
    """The commit is held up by a deferred trigger, and its session ended meanwhile."""
    database, other = make_pool(), make_pool()
    async with database.transaction() as connection:
        await connection.execute("create table t (x int)")
        await connection.execute(
            "create function wait() returns trigger language plpgsql as "
            "$$ begin perform pg_sleep(60); return null; end $$"
        )
        await connection.execute(
            "create constraint trigger wait after insert on t deferrable initially deferred "
            "for each row execute function wait()"
        )

    async def insert() -> None:
        async with database.transaction() as connection:
            await connection.execute("insert into t values (1)")

    async def end() -> bool:
        async with other.transaction() as killer:
            ended = await killer.fetch(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and wait_event = 'PgSleep'"
            )
        return bool(ended)

    task = asyncio.create_task(insert())
    await eventually(end)
    with pytest.raises(DependencyUnavailable, match="whether it was kept is not known") as lost:
        await task
    assert "Idempotency-Key" in lost.value.remedy
    assert lost.value.facts["outcome"] == "unknown"
