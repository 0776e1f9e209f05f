from __future__ import annotations

from typing import Protocol


class Resource(Protocol):
    """Something a service opens when it starts and closes when it stops."""

    async def start(self) -> None:
        """Begin; never fails because a server is away: it connects when it can."""
        ...

    async def stop(self) -> None: ...


class Dependency(Protocol):
    """Something whose health a service reports."""

    async def ping(self) -> None:
        """Return when it works.

        Raises:
            AnalyticsEngineError: it does not, and why.
        """
        ...
