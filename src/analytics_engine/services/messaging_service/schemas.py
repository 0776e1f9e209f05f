from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from analytics_engine.kernel.ports.events import Event


class RegisteredType(BaseModel):
    """An event type that may be sent, and the JSON schema of the data it carries."""

    type: str
    description: str
    data_schema: dict[str, Any]


class RecentEvent(BaseModel):
    """A committed event; ``sent_at`` is null while it waits to be sent to the stream."""

    event: Event
    created_at: AwareDatetime
    sent_at: AwareDatetime | None


class Replayed(BaseModel):
    """What a replay did."""

    event_id: str
    type: str = Field(description="the stream the event was appended to again")
    group: str
