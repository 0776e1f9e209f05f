"""How long rows are kept, on the wire."""

from __future__ import annotations

from typing import Self

from pydantic import AwareDatetime, Field, model_validator

from analytics_engine.contracts.wire import WireModel

_MOST_MONTHS = 1200


class Policy(WireModel):
    """How long the rows of an object model stay in its table, and how long in the archive; there for good without."""

    keep_rows_months: int = Field(ge=1, le=_MOST_MONTHS, description="whole months before this one whose rows stay")
    keep_archive_months: int | None = Field(
        default=None, ge=1, le=_MOST_MONTHS, description="whole months before this one that the archive keeps"
    )

    @model_validator(mode="after")
    def _archive_is_older(self) -> Self:
        if self.keep_archive_months is not None and self.keep_archive_months < self.keep_rows_months:
            raise ValueError("keep_archive_months is less than keep_rows_months: rows would be gone before they leave")
        return self


class LifecycleState(WireModel):
    """How long rows are kept, and what has left the table: the archive's files, rows and bytes are of the client.

    ``held_up`` says why rows that are old enough are still in the table; it is empty where nothing is in the way.
    """

    object_model: str
    policy: Policy | None
    held_up: str
    rows_from: AwareDatetime | None
    archived_from: AwareDatetime | None
    files: int
    rows: int
    size_bytes: int
