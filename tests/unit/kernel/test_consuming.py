"""Consumers end when they are cancelled, whatever the driver beneath them makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from analytics_engine.kernel.consuming import ConsumePolicy, Delivery, GroupConsumer
from analytics_engine.kernel.ports.events import Event


class Swallowing:
    """A log of no events whose driver swallows a cancellation in one of its methods, as ``asyncio.wait_for`` may."""

    def __init__(self, swallows: str) -> None:
        self._swallows = swallows
        self.waits = asyncio.Event()

    async def _wait(self, method: str, wait_s: float) -> None:
        if method != self._swallows:
            await asyncio.sleep(wait_s)
            return
        self.waits.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

    async def prepare(self) -> None: ...

    async def unfinished(self) -> Sequence[Delivery]:
        return []

    async def abandoned(self) -> Sequence[Delivery]:
        return []

    async def fresh(self, *, limit: int, wait_s: float) -> Sequence[Delivery]:
        await self._wait("fresh", wait_s)
        return []

    async def begin(self, delivery: Delivery) -> bool:
        return True

    async def keep(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        await self._wait("keep", 0)
        return []

    async def done(self, delivery: Delivery) -> None: ...

    async def bury(self, delivery: Delivery, reason: str) -> None: ...


async def ignore(event: Event) -> None: ...


@pytest.mark.parametrize("method", ["fresh", "keep"])
async def test_a_cancellation_that_a_driver_swallows_ends_a_consumer_all_the_same(method: str) -> None:
    log = Swallowing(method)
    policy = ConsumePolicy(abandoned_after_s=0.03, wait_s=0.01)
    consumer = asyncio.create_task(GroupConsumer(log, group="g", handler=ignore, policy=policy).run())
    await log.waits.wait()
    consumer.cancel()
    done, _ = await asyncio.wait([consumer], timeout=10)
    assert done == {consumer}
    assert consumer.cancelled()
