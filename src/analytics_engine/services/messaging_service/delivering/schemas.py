from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field


class Purpose(StrEnum):
    """What a delivery is for; each has a receiver of its own kind (``delivering.worker.Target``)."""

    NOTIFICATION = "notification"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True)
class NewDelivery:
    """What is to be brought to whom. ``message_id``: of one message a receiver has one delivery.

    ``lane``: deliveries of one lane to one receiver come one after the other, in the order they were added.
    """

    client_id: str
    purpose: Purpose
    target_id: UUID
    target: str
    message_id: str
    content: dict[str, Any]
    lane: str | None = None


@dataclass(frozen=True)
class Claimed:
    """A delivery that is this process's to try, and the how manieth attempt it is."""

    id: UUID
    client_id: str
    purpose: Purpose
    target_id: UUID
    message_id: str
    content: dict[str, Any]
    attempts: int
    created_at: datetime


@dataclass(frozen=True)
class Attempt:
    """How an attempt ended; ``pause_s``: in how many seconds there is another one, where it waits."""

    state: DeliveryState
    status: int | None
    answer: str
    duration_ms: float
    pause_s: float = 0.0


class Delivery(BaseModel):
    """A message on its way to one receiver, and what that said last."""

    id: UUID
    target_id: UUID = Field(description="the channel or subscription")
    target: str = Field(description="its name then, or its host")
    message_id: str = Field(description="the notification or the event")
    state: DeliveryState
    attempts: int
    answer_status: int | None = Field(description="HTTP's or SMTP's; null where none came")
    answer: str = Field(description="the beginning of the last answer, or why there was none")
    duration_ms: float | None
    created_at: AwareDatetime
    last_attempt_at: AwareDatetime | None
    due_at: AwareDatetime | None = Field(description="when it is tried next; null once it is finished")
    finished_at: AwareDatetime | None


class DeliveryWithContent(Delivery):
    content: dict[str, Any]
