from __future__ import annotations

from collections.abc import Collection, Sequence
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

    async def in_turn(self, connection: Connection, *, group: str, event: Event) -> bool:
        """Do as ``first_time`` does, once the group is through with all events of the subject that were sent before.

        Raises:
            OutOfTurn: it is not yet, by what is committed; the transaction is to be given up and tried again.
        """
        ...

    async def whose_turn(self, connection: Connection, *, group: str, events: Sequence[Event]) -> Collection[str]:
        """Return the ids of those events that ``in_turn`` would not raise for now."""
        ...

    async def through(self, connection: Connection, *, group: str, events: Sequence[Event]) -> Collection[str]:
        """Return the ids of those events that the group is through with: ``in_turn`` would change nothing."""
        ...

    async def give_up(self, connection: Connection, *, group: str, event: Event, reason: str, attempts: int) -> bool:
        """Make an event that was not handled a dead letter, so that those behind it go on; return whether it is one.

        Raises:
            OutOfTurn: as ``in_turn``.
        """
        ...
