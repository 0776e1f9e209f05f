from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Cache(Protocol):
    """Bytes by key with a time to live: an optimisation, never the truth.

    Losing the server behind it loses speed only: reads then miss and writes do nothing; ``ping`` tells.
    """

    async def get(self, key: str) -> bytes | None: ...

    async def set(self, key: str, value: bytes, *, ttl_s: float) -> None: ...

    async def delete(self, *keys: str) -> None: ...

    async def versions(self, names: Sequence[str]) -> tuple[int, ...] | None:
        """Return the present version of each name (0 where never raised), or None where the cache is away."""
        ...

    async def raise_versions(self, names: Sequence[str]) -> None:
        """Make every key built from the present version of these names unreachable.

        Raises:
            DependencyUnavailable: the server is away; the caller must try again (an event is not done before).
        """
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def ping(self) -> None: ...
