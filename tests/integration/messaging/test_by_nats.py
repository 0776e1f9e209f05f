"""Events by NATS instead of Redis: the same service, relay and consumers, on a server that is killed and emptied."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from analytics_engine.adapters.nats.event_stream import NatsEventStream
from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresInbox
from analytics_engine.bootstrap import messaging_service
from analytics_engine.contracts.services import Service
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.turns import HandlesInTurn
from support.events import HASTY, Writer, consuming
from support.killing import kill, pid_of
from support.nats import NOT_HERE, Nats, program
from support.servers import TestDatabase, TestServers
from support.services import asgi_client, internal_headers, make_settings
from support.waiting import eventually

pytestmark = pytest.mark.skipif(program() is None, reason=NOT_HERE)


@pytest.fixture
def nats() -> Iterator[Nats]:
    servers = TestServers()
    server = Nats(servers.home)
    server.start()
    yield server
    server.stop()
    servers.stop()


async def test_a_server_that_is_killed_and_emptied_loses_and_doubles_nothing(
    database: TestDatabase, writer: Writer, nats: Nats, redis_url: str
) -> None:
    """Every effect happens once and in order, and health follows the server."""
    names: list[str] = []

    async def effect(connection: Connection, event: Event) -> None:
        names.append(event.data["object_model"])

    async def write(first: int, count: int) -> None:
        for start in range(first, first + count, 10):
            await writer.commit(*(str(number) for number in range(start, start + 10)))

    async def handled(count: int) -> bool:
        return len(names) >= count

    settings = make_settings(
        database_url=database.service_url(Service.MESSAGING),
        redis_url=redis_url,
        ae_events_url=SecretStr(nats.url()),
    )
    effects = PostgresDatabase(database.service_url(Service.CALCULATION))
    handler = HandlesInTurn(effects, PostgresInbox(), "effects", effect)
    stream = NatsEventStream(nats.url(), policy=HASTY)
    app = messaging_service.build(settings)
    async with (
        consuming(stream, handler, group="effects"),
        asgi_client(app, headers=internal_headers(Service.MESSAGING, "acme")) as client,
    ):

        async def status(wanted: str) -> bool:
            return bool((await client.get("/health")).json()["dependencies"]["nats"]["status"] == wanted)

        await write(0, 100)
        await eventually(lambda: handled(60))
        kill(pid_of(nats.child))
        await write(100, 50)
        await eventually(lambda: status("unhealthy"))
        await asyncio.to_thread(nats.start)
        await eventually(lambda: handled(150), within_s=30)
        await eventually(lambda: status("healthy"))
        await asyncio.to_thread(nats.stop)
        shutil.rmtree(nats.streams)
        await asyncio.to_thread(nats.start)
        await write(150, 50)
        await eventually(lambda: handled(200), within_s=30)

        async def acknowledged() -> bool:
            streams = {one["type"]: one for one in (await client.get("/streams")).json()}
            groups = streams["data.ingested"]["groups"]
            waiting = {group["group"]: group["pending"] + group["lag"] for group in groups}
            return waiting == {"effects": 0, "webhooks": 0} and streams["data.ingested"]["length"] >= 200

        await eventually(acknowledged, within_s=30)
    await stream.stop()
    await effects.stop()

    assert names == [str(number) for number in range(200)]


async def test_a_refused_login_is_told_of_without_the_password(nats: Nats) -> None:
    stream = NatsEventStream(nats.url(password="another-secret"))

    with pytest.raises(DependencyUnavailable, match="refuses our login") as failure:
        await stream.ping()
    await stream.stop()

    assert "AE_EVENTS_URL" in failure.value.remedy
    assert "another-secret" not in f"{failure.value.detail} {failure.value.facts}"


async def test_what_is_no_event_becomes_a_dead_letter_at_once(nats: Nats, redis_url: str) -> None:
    """It holds up nothing, and can be discarded but not sent again."""
    names: list[str] = []

    async def handle(event: Event) -> None:
        names.append(event.data["object_model"])

    stream = NatsEventStream(nats.url(), policy=HASTY)
    with stream._server.talking():
        await stream._server.need_events("data.ingested")
        jetstream = await stream._server.jetstream()
        await jetstream.publish("ae.events.data.ingested", b"no event")

    async def buried() -> bool:
        return bool(await stream.administration.dead_letters())

    async with consuming(stream, handle):
        await eventually(buried)
    (letter,) = await stream.administration.dead_letters()
    discarded = await stream.administration.discard([letter])
    await stream.stop()

    assert (letter.event, letter.group, letter.type) == (None, "readers", "data.ingested")
    assert letter.reason.startswith("is not an event: ")
    assert (names, discarded) == ([], 1)
