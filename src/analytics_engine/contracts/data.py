"""What other rooms may know of database_service: ingest."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Protocol

from pydantic import AwareDatetime, Field

from analytics_engine.contracts.wire import WireModel


class LoadMode(StrEnum):
    """``append`` refuses a key that is there already; ``upsert`` replaces the row that has it."""

    APPEND = "append"
    UPSERT = "upsert"


class OnError(StrEnum):
    """What wrong rows mean: ``reject_all`` loads nothing, ``keep_good`` loads the others and keeps these for review."""

    REJECT_ALL = "reject_all"
    KEEP_GOOD = "keep_good"


class LoadState(StrEnum):
    """Where a load is. ``refused`` was ended by an error that is told, ``interrupted`` by the end of its process."""

    RECEIVING = "receiving"
    CHECKING = "checking"
    LOADING = "loading"
    LOADED = "loaded"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"


class RowError(WireModel):
    """Why one row was rejected. ``line`` counts lines of the input from 1 (a CSV header is line 1)."""

    line: int
    column: str = ""
    value: str = ""
    reason: str


class IngestReceipt(WireModel):
    """What an acknowledged ingest did; it is committed when this is returned.

    ``rows`` were loaded; ``rejected`` were wrong and are kept for review, the first of them.
    """

    ingest_id: str
    object_model: str
    object_model_version: int
    mode: LoadMode
    rows: int
    inserted: int
    updated: int
    rejected: int = 0
    covered_from: AwareDatetime | date | None = None
    covered_until: AwareDatetime | date | None = None
    watermark: int
    replayed: bool = Field(default=False, description="true when the idempotency key had been used for this")


class DataUpload(WireModel):
    """Rows for one object model as one request: all of them are loaded, or none, unless ``on_error`` says otherwise.

    ``covers_from`` and ``covers_until`` declare the half-open span of time the rows are complete for; a repeat under
    the same ``idempotency_key`` loads nothing again.
    """

    object_model: str
    content: bytes = Field(repr=False)
    media_type: str = "application/vnd.apache.parquet"
    mode: LoadMode = LoadMode.UPSERT
    on_error: OnError = OnError.REJECT_ALL
    covers_from: AwareDatetime | None = None
    covers_until: AwareDatetime | None = None
    idempotency_key: str


class DataApi(Protocol):
    """Loading rows into object models."""

    async def load(self, client_id: str, upload: DataUpload) -> IngestReceipt:
        """Load rows for a client; they are committed when this returns.

        Raises:
            RowsRejected: some rows are wrong; nothing was loaded.
            IdempotencyConflict: the key was used for other rows.
            DependencyUnavailable: database_service cannot be reached; the same call may be made again.
        """
        ...
