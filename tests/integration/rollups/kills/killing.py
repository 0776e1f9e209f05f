"""When somebody is killed, and who."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random

import asyncpg

from integration.rollups.kills.batches import STREAMS
from integration.rollups.kills.ledger import Ledger
from integration.rollups.kills.stack import Stack
from support.waiting import eventually

_MOST_BEGUN = 10
_LATEST_S = 0.8
_WITHIN_S = 60.0
_OWN_SESSIONS = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'database_service' "
    "ORDER BY backend_xid IS NULL, random() LIMIT 1"
)

POSTGRESQL, POSTMASTER, SESSION, PROCESS, SERVICE, CLIENT = (
    "PostgreSQL",
    "postmaster",
    "session",
    "other process of PostgreSQL",
    "service",
    "client",
)


def victims(random: Random, rounds: int) -> list[str]:
    """Return who is killed in which round: each of the kinds about as often, in any order."""
    kinds = [POSTGRESQL, SERVICE, CLIENT, SESSION, POSTMASTER, PROCESS]
    chosen = [kinds[number % len(kinds)] for number in range(rounds)]
    random.shuffle(chosen)
    return chosen


class Killer:
    """Waits for its moment and kills."""

    def __init__(self, stack: Stack, random: Random) -> None:
        self._stack = stack
        self._random = random

    async def wait(self, client_id: str, ledger: Ledger) -> str:
        """Return at a random moment of loading, and what kind of moment it is: some are just after a commit."""
        before = len(ledger.begun())
        wanted = before + self._random.randint(len(STREAMS), _MOST_BEGUN)

        async def begun() -> bool:
            return len(ledger.begun()) >= wanted

        await eventually(begun, within_s=_WITHIN_S)
        if self._random.random() < 0.5:
            await self._wait_for_a_commit(client_id)
            return "just after a commit"
        await _wait_for_s(self._random.uniform(0, _LATEST_S))
        return "any moment"

    async def kill(self, victim: str) -> None:
        stack = self._stack
        kill: dict[str, Callable[[], None]] = {
            POSTGRESQL: stack.kill_postgres,
            POSTMASTER: stack.kill_postmaster,
            SERVICE: lambda: stack.kill(stack.service),
            CLIENT: lambda: stack.kill(stack.client),
            PROCESS: lambda: stack.kill_one_of_postgres(self._random),
        }
        if victim == SESSION:
            await self._kill_session()
        else:
            kill[victim]()

    async def _kill_session(self) -> None:
        """Kill a session of the service, one in the middle of a change where there is one."""
        connection = await self._stack.connect()
        try:
            pid = await connection.fetchval(_OWN_SESSIONS)
            self._stack.kill_process(pid)
        finally:
            connection.terminate()

    async def _wait_for_a_commit(self, client_id: str) -> None:
        """Return within a millisecond or two of a load's commit: its receipt is on its way."""
        connection = await self._stack.connect()
        try:
            before = await _loads(connection, client_id)

            async def committed() -> bool:
                return await _loads(connection, client_id) > before

            await eventually(committed, within_s=_WITHIN_S, every_s=0)
        finally:
            connection.terminate()


async def _loads(connection: asyncpg.Connection, client_id: str) -> int:
    count: int = await connection.fetchval("SELECT count(*) FROM ingest.loads WHERE client_id = $1", client_id)
    return count


async def _wait_for_s(seconds: float) -> None:
    clock = asyncio.get_running_loop()
    moment = clock.time() + seconds

    async def come() -> bool:
        return clock.time() >= moment

    await eventually(come, every_s=0.001)
