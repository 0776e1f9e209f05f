"""When data changes: the versions of what live answers depend on, watched by one poll for all of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from analytics_engine.kernel.ports.cache import Cache
from analytics_engine.kernel.tasks import is_wanted

_POLL_S = 0.05
_AWAY_S = 1.0
Versions = tuple[int, ...]


class Changes:
    """Watches versions by their state, not by messages: one that was raised is seen, however long nobody looked."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._watched: Counter[str] = Counter()
        self._known: dict[str, int] = {}
        self._seen = asyncio.Event()
        self._wanted = asyncio.Event()

    async def versions(self, names: Sequence[str]) -> Versions | None:
        """Return the present versions, or None while nobody knows them."""
        return await self._cache.versions(names)

    async def beyond(self, names: Sequence[str], seen: Versions | None, *, within_s: float) -> None:
        """Return when one of the versions is no longer the one that was seen, or the time is over.

        Where they are not known, nobody would tell of a change: then it returns soon.
        """
        if seen is None:
            await asyncio.sleep(min(within_s, _AWAY_S))
            return
        self._watched.update(names)
        self._wanted.set()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(within_s):
                    while all(self._known.get(name, known) == known for name, known in zip(names, seen, strict=True)):
                        await self._seen.wait()
        finally:
            self._watched.subtract(names)
            self._watched += Counter()

    async def keep(self) -> None:
        """Look for ever."""
        while is_wanted():
            if not self._watched:
                self._known.clear()
                self._wanted.clear()
                await self._wanted.wait()
            names = list(self._watched)
            found = await self._cache.versions(names)
            if found is not None:
                self._known = dict(zip(names, found, strict=True))
                self._seen.set()
                self._seen = asyncio.Event()
            await asyncio.sleep(_POLL_S)
