"""What happens meanwhile: who is killed, what is emptied, restarted, cut and held up, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from integration.messaging.kills.stack import Stack

CONSUMER, RELAY, VALKEY = "consumer killed", "relay killed", "Valkey killed"
FLUSH, RESTART = "FLUSHALL", "PostgreSQL restarted"
CUT, SWALLOWED = "network cut", "network swallows"
HELD_UP = "consumer held up"
KILLS = (CONSUMER, RELAY, VALKEY)

FEW = {CONSUMER: 2, RELAY: 1, VALKEY: 1, FLUSH: 1, RESTART: 1, CUT: 1, SWALLOWED: 1, HELD_UP: 1}
MANY = {CONSUMER: 24, RELAY: 16, VALKEY: 10, FLUSH: 5, RESTART: 5, CUT: 3, SWALLOWED: 3, HELD_UP: 5}

_CUT_S = (0.2, 2.0)
_SWALLOWED_S = (1.0, 6.0)
_HELD_UP_S = (1.2, 4.0)


class Disturber:
    """Does one thing after the other; each returns when what was ended is begun again."""

    def __init__(self, stack: Stack, random: Random) -> None:
        self._stack = stack
        self._random = random

    async def disturb(self, what: str) -> None:
        stack, random = self._stack, self._random
        deeds: dict[str, Callable[[], Awaitable[None]]] = {
            CONSUMER: lambda: stack.kill(random.choice(stack.consumers)),
            RELAY: lambda: stack.kill(stack.relay),
            VALKEY: stack.kill_valkey,
            FLUSH: stack.empty_valkey,
            RESTART: stack.restart_postgres,
            CUT: self._cut,
            SWALLOWED: self._swallow,
            HELD_UP: lambda: stack.hold_up(random.choice(stack.consumers), random.uniform(*_HELD_UP_S)),
        }
        await deeds[what]()

    async def _cut(self) -> None:
        link = self._random.choice([self._stack.to_postgres, self._stack.to_valkey])
        await link.cut()
        await asyncio.sleep(self._random.uniform(*_CUT_S))
        await link.mend()

    async def _swallow(self) -> None:
        link = self._random.choice([self._stack.to_postgres, self._stack.to_valkey])
        link.swallow()
        await asyncio.sleep(self._random.uniform(*_SWALLOWED_S))
        await link.mend()
