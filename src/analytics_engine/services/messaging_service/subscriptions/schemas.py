from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from analytics_engine.contracts.wire import WireModel

TypePattern = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z_]+\.(\*|[a-z_]+))$")]
"""An event type, or all types of a kind (``data.*``), or all (``*``)."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class EventFilters(WireModel):
    """Which events of the types are wanted: those that meet every condition given."""

    subjects: list[Text] = Field(
        default_factory=list, max_length=50, description="the event's subject is one of these; * stands for any text"
    )
    data: dict[Text, list[str | int | bool | None]] = Field(
        default_factory=dict, max_length=20, description="the field of the event's data has one of these values"
    )


class SubscriptionSettings(WireModel):
    """What a person decides of a subscription: which events are sent where."""

    url: str = Field(pattern=r"^https?://[^\s]+$", max_length=2000)
    types: list[TypePattern] = Field(min_length=1, max_length=50)
    filters: EventFilters = EventFilters()
    description: str = Field(default="", max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")
    enabled: bool = True


class Subscription(BaseModel):
    """A subscription; ``version`` is its ETag."""

    id: UUID
    url: str
    types: list[str]
    filters: EventFilters
    description: str
    enabled: bool
    disabled_reason: str = Field(description="why it was switched off, where that was not done by a person")
    failing_since: AwareDatetime | None = Field(description="since when nothing was taken; null where the last was")
    previous_secret_until: AwareDatetime | None = Field(description="how long the secret before is used, too")
    version: int
    created_by: str
    created_at: AwareDatetime
    updated_at: AwareDatetime


class SecretShown(BaseModel):
    """A subscription with its new signing secret, which is shown this once."""

    secret: str
    details: Subscription
