"""Changes: a version that is another than the one seen is noticed, whenever anybody looks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from analytics_engine.adapters.memory.cache import MemoryCache
from analytics_engine.services.calculation_engine_service.live.changes import Changes

NAMES = ("data:acme:order", "data::order")


@asynccontextmanager
async def watching() -> AsyncIterator[tuple[MemoryCache, Changes]]:
    cache = MemoryCache()
    changes = Changes(cache)
    looking = asyncio.create_task(changes.keep())
    yield cache, changes
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking


async def _waits(changes: Changes, seen: tuple[int, ...] | None, *, within_s: float) -> asyncio.Task[None]:
    return asyncio.create_task(changes.beyond(NAMES, seen, within_s=within_s))


async def test_whoever_waits_is_woken_by_one_of_the_versions() -> None:
    async with watching() as (cache, changes):
        seen = await changes.versions(NAMES)
        waits = await _waits(changes, seen, within_s=60)
        await cache.raise_versions(["data:other:order"])
        done, _ = await asyncio.wait([waits], timeout=0.3)
        assert not done
        await cache.raise_versions([NAMES[1]])
        async with asyncio.timeout(10):
            await waits


async def test_what_was_raised_before_anybody_waited_is_noticed_too() -> None:
    async with watching() as (cache, changes):
        seen = await changes.versions(NAMES)
        await cache.raise_versions(NAMES)
        async with asyncio.timeout(10):
            await (await _waits(changes, seen, within_s=60))
            await (await _waits(changes, seen, within_s=60))


async def test_waiting_ends_with_its_time_and_soon_where_versions_are_not_known() -> None:
    async with watching() as (_, changes):
        async with asyncio.timeout(10):
            await (await _waits(changes, await changes.versions(NAMES), within_s=0.05))
            await (await _waits(changes, None, within_s=60))
