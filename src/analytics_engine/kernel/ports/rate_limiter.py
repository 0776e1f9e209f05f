from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Limit:
    """So many in any window of so long (a sliding window)."""

    count: int
    window_s: float


class RateLimiter(Protocol):
    """Counts what each key did lately. It never opens because a server is away: it then counts in this process."""

    async def take(self, key: str, limit: Limit) -> float:
        """Count one more and return 0, or return in how many seconds one more is allowed; a refusal is not counted."""
        ...

    async def give_back(self, key: str) -> None:
        """Uncount the newest one."""
        ...
