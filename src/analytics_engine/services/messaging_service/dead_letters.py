from __future__ import annotations

from collections.abc import Mapping

from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.streams import DeadLetter
from analytics_engine.kernel.queries import load_queries


class DeadLetterRepository:
    """What groups that handle events in turn gave up on; every method works in the caller's transaction.

    A client sees its own dead letters and those that belong to no client.
    """

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def newest(
        self, connection: Connection, *, client_id: str, group: str | None, limit: int
    ) -> tuple[list[DeadLetter], int]:
        """Return the newest dead letters, and how many there are."""
        rows = await connection.fetch(self._sql["dead_letters"], client_id, group, limit)
        total = await connection.fetch_value(self._sql["count_dead_letters"], client_id, group)
        letters = [
            DeadLetter(
                group=row["consumer_group"],
                id=row["event_id"],
                type=row["type"],
                reason=row["reason"],
                attempts=row["attempts"],
                failed_at=row["failed_at"],
                event=Event.model_validate(row["event"]),
            )
            for row in rows
        ]
        return letters, total

    async def counts(self, connection: Connection) -> Mapping[str, int]:
        rows = await connection.fetch(self._sql["dead_letters_by_group"])
        return {row["consumer_group"]: row["letters"] for row in rows}

    async def take(
        self, connection: Connection, *, client_id: str, group: str, event_id: str | None = None
    ) -> list[str]:
        """Take one dead letter, or all of a group, away, and return the ids of their events, oldest failure first."""
        rows = await connection.fetch(self._sql["take_dead_letters"], client_id, group, event_id)
        return [row["event_id"] for row in rows]

    async def send_again(
        self, connection: Connection, *, client_id: str, group: str, event_id: str | None = None
    ) -> list[tuple[str, str]]:
        """Take dead letters away and send their events as the newest of their subjects; return ids and types.

        The group forgets that it was through with them; all others know them by their ids.
        """
        rows = await connection.fetch(self._sql["send_dead_letters_again"], client_id, group, event_id)
        return [(row["event_id"], row["type"]) for row in rows]
