from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime

from analytics_engine.contracts.data import IngestReceipt, LoadState
from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.http.problems import Problem
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.tables.fact_table import Layout


class ColumnState(WireModel):
    """One column of a fact table; a required one is NOT NULL."""

    type: DataType
    required: bool


class TableState(WireModel):
    """A fact table as it is; rows are PostgreSQL's estimate over all clients, coverage is the asking client's."""

    object_model: str
    model_version: int
    key: tuple[str, ...]
    time_attribute: str | None
    columns: dict[str, ColumnState]
    layout: Layout
    partitions: int
    estimated_rows: int
    size_bytes: int
    covered_from: AwareDatetime | None
    covered_until: AwareDatetime | None
    created_at: AwareDatetime
    changed_at: AwareDatetime


class CoverageState(WireModel):
    """What span of an object model's time was loaded, half-open."""

    object_model: str
    covered_from: AwareDatetime
    covered_until: AwareDatetime
    changed_at: AwareDatetime


class Sample(WireModel):
    """Some rows of an object model: the newest by its time attribute, or the first by its key."""

    object_model: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Load(WireModel):
    """A load: its receipt when it is committed, how far it is while it runs, and why it ended otherwise.

    ``seen_at`` is when it was committed, or its last sign of life; ``rejects_kept`` counts the wrong rows that are
    kept for review now.
    """

    ingest_id: str
    object_model: str
    state: LoadState
    idempotency_key: str | None
    loaded_by: str
    received_bytes: int
    rows_checked: int
    rows_copied: int
    started_at: AwareDatetime
    seen_at: AwareDatetime
    rejects_kept: int
    receipt: IngestReceipt | None = None
    problem: Problem | None = None


class Mistake(WireModel):
    """What is wrong with one value of a row."""

    column: str
    value: str
    reason: str


class Reject(WireModel):
    """A row that was not loaded, with its first mistake and the ``further`` ones.

    ``row`` has the fields as they were delivered, as text; it is a text itself where the row could not be taken apart.
    """

    line: int
    column: str
    value: str
    reason: str
    further: list[Mistake]
    row: dict[str, str | None] | str


def cell(value: object) -> object:
    """Return a value as it goes over the wire: decimals as strings."""
    return str(value) if isinstance(value, Decimal) else value
