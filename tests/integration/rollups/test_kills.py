"""kill -9 of PostgreSQL, of the service and of the client while they load: nothing acknowledged is lost or doubled.

``AE_KILL_ROUNDS`` makes so many rounds, with other victims and moments each time; without it a few are made.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import Random, SystemRandom

import pytest

from integration.rollups.kills.audit import Found, audit
from integration.rollups.kills.figures import Figures, failure_of
from integration.rollups.kills.killing import Killer, victims
from integration.rollups.kills.ledger import FAILED, Ledger
from integration.rollups.kills.rollups import rollups_of
from integration.rollups.kills.stack import Stack
from integration.rollups.kills.tampering import unseen
from support.waiting import wait_until

WANTED = os.environ.get("AE_KILL_ROUNDS")
EVERY_DAY = 6
ROUNDS_A_CLIENT = 5
"""A client's rows grow through so many rounds. Each round looks at all of them, and the end at those of all clients."""
EXPECTED_FAILURES = {"no answer", "dependency-unavailable", "dependency-timeout", "locked"}
"""Whoever is killed, all places are free when his successor comes: no load is sent away."""
WITHIN_S = 120.0


@pytest.fixture
async def stack(module_redis_url: str) -> AsyncIterator[Stack]:
    running = Stack(module_redis_url)
    try:
        await running.start()
        yield running
    finally:
        running.stop()


@pytest.mark.timeout(0 if WANTED else 900)
async def test_kills_lose_and_double_nothing_that_was_acknowledged(stack: Stack) -> None:
    seed = SystemRandom().randrange(2**32)
    random = Random(seed)
    figures = Figures()
    began = time.monotonic()
    rounds: dict[str, Round] = {}
    for number, victim in enumerate(victims(random, int(WANTED or EVERY_DAY))):
        client_id = f"killed-{number // ROUNDS_A_CLIENT}"
        one = rounds.setdefault(client_id, Round(stack, client_id, random.randrange(2**32), figures))
        one.name = f"seed {seed}, round {number}, {victim}"
        started = time.monotonic()
        await one.run(victim, random)
        print(f"{one.name}: {time.monotonic() - started:.1f} s", flush=True)
    for client_id, one in rounds.items():
        one.name = f"seed {seed}, {client_id} at the end"
        await one.look_again()
    assert await one.unseen() == []
    figures.seconds = round(time.monotonic() - began, 1)
    print(f"\nseed: {seed}", *figures.lines(), sep="\n")
    unexpected = {kind.partition(",")[0] for kind in figures.failures} - EXPECTED_FAILURES
    assert unexpected == set(), stack.unforeseen()


@dataclass
class Round:
    """A client that loads, somebody who is killed, and what is to be so after it."""

    stack: Stack
    client_id: str
    seed: int
    figures: Figures
    name: str = ""

    @property
    def ledger(self) -> Ledger:
        return self.stack.ledger(self.client_id)

    async def run(self, victim: str, random: Random) -> None:
        await self._load_until_killed(victim, random)
        unanswered = self.ledger.begun() - self.ledger.acknowledged().keys()
        at_once = random.random() < 0.5
        if at_once:
            self.stack.start_client(self.client_id, self.seed, finish=True)
        await self.stack.bring_up()
        found = await self._audit()
        await self._verify()
        if not at_once:
            self.stack.start_client(self.client_id, self.seed, finish=True)
        self._wait_for_the_repeats()
        self._count(unanswered, set() if at_once else found.loaded)
        await self._look_at_all()

    async def look_again(self) -> None:
        """Look at everything once more, and add up."""
        found = await self._look_at_all()
        receipts = self.ledger.acknowledged().values()
        self.figures.batches += len(receipts)
        self.figures.acknowledged_rows += sum(receipt["rows"] for receipt in receipts)
        self.figures.rows_there += found.rows
        self.figures.failures.update(failure_of(one.told) for one in self.ledger.entries() if one.what == FAILED)

    async def unseen(self) -> list[str]:
        """Return what an audit of this client would not see if it were wrong."""
        connection = await self.stack.connect()
        try:
            return [what async for what in unseen(connection, self.client_id, self.seed, self.ledger)]
        finally:
            await connection.close()

    async def _load_until_killed(self, victim: str, random: Random) -> None:
        loading = self.stack.start_client(self.client_id, self.seed, finish=False)
        killer = Killer(self.stack, random)
        self.figures.moments[await killer.wait(self.client_id, self.ledger)] += 1
        await killer.kill(victim)
        self.figures.kills[victim] += 1
        wait_until(lambda: not loading.running, within_s=WITHIN_S)

    def _wait_for_the_repeats(self) -> None:
        repeating = self.stack.client
        wait_until(lambda: not repeating.running, within_s=WITHIN_S)
        assert repeating.exit_code == 0, (self.name, repeating.last_words(), self.ledger.entries()[-5:])

    def _count(self, repeated: set[tuple[str, int]], loaded: set[str]) -> None:
        """Count what became of the repeats: a batch that was there already must have been replayed."""
        receipts = self.ledger.acknowledged()
        assert self.ledger.begun() == receipts.keys(), self.name
        for stream, number in repeated:
            replayed = receipts[stream, number]["replayed"]
            assert replayed or f"{stream}-{number}" not in loaded, (self.name, stream, number)
            self.figures.repeats["replayed" if replayed else "loaded"] += 1

    async def _audit(self) -> Found:
        connection = await self.stack.connect()
        try:
            found = await audit(connection, self.client_id, self.seed, self.ledger)
        finally:
            await connection.close()
        self.figures.audits += 1
        self.figures.lost += found.lost
        self.figures.doubled += found.doubled
        assert (self.name, found.lost, found.doubled, found.wrong) == (self.name, 0, 0, [])
        return found

    async def _verify(self) -> None:
        """Compare with the rows what is to be read of the rollups as they are left."""
        async with rollups_of(self.stack.database) as rollups:
            self.figures.marks.update(await rollups.marks(self.client_id))
            assert (self.name, await rollups.wrong(self.client_id)) == (self.name, [])

    async def _look_at_all(self) -> Found:
        """Look at rows and rollups, and at the rollups again when nothing is left to maintain."""
        found = await self._audit()
        await self._verify()
        async with rollups_of(self.stack.database) as rollups:
            await rollups.maintain()
            assert (self.name, await rollups.wrong_when_whole(self.client_id)) == (self.name, [])
        return found
