from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field

from analytics_engine.contracts.wire import WireModel


class DeedOutcome(StrEnum):
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    FAILED = "failed"


class Deed(WireModel):
    """Something somebody did or tried. It never holds a secret."""

    actor: str
    client_id: str = ""
    action: str
    target: str = ""
    outcome: DeedOutcome
    details: dict[str, Any] = Field(default_factory=dict)


class AuditEntry(Deed):
    """A deed as the log keeps it; ``hash`` covers the entry and the hash of the one before."""

    seq: int
    at: AwareDatetime
    request_id: str
    hash: str


class Verification(WireModel):
    """Whether the chain of the log is whole, and the first entry at which it is not."""

    whole: bool
    entries: int
    broken_at: int | None = None
