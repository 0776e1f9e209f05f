from __future__ import annotations

from typing import Protocol

from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event


class Outbox(Protocol):
    """Events written in the transaction of the change they tell of; the relay sends them once it commits."""

    async def add(self, connection: Connection, event: Event) -> None: ...


class Inbox(Protocol):
    """What a consumer group has handled, kept in the transaction of the handling, so that effects happen once."""

    async def first_time(self, connection: Connection, *, group: str, event: Event) -> bool:
        """Record the event as handled and return whether it had not been."""
        ...
