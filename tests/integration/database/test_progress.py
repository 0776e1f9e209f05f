"""A load tells how far it is while it runs, and no more loads run than may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from support.waiting import eventually

from .conftest import DatabaseService, Measurements

UNKNOWN = "0197c9d4-7a52-7c31-9d3e-2f4b6a8c0e12"


class HeldBody:
    """A body of which the last part is not sent before it is let go."""

    def __init__(self, first: str, last: str = "") -> None:
        self._parts = (first.encode(), last.encode())
        self._let_go = asyncio.Event()
        self.is_broken = False

    async def stream(self) -> AsyncIterator[bytes]:
        yield self._parts[0]
        await self._let_go.wait()
        if self.is_broken:
            raise ConnectionResetError
        yield self._parts[1]

    def let_go(self) -> None:
        self._let_go.set()


@asynccontextmanager
async def loading(
    service: DatabaseService, client_id: str, body: HeldBody, **options: Any
) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """Begin a load, and end it when the block ends."""
    task = asyncio.create_task(service.load("measurement", body.stream(), client_id, **options))
    try:
        yield task
    finally:
        body.let_go()
        await asyncio.wait([task])


async def seen(service: DatabaseService, client_id: str, load_id: str) -> dict[str, Any]:
    """Return a load as soon as it is known."""
    found: dict[str, Any] = {}

    async def is_known() -> bool:
        answer = await service.get(f"/data/loads/{load_id}", client_id)
        found.update(answer.json())
        return answer.status_code == 200

    await eventually(is_known)
    return found


async def test_a_load_is_seen_while_it_runs_and_has_its_receipt_afterwards(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    """Under the id its client gave it, and under its Idempotency-Key."""
    load_id = str(uuid4())
    whole = measurements(3)
    body = HeldBody(whole[:60], whole[60:])
    async with loading(service, client_id, body, key="nightly", headers={"X-Load-Id": load_id}) as task:
        running = await seen(service, client_id, load_id)
        assert (running["state"], running["received_bytes"], running["rows_checked"]) == ("receiving", 60, 0)
        assert running["receipt"] is None
        page = (await service.get("/data/loads?idempotency_key=nightly", client_id)).json()
        assert [load["ingest_id"] for load in page["items"]] == [load_id]
        body.let_go()
        receipt = (await task).json()
    assert receipt["ingest_id"] == load_id
    load = (await service.get(f"/data/loads/{load_id}", client_id)).json()
    assert (load["state"], load["rows_checked"], load["rows_copied"]) == ("loaded", 3, 3)
    assert load["receipt"] == receipt
    assert load["started_at"] < load["seen_at"]
    assert (await service.get("/data/loads", client_id)).json()["total"] == 1


async def test_a_load_that_is_refused_tells_why_afterwards(service: DatabaseService, client_id: str) -> None:
    load_id = str(uuid4())
    body = HeldBody("sensor_code,number,measured_at\n", "s1,x,2024-01-01T00:00:00Z\n")
    async with loading(service, client_id, body, headers={"X-Load-Id": load_id}):
        await seen(service, client_id, load_id)
    load = (await service.get(f"/data/loads/{load_id}", client_id)).json()
    assert (load["state"], load["rows_checked"], load["rows_copied"]) == ("refused", 1, 0)
    assert load["problem"]["detail"] == "Line 2, column number: 'x' is not an integer."


async def test_a_load_whose_process_died_is_shown_as_interrupted(service: DatabaseService, client_id: str) -> None:
    """It is known by its last sign of life."""
    load_id = str(uuid4())
    body = HeldBody("sensor_code,number,measured_at\n")
    async with service.owner.transaction(client_id=client_id) as connection:
        await connection.execute(
            "insert into ingest.progress values ($1, $2, 'measurement', null, 'user:x', 'loading', 10, 5, 2, null,"
            " now() - interval '2 minutes', now() - interval '31 seconds')",
            client_id,
            load_id,
        )
    load = (await service.get(f"/data/loads/{load_id}", client_id)).json()
    assert (load["state"], load["rows_copied"]) == ("interrupted", 2)
    async with loading(service, client_id, body, headers={"X-Load-Id": load_id}):

        async def runs_again() -> bool:
            again = (await service.get(f"/data/loads/{load_id}", client_id)).json()
            return bool(again["state"] == "receiving")

        await eventually(runs_again)


async def test_a_connection_that_breaks_leaves_an_interrupted_load(service: DatabaseService, client_id: str) -> None:
    load_id = str(uuid4())
    body = HeldBody("sensor_code,number,measured_at\n")
    async with loading(service, client_id, body, headers={"X-Load-Id": load_id}) as task:
        await seen(service, client_id, load_id)
        body.is_broken = True
        body.let_go()
        await asyncio.wait([task])
    load = (await service.get(f"/data/loads/{load_id}", client_id)).json()
    assert load["state"] == "interrupted"
    assert await service.count("measurement", client_id) == 0


async def test_an_id_is_of_one_load_only(service: DatabaseService, client_id: str, measurements: Measurements) -> None:
    """A repetition under the same Idempotency-Key is no other load."""
    headers = {"X-Load-Id": str(uuid4())}
    first = await service.load("measurement", measurements(1), client_id, key="k", headers=headers)
    again = await service.load("measurement", measurements(1), client_id, key="k", headers=headers)
    assert again.json() == first.json() | {"replayed": True}
    other = await service.load("measurement", measurements(1, start=2), client_id, headers=headers)
    assert other.status_code == 409
    assert "Idempotency-Key" in other.json()["remedy"]


async def test_loads_are_listed_newest_first_by_page_and_by_object_model(
    service: DatabaseService, client_id: str, other_client: str, measurements: Measurements
) -> None:
    ids = [
        (await service.load("measurement", measurements(1, start=number), client_id)).json()["ingest_id"]
        for number in range(3)
    ]
    sensor = (await service.load("sensor", "code\na\n", client_id)).json()["ingest_id"]
    await service.load("sensor", "code\na\n", other_client)
    page = (await service.get("/data/loads?limit=2&offset=1", client_id)).json()
    assert [load["ingest_id"] for load in page["items"]] == [ids[2], ids[1]]
    assert page["total"] == 4
    of_model = (await service.get("/data/loads?object_model=sensor", client_id)).json()
    assert [load["ingest_id"] for load in of_model["items"]] == [sensor]
    assert of_model["total"] == 1


async def test_an_object_model_may_have_the_name_of_an_address(service: DatabaseService, client_id: str) -> None:
    attributes = [{"name": "code", "type": "text", "nullable": False}]
    model = {"code": "loads", "name": "Loads", "nature": "dimension", "key": ["code"], "attributes": attributes}
    await service.define(model, client_id)
    assert (await service.load("loads", "code\na\n", client_id)).status_code == 201
    assert (await service.get("/data/loads/sample", client_id)).json()["rows"] == [["a"]]


async def test_more_loads_of_a_client_than_may_be_are_sent_away(
    service: DatabaseService, client_id: str, other_client: str, measurements: Measurements
) -> None:
    """Six of one client may run, eight in all; what is sent away may come again, and was not read."""
    bodies = [HeldBody(measurements(1, start=number)) for number in range(6)]
    others = [HeldBody(measurements(1, start=number)) for number in range(2)]
    tasks = [
        *(asyncio.create_task(service.load("measurement", body.stream(), client_id)) for body in bodies),
        *(asyncio.create_task(service.load("measurement", body.stream(), other_client)) for body in others),
    ]

    async def all_run() -> bool:
        pages = [(await service.get("/data/loads", client)).json() for client in (client_id, other_client)]
        return [page["total"] for page in pages] == [6, 2]

    await eventually(all_run)
    of_client = await service.load("measurement", measurements(1), client_id)
    of_all = await service.load("measurement", measurements(1), other_client)
    assert [of_client.status_code, of_all.status_code] == [429, 503]
    assert [of_client.json()["type"], of_all.json()["type"]] == [
        "urn:analytics-engine:problem:rate-limited",
        "urn:analytics-engine:problem:too-busy",
    ]
    assert [answer.headers["Retry-After"] for answer in (of_client, of_all)] == ["5", "5"]
    for body in (*bodies, *others):
        body.let_go()
    assert [answer.status_code for answer in await asyncio.gather(*tasks)] == [201] * 8
    assert (await service.load("measurement", measurements(1, start=9), client_id)).status_code == 201


@pytest.mark.parametrize("path", ["/data/loads/none", f"/data/loads/{UNKNOWN}", f"/data/loads/{UNKNOWN}/rejects"])
async def test_there_is_nothing_of_a_load_that_is_not_known(
    service: DatabaseService, client_id: str, path: str
) -> None:
    assert (await service.get(path, client_id)).status_code == 404
