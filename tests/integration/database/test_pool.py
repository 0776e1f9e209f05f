"""The pool of connections: errors that name their cause, and a server that comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

import asyncpg
import psutil
import pytest
import uvloop

from analytics_engine.adapters.postgres.database import PostgresDatabase, analytical_settings
from analytics_engine.adapters.postgres.outbox import PostgresInbox, PostgresOutbox
from analytics_engine.contracts.events import with_data_schema
from analytics_engine.errors import Conflict, DependencyTimeout, DependencyUnavailable
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.ports.events import Event
from support.servers import TestServers
from support.waiting import eventually


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    pool = PostgresDatabase(postgres_url, pool_size=2, statement_timeout_s=5)
    yield pool
    await pool.stop()


async def test_a_transaction_commits_when_its_block_ends_and_not_when_it_raises(database: PostgresDatabase) -> None:
    async with database.transaction() as connection:
        await connection.execute("create table t (x int)")

    async def fail() -> None:
        async with database.transaction() as connection:
            await connection.execute("insert into t values (1)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction() as connection:
        await connection.execute("insert into t values (2)")
    async with database.transaction(read_only=True) as connection:
        assert [row["x"] for row in await connection.fetch("select x from t")] == [2]


async def test_rows_are_mappings_with_python_values(database: PostgresDatabase) -> None:
    async with database.transaction() as connection:
        row = await connection.fetch_one("""select '{"a": [1, null]}'::jsonb as document, 1.50::numeric as amount""")
    assert row is not None
    assert list(row) == ["document", "amount"]
    assert dict(row) == {"document": {"a": [1, None]}, "amount": Decimal("1.50")}
    assert str(row["amount"]) == "1.50"


async def test_json_goes_in_as_it_comes_out(database: PostgresDatabase) -> None:
    document = {"ä": [1, 2.5, None, True, "\\ \" '"]}
    async with database.transaction() as connection:
        assert await connection.fetch_value("select $1::jsonb", document) == document


async def test_copies_take_records_csv_and_binary(database: PostgresDatabase) -> None:
    async def csv() -> AsyncIterator[bytes]:
        yield b'3,"a, ""b"""\n4,'
        yield b"\n"

    async def binary() -> AsyncIterator[bytes]:
        yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
        yield b"\0\2" + b"\0\0\0\4\0\0\0\5" + b"\xff\xff\xff\xff"
        yield b"\xff\xff"

    async with database.transaction() as connection:
        await connection.execute("create table public.t (x int, y text)")
        records = [(1, "one"), (2, None)]
        assert await connection.copy_records("t", schema="public", columns=["x", "y"], records=records) == 2
        assert await connection.copy_csv("t", schema="public", columns=["x", "y"], source=csv()) == 2
        assert await connection.copy_binary("t", schema="public", columns=["x", "y"], source=binary()) == 1
        rows = await connection.fetch("select * from t order by x")
    assert [tuple(row.values()) for row in rows] == [(1, "one"), (2, None), (3, 'a, "b"'), (4, None), (5, None)]


async def test_a_statement_that_takes_too_long_is_a_timeout(database: PostgresDatabase) -> None:
    with pytest.raises(DependencyTimeout, match="took too long") as timeout:
        async with database.transaction(timeout_s=0.1) as connection:
            await connection.execute("select pg_sleep(5)")
    assert "AE_STATEMENT_TIMEOUT_S" in timeout.value.remedy
    async with database.transaction() as connection:
        assert await connection.fetch_value("show statement_timeout") == "5s"


async def test_what_is_there_already_is_a_conflict(database: PostgresDatabase) -> None:
    async with database.transaction() as connection:
        await connection.execute("create table t (x int constraint only_one primary key)")
    with pytest.raises(Conflict, match="only_one"):
        async with database.transaction() as connection:
            await connection.execute("insert into t values (1), (1)")


async def test_serializable_transactions_that_collide_are_a_conflict(database: PostgresDatabase) -> None:
    async with database.transaction() as connection:
        await connection.execute("create table t (x int)")

    async def add_up() -> None:
        async with database.transaction(isolation="serializable") as connection:
            await connection.fetch("select sum(x) from t")
            await asyncio.sleep(0.2)
            await connection.execute("insert into t values (1)")

    outcomes = await asyncio.gather(add_up(), add_up(), return_exceptions=True)
    assert sorted(type(outcome) for outcome in outcomes if outcome is not None) == [Conflict]


async def test_a_mistake_in_sql_stays_a_mistake(database: PostgresDatabase) -> None:
    """It is a bug of ours: no error that a caller could be told of hides it."""
    with pytest.raises(asyncpg.UndefinedTableError):
        async with database.transaction() as connection:
            await connection.execute("select * from nothing_of_that_name")


async def test_a_cancelled_block_gives_its_connection_back(database: PostgresDatabase) -> None:
    async def hold() -> None:
        async with database.transaction() as connection:
            await connection.execute("select pg_sleep(30)")

    for _ in range(4):
        task = asyncio.create_task(hold())
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with database.transaction() as first, database.transaction() as second:
        assert [await first.fetch_value("select 1"), await second.fetch_value("select 2")] == [1, 2]


async def test_a_pool_that_is_all_in_use_is_not_ill(database: PostgresDatabase) -> None:
    async with database.transaction(), database.transaction():
        await database.ping()


async def test_connections_that_died_are_replaced_unseen(database: PostgresDatabase, postgres_url: str) -> None:
    async with database.transaction() as first, database.transaction() as second:
        pids = [await connection.fetch_value("select pg_backend_pid()") for connection in (first, second)]
    other = PostgresDatabase(postgres_url)
    async with other.transaction() as connection:
        await connection.execute("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", pids)
    await other.stop()
    async with database.transaction() as connection:
        assert await connection.fetch_value("select 1") == 1


async def test_a_connection_lost_in_a_transaction_is_told_of(database: PostgresDatabase, postgres_url: str) -> None:
    other = PostgresDatabase(postgres_url)

    async def lose() -> None:
        async with database.transaction() as connection:
            pid = await connection.fetch_value("select pg_backend_pid()")
            async with other.transaction() as killer:
                await killer.execute("select pg_terminate_backend($1)", pid)
            await connection.execute("select 1")

    with pytest.raises(DependencyUnavailable, match="was lost; nothing of this request was kept"):
        await lose()
    await other.stop()
    async with database.transaction() as connection:
        assert await connection.fetch_value("select 1") == 1


def test_a_connection_that_ends_while_a_copy_waits_for_its_source_is_lost(servers: TestServers) -> None:
    """On uvloop, as the services run: its transports raise where asyncio's say nothing."""

    async def waiting(database: PostgresDatabase, pid: int) -> AsyncIterator[bytes]:
        yield b"1\n"
        async with database.transaction() as other:
            await other.execute("select pg_terminate_backend($1, 5000)", pid)

        async def ended() -> bool:
            async with database.transaction() as other:
                return not await other.fetch_value("select exists (select from pg_stat_activity where pid = $1)", pid)

        await eventually(ended)
        yield b"2\n"

    async def copy() -> None:
        database = PostgresDatabase(servers.new_database().owner_url, pool_size=2)
        async with database.transaction() as connection:
            await connection.execute("create table copied (x int)")
        try:
            async with database.transaction() as connection:
                source = waiting(database, await connection.fetch_value("select pg_backend_pid()"))
                await connection.copy_csv("copied", schema="public", columns=["x"], source=source)
        finally:
            await database.stop()

    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        pytest.raises(DependencyUnavailable, match="was lost; nothing of this request was kept"),
    ):
        runner.run(copy())


async def test_a_login_that_is_refused_says_what_to_do() -> None:
    with pytest.raises(DependencyUnavailable) as away:
        await PostgresDatabase("postgresql://user:secret@127.0.0.1:1/nothing").ping()
    assert away.value.detail == "The database at 127.0.0.1:1/nothing cannot be reached."
    assert "secret" not in away.value.detail + away.value.remedy


async def test_a_server_that_dies_and_comes_back_is_used_again() -> None:
    """kill -9 of all of PostgreSQL, and a start: no restart of the service is needed."""
    servers = await asyncio.to_thread(TestServers)
    try:
        await asyncio.to_thread(servers.postgres.start)
        database = PostgresDatabase(servers.postgres.url())
        await database.start()
        async with database.transaction() as connection:
            await connection.execute("select 1")
        await database.ping()
        await asyncio.to_thread(_kill, servers)
        with pytest.raises(DependencyUnavailable):
            await database.ping()
        with pytest.raises(DependencyUnavailable):
            async with database.transaction() as connection:
                await connection.execute("select 1")
        await asyncio.to_thread(servers.postgres.start)

        async def back() -> bool:
            async with database.transaction() as connection:
                return bool(await connection.fetch_value("select true"))

        assert await eventually(back)
        await database.ping()
        await database.stop()
    finally:
        await asyncio.to_thread(servers.stop)


def _kill(servers: TestServers) -> None:
    launcher = servers.postgres.child.launcher_pid
    processes = psutil.Process(launcher).children(recursive=True)
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=10)


async def test_the_outbox_is_in_the_transaction_and_the_inbox_remembers(database: PostgresDatabase) -> None:
    outbox, inbox = PostgresOutbox(), PostgresInbox()
    event = Event(type="data.ingested", source="test", time=SystemClock().now(), subject="s", clientid="c", data={})

    async def fail() -> None:
        async with database.transaction() as connection:
            await outbox.add(connection, event)
            assert await inbox.first_time(connection, group="g", event=event)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.transaction() as connection:
        assert await connection.fetch_value("select count(*) from messaging.outbox") == 0
        await outbox.add(connection, event)
        assert await inbox.first_time(connection, group="g", event=event)
        assert not await inbox.first_time(connection, group="g", event=event)
        assert await inbox.first_time(connection, group="another", event=event)
        row = await connection.fetch_one("select * from messaging.outbox")
        assert row is not None
        assert Event.model_validate(row["event"]) == with_data_schema(event)
        assert row["xid"] == await connection.fetch_value("select pg_current_xact_id()")


async def test_statements_of_reports_are_planned_so_in_their_transaction_only(database: PostgresDatabase) -> None:
    settings = "select current_setting('plan_cache_mode') as plans, current_setting('jit') as jit"
    async with database.transaction() as connection:
        before = await connection.fetch_one(settings)
    async with database.transaction(read_only=True, analytical=True) as connection:
        assert dict(await connection.fetch_one(settings) or {}) == {"plans": "force_custom_plan", "jit": "off"}
    async with database.transaction() as connection:
        assert await connection.fetch_one(settings) == before


@pytest.mark.parametrize(("major", "named"), [(15, False), (16, True), (18, True)])
def test_no_setting_is_named_that_a_server_does_not_have(major: int, named: bool) -> None:
    assert ("enable_presorted_aggregate" in analytical_settings(major)) is named
