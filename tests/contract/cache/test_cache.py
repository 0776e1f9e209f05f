"""What every cache promises; the same tests run on memory and on the real server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from analytics_engine.adapters.memory.cache import MemoryCache
from analytics_engine.adapters.redis.cache import RedisCache
from analytics_engine.kernel.clock import ManualClock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.cache import Cache

Elapse = Callable[[float], Awaitable[None]]


@pytest.fixture(params=["memory", "redis"])
def parts(request: pytest.FixtureRequest) -> tuple[Cache, Elapse]:
    """A cache, and the way its time passes."""
    if request.param == "memory":
        clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))

        async def advance(seconds: float) -> None:
            clock.advance(timedelta(seconds=seconds))

        return MemoryCache(clock), advance
    return RedisCache(request.getfixturevalue("redis_url")), asyncio.sleep


@pytest.fixture
async def cache(parts: tuple[Cache, Elapse]) -> AsyncIterator[Cache]:
    await parts[0].start()
    yield parts[0]
    await parts[0].stop()


@pytest.fixture
def elapse(parts: tuple[Cache, Elapse]) -> Elapse:
    return parts[1]


@pytest.fixture
def key() -> str:
    return new_id()


async def test_what_is_set_can_be_got(cache: Cache, key: str) -> None:
    """The bytes come back as they were, the last ones set."""
    assert await cache.get(key) is None

    await cache.set(key, b"one", ttl_s=60)
    await cache.set(key, b"\x00\xff two", ttl_s=60)

    assert await cache.get(key) == b"\x00\xff two"


async def test_an_entry_is_gone_after_its_time(cache: Cache, elapse: Elapse, key: str) -> None:
    """An entry is there before its time to live is over and is not there after it."""
    await cache.set(key, b"short", ttl_s=0.3)
    await cache.set(key + "-long", b"long", ttl_s=60)
    assert await cache.get(key) == b"short"

    deadline = time.monotonic() + 5
    while await cache.get(key) is not None:
        assert time.monotonic() < deadline
        await elapse(0.05)

    assert await cache.get(key + "-long") == b"long"


async def test_deleted_entries_are_gone(cache: Cache, key: str) -> None:
    """Deleting takes any number of keys, also such as are not there."""
    await cache.set(key, b"value", ttl_s=60)

    await cache.delete(key, key + "-never-set")
    await cache.delete()

    assert await cache.get(key) is None


async def test_versions_are_zero_until_raised_and_then_only_grow(cache: Cache, key: str) -> None:
    """A name never raised has version 0; each raise gives a greater one and leaves other names alone."""
    first, second = key + "-a", key + "-b"
    assert await cache.versions([first, second]) == (0, 0)
    assert await cache.versions([]) == ()

    await cache.raise_versions([first])
    once = await cache.versions([first, second])
    await cache.raise_versions([first, second])
    twice = await cache.versions([second, first])

    assert once is not None
    assert twice is not None
    assert once[0] > 0 == once[1]
    assert twice[1] > once[0]
    assert twice[0] > 0


async def test_raising_no_versions_does_nothing(cache: Cache, key: str) -> None:
    """An empty list is no mistake."""
    await cache.raise_versions([])

    assert await cache.versions([key]) == (0,)


async def test_a_cache_that_works_says_so(cache: Cache) -> None:
    """Ping returns."""
    await cache.ping()
