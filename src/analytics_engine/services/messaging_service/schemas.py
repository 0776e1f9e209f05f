from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from analytics_engine.kernel.ports.events import Event


class RegisteredType(BaseModel):
    """An event type that may be sent, and the JSON schema of the data it carries.

    ``dataschema`` is what events of this version carry under that name; those without one are of version 1.
    """

    type: str
    version: int
    dataschema: str
    description: str
    data_schema: dict[str, Any]


class RecentEvent(BaseModel):
    """A committed event; ``sent_at`` is null while it waits to be sent to the stream."""

    event: Event
    created_at: AwareDatetime
    sent_at: AwareDatetime | None


class AllReplayed(BaseModel):
    """What a replay of a whole group did."""

    group: str
    replayed: int
    left: int = Field(description="what cannot be sent again, because it holds no event")


class Discarded(BaseModel):
    """How many dead letters of a group were discarded."""

    group: str
    discarded: int


class Replayed(BaseModel):
    """What a replay did."""

    event_id: str
    type: str = Field(description="the stream the event was appended to again")
    group: str
