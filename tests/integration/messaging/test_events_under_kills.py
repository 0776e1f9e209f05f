"""Events through outbox, relay, stream and three consumers, while all of them are killed, emptied, cut and held up.

``AE_EVENTS_UNDER_KILLS`` is how many events; with it set, the disturbances are many, and without it a few.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random, SystemRandom

import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable
from integration.messaging.kills.audit import audit, unseen
from integration.messaging.kills.disturbing import FEW, KILLS, MANY, Disturber
from integration.messaging.kills.stack import Stack
from integration.messaging.kills.writer import Key, Writer
from support.waiting import eventually

WANTED = os.environ.get("AE_EVENTS_UNDER_KILLS")
EVENTS = int(WANTED or 3_000)
DISTURBANCES = MANY if WANTED else FEW
AHEAD = 1_500
"""How many events may be written and not handled: enough that all are at work whenever somebody is killed."""
WRITERS = 2
WITHIN_S = 120.0
_THROUGH = "SELECT (SELECT count(*) FROM public.effects) + (SELECT count(*) FROM messaging.dead_letters)"


@pytest.fixture
async def stack() -> AsyncIterator[Stack]:
    running = Stack()
    try:
        await running.start()
        yield running
    finally:
        await running.stop()


@pytest.mark.timeout(0 if WANTED else 300)
async def test_nothing_is_lost_or_doubled_or_out_of_order(stack: Stack) -> None:
    seed = SystemRandom().randrange(2**32)
    random = Random(seed)
    owner = PostgresDatabase(stack.database.owner_url)
    run = Run(stack, owner, [Writer(owner, f"client-{number}", Random(random.random())) for number in range(WRITERS)])
    try:
        await run.through_all_of_it(random)
    except BaseException:
        print(f"seed {seed}, {run.written} written, {run.through} through", *await stack.account(), sep="\n")
        raise
    connection = await stack.connect()
    found = await audit(connection, run.committed)
    blind_to = [what async for what in unseen(connection, run.committed)]
    await connection.close()
    await owner.stop()
    kills = sum(run.done[what] for what in KILLS)
    print(f"\nseed {seed}: {len(run.committed)} events, all through after {run.took_s:.0f} s")
    print(f"{kills} kill -9 among {dict(run.done)}; rolled back {sum(one.rolled_back for one in run.writers)}")
    print(f"effects {found.effects}, dead letters {found.dead_letters}, wrong {found.wrong}")
    assert (seed, found.wrong) == (seed, {})
    assert found.effects + found.dead_letters == len(run.committed)
    assert blind_to == []


@dataclass
class Run:
    """Writers at work, and how far the readers are."""

    stack: Stack
    owner: PostgresDatabase
    writers: list[Writer]
    through: int = 0
    """How many events were handled or given up, by what is committed."""
    done: Counter[str] = field(default_factory=Counter)
    took_s: float = 0.0

    async def through_all_of_it(self, random: Random) -> None:
        """Write and disturb at the same time, and return when all of it is over and handled."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            counting = group.create_task(self.keep_counting())
            writing = [group.create_task(writer.write(EVENTS // WRITERS, self.ready)) for writer in self.writers]
            await self.disturb(random)
            await asyncio.gather(*writing)
            await eventually(self.all_through, within_s=WITHIN_S, every_s=0.2)
            counting.cancel()
        self.took_s = time.monotonic() - began

    @property
    def written(self) -> int:
        return sum(writer.written for writer in self.writers)

    @property
    def committed(self) -> dict[str, tuple[Key, int, bool]]:
        return {identity: of for writer in self.writers for identity, of in writer.committed.items()}

    async def ready(self) -> bool:
        return self.written - self.through < AHEAD

    async def keep_counting(self) -> None:
        while True:
            with suppress(DependencyUnavailable, DependencyTimeout):
                async with self.owner.transaction(read_only=True) as connection:
                    self.through = await connection.fetch_value(_THROUGH)
            await asyncio.sleep(0.25)

    async def disturb(self, random: Random) -> None:
        """Do all there is to do, in any order, spread over the time of writing."""
        chosen = [what for what, times in DISTURBANCES.items() for _ in range(times)]
        random.shuffle(chosen)
        disturber = Disturber(self.stack, random)
        for number, what in enumerate(chosen):
            due = round(EVENTS * (number + random.random()) / (len(chosen) + 1))
            await eventually(lambda due=due: self._has_written(due), within_s=WITHIN_S)  # type: ignore[misc]
            await disturber.disturb(what)
            self.done[what] += 1
            if WANTED:
                print(f"{what}: {self.written} written, {self.through} through", flush=True)

    async def all_through(self) -> bool:
        return self.through >= len(self.committed) and await self.stack.healthy() and await self.stack.waiting() == 0

    async def _has_written(self, count: int) -> bool:
        return self.written >= count
