from __future__ import annotations

from collections import OrderedDict, deque

from analytics_engine.kernel.clock import Clock, SystemClock
from analytics_engine.kernel.ports.rate_limiter import Limit

_MOST_KEYS = 10_000


class MemoryRateLimiter:
    """The rate limiter in this process's memory; of very many keys it forgets those idle longest."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    async def take(self, key: str, limit: Limit) -> float:
        now = self._clock.now().timestamp()
        taken = self._taken.setdefault(key, deque())
        self._taken.move_to_end(key)
        while taken and taken[0] <= now - limit.window_s:
            taken.popleft()
        if len(taken) >= limit.count:
            return taken[0] + limit.window_s - now
        taken.append(now)
        while len(self._taken) > _MOST_KEYS:
            self._taken.popitem(last=False)
        return 0.0

    async def give_back(self, key: str) -> None:
        taken = self._taken.get(key)
        if taken:
            taken.pop()
