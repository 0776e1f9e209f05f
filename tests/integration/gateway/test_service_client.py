"""Calls from one service to another, over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import APIRouter, FastAPI, Request, Response

from analytics_engine.clients.http import HttpPool, ServiceClient
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.ports import any_free_port
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, FormulaError, NotFound
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.http import request_id
from analytics_engine.kernel.http.problems import install_problem_handlers
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kernel.security.tokens import InternalTokens
from integration.gateway.upstream import serving
from support.services import SECRET_KEY
from support.waiting import eventually

ME = Principal(subject="service:calculation_engine_service", client_id="acme", role=Role.SERVICE)
TOKENS = InternalTokens(secret_key=SECRET_KEY, clock=SystemClock())
router = APIRouter()


@router.get("/echo")
async def echo(request: Request, response: Response) -> dict:
    response.headers["ETag"] = '"v1"'
    token = request.headers["authorization"].removeprefix("Bearer ")
    principal = TOKENS.verify(token, audience=Service.METADATA.value)
    return {
        "query": dict(request.query_params),
        "principal": principal.model_dump(mode="json"),
        "request_id": request.headers.get("x-request-id"),
    }


@router.get("/catalog")
async def catalog(request: Request) -> Response:
    return Response(status_code=304 if request.headers.get("if-none-match") == '"v1"' else 200, content=b"")


@router.post("/formula")
async def formula() -> None:
    raise FormulaError("There is no term.", remedy="Write one.", line=1, column=7, did_you_mean=["term"])


@router.get("/slow")
async def slow() -> None:
    await asyncio.sleep(30)


@router.post("/size")
async def size(request: Request) -> int:
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
    return total


@router.get("/broken")
async def broken() -> Response:
    return Response("<h1>Bad gateway</h1>", 502, media_type="text/html")


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    pool = HttpPool(tokens=TOKENS, caller=Service.CALCULATION)
    await pool.start()
    yield pool
    await pool.stop()


@pytest.fixture
async def client(pool: HttpPool) -> AsyncIterator[ServiceClient]:
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router)
    async with serving(app) as url:
        yield pool.client(Service.METADATA, url)


async def test_a_call_carries_who_asks_and_the_request_id(client):
    """The token is for the called service only; parameters left out are not sent."""
    token = request_id.set_request_id("the-request-1")
    answer = await client.get("/echo", principal=ME, params={"a": "b c&d", "flag": True, "none": None, "n": 1})
    request_id.reset_request_id(token)
    assert answer.data["principal"] == ME.model_dump(mode="json")
    assert answer.data["query"] == {"a": "b c&d", "flag": "true", "n": "1"}
    assert answer.data["request_id"] == "the-request-1"
    assert answer.etag == '"v1"'


async def test_a_known_version_is_not_sent_again(client):
    """The answer says so and holds no data."""
    answer = await client.get("/catalog", principal=ME, etag='"v1"')
    assert answer.not_modified
    assert answer.data is None


async def test_a_problem_is_the_same_error_again(client):
    """Its class, detail, remedy and facts come back."""
    with pytest.raises(FormulaError) as caught:
        await client.post("/formula", principal=ME, data={})
    error = caught.value
    assert (error.detail, error.remedy) == ("There is no term.", "Write one.")
    assert error.facts == {"line": 1, "column": 7, "did_you_mean": ["term"]}


async def test_an_answer_that_is_no_problem_document_is_told_by_its_status(client):
    """Whatever stands between, such as a proxy's page, becomes an error of the right kind."""
    with pytest.raises(DependencyUnavailable, match="business_metadata answered with status 502"):
        await client.get("/broken", principal=ME)
    with pytest.raises(NotFound):
        await client.get("/nothing", principal=ME)


async def test_a_service_that_does_not_answer_in_time_is_a_timeout(client):
    """The error names the service and how long it was waited for."""
    with pytest.raises(DependencyTimeout, match=r"business_metadata did not answer within 0\.2 s"):
        await client.get("/slow", principal=ME, timeout_s=0.2)


async def test_an_upload_may_take_its_time_and_streams(client):
    """Bytes that come slowly are no timeout: the waiting begins when all are sent."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 1000
            await asyncio.sleep(0.05)

    answer = await client.upload("/size", principal=ME, body=body(), timeout_s=0.3)
    assert answer.data == 10_000


async def test_a_service_that_is_down_is_named_with_the_remedy(pool):
    """After the tries of a GET; a ping and a POST do not try again."""
    client = pool.client(Service.METADATA, "http://127.0.0.1:1")
    for call in (client.get("/x", principal=ME), client.post("/x", principal=ME), client.ping()):
        with pytest.raises(DependencyUnavailable) as caught:
            await call
        assert caught.value.facts["service"] == "business_metadata"
        assert "analytics-engine serve business_metadata" in caught.value.remedy


async def test_a_get_survives_a_connection_that_breaks_once(pool):
    """The second try finds the service; a POST would not be sent twice."""
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        if connections > 1:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n42")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        client = pool.client(Service.METADATA, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(DependencyUnavailable):
            await client.post("/x", principal=ME, data={})
        connections = 0
        assert (await client.get("/x", principal=ME)).data == 42
    assert connections == 2


@pytest.fixture
async def patient_pool() -> AsyncIterator[HttpPool]:
    pool = HttpPool(tokens=TOKENS, caller=Service.CALCULATION, patience_s=60.0)
    await pool.start()
    yield pool
    await pool.stop()


async def test_a_service_that_takes_no_connection_is_waited_for(patient_pool):
    """Nothing was sent yet, so that a POST with a streamed body may wait too; it arrives whole, and once."""
    port = any_free_port()
    client = patient_pool.client(Service.METADATA, f"http://127.0.0.1:{port}")
    bodies: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        for part in (b"one ", b"two ", b"three"):
            yield part

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        bodies.append(await reader.readuntil(b"0\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n42")
        await writer.drain()
        writer.close()

    waiting = asyncio.create_task(client.upload("/x", principal=ME, body=body()))
    await eventually(lambda: _resolved(client._patience._away_since is not None))
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        assert (await waiting).data == 42
    assert bodies == [b"4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n"]


async def test_only_what_may_be_done_twice_is_sent_again_when_a_connection_breaks(patient_pool):
    """A request that was sent may have been done: a POST is told so, unless it is known to be repeatable."""
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heard.append(head.split()[0] + await reader.readexactly(4 if b"POST" in head else 0))
        if heard.count(heard[-1]) > 1:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n42")
            await writer.drain()
        writer.close()

    async def posted(body: bytes, *, repeatable: bool) -> int:
        async with client.stream(
            "POST", "/x", principal=ME, body=body, headers={}, timeout_s=10, repeatable=repeatable
        ) as response:
            return response.status

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        client = patient_pool.client(Service.METADATA, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(DependencyUnavailable):
            await posted(b"once", repeatable=False)
        assert await posted(b"keys", repeatable=True) == 200
        assert (await client.get("/x", principal=ME)).data == 42
    assert heard == [b"POSTonce", b"POSTkeys", b"POSTkeys", b"GET", b"GET"]


async def _resolved(value: bool) -> bool:
    return value
