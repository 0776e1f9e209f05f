"""The engine on a real PostgreSQL, as the calculation engine's own login."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from analytics_engine.adapters.engines.postgres import PostgresEngine
from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.services import Service
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, QueryError


@pytest.fixture
async def engine(postgres_url: str, service_url: Callable[[Service], str]) -> AsyncIterator[PostgresEngine]:
    """An engine over a small table of two clients."""
    owner = await asyncpg.connect(postgres_url)
    await owner.execute(
        """create table facts.parcel (client_id text, weight bigint);
           insert into facts.parcel values ('mine', 1), ('mine', 9223372036854775807), ('theirs', 5);
           insert into facts.coverage (client_id, object_model, covered_from, covered_until)
           values ('mine', 'parcel', '2026-01-01', '2026-02-01'), ('theirs', 'parcel', '2020-01-01', '2030-01-01');
           alter table facts.parcel enable row level security;
           create policy own on facts.parcel using (client_id = current_setting('app.client_id', true));
           grant select on facts.parcel to ae_calculation_engine_service"""
    )
    await owner.close()
    database = PostgresDatabase(
        service_url(Service.CALCULATION), pool_size=2, statement_timeout_s=1, application_name="test"
    )
    await database.start()
    yield PostgresEngine(database)
    await database.stop()


async def read(engine: PostgresEngine, sql: str) -> list[object]:
    async with engine.snapshot(client_id="mine") as snapshot:
        rows = await snapshot.rows(sql, [])
    return [row[0] for row in rows]  # type: ignore[index]  # rows of the driver have positions too


async def test_only_the_clients_own_rows_are_there_to_be_read(engine: PostgresEngine) -> None:
    """Even a statement that forgets to ask for the client gets no other client's rows."""
    assert await read(engine, "select count(*) from facts.parcel") == [2]


async def test_a_snapshot_knows_what_is_loaded_and_the_state_it_is_of(engine: PostgresEngine) -> None:
    async with engine.snapshot(client_id="mine") as snapshot:
        first = await snapshot.state(["parcel", "unknown"])
    assert list(first.coverage) == ["parcel"]
    assert first.coverage["parcel"].start.isoformat() == "2026-01-01T00:00:00+00:00"
    assert first.watermark > 0


async def test_a_snapshot_stays_as_it_is_while_others_write(engine: PostgresEngine, postgres_url: str) -> None:
    """What is written after the snapshot's first look is not in it, and is in the next one."""
    async with engine.snapshot(client_id="mine") as snapshot:
        before = await snapshot.state(["parcel"])
        owner = await asyncpg.connect(postgres_url)
        await owner.execute("insert into facts.parcel values ('mine', 7)")
        await owner.close()
        (row,) = await snapshot.rows("select count(*) as parcels from facts.parcel", [])
        assert row["parcels"] == 2
        assert await snapshot.state(["parcel"]) == before
    assert await read(engine, "select count(*) from facts.parcel") == [3]


async def test_a_statement_that_fails_leaves_the_snapshot_usable(engine: PostgresEngine) -> None:
    async with engine.snapshot(client_id="mine") as snapshot:
        with pytest.raises(QueryError):
            await snapshot.rows("select weight * 2 from facts.parcel", [])
        (row,) = await snapshot.rows("select count(*) as parcels from facts.parcel", [])
    assert row["parcels"] == 2


async def test_the_engine_reads_and_never_writes(engine: PostgresEngine) -> None:
    """Its transactions make temporary tables of archived rows; of all others its login may only read."""
    for statement in (
        "delete from facts.parcel returning 1",
        "update facts.parcel set weight = 1 returning 1",
        "insert into facts.parcel (client_id) values ('c') returning 1",
        "truncate facts.parcel",
        "create table public.own (x int)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await read(engine, statement)


async def test_a_number_that_outgrows_its_type_is_an_error_that_says_so(engine: PostgresEngine) -> None:
    with pytest.raises(QueryError, match="bigint out of range"):
        await read(engine, "select weight * 2 from facts.parcel")


async def test_a_table_that_is_not_made_yet_is_told_of(engine: PostgresEngine) -> None:
    with pytest.raises(DependencyUnavailable, match="not ready"):
        await read(engine, 'select count(*) from facts."letter"')


async def test_a_statement_that_takes_too_long_is_stopped(engine: PostgresEngine) -> None:
    with pytest.raises(DependencyTimeout):
        await read(engine, "select pg_sleep(30)")
