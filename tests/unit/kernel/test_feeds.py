"""Feeds: produced once for all, the newest for each, and nothing left running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from analytics_engine.errors import RateLimited
from analytics_engine.kernel.feeds import Feeds, Newest


class Counters:
    """Producers that yield what they are told, and how many were begun and ended."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.told: asyncio.Queue[int] = asyncio.Queue()

    async def produce(self, key: str) -> AsyncGenerator[int, None]:
        self.begun += 1
        try:
            while True:
                value = await self.told.get()
                if value < 0:
                    raise ValueError(key)
                yield value
        finally:
            self.ended += 1


async def _settled() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_producer_serves_all_and_ends_with_the_last_follower() -> None:
    source = Counters()
    feeds: Feeds[str, int] = Feeds(source.produce, most=10)
    async with aclosing(feeds.follow("a")) as one:
        source.told.put_nowait(1)
        assert await anext(one) == 1
        async with aclosing(feeds.follow("a")) as other:
            assert await anext(other) == 1
            source.told.put_nowait(2)
            assert [await anext(one), await anext(other)] == [2, 2]
        assert (source.begun, source.ended, len(feeds)) == (1, 0, 1)
    assert (source.begun, source.ended, len(feeds)) == (1, 1, 0)


async def test_a_slow_follower_gets_the_newest_value() -> None:
    source = Counters()
    async with aclosing(Feeds(source.produce, most=10).follow("a")) as slow:
        source.told.put_nowait(1)
        assert await anext(slow) == 1
        for value in (2, 3, 4):
            source.told.put_nowait(value)
        await _settled()
        assert await anext(slow) == 4


async def test_what_a_producer_fails_with_reaches_its_followers_and_the_next_one_begins_anew() -> None:
    source = Counters()
    feeds: Feeds[str, int] = Feeds(source.produce, most=10)
    source.told.put_nowait(-1)
    with pytest.raises(ValueError, match="a"):
        await anext(feeds.follow("a"))
    source.told.put_nowait(5)
    async with aclosing(feeds.follow("a")) as again:
        assert await anext(again) == 5
    assert (source.begun, source.ended) == (2, 2)


async def test_no_more_keys_than_may_be() -> None:
    source = Counters()
    feeds: Feeds[str, int] = Feeds(source.produce, most=1)
    source.told.put_nowait(1)
    async with aclosing(feeds.follow("a")) as first:
        await anext(first)
        with pytest.raises(RateLimited, match="1 different questions are followed"):
            await anext(feeds.follow("b"))


async def test_newest_keeps_only_the_newest_of_each_until_it_is_taken() -> None:
    one, other = Counters(), Counters()
    closing = asyncio.Event()
    async with Newest[str, int](until=closing) as newest:
        await newest.add("one", one.produce("one"))
        await newest.add("other", other.produce("other"))
        for value in (1, 2, 3):
            one.told.put_nowait(value)
        other.told.put_nowait(7)
        await _settled()
        assert await newest.next(within_s=5) == [("one", 3), ("other", 7)]
        assert await newest.next(within_s=0.01) == []
        await newest.remove("one")
        assert (one.ended, len(newest)) == (1, 1)
        closing.set()
        assert await newest.next(within_s=5) is None
    assert other.ended == 1


async def test_newest_raises_what_a_feed_fails_with() -> None:
    source = Counters()
    source.told.put_nowait(-1)
    async with Newest[str, int](until=asyncio.Event()) as newest:
        await newest.add("a", source.produce("a"))
        with pytest.raises(ValueError, match="a"):
            await newest.next(within_s=5)
