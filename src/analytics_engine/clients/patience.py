"""How long a service that cannot be reached is waited for: as long as its replacement takes, and no longer."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 0.5


class Patience:
    """What is known of one service's absence; shared by all who call it.

    Each absence is waited for once: whoever calls a service that has been away for longer is told at once.

    Args:
        limit_s: how long after the first failure of an absence a call is tried again.
    """

    def __init__(self, limit_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit_s = limit_s
        self._clock = clock
        self._away_since: float | None = None
        self._failed_at = 0.0

    def succeeded(self) -> None:
        self._away_since = None

    def failed(self) -> None:
        """Note a failure; one long after the last is the first of another absence."""
        now = self._clock()
        if self._away_since is None or now - self._failed_at > self._limit_s:
            self._away_since = now
        self._failed_at = now

    def is_over(self) -> bool:
        return self._away_since is None or self._clock() - self._away_since >= self._limit_s

    async def pause(self, attempt: int) -> None:
        """Wait before another attempt, each time longer, and not all callers equally long."""
        longest_s = min(_FIRST_PAUSE_S * 2 ** min(attempt, 10), _LONGEST_PAUSE_S)
        await asyncio.sleep(longest_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
