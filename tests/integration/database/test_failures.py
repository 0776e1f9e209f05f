"""Loads while PostgreSQL fails in every way it can: a clear answer, nothing half-written, and the next load works."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.bootstrap import business_metadata, database_service
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from support.servers import TestDatabase, TestServers
from support.services import asgi_client, internal_headers, make_settings
from support.waiting import eventually

from .conftest import CATALOG, Measurements, served

CLIENT = "c"
WRITES_ITS_RECEIPT = "wait_event_type = 'Lock' and query like '%insert into ingest.loads%'"
PROBLEM = "urn:analytics-engine:problem:"


class Loading:
    """database_service on a server of this module's own, and a session beside it that makes trouble."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self.http = http
        self.owner = PostgresDatabase(url, application_name="trouble")

    async def load(self, code: str, rows: str, *, mode: str = "append", key: str = "") -> httpx.Response:
        headers = {"Content-Type": "text/csv"} | ({"Idempotency-Key": key} if key else {})
        return await self.http.post(
            f"/data/{code}?mode={mode}",
            content=rows,
            headers=headers | internal_headers(Service.DATABASE, CLIENT, Role.OPERATOR),
        )

    async def kept(self) -> dict[str, int]:
        """Return how many rows there are of all that a load writes."""
        sources = {
            "rows": "select count(*) from facts.measurement",
            "keys": "select count(*) from fact_keys.measurement",
            "ticks": "select count(*) from facts.tick",
            "loads": "select count(*) from ingest.loads",
            "events": "select count(*) from messaging.outbox where type = 'data.ingested'",
        }
        async with self.owner.transaction() as connection:
            return {name: await connection.fetch_value(query) for name, query in sources.items()}

    async def sessions(self, condition: str) -> list[int]:
        """Return the sessions of the service that are now as a condition says."""
        async with self.owner.transaction() as connection:
            rows = await connection.fetch(
                "select pid from pg_stat_activity where datname = current_database() "
                f"and application_name = 'database_service' and {condition}"
            )
        return [row["pid"] for row in rows]


@pytest.fixture(scope="module")
def own_servers() -> Iterator[TestServers]:
    running = TestServers()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def own_database(own_servers: TestServers) -> TestDatabase:
    return own_servers.new_database()


@pytest.fixture(scope="module")
async def loading(own_servers: TestServers, own_database: TestDatabase) -> AsyncIterator[Loading]:
    def settings(of: Service, **overrides: Any) -> Any:
        redis_url = own_servers.valkey.url(0)
        return make_settings(database_url=own_database.service_url(of), redis_url=redis_url, **overrides)

    async with served(business_metadata.build(settings(Service.METADATA, ae_catalog_dir=CATALOG))) as url:
        app = database_service.build(
            settings(Service.DATABASE, business_metadata_url=url, ae_lock_timeout_s=2, ae_load_timeout_s=4)
        )
        async with asgi_client(app) as http:
            running = Loading(http, own_database.owner_url)

            async def ready() -> bool:
                answer = await running.load("measurement", row(0), mode="upsert")
                return answer.is_success and (await running.load("tick", ticks(0), mode="upsert")).is_success

            await eventually(ready)
            yield running
            await running.owner.stop()


def row(number: int) -> str:
    return f"sensor_code,number,measured_at\ns,{number},2024-01-01T00:00:00Z\n"


def ticks(*days: int) -> str:
    """Return ticks in this very order; their key holds their time, so nothing sorts them."""
    return "sensor_code,ticked_on,count\n" + "".join(f"s,2024-03-{day + 1:02},1\n" for day in days)


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Return the problem an answer is, after a look that it is this one and says what to do."""
    assert answer.status_code == status, answer.text
    document: dict[str, Any] = answer.json()
    assert document["type"] == PROBLEM + code
    assert document["detail"]
    assert document["remedy"]
    assert answer.headers["content-type"] == "application/problem+json"
    return document


async def test_a_table_that_somebody_holds_is_a_conflict_that_passes(
    loading: Loading, measurements: Measurements
) -> None:
    rows = measurements(5, start=100)
    before = await loading.kept()
    async with loading.owner.transaction() as holder:
        await holder.execute("lock table facts.measurement in access exclusive mode")
        answer = await loading.load("measurement", rows)
    found = problem(answer, 409, "locked")
    assert "lock timeout" in found["detail"]
    assert "/activity/blocking" in found["remedy"]
    assert answer.headers["retry-after"] == "5"
    assert await loading.kept() == before
    assert (await loading.load("measurement", rows)).status_code == 201


async def test_a_load_waits_for_the_load_before_it_longer_than_for_anybody_else(loading: Loading) -> None:
    """Loads of one key, or upserts of one object model, queue up: the time limit of locks is not for them."""
    async with loading.owner.transaction() as holder:
        await holder.execute(f"select pg_advisory_xact_lock(hashtextextended('load {CLIENT} measurement', 0))")
        task = asyncio.create_task(loading.load("measurement", row(50), mode="upsert"))
        longer_than_the_limit = "wait_event = 'advisory' and clock_timestamp() - query_start > interval '2.2 s'"
        assert await eventually(lambda: loading.sessions(longer_than_the_limit))
    assert (await task).status_code == 201


async def test_a_load_that_takes_too_long_is_a_timeout(loading: Loading, measurements: Measurements) -> None:
    """A trigger makes every row slow."""
    rows = measurements(50, start=200)
    before = await loading.kept()
    async with loading.owner.transaction() as connection:
        await connection.execute(
            "create function public.slow() returns trigger language plpgsql as "
            "$$ begin perform pg_sleep(0.2); return new; end $$"
        )
        await connection.execute(
            "create trigger slow before insert on fact_keys.measurement for each row execute function public.slow()"
        )
        await connection.execute("grant usage on schema public to ae_ingest")
        await connection.execute("grant execute on function public.slow() to ae_ingest")
    answer = await loading.load("measurement", rows)
    found = problem(answer, 504, "dependency-timeout")
    assert "took too long" in found["detail"]
    assert "AE_LOAD_TIMEOUT_S" in found["remedy"]
    assert await loading.kept() == before
    async with loading.owner.transaction() as connection:
        await connection.execute("drop function public.slow() cascade")
    assert (await loading.load("measurement", rows)).status_code == 201


async def test_a_connection_lost_in_the_middle_of_a_load_leaves_nothing(
    loading: Loading, measurements: Measurements
) -> None:
    """All rows are written, the receipt waits for another transaction, and the load's session is ended."""
    rows = measurements(20, start=300)
    before = await loading.kept()
    async with loading.owner.transaction() as holder:
        await holder.execute("lock table ingest.loads in exclusive mode")
        task = asyncio.create_task(loading.load("measurement", rows, key="lost"))
        pids = await eventually(lambda: loading.sessions(WRITES_ITS_RECEIPT), every_s=0.02)
        await holder.execute("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", pids)
        answer = await task
    found = problem(answer, 503, "dependency-unavailable")
    assert "was lost; nothing of this request was kept" in found["detail"]
    assert answer.headers["retry-after"] == "1"
    assert await loading.kept() == before
    again = await loading.load("measurement", rows, key="lost")
    assert (again.status_code, again.json()["replayed"]) == (201, False)


async def test_of_two_loads_in_a_deadlock_one_is_loaded_and_the_other_told_to_try_again(loading: Loading) -> None:
    """Each has loaded one of two days, and goes on to the other's: a trigger holds both in between."""
    before = await loading.kept()
    async with loading.owner.transaction() as connection:
        await connection.execute(
            "create function public.meet() returns trigger language plpgsql set lock_timeout = 0 as $$ begin "
            "if current_setting('test.second', true) = 'yes' then perform pg_advisory_xact_lock_shared(43); end if; "
            "perform set_config('test.second', 'yes', true); return new; end $$"
        )
        await connection.execute(
            "create trigger meet before insert on facts.tick for each row execute function public.meet()"
        )
        await connection.execute("grant usage on schema public to ae_ingest")
        await connection.execute("grant execute on function public.meet() to ae_ingest")
    async with loading.owner.transaction() as holder:
        await holder.execute("select pg_advisory_lock(43)")
        await holder.execute("lock table ingest.loads in exclusive mode")
        tasks = [asyncio.create_task(loading.load("tick", ticks(*days))) for days in [(20, 21), (21, 20)]]

        async def both_wait() -> bool:
            return len(await loading.sessions("wait_event = 'advisory'")) == 2

        await eventually(both_wait, every_s=0.02)
        await holder.execute("select pg_advisory_unlock(43)")
        (first,), (second,) = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    victim, winner = await first, await second
    async with loading.owner.transaction() as connection:
        await connection.execute("drop function public.meet() cascade")
    found = problem(victim, 409, "conflict")
    assert "waited for each other" in found["detail"]
    assert victim.headers["retry-after"] == "1"
    assert winner.status_code == 201
    more = {"ticks": 2, "loads": 1, "events": 1}
    assert await loading.kept() == {name: count + more.get(name, 0) for name, count in before.items()}
    assert (await loading.load("tick", ticks(22))).status_code == 201


async def test_a_server_that_is_restarted_is_used_again_without_more_ado(
    loading: Loading, own_servers: TestServers, measurements: Measurements
) -> None:
    rows = measurements(5, start=400)
    before = await loading.kept()
    await asyncio.to_thread(own_servers.postgres.stop)
    answer = await loading.load("measurement", rows)
    found = problem(answer, 503, "dependency-unavailable")
    assert "cannot be reached" in found["detail"]
    assert answer.headers["retry-after"] == "5"
    await asyncio.to_thread(own_servers.postgres.start)
    assert (await loading.load("measurement", rows)).status_code == 201
    assert (await loading.kept())["rows"] == before["rows"] + 5


async def test_a_server_that_stops_in_the_middle_of_a_load_leaves_nothing(
    loading: Loading, own_servers: TestServers, measurements: Measurements
) -> None:
    """A fast shutdown, as an administrator's restart does it, while the load is at its receipt.

    A trigger holds the load there, not another session's lock: the shutdown would end that one too, perhaps first.
    """
    rows = measurements(5, start=500)
    before = await loading.kept()
    async with loading.owner.transaction() as connection:
        await connection.execute(
            "create function public.hold() returns trigger language plpgsql as "
            "$$ begin perform pg_sleep(60); return new; end $$"
        )
        await connection.execute(
            "create trigger hold before insert on ingest.loads for each row execute function public.hold()"
        )
        await connection.execute("grant usage on schema public to ae_ingest")
        await connection.execute("grant execute on function public.hold() to ae_ingest")
    task = asyncio.create_task(loading.load("measurement", rows))
    at_its_receipt = "wait_event = 'PgSleep' and query like '%insert into ingest.loads%'"
    await eventually(lambda: loading.sessions(at_its_receipt), every_s=0.02)
    await asyncio.to_thread(own_servers.postgres.stop)
    answer = await task
    await asyncio.to_thread(own_servers.postgres.start)
    async with loading.owner.transaction() as connection:
        await connection.execute("drop function public.hold() cascade")
    found = problem(answer, 503, "dependency-unavailable")
    assert found["detail"].endswith("was lost; nothing of this request was kept.")
    assert await loading.kept() == before
    assert (await loading.load("measurement", rows)).status_code == 201


class SmallDisk:
    """A disk of a few MiB with a tablespace on it, and a file that fills it."""

    def __init__(self, folder: Path) -> None:
        self.tablespace = folder / "tablespace"
        self._filler = folder / "filler"

    def fill(self) -> None:
        with self._filler.open("wb") as file:
            try:
                while True:
                    file.write(b"\0" * 65536)
                    file.flush()
            except OSError:
                return

    def free(self) -> None:
        self._filler.unlink()


@pytest.fixture
def small_disk(own_servers: TestServers) -> Iterator[SmallDisk]:
    """A file system in memory, where this machine lets us mount one; the server's account owns it."""
    folder = Path(tempfile.mkdtemp(prefix="ae-small-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("a full disk: this machine does not let us mount a small file system")
    disk = SmallDisk(folder)
    disk.tablespace.mkdir(mode=0o700)
    if account := own_servers.home.account:
        for path in (folder, disk.tablespace):
            os.chown(path, account.user, account.group)
    yield disk
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


async def test_a_full_disk_is_told_of_and_loads_go_on_when_it_has_room(
    loading: Loading, own_servers: TestServers, small_disk: SmallDisk, measurements: Measurements
) -> None:
    """The rows of one month lie on a small disk: it is filled to the last byte, a load fails, it is freed."""
    first = measurements(10, start=10_000, at="2024-06-01T00:00:00Z")
    assert (await loading.load("measurement", first)).status_code == 201
    own_servers.postgres.sql(f"create tablespace small location '{small_disk.tablespace}'")
    async with loading.owner.transaction() as connection:
        await connection.execute("alter table fact_partitions.measurement_2024_06 set tablespace small")
    before = await loading.kept()
    small_disk.fill()
    rows = measurements(5000, start=20_000, at="2024-06-02T00:00:00Z", note="n" * 100)
    answer = await loading.load("measurement", rows, key="full")
    found = problem(answer, 507, "insufficient-storage")
    assert "is full" in found["detail"]
    assert "No space left on device" in found["detail"]
    assert "Free space" in found["remedy"]
    assert answer.headers["retry-after"] == "60"
    assert await loading.kept() == before
    elsewhere = await loading.load("measurement", measurements(5, start=30_000))
    assert elsewhere.status_code == 201
    small_disk.free()
    again = await loading.load("measurement", rows, key="full")
    assert (again.status_code, again.json()["replayed"]) == (201, False)
    async with loading.owner.transaction() as connection:
        await connection.execute("alter table fact_partitions.measurement_2024_06 set tablespace pg_default")
    own_servers.postgres.sql("checkpoint")
    own_servers.postgres.sql("drop tablespace small")


async def test_a_full_disk_for_temporary_files_is_told_of_too(
    loading: Loading, small_disk: SmallDisk, measurements: Measurements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large body is kept on this machine's own disk while it is checked."""
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk.tablespace))
    rows = measurements(1000, start=40_000, note="n" * 12_000)
    before = await loading.kept()
    small_disk.fill()
    answer = await loading.load("measurement", rows)
    found = problem(answer, 507, "insufficient-storage")
    assert str(small_disk.tablespace) in found["detail"]
    assert "TMPDIR" in found["remedy"]
    assert answer.headers["retry-after"] == "60"
    assert await loading.kept() == before
    small_disk.free()
    assert (await loading.load("measurement", rows)).status_code == 201
