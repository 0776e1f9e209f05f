"""Values that keep changing: each is produced once for all who follow it, and who is slow gets the newest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from typing import Generic, Self, TypeVar

from analytics_engine.errors import RateLimited

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Feeds(Generic[K, V]):
    """One producer for each key that anybody follows; it ends with its last follower.

    Args:
        produce: yields the values of a key, the first one as soon as it is known; it should not end.
        most: how many keys may be followed at once.
    """

    def __init__(self, produce: Callable[[K], AsyncGenerator[V, None]], *, most: int) -> None:
        self._produce = produce
        self._most = most
        self._feeds: dict[K, _Feed[V]] = {}

    def __len__(self) -> int:
        return len(self._feeds)

    async def follow(self, key: K) -> AsyncGenerator[V, None]:
        """Yield the newest value of a key as often as there is one that this follower has not had.

        Raises:
            RateLimited: as many keys are followed as may be.
        """
        feed = self._feeds.get(key)
        if feed is None:
            if len(self._feeds) >= self._most:
                raise RateLimited(
                    f"{self._most} different questions are followed live here, which is as many as may be.",
                    remedy="Follow fewer, or have the operator start more replicas.",
                )
            feed = self._feeds[key] = _Feed(self._produce(key))
        feed.followers += 1
        seen = 0
        try:
            while True:
                seen, value = await feed.newer_than(seen)
                yield value
        finally:
            feed.followers -= 1
            if feed.followers == 0 and self._feeds.get(key) is feed:
                del self._feeds[key]
                await feed.stop()


class _Feed(Generic[V]):
    """One producer at work, its newest value and that value's number."""

    def __init__(self, values: AsyncGenerator[V, None]) -> None:
        self.followers = 0
        self._values = values
        self._newest: V | None = None
        self._number = 0
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._wake())

    async def newer_than(self, number: int) -> tuple[int, V]:
        while self._number == number:
            if self._task.done():
                self._task.result()
                raise AssertionError("a feed ended, which none should")
            await self._changed.wait()
        assert self._newest is not None
        return self._number, self._newest

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        async with aclosing(self._values):
            async for value in self._values:
                self._newest = value
                self._number += 1
                self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Newest(Generic[K, V]):
    """The newest values of several feeds together: of a feed whose value was not taken yet only the newest is kept.

    Args:
        until: an event that ends it.
    """

    def __init__(self, *, until: asyncio.Event) -> None:
        self._until = until
        self._waiting: dict[K, V] = {}
        self._failure: BaseException | None = None
        self._there = asyncio.Event()
        self._tasks: dict[K, asyncio.Task[None]] = {}
        self._end: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._tasks)

    def __contains__(self, name: K) -> bool:
        return name in self._tasks

    async def __aenter__(self) -> Self:
        self._end = asyncio.create_task(self._wait_for_the_end())
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [*self._tasks.values(), *([self._end] if self._end is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def add(self, name: K, feed: AsyncGenerator[V, None]) -> None:
        """Follow a feed under a name, instead of one that had it."""
        await self.remove(name)
        task = self._tasks[name] = asyncio.create_task(self._gather(name, feed))
        task.add_done_callback(self._note_failure)

    async def remove(self, name: K) -> None:
        """Follow a feed no more; none of its values is given from now on."""
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._waiting.pop(name, None)

    async def next(self, *, within_s: float) -> list[tuple[K, V]] | None:
        """Return what is new, by name: nothing where the time is over first, None at the end.

        Raises:
            Exception: what a feed failed with.
        """
        try:
            async with asyncio.timeout(within_s):
                await self._there.wait()
        except TimeoutError:
            return []
        self._there.clear()
        if self._failure is not None:
            raise self._failure
        if self._until.is_set():
            return None
        found = list(self._waiting.items())
        self._waiting.clear()
        return found

    async def _gather(self, name: K, feed: AsyncGenerator[V, None]) -> None:
        async with aclosing(feed):
            async for value in feed:
                self._waiting[name] = value
                self._there.set()

    def _note_failure(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (failure := task.exception()) is not None:
            self._failure = failure
            self._there.set()

    async def _wait_for_the_end(self) -> None:
        await self._until.wait()
        self._there.set()
