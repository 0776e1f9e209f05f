"""What the edge of every service measures of its answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.responses import Response, StreamingResponse
from starlette.types import Message

from analytics_engine.kernel.health import HealthBoard
from analytics_engine.kernel.http.app import ServiceParts, create_app
from analytics_engine.kernel.http.server_sent import event_stream
from analytics_engine.kernel.telemetry import Telemetry
from support.metrics import Metrics
from support.services import asgi_client
from support.waiting import eventually

DURATION = "http_server_request_duration_seconds"
STREAMS = "http_server_active_streams"


class Slow:
    """A reader that waits, and answers that go on until they are let end."""

    def __init__(self) -> None:
        self.end = asyncio.Event()

    async def events(self) -> AsyncIterator[bytes]:
        yield b"data: first\n\n"
        await self.end.wait()


def service(slow: Slow) -> FastAPI:
    router = APIRouter()

    @router.get("/things/{code}")
    async def read_thing(code: str) -> str:
        return code

    @router.get("/events")
    async def follow() -> Response:
        return event_stream(slow.events())

    @router.get("/file")
    async def download() -> Response:
        return StreamingResponse(slow.events(), media_type="text/csv")

    @router.websocket("/socket/{code}")
    async def socket(websocket: WebSocket, code: str) -> None:
        await websocket.accept()
        await websocket.send_text(code)
        await websocket.receive_text()
        await websocket.close()

    telemetry = Telemetry("tested")
    board = HealthBoard(version="1", checks=[], telemetry=telemetry)
    return create_app(ServiceParts("tested", "Tested", "", "1", [router], board, telemetry))


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def http(slow: Slow) -> AsyncIterator[httpx.AsyncClient]:
    async with asgi_client(service(slow)) as client:
        yield client


async def metrics(http: httpx.AsyncClient) -> Metrics:
    return Metrics.of((await http.get("/metrics")).text)


async def test_requests_are_counted_by_the_template_of_their_route(http: httpx.AsyncClient) -> None:
    """However many paths there are, and whatever people make up, there are only so many labels."""
    for path in ("/things/a", "/things/b", "/nothing/1", "/nothing/2", "/things/a/b"):
        await http.get(path)
    found = await metrics(http)
    assert found.value(f"{DURATION}_count", http_route="/things/{code}", http_response_status_code="200") == 2
    assert found.value(f"{DURATION}_count", http_route="unmatched", http_response_status_code="404") == 3
    assert found.labels(f"{DURATION}_count", "http_route") == {"/things/{code}", "unmatched"}


async def test_a_stream_is_measured_to_its_beginning_and_counted_while_it_goes_on(
    http: httpx.AsyncClient, slow: Slow
) -> None:
    """An answer that goes on for hours is not a slow one, nor a request that is being served all the time."""
    following = asyncio.create_task(http.get("/events"))

    async def follows() -> bool:
        return (await metrics(http)).value(STREAMS, http_route="/events") == 1

    await eventually(follows)
    found = await metrics(http)
    assert found.value(f"{DURATION}_count", http_route="/events") == 1
    assert found.value("http_server_active_requests") == 1
    slow.end.set()
    await following
    found = await metrics(http)
    assert found.value(f"{DURATION}_count", http_route="/events") == 1
    assert found.value("http_server_stream_duration_seconds_count", http_route="/events") == 1
    assert found.value(STREAMS, http_route="/events") == 0


async def test_of_a_long_answer_the_wait_for_its_first_bytes_counts(http: httpx.AsyncClient, slow: Slow) -> None:
    """How long a reader takes for the rest says nothing about the service."""
    reading = asyncio.create_task(http.get("/file"))

    async def is_timed() -> bool:
        return (await metrics(http)).value(f"{DURATION}_count", http_route="/file") == 1

    await eventually(is_timed)
    assert not reading.done()
    slow.end.set()
    await reading
    assert await is_timed()


async def test_a_web_socket_is_a_stream_and_no_request(slow: Slow) -> None:
    app = service(slow)
    sent, received = asyncio.Queue[Message](), asyncio.Queue[Message]()
    await sent.put({"type": "websocket.connect"})
    scope = {"type": "websocket", "path": "/socket/a", "headers": [], "query_string": b"", "subprotocols": []}
    talking = asyncio.create_task(app(scope, sent.get, received.put))
    assert [(await received.get())["type"] for _ in range(2)] == ["websocket.accept", "websocket.send"]
    async with asgi_client(app) as http:
        during = await metrics(http)
        await sent.put({"type": "websocket.receive", "text": "done"})
        await talking
        after = await metrics(http)
    assert during.value(STREAMS, http_route="/socket/{code}") == 1
    assert after.value(STREAMS, http_route="/socket/{code}") == 0
    assert after.value("http_server_stream_duration_seconds_count", http_route="/socket/{code}") == 1
    assert not after.values(f"{DURATION}_count", http_route="/socket/{code}")
