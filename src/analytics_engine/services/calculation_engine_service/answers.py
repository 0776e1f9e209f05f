"""Answers kept for those who ask the same again, until the data or the definitions change."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime

from analytics_engine.kernel.ports.cache import Cache
from analytics_engine.kpi.model.time import Period

LONGEST_S = 300.0
"""How long an answer is kept at most, as the operations guide says."""

Compute = Callable[[], Awaitable[tuple[bytes, bytes | None]]]
"""Gives an answer twice: as it goes to who asked, and as it goes to those who ask again; None is not kept."""


EVERY_CLIENT = ""


def data_versions(client_id: str, object_models: Iterable[str]) -> list[str]:
    """Return the names of all versions an answer depends on: what was written for its client, and for any."""
    return [data_version(of, model) for model in object_models for of in (client_id, EVERY_CLIENT)]


def data_version(client_id: str, object_model: str) -> str:
    """Return the name of the version that is raised when rows change that are, or may be, a client's."""
    return f"data:{client_id}:{object_model}"


class AnswerCache:
    """A cache in front of the engine.

    A key holds the versions of all data an answer was read from, taken before it was read: an answer that was
    overtaken by a change is under a key that nobody asks for again. One computation serves all who ask at once.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._under_way: dict[str, asyncio.Task[tuple[bytes, bytes | None]]] = {}

    async def get(
        self, *, prefix: str, parts: Sequence[str], depends_on: Sequence[str], ttl_s: float, compute: Compute
    ) -> bytes:
        """Return the answer under a key, computed when it is not there."""
        versions = await self._cache.versions(depends_on)
        if versions is None:
            return (await compute())[0]
        digest = hashlib.sha256("\n".join([*parts, *map(str, versions)]).encode()).hexdigest()
        key = f"{prefix}:{digest}"
        kept = await self._cache.get(key)
        if kept is not None:
            return kept
        task = self._under_way.get(key)
        if task is not None:
            first, again = await asyncio.shield(task)
            return first if again is None else again
        task = asyncio.create_task(self._compute(key, ttl_s, compute))
        self._under_way[key] = task
        return (await asyncio.shield(task))[0]

    async def _compute(self, key: str, ttl_s: float, compute: Compute) -> tuple[bytes, bytes | None]:
        """Compute and keep an answer; it goes on for the others when the first who asked goes away."""
        try:
            first, again = await compute()
            if again is not None:
                await self._cache.set(key, again, ttl_s=ttl_s)
            return first, again
        finally:
            del self._under_way[key]


def keep_for_s(periods: Sequence[Period], now: datetime) -> float:
    """Return how long an answer may be kept: until the first of its periods that is not over ends."""
    ends = [(period.end - now).total_seconds() for period in periods if period.end > now]
    return max(0.001, min([LONGEST_S, *ends]))
