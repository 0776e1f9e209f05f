"""A load whose client has gone ends at once and leaves nothing, unless its commit was asked for already."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest

from analytics_engine.bootstrap import database_service
from analytics_engine.contracts.services import Service
from support.servers import TestDatabase
from support.services import internal_headers, make_settings
from support.waiting import eventually

from .conftest import CSV, DatabaseService, Measurements, served

_HELD_LOCK = 4711
_TAKES_THE_KEY = """
insert into fact_keys.measurement (client_id, sensor_code, number, measured_at)
values ($1, 's1', 1, '2024-01-01T00:00:00Z')
"""
_HOLDERS = {
    "the table is locked": ("lock table facts.measurement in share row exclusive mode", False),
    "another load upserts": (
        "select pg_advisory_xact_lock(hashtextextended('load ' || $1 || ' measurement', 0))",
        True,
    ),
    "another load brings the same key": (_TAKES_THE_KEY, True),
}
"""What a load waits for before it commits, and whether that is of its client."""
_COMMITS_WAIT = f"""
create function public.wait() returns trigger language plpgsql
as $$begin perform pg_advisory_xact_lock_shared({_HELD_LOCK}); return null; end$$;
create constraint trigger wait after insert on ingest.loads deferrable initially deferred
for each row execute function public.wait()
"""
_COMMITS_GO_ON = "drop trigger wait on ingest.loads; drop function public.wait()"


class Loading:
    """A load over a socket of its own, whose client may go away at any time."""

    def __init__(self, url: str, client_id: str) -> None:
        self._url = urlsplit(url)
        self._client_id = client_id
        self.load_id = str(uuid4())
        self.key = f"key of {self.load_id}"

    async def send(self, body: str, *, length: int | None = None) -> None:
        """Send the beginning of a request: its head, and so much of its body."""
        headers = {
            "Host": self._url.netloc,
            "Content-Type": CSV,
            "Content-Length": str(length or len(body)),
            "X-Load-Id": self.load_id,
            "Idempotency-Key": self.key,
        } | internal_headers(Service.DATABASE, self._client_id)
        lines = ["POST /data/measurement HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        _, self._writer = await asyncio.open_connection(self._url.hostname, self._url.port)
        self._writer.write("\r\n".join([*lines, "", body]).encode())
        await self._writer.drain()

    async def go(self) -> None:
        """Close the connection without waiting for an answer."""
        self._writer.close()
        await self._writer.wait_closed()


class Single:
    """A database_service that takes one load at once, on a real socket."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self.url = url
        self._http = http

    async def load(self, code: str, body: str, client_id: str, *, key: str = "") -> httpx.Response:
        headers = {"Content-Type": CSV} | internal_headers(Service.DATABASE, client_id)
        return await self._http.post(
            f"/data/{code}", content=body, headers=headers | ({"Idempotency-Key": key} if key else {})
        )

    async def is_taken(self) -> bool:
        """Return whether the one place is taken; a load that gets it loads nothing."""
        return (await self.load("sensor", "code\n", f"asks-{uuid4().hex[:8]}")).status_code == 503

    async def is_free(self) -> bool:
        return not await self.is_taken()

    async def unexpected_errors(self) -> float:
        lines = (await self._http.get("/metrics")).text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("unexpected_errors_total{"))


@pytest.fixture
async def single(
    service: DatabaseService, module_database: TestDatabase, module_redis_url: str
) -> AsyncIterator[Single]:
    """It waits for locks for longer than any test does."""
    settings = make_settings(
        database_url=module_database.service_url(Service.DATABASE),
        redis_url=module_redis_url,
        business_metadata_url=service.metadata_url,
        ae_max_loads=1,
        ae_lock_timeout_s=600,
    )
    async with served(database_service.build(settings)) as url, httpx.AsyncClient(base_url=url) as http:
        yield Single(url, http)


@asynccontextmanager
async def holding(service: DatabaseService, statement: str, *args: object) -> AsyncIterator[None]:
    """Hold what a statement takes, until the block ends; it leaves nothing."""
    connection = await asyncpg.connect(service.url)
    try:
        await connection.execute("begin")
        await connection.execute(statement, *args)
        yield
    finally:
        await connection.close()


async def somebody_waits(service: DatabaseService) -> bool:
    async with service.owner.transaction() as connection:
        waiting = (
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )
        return bool(await connection.fetch_value(waiting))


async def nobody_waits(service: DatabaseService) -> bool:
    return not await somebody_waits(service)


async def test_a_client_that_goes_in_the_middle_of_its_body_leaves_nothing(
    *, service: DatabaseService, single: Single, client_id: str, measurements: Measurements
) -> None:
    """It is no error that nobody foresaw, and the load is known as interrupted."""
    loading, body = Loading(single.url, client_id), measurements(3)
    await loading.send(body[:60], length=len(body))

    async def is_known() -> bool:
        return (await service.get(f"/data/loads/{loading.load_id}", client_id)).status_code == 200

    await eventually(is_known)
    assert await single.is_taken()
    await loading.go()
    await eventually(single.is_free)
    load = (await service.get(f"/data/loads/{loading.load_id}", client_id)).json()
    assert (load["state"], load["received_bytes"]) == ("interrupted", 60)
    assert await service.count("measurement", client_id) == 0
    assert await single.unexpected_errors() == 0


@pytest.mark.parametrize("why", _HOLDERS)
async def test_a_client_that_goes_while_its_load_waits_leaves_nothing(
    *, service: DatabaseService, single: Single, client_id: str, measurements: Measurements, why: str
) -> None:
    """Its place is free and nobody waits in the database any more, though what was waited for is still held."""
    assert (await service.load("measurement", measurements(1, start=9), client_id)).status_code == 201
    loading = Loading(single.url, client_id)
    statement, is_of_client = _HOLDERS[why]
    async with holding(service, statement, *([client_id] if is_of_client else [])):
        await loading.send(measurements(3))
        await eventually(lambda: somebody_waits(service))
        assert await single.is_taken()
        await loading.go()
        await eventually(single.is_free)
        assert await nobody_waits(service)
    assert await service.count("measurement", client_id) == 1
    assert await single.unexpected_errors() == 0
    again = await single.load("measurement", measurements(3), client_id, key=loading.key)
    assert (again.status_code, again.json().get("replayed")) == (201, False)


@pytest.fixture
async def commits_wait(service: DatabaseService) -> AsyncIterator[None]:
    """Let every load wait for a lock while it commits."""
    connection = await asyncpg.connect(service.url)
    await connection.execute(_COMMITS_WAIT)
    yield
    await connection.execute(_COMMITS_GO_ON)
    await connection.close()


@pytest.mark.usefixtures("commits_wait")
async def test_a_commit_that_was_asked_for_goes_on_without_the_client(
    *, service: DatabaseService, single: Single, client_id: str, measurements: Measurements
) -> None:
    """A repeat under the same key finds it."""
    loading = Loading(single.url, client_id)
    async with holding(service, "select pg_advisory_xact_lock($1)", _HELD_LOCK):
        await loading.send(measurements(3))
        await eventually(lambda: somebody_waits(service))
        await loading.go()
        assert await single.is_taken()
        assert await somebody_waits(service)
    await eventually(single.is_free)
    assert await service.count("measurement", client_id) == 3
    again = await single.load("measurement", measurements(3), client_id, key=loading.key)
    assert (again.status_code, again.json().get("replayed")) == (201, True)
    assert await single.unexpected_errors() == 0
