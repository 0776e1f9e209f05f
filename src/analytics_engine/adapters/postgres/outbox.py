"""Events in the transaction of the change they tell of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from analytics_engine.contracts.events import with_data_schema
from analytics_engine.errors import OutOfTurn
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.queries import load_queries

_SQL = load_queries(__package__)


class PostgresOutbox:
    """``kernel.ports.outbox.Outbox`` in ``messaging.outbox``; the messaging service's relay reads it."""

    async def add(self, connection: Connection, event: Event) -> None:
        event = with_data_schema(event)
        await connection.execute(
            _SQL["add_to_outbox"], event.id, event.type, event.clientid, event.subject, event.model_dump(mode="json")
        )


class PostgresInbox:
    """``kernel.ports.outbox.Inbox`` in ``messaging.inbox``."""

    async def first_time(self, connection: Connection, *, group: str, event: Event) -> bool:
        return await connection.fetch_value(_SQL["enter_in_inbox"], group, event.id, event.type) is not None

    async def in_turn(self, connection: Connection, *, group: str, event: Event) -> bool:
        turn = await connection.fetch_value(
            _SQL["take_turn"], group, event.id, event.type, event.clientid, event.subject, event.position
        )
        return _taken(turn, group=group, event=event)

    async def whose_turn(self, connection: Connection, *, group: str, events: Sequence[Event]) -> Collection[str]:
        return await _asked(connection, _SQL["whose_turn"], group, events)

    async def through(self, connection: Connection, *, group: str, events: Sequence[Event]) -> Collection[str]:
        return await _asked(connection, _SQL["through"], group, events)

    async def give_up(self, connection: Connection, *, group: str, event: Event, reason: str, attempts: int) -> bool:
        turn = await connection.fetch_value(
            _SQL["give_up"], group, event.model_dump(mode="json"), event.position, reason, attempts
        )
        return _taken(turn, group=group, event=event)


async def _asked(connection: Connection, query: str, group: str, events: Sequence[Event]) -> Collection[str]:
    rows = await connection.fetch(
        query,
        group,
        [event.id for event in events],
        [event.type for event in events],
        [event.clientid for event in events],
        [event.subject for event in events],
        [event.position for event in events],
    )
    return frozenset(row["event_id"] for row in rows)


def _taken(turn: str, *, group: str, event: Event) -> bool:
    if turn == "waits":
        raise OutOfTurn(
            f"The group {group} is not through with the events before {event.id} of the subject {event.subject!r}.",
            remedy="It waits by itself. /streams of messaging_service shows how far the group is.",
        )
    return turn == "first"
