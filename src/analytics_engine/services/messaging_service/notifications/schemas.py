from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.ports.notifier import Severity
from analytics_engine.services.messaging_service.notifications.kinds import ChannelKind

_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")
]
ChannelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$")]
"""What alerts and messages call a channel by, such as ``ops-slack``."""


class ChannelSettings(WireModel):
    """What a person decides of a channel: its name, and where it leads."""

    name: ChannelName
    kind: ChannelKind
    options: dict[str, Any] = Field(default_factory=dict, description="as /notifications/kinds describes for this kind")
    secrets: dict[str, Annotated[str, StringConstraints(min_length=1, max_length=4000)]] = Field(
        default_factory=dict,
        description="each as itself (stored encrypted, never shown again), or where it is kept: env:NAME or file:NAME; "
        "(kept) leaves it as it is",
    )
    enabled: bool = True


class Channel(BaseModel):
    """A notification channel; ``version`` is its ETag."""

    id: UUID
    name: str
    kind: ChannelKind
    options: dict[str, Any]
    secrets: dict[str, str] = Field(description="where each is kept; (kept): encrypted here")
    enabled: bool
    version: int
    created_by: str
    created_at: AwareDatetime
    updated_at: AwareDatetime


class ChannelKindView(BaseModel):
    """A kind of channel, with the JSON schema of its options and the names of its secrets."""

    kind: ChannelKind
    title: str
    description: str
    options_schema: dict[str, Any]
    secrets: list[str]
    optional_secrets: list[str]


class ChannelTrial(BaseModel):
    """What a test message met: the receiver took it, or why not and what to do."""

    works: bool
    status: int | None = Field(description="what the receiver answered, HTTP's or SMTP's; null where nothing came")
    detail: str
    remedy: str = ""
    duration_ms: float


class NewNotification(WireModel):
    """A message to channels. Those for text messages take critical ones only."""

    title: Title
    body: str = Field(default="", max_length=10_000, pattern=_PRINTABLE)
    severity: Severity = Severity.INFO
    link: str = Field(default="", max_length=2000, pattern=r"^(https?://[^\s]+)?$")
    dedup_key: str = Field(
        default="",
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="names the incident it is about; PagerDuty keeps one of each open",
    )
    resolved: bool = Field(default=False, description="the incident is over")
    channels: list[ChannelName] = Field(min_length=1, max_length=50, description="names of channels")


class Accepted(BaseModel):
    """A notification that is kept until it is delivered, or has failed for good."""

    id: UUID
    deliveries: list[UUID] = Field(description="one a channel, in their order")
