"""Dumps come back whole into an empty database, of the same version or a newer one, and nowhere else."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from analytics_engine.adapters.postgres.backup_source import BackupSource
from analytics_engine.backups.drill import Drill
from analytics_engine.backups.dumps import DumpRestore
from analytics_engine.backups.making import BackupMaker
from analytics_engine.backups.manifest import Kind
from analytics_engine.backups.tools import Tools
from analytics_engine.embedded.postgres import with_login
from analytics_engine.errors import BackupDamaged, TargetNotEmpty, WrongVersion
from support import timescaledb
from support.backups import Place
from support.databases import TestDatabase
from support.servers import TIMESCALEDB, TestServers

needs_timescaledb = pytest.mark.skipif(timescaledb.programs() is None, reason=timescaledb.NOT_HERE)


@pytest.fixture
def target(servers: TestServers) -> Iterator[TestDatabase]:
    own = servers.new_database(migrated=False)
    yield own
    servers.drop_database(own)


@pytest.fixture
async def hypertable(servers: TestServers) -> AsyncIterator[TestDatabase]:
    """A database with a hypertable of several chunks."""
    own = servers.new_database(migrated=False, on=TIMESCALEDB)
    connection = await asyncpg.connect(own.owner_url)
    await connection.execute(
        """
        CREATE EXTENSION timescaledb;
        CREATE TABLE readings (at timestamptz NOT NULL, sensor int, value numeric);
        SELECT create_hypertable('readings', 'at', chunk_time_interval => interval '1 day');
        INSERT INTO readings SELECT '2026-01-01Z'::timestamptz + n * interval '1 hour', n % 7, n * 1.01
          FROM generate_series(1, 500) n;
        """
    )
    await connection.close()
    yield own
    servers.drop_database(own)


def maker(place: Place, url: str, tools: Tools | None = None) -> BackupMaker:
    return BackupMaker(BackupSource(url), place.repository(), tools or place.tools, work=place.work, product="test")


async def test_the_product_s_database_comes_back_as_it_was(
    place: Place, database: TestDatabase, target: TestDatabase
) -> None:
    """Schema, rows, owners and rights; the login that dumps reads everything, and owns nothing."""
    password = (database.role_secrets / "backup.password").read_text().strip()
    login = with_login(database.owner_url, user="ae_backup", password=password)
    made = await maker(place, login).make(Kind.DAILY)
    restore, source = place.dump_restore(), BackupSource(target.owner_url)
    done = await restore.carry_out(await restore.plan(made.id, source), source)
    assert done.tables == made.tables
    assert len(done.tables) >= 50
    assert (await source.facts()).revision == made.schema_revision
    assert await rights(target.owner_url) == await rights(database.owner_url)


async def rights(url: str) -> list[asyncpg.Record]:
    """Return who owns and may do what."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(
            """
            SELECT c.oid::regclass::text, pg_get_userbyid(relowner), array(SELECT unnest(relacl)::text ORDER BY 1)
              FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
             WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1
            """
        )
    finally:
        await connection.close()


async def test_a_drill_on_a_dump_counts_every_row(place: Place, database: TestDatabase) -> None:
    """It is restored into a server without the roles of the first one, which are made there."""
    made = await maker(place, database.owner_url).make(Kind.MONTHLY)
    proof = await place.drill().run(made.id)
    assert (proof.backup, dict(proof.tables)) == (made.id, dict(made.tables))


async def test_a_database_that_has_something_is_refused_and_left_alone(
    place: Place, database: TestDatabase, target: TestDatabase
) -> None:
    made = await maker(place, database.owner_url).make(Kind.DAILY)
    source = BackupSource(target.owner_url)
    await source.execute("CREATE TABLE somebodys (id int)", "INSERT INTO somebodys VALUES (1)")
    with pytest.raises(TargetNotEmpty, match="is not empty"):
        await place.dump_restore().plan(made.id, source)
    assert await source.counts() == {"public.somebodys": 1}


async def test_a_damaged_dump_leaves_the_database_empty(
    place: Place, database: TestDatabase, target: TestDatabase, tmp_path: Path
) -> None:
    made = await maker(place, database.owner_url).make(Kind.DAILY)
    copy = tmp_path / "copy"
    shutil.copytree(place.store, copy)
    dump = copy / "backups" / made.id / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-100] + b"\0" * 100)
    source, restore = BackupSource(target.owner_url), place.dump_restore(place.repository(copy))
    with pytest.raises(BackupDamaged, match="SHA-256"):
        await restore.carry_out(await restore.plan(made.id, source), source)
    assert await source.is_empty()


@needs_timescaledb
async def test_hypertables_come_back_with_their_chunks_and_exact_sums(
    place: Place, servers: TestServers, hypertable: TestDatabase
) -> None:
    folder = timescaledb.programs()
    assert folder is not None
    tools = Tools(folder, place.home)
    made = await maker(place, hypertable.owner_url, tools).make(Kind.DAILY)
    other = servers.new_database(migrated=False, on=TIMESCALEDB)
    source = BackupSource(other.owner_url)
    restore = DumpRestore(place.repository(), tools, work=place.work)
    done = await restore.carry_out(await restore.plan(made.id, source), source)
    asked = """
        SELECT (SELECT sum(value)::text FROM readings), (SELECT count(*) FROM show_chunks('readings')),
               (SELECT count(*) FROM timescaledb_information.hypertables)
    """
    assert await answer(other.owner_url, asked) == await answer(hypertable.owner_url, asked)
    assert done.tables == {"public.readings": 500}
    await source.execute("INSERT INTO readings VALUES ('2026-03-01Z', 1, 1)")
    servers.drop_database(other)


@needs_timescaledb
async def test_a_drill_on_a_dump_with_hypertables_loads_timescaledb(place: Place, hypertable: TestDatabase) -> None:
    folder = timescaledb.programs()
    assert folder is not None
    tools = Tools(folder, place.home)
    made = await maker(place, hypertable.owner_url, tools).make(Kind.DAILY)
    drill = Drill(place.repository(), tools, room=place.home.server("drills"), work=place.work)
    assert (await drill.run(made.id)).rows == 500


@needs_timescaledb
async def test_a_dump_goes_into_no_older_server(place: Place, servers: TestServers, database: TestDatabase) -> None:
    """The programs of PostgreSQL 18 dump a server of 18; one of 15 is refused before anything is done to it."""
    made = await maker(place, database.owner_url).make(Kind.DAILY)
    older = servers.new_database(migrated=False, on=TIMESCALEDB)
    with pytest.raises(WrongVersion, match="the server is 15, which is older"):
        await place.dump_restore().plan(made.id, BackupSource(older.owner_url))
    servers.drop_database(older)


async def answer(url: str, statement: str) -> asyncpg.Record | None:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchrow(statement)
    finally:
        await connection.close()
