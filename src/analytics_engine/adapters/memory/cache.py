from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from analytics_engine.kernel.clock import Clock, SystemClock


class MemoryCache:
    """The cache in this process's memory."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._entries: dict[str, tuple[bytes, datetime]] = {}
        self._versions: dict[str, int] = {}

    async def get(self, key: str) -> bytes | None:
        value, until = self._entries.get(key, (None, None))
        if until is None or self._clock.now() >= until:
            self._entries.pop(key, None)
            return None
        return value

    async def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        self._entries[key] = (value, self._clock.now() + timedelta(seconds=ttl_s))

    async def delete(self, *keys: str) -> None:
        for key in keys:
            self._entries.pop(key, None)

    async def versions(self, names: Sequence[str]) -> tuple[int, ...] | None:
        return tuple(self._versions.get(name, 0) for name in names)

    async def raise_versions(self, names: Sequence[str]) -> None:
        for name in names:
            self._versions[name] = self._versions.get(name, 0) + 1

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def ping(self) -> None:
        """Memory is always there."""
