from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import AwareDatetime

from analytics_engine.contracts.wire import WireModel
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


def cell(value: object) -> object:
    """Return a value as it goes over the wire: decimals as strings."""
    return str(value) if isinstance(value, Decimal) else value
