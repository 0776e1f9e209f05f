"""What other rooms may know of database_service: ingest."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field

from analytics_engine.contracts.wire import WireModel


class LoadMode(StrEnum):
    """``append`` refuses a key that is there already; ``upsert`` replaces the row that has it."""

    APPEND = "append"
    UPSERT = "upsert"


class RowError(WireModel):
    """Why one row was rejected. ``line`` counts lines of the input from 1 (a CSV header is line 1)."""

    line: int
    column: str = ""
    value: str = ""
    reason: str


class IngestReceipt(WireModel):
    """What an acknowledged ingest did; it is committed when this is returned."""

    ingest_id: str
    object_model: str
    object_model_version: int
    mode: LoadMode
    rows: int
    inserted: int
    updated: int
    covered_from: AwareDatetime | date | None = None
    covered_until: AwareDatetime | date | None = None
    watermark: int
    replayed: bool = Field(default=False, description="true when the idempotency key had been used for this")
