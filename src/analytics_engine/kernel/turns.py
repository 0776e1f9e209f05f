"""Handlers whose effects are in the database: each event's effect happens once, and in the order of its subject."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.outbox import Inbox

Effect = Callable[[Connection, Event], Awaitable[None]]


@dataclass(frozen=True)
class HandlesInTurn:
    """An event handler for ``EventStream.consume``, whose effect shares its transaction with the group's inbox.

    The transaction is one of the event's client.

    However many consumers the group has, and whichever of them is slow, dead or taken over: what decides is the
    transaction. It commits the effect of an event that is not in the inbox, whose predecessors are; or nothing.
    """

    database: Database
    inbox: Inbox
    group: str
    effect: Effect

    async def __call__(self, event: Event) -> None:
        async with self.database.transaction(client_id=event.clientid or None) as connection:
            if await self.inbox.in_turn(connection, group=self.group, event=event):
                await self.effect(connection, event)

    async def whose_turn(self, events: Sequence[Event]) -> Collection[str]:
        async with self.database.transaction(read_only=True) as connection:
            return await self.inbox.whose_turn(connection, group=self.group, events=events)

    async def through(self, events: Sequence[Event]) -> Collection[str]:
        async with self.database.transaction(read_only=True) as connection:
            return await self.inbox.through(connection, group=self.group, events=events)

    async def give_up(self, event: Event, *, reason: str, attempts: int) -> bool:
        async with self.database.transaction() as connection:
            return await self.inbox.give_up(connection, group=self.group, event=event, reason=reason, attempts=attempts)
