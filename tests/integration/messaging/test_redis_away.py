"""What the adapters do while their server is away, and when it is back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import structlog

from analytics_engine.adapters.redis.cache import RedisCache
from analytics_engine.adapters.redis.connection import RedisServer
from analytics_engine.adapters.redis.event_stream import RedisEventStream
from analytics_engine.adapters.redis.stream_administration import RedisStreamAdministration
from analytics_engine.contracts.events import EventType
from analytics_engine.errors import DependencyUnavailable, InvalidSetting
from support.events import KillableValkey, Reader, consuming, ingested
from support.waiting import eventually

NOWHERE = "redis://:the-password@127.0.0.1:1/0"


async def test_a_lost_cache_is_a_miss_and_is_logged_once(valkey: KillableValkey) -> None:
    """Reads miss and writes do nothing while the server is away; one line tells of it, one that it is back."""
    cache = RedisCache(valkey.url)
    await cache.set("key", b"value", ttl_s=60)
    assert await cache.get("key") == b"value"

    with structlog.testing.capture_logs() as lines:
        await asyncio.to_thread(valkey.kill)
        for _ in range(20):
            assert await cache.get("key") is None
            await cache.set("key", b"other", ttl_s=60)
            assert await cache.versions(["name"]) is None
        with pytest.raises(DependencyUnavailable):
            await cache.raise_versions(["name"])
        await asyncio.to_thread(valkey.start)

        async def works() -> bool:
            await cache.set("key", b"again", ttl_s=60)
            return await cache.get("key") == b"again"

        await eventually(works)
    await cache.raise_versions(["name"])
    await cache.stop()

    assert [line["event"] for line in lines if line["event"].startswith("cache_")] == ["cache_lost", "cache_back"]


async def test_a_version_is_never_given_twice(valkey: KillableValkey) -> None:
    """A server that forgot everything does not count from the beginning again: old keys stay unreachable."""
    cache = RedisCache(valkey.url)
    await cache.raise_versions(["name"])
    before = await cache.versions(["name"])
    server = RedisServer(valkey.url, answer_within_s=1)
    await server.client.flushall()
    await cache.raise_versions(["name"])
    after = await cache.versions(["name"])
    await server.stop()
    await cache.stop()

    assert before is not None
    assert after is not None
    assert after > before


@pytest.mark.parametrize("adapter", [RedisCache, RedisEventStream])
async def test_a_ping_that_fails_names_the_place_and_not_the_password(
    adapter: type[RedisCache | RedisEventStream],
) -> None:
    """Cause and remedy are told; the URL's password is not."""
    away = adapter(NOWHERE)

    with pytest.raises(DependencyUnavailable) as caught:
        await away.ping()
    await away.stop()

    assert "127.0.0.1:1" in caught.value.detail
    assert "REDIS_URL" in caught.value.remedy
    assert "the-password" not in str(vars(caught.value))


async def test_a_wrong_password_says_so(valkey: KillableValkey) -> None:
    """A login that is refused is told apart from a server that is away."""
    stream = RedisEventStream(valkey.url.replace("redis://:", "redis://:wrong-"))

    with pytest.raises(DependencyUnavailable, match="refuses our login"):
        await stream.ping()
    await stream.stop()


def test_a_broken_url_is_a_broken_setting() -> None:
    """Something else than a Redis URL is refused before anything is tried."""
    with pytest.raises(InvalidSetting, match="REDIS_URL"):
        RedisCache("http://127.0.0.1:6379")


async def test_appending_to_a_lost_stream_fails(valkey: KillableValkey) -> None:
    """The caller learns that nothing may be assumed to be appended."""
    stream = RedisEventStream(valkey.url)
    await asyncio.to_thread(valkey.kill)

    with pytest.raises(DependencyUnavailable):
        await stream.append([ingested("a")])
    await stream.stop()


async def test_what_is_no_event_becomes_a_dead_letter(redis_url: str) -> None:
    """An entry that cannot be read is put aside with its reason, and those after it are handled."""
    reader, server = Reader(redis_url), RedisServer(redis_url, answer_within_s=1)
    await server.client.xadd("ae:events:data.ingested", {"event": "{broken"})
    await reader.stream.append([ingested("a")])

    async with consuming(reader.stream, reader.handle):
        await eventually(lambda: reader.has("a"))
    (letter,) = await reader.stream.administration.dead_letters()
    await reader.stream.stop()
    await server.stop()

    assert letter.event is None
    assert letter.reason.startswith("is not an event: Invalid JSON")


async def test_names_of_dead_consumers_are_forgotten(redis_url: str) -> None:
    """A consumer that holds nothing and is silent is no longer listed; nothing of the group is lost."""
    reader, server = Reader(redis_url), RedisServer(redis_url, answer_within_s=1)
    administration = RedisStreamAdministration(server, forget_consumers_after=timedelta(0))
    await reader.stream.append([ingested("a")])
    async with consuming(reader.stream, reader.handle, consumer="gone"):
        await eventually(lambda: reader.has("a"))

    await administration.trim([EventType.DATA_INGESTED], older_than=timedelta(hours=1))

    (status,) = await administration.status([EventType.DATA_INGESTED])
    await reader.stream.stop()
    await server.stop()
    assert [(group.consumers, group.pending, group.lag) for group in status.groups] == [(0, 0, 0)]
