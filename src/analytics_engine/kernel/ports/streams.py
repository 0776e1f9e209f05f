"""What the messaging service asks of the event stream beyond appending and consuming: its state and its failures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from pydantic import AwareDatetime, BaseModel

from analytics_engine.kernel.ports.events import Event, EventStream


class GroupStatus(BaseModel):
    """How far a consumer group is: ``pending`` is delivered and not acknowledged, ``lag`` not yet delivered.

    ``oldest_waiting_at`` is when the oldest event of both was sent; null where none waits.
    """

    group: str
    consumers: int
    pending: int
    lag: int | None
    oldest_waiting_at: AwareDatetime | None = None


class StreamStatus(BaseModel):
    """How long the stream of one event type is, and how far its readers are."""

    type: str
    length: int
    last_event_at: AwareDatetime | None
    groups: list[GroupStatus]


class DeadLetter(BaseModel):
    """An event a group gave up on, and why. ``event`` is null where the entry held none that could be read."""

    group: str
    id: str
    type: str
    reason: str
    attempts: int
    failed_at: AwareDatetime
    event: Event | None


class StreamAdministration(Protocol):
    """The state of the streams, and the dead letters of each group.

    Raises (all methods):
        DependencyUnavailable: the server is away.
    """

    async def continuity(self) -> str:
        """Return a mark that stays the same as long as nothing appended can have been forgotten.

        What follows its last colon stays the same when the server is started again with what it had written out.
        """
        ...

    async def status(self, types: Sequence[str]) -> list[StreamStatus]: ...

    async def trim(self, types: Sequence[str], *, older_than: timedelta) -> None:
        """Forget old events that every group has acknowledged."""
        ...

    async def dead_letters(self) -> list[DeadLetter]:
        """Return the newest dead letters of every group, newest first."""
        ...

    async def dead_letter_counts(self) -> Mapping[str, int]: ...

    async def replay(self, letter: DeadLetter) -> bool:
        """Append a dead letter's event to its stream again; False when it is no longer there.

        Every group sees the event again; those that had handled it know it by its id.
        """
        ...

    async def discard(self, letters: Sequence[DeadLetter]) -> int:
        """Forget dead letters, and return how many were still there."""
        ...


class AdministeredStream(EventStream, Protocol):
    """A stream, and what the messaging service asks of it beside."""

    @property
    def administration(self) -> StreamAdministration: ...
