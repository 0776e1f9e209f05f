"""The way of an event: committed in the outbox, sent by the relay, handled by a group; on real servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
import redis.asyncio

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresInbox
from analytics_engine.adapters.redis.event_stream import RedisEventStream
from analytics_engine.bootstrap import messaging_service
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.ports.events import Event
from support.events import HASTY, KillableValkey, Reader, Writer, consuming
from support.servers import TestDatabase
from support.services import asgi_client, make_settings
from support.waiting import eventually

SettingsFor = Callable[..., Settings]


async def test_a_committed_event_reaches_a_group(messaging: httpx.AsyncClient, writer: Writer, reader: Reader) -> None:
    """What a transaction wrote to the outbox is handled once it committed, in the order it was written."""
    await writer.commit("a", "b")
    await writer.commit("c")

    await eventually(lambda: reader.has("a", "b", "c"))

    assert reader.names == ["a", "b", "c"]


async def test_an_event_of_a_transaction_rolled_back_is_never_sent(
    messaging: httpx.AsyncClient, writer: Writer, reader: Reader
) -> None:
    """A change that did not happen is not told of."""

    async def change_that_fails() -> None:
        async with writer.database.transaction() as connection:
            await writer.tell(connection, "undone")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_that_fails()
    await writer.commit("done")

    await eventually(lambda: reader.has("done"))

    assert reader.names == ["done"]


async def test_an_open_transaction_is_not_overtaken(
    messaging: httpx.AsyncClient, writer: Writer, reader: Reader
) -> None:
    """An event committed while an earlier transaction is open waits for it; then both arrive and none is lost."""
    async with writer.database.transaction() as connection:
        await writer.tell(connection, "early")
        await writer.commit("late")
        await asyncio.sleep(0.5)
        assert reader.names == []

    await eventually(lambda: reader.has("early", "late"))

    assert reader.names == ["early", "late"]


async def test_two_replicas_send_each_event_once(
    settings_for: SettingsFor, messaging: httpx.AsyncClient, writer: Writer, reader: Reader
) -> None:
    """With two relays running, one is at it at a time: nothing is doubled and the order stays."""
    names = [str(number) for number in range(300)]
    async with asgi_client(messaging_service.build(settings_for(Service.MESSAGING))):
        for name in names:
            await writer.commit(name)
        await eventually(lambda: reader.has(*names), within_s=20)

    assert reader.names == names


async def test_an_emptied_event_server_loses_nothing(
    messaging: httpx.AsyncClient, writer: Writer, redis_url: str
) -> None:
    """After FLUSHALL the recent events are sent again, to groups that are made again."""
    await writer.commit("before")
    first = Reader(redis_url)
    async with consuming(first.stream, first.handle, group="first"):
        await eventually(lambda: first.has("before"))
    async with redis.asyncio.Redis.from_url(redis_url) as server:
        await server.flushall()

    second = Reader(redis_url)
    async with consuming(second.stream, second.handle, group="second"):
        await writer.commit("after")
        await eventually(lambda: second.has("before", "after"))
    await first.stream.stop()
    await second.stream.stop()

    assert second.names[:2] == ["before", "after"]
    assert "messaging_resends_total 1.0" in (await messaging.get("/metrics")).text


async def test_of_an_emptied_event_server_all_that_is_kept_is_sent_again(
    database: TestDatabase, messaging: httpx.AsyncClient, writer: Writer, redis_url: str
) -> None:
    """Also what was sent longer than an hour ago: a group may have had it before it still."""
    await writer.commit("old")

    async def sent() -> bool:
        return all(item["sent_at"] for item in (await messaging.get("/events")).json()["items"])

    await eventually(sent)
    owner = PostgresDatabase(database.owner_url)
    async with owner.transaction() as connection:
        await connection.execute("UPDATE messaging.outbox SET sent_at = sent_at - interval '5 hours'")
    await owner.stop()
    async with redis.asyncio.Redis.from_url(redis_url) as server:
        await server.flushall()
    late = Reader(redis_url)

    async with consuming(late.stream, late.handle, group="late"):
        await eventually(lambda: late.has("old"))
    await late.stream.stop()

    assert late.names == ["old"]


async def test_kills_and_flushes_lose_nothing_and_double_nothing(
    database: TestDatabase, writer: Writer, valkey: KillableValkey
) -> None:
    """Through kill -9 of the event server, FLUSHALL and a relay stopped in between, every effect happens once."""
    effects = PostgresDatabase(database.owner_url)
    inbox = PostgresInbox()
    async with effects.transaction() as connection:
        await connection.execute("CREATE TABLE public.effects (name text)")

    async def handle(event: Event) -> None:
        async with effects.transaction() as connection:
            if await inbox.first_time(connection, group="effects", event=event):
                await connection.execute("INSERT INTO public.effects VALUES ($1)", event.data["object_model"])

    async def counted() -> tuple[int, int]:
        async with effects.transaction() as connection:
            row = await connection.fetch_one("SELECT count(*) AS all, count(DISTINCT name) AS names FROM effects")
        assert row is not None
        return row["all"], row["names"]

    async def write(first: int, count: int) -> None:
        for start in range(first, first + count, 20):
            await writer.commit(*(str(number) for number in range(start, start + 20)))

    async def all_there() -> bool:
        return (await counted())[1] == 1600

    settings = make_settings(database_url=database.service_url(Service.MESSAGING), redis_url=valkey.url)
    stream = RedisEventStream(valkey.url, policy=HASTY)
    async with consuming(stream, handle, group="effects"):
        async with asgi_client(messaging_service.build(settings)):
            await write(0, 400)
            await asyncio.to_thread(valkey.kill)
            await write(400, 200)
            await asyncio.to_thread(valkey.start)
            await write(600, 200)
        await write(800, 200)
        async with asgi_client(messaging_service.build(settings)):
            await write(1000, 200)
            async with redis.asyncio.Redis.from_url(valkey.url) as server:
                await server.flushall()
            await write(1200, 200)
            await asyncio.to_thread(valkey.kill)
            await asyncio.to_thread(valkey.start)
            await write(1400, 200)
            await eventually(all_there, within_s=60)
    await stream.stop()

    assert await counted() == (1600, 1600)
    await effects.stop()


async def test_health_follows_the_event_server(database: TestDatabase, valkey: KillableValkey) -> None:
    """Without its event server the service is unhealthy within 10 s and says so; it recovers by itself."""
    settings = make_settings(database_url=database.service_url(Service.MESSAGING), redis_url=valkey.url)
    async with asgi_client(messaging_service.build(settings)) as client:

        async def status(wanted: str) -> bool:
            return bool((await client.get("/health")).json()["status"] == wanted)

        await eventually(lambda: status("healthy"))
        await asyncio.to_thread(valkey.kill)
        await eventually(lambda: status("unhealthy"), within_s=10)
        answer = await client.get("/health")
        assert answer.status_code == 503
        detail = answer.json()["dependencies"]["redis"]["detail"]
        assert "127.0.0.1:" in detail
        assert valkey.url.split(":")[2].partition("@")[0] not in answer.text
        await asyncio.to_thread(valkey.start)
        await eventually(lambda: status("healthy"), within_s=10)
