"""What every rate limiter promises; the same tests run on memory, on the real server, and while it is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from analytics_engine.adapters.memory.rate_limiter import MemoryRateLimiter
from analytics_engine.adapters.redis.rate_limiter import RedisRateLimiter
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.rate_limiter import Limit, RateLimiter
from support.waiting import eventually

NOWHERE = "redis://127.0.0.1:1/0"
THREE = Limit(count=3, window_s=60.0)


@pytest.fixture(params=["memory", "redis", "redis is away"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[RateLimiter]:
    if request.param == "memory":
        yield MemoryRateLimiter()
        return
    url = request.getfixturevalue("redis_url") if request.param == "redis" else NOWHERE
    shared = RedisRateLimiter(url, without_it=MemoryRateLimiter())
    await shared.start()
    yield shared
    await shared.stop()


async def test_so_many_are_allowed_and_one_more_is_not(limiter: RateLimiter) -> None:
    """The refusal says in how many seconds the next is allowed."""
    key = new_id()
    assert [await limiter.take(key, THREE) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert 0 < await limiter.take(key, THREE) <= 60.0


async def test_each_key_is_counted_for_itself(limiter: RateLimiter) -> None:
    """One who is locked out locks out nobody else."""
    one, other = new_id(), new_id()
    for _ in range(4):
        await limiter.take(one, THREE)
    assert await limiter.take(other, THREE) == 0.0


async def test_what_is_given_back_is_not_counted(limiter: RateLimiter) -> None:
    """Three may be taken again after one was given back."""
    key = new_id()
    for _ in range(10):
        assert await limiter.take(key, THREE) == 0.0
        await limiter.give_back(key)


async def test_of_many_at_once_no_more_than_allowed_come_through(limiter: RateLimiter) -> None:
    """Counting and deciding is one step."""
    key = new_id()
    waits = await asyncio.gather(*(limiter.take(key, THREE) for _ in range(20)))
    assert waits.count(0.0) == 3


async def test_the_window_slides(limiter: RateLimiter) -> None:
    """When the oldest is out of the window, there is room for one more."""
    key, short = new_id(), Limit(count=1, window_s=0.3)
    assert await limiter.take(key, short) == 0.0
    assert await limiter.take(key, short) > 0

    async def allowed() -> bool:
        return await limiter.take(key, short) == 0.0

    await eventually(allowed, within_s=5)
