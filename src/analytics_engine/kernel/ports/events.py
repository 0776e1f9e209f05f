from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Protocol, runtime_checkable

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.tracing import current_traceparent


class Event(BaseModel):
    """The one envelope of every event: CloudEvents 1.0 in JSON, with our extension attributes.

    ``type`` is the event's registered name (``data.ingested``), ``subject`` its ordering key,
    ``clientid`` the tenant it belongs to (empty for global ones), ``sequence`` its place in the order of sending
    (digits that sort as text; empty until it is sent), ``traceparent`` the trace it is of (empty without one),
    ``dataschema`` the name and version of the shape of ``data``.
    """

    model_config = ConfigDict(frozen=True)

    specversion: str = "1.0"
    id: str = Field(default_factory=new_id)
    type: str
    source: str
    time: AwareDatetime
    subject: str = ""
    clientid: str = ""
    correlationid: str = ""
    sequence: str = ""
    datacontenttype: str = "application/json"
    dataschema: str = ""
    traceparent: str = Field(default_factory=current_traceparent)
    data: dict[str, Any]

    @property
    def data_version(self) -> int:
        """The version of the shape of ``data``: the last part of ``dataschema``; 1 without one."""
        return int(self.dataschema.rpartition(":")[2]) if self.dataschema else 1

    @property
    def position(self) -> int | None:
        return int(self.sequence) if self.sequence else None


def sequence_of(position: int) -> str:
    return f"{position:019}"


EventHandler = Callable[[Event], Awaitable[None]]


@runtime_checkable
class TakesTurns(Protocol):
    """A handler that knows whose turn it is, and keeps what it gives up on itself, in the transaction that says so."""

    async def whose_turn(self, events: Sequence[Event]) -> Collection[str]:
        """Return the ids of those events whose predecessors are all handled."""
        ...

    async def through(self, events: Sequence[Event]) -> Collection[str]:
        """Return the ids of those events that were handled, or given up, before: nothing is left to do for them."""
        ...

    async def give_up(self, event: Event, *, reason: str, attempts: int) -> bool:
        """Make the event a dead letter unless it was handled after all, and return whether it is one now."""
        ...


class EventStream(Protocol):
    """A durable, ordered log of events per type, read by consumer groups that acknowledge each event.

    At-least-once: a handler that raises, or a consumer that dies, sees the event again; handlers are idempotent.
    """

    async def append(self, events: Sequence[Event]) -> None:
        """Append events; on return they are in the stream.

        Raises:
            DependencyUnavailable: the server is away; nothing may be assumed to be appended.
        """
        ...

    async def consume(self, *, group: str, consumer: str, types: Sequence[str], handler: EventHandler) -> None:
        """Handle events of these types for ever, new and abandoned ones, until cancelled."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def ping(self) -> None: ...
