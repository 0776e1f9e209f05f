"""Answers to questions: columns of values. Decimals travel as strings; a null has a reason."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import AwareDatetime, Field

from analytics_engine.contracts.questions import Comparison
from analytics_engine.contracts.wire import WireModel
from analytics_engine.kpi.model.kpi import Direction, Display
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.values.reasons import NullReason


class NullExplanation(WireModel):
    """A null's reason: its code, and a sentence that names the term."""

    code: NullReason
    detail: str


Cell = bool | int | float | str | None
"""A value on the wire: integers and floats as numbers, decimals as strings, times in ISO 8601."""


class TimeSpan(WireModel):
    """A half-open span: ISO times with the zone's offset."""

    start: str
    end: str


class PeriodColumn(WireModel):
    """The period of each row: ISO times with the zone's offset, and whether the period is whole.

    ``grain`` is of each row where several were asked, ``range`` the number of its range, from 0, where several were.
    """

    start: tuple[str, ...]
    end: tuple[str, ...]
    complete: tuple[bool, ...]
    grain: tuple[str | None, ...] = ()
    range: tuple[int, ...] = ()


class DimensionColumn(WireModel):
    """The member of each row; null is a member too, the missing one.

    Where the dimension was asked by its top members, ``rest`` says of each row whether it is of all the others.
    """

    name: str
    label: str
    type: DataType
    values: tuple[Cell, ...]
    rest: tuple[bool, ...] = ()


class ComparedValues(WireModel):
    """Values by row, each null with its reason by row number."""

    values: tuple[Cell, ...]
    reasons: dict[int, NullExplanation] = Field(default_factory=dict)


class ComparisonColumn(WireModel):
    """What a KPI's values are compared with, row by row.

    ``start`` and ``end`` are the span that was read, of a comparison with another time. ``change`` is the value less
    what it is compared with (none of times); ``growth`` is their ratio less 1, null against a base of 0 or below.
    """

    comparison: Comparison
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    compared: ComparedValues
    change: ComparedValues | None = None
    growth: ComparedValues | None = None


class TargetStatus(StrEnum):
    """How a value stands against the KPI's target, by its direction."""

    ON_TARGET = "on_target"
    WARNING = "warning"
    CRITICAL = "critical"


class KpiColumn(WireModel):
    """One KPI's values, row by row, with what is needed to trust them.

    ``reasons`` has an entry for each null value, by row number; ``rows`` counts, for each term of the formula,
    the data rows behind each value, and ``skipped``, of terms that have such, those without a value, passed over.
    ``shown`` is what a display shows in place of a value, by row number: the KPI's rule for empty periods.
    ``status`` is there for a KPI with a target; ``member`` is the number of the pivot's member the column is of.
    """

    code: str
    name: str
    version: int
    unit: str
    type: DataType
    display: Display
    direction: Direction
    values: tuple[Cell, ...]
    reasons: dict[int, NullExplanation] = Field(default_factory=dict)
    rows: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    skipped: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    shown: dict[int, Cell] = Field(default_factory=dict)
    status: tuple[TargetStatus | None, ...] = ()
    comparisons: tuple[ComparisonColumn, ...] = ()
    member: int | None = None


class PivotMember(WireModel):
    """What a column of a pivot is of: a member, the rest of them, or all of them."""

    value: Cell
    rest: bool = False
    total: bool = False


class PivotedDimension(WireModel):
    """The dimension whose members are columns."""

    name: str
    label: str
    type: DataType
    members: tuple[PivotMember, ...]


class Coverage(WireModel):
    """The span of time an object model's loaded data covers; outside it, no rows does not mean zero."""

    covered_from: AwareDatetime
    covered_until: AwareDatetime


class Page(WireModel):
    """Which part of an answer this is: the number of its first row, from 0, and of the next page's, if there is one.

    Of an answer with subtotals or totals, cells are counted.
    """

    offset: int
    next: int | None


class KpiResult(WireModel):
    """The answer to a query: columns of equal length, one entry a cell.

    ``watermark`` names the state of the database the answer was computed from: every transaction whose id is
    below it is in the answer. ``coverage`` tells, per object model, what span of time had been loaded by then.
    ``ranges`` are the ranges as they were at the time of asking. ``levels`` are the sets of dimensions rows are
    of, the full one first; where there are several, ``level`` is the number of each row's: a dimension its level
    does not have is null there.
    """

    grain: str | None
    grains: tuple[str | None, ...]
    time_zone: str
    ranges: tuple[TimeSpan, ...]
    catalog_version: str
    watermark: int
    asked_at: AwareDatetime
    coverage: dict[str, Coverage]
    period: PeriodColumn
    levels: tuple[tuple[str, ...], ...]
    level: tuple[int, ...] = ()
    dimensions: tuple[DimensionColumn, ...]
    pivot: PivotedDimension | None = None
    kpis: tuple[KpiColumn, ...]
    row_count: int
    page: Page
    truncated: bool = Field(default=False, description="more cells exist than the limit returned")
    cached: bool = False


class BatchItem(WireModel):
    """One query's answer, or the problem that kept it from being answered."""

    result: KpiResult | None = None
    problem: dict[str, Any] | None = None


class BatchResult(WireModel):
    items: tuple[BatchItem, ...]
    succeeded: int
    failed: int


class DashboardResult(BatchResult):
    """The answers of several queries, all read from the state of the data that the watermark names."""

    watermark: int
    asked_at: AwareDatetime
    cached: bool = False
