from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event, sequence_of
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.messaging_service.schemas import RecentEvent


@dataclass(frozen=True)
class UnsentEvent:
    row_id: int
    event: Event


@dataclass(frozen=True)
class Backlog:
    """What was committed and not sent yet."""

    events: int
    oldest_s: float


class OutboxRepository:
    """The outbox in PostgreSQL; every method works in the caller's transaction."""

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def lead(self, connection: Connection) -> bool:
        """Return whether this transaction is the one that may send; it is until it ends."""
        return bool(await connection.fetch_value(self._sql["lead"]))

    async def continuity(self, connection: Connection) -> str | None:
        remembered: str | None = await connection.fetch_value(self._sql["continuity"])
        return remembered

    async def remember(self, connection: Connection, continuity: str) -> None:
        await connection.execute(self._sql["remember_continuity"], continuity)

    async def send_again(self, connection: Connection, *, sent_within: timedelta | None) -> None:
        """Take back that events were sent lately; without a time, that any of those kept were."""
        if sent_within is None:
            await connection.execute(self._sql["send_all_again"])
        else:
            await connection.execute(self._sql["send_again"], sent_within)

    async def number(self, connection: Connection, *, limit: int) -> int:
        """Give the oldest events that have none their positions in the order of sending, and return how many."""
        return _affected(await connection.execute(self._sql["number"], limit))

    async def unsent(self, connection: Connection, *, limit: int) -> list[UnsentEvent]:
        """Return events that have a position and were not sent, in that order, each with it as its sequence."""
        rows = await connection.fetch(self._sql["unsent"], limit)
        return [
            UnsentEvent(row["id"], Event.model_validate({**row["event"], "sequence": sequence_of(row["position"])}))
            for row in rows
        ]

    async def mark_sent(self, connection: Connection, row_ids: Sequence[int]) -> None:
        await connection.execute(self._sql["mark_sent"], row_ids)

    async def backlog(self, connection: Connection) -> Backlog:
        row = await connection.fetch_one(self._sql["backlog"])
        assert row is not None
        return Backlog(events=row["events"], oldest_s=row["oldest_s"])

    async def forget_sent(self, connection: Connection, *, older_than: timedelta, limit: int) -> int:
        """Delete some of the events sent longer ago than this and return how many."""
        return _affected(await connection.execute(self._sql["forget_sent"], older_than, limit))

    async def forget_handled(self, connection: Connection, *, older_than: timedelta, limit: int) -> int:
        """Delete some of the inbox's entries older than this and return how many."""
        return _affected(await connection.execute(self._sql["forget_handled"], older_than, limit))

    async def forget_turns(self, connection: Connection, *, older_than: timedelta, limit: int) -> int:
        """Delete how far groups are with some of the subjects of which nothing was sent for so long."""
        return _affected(await connection.execute(self._sql["forget_turns"], older_than, limit))

    async def recent(
        self, connection: Connection, *, client_id: str, event_type: str | None, page: PageRequest
    ) -> tuple[list[RecentEvent], int]:
        rows = await connection.fetch(self._sql["recent"], client_id, event_type, page.limit, page.offset)
        total = await connection.fetch_value(self._sql["count_recent"], client_id, event_type)
        return [RecentEvent(**row) for row in rows], total


def _affected(command_tag: str) -> int:
    return int(command_tag.rpartition(" ")[2])
