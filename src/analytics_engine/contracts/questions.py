"""What the calculation engine is asked: values of KPIs, members of a dimension, the rows behind a value."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Strict, StringConstraints, Tag, model_validator

from analytics_engine.contracts.wire import WireModel

MOST_ROWS = 100_000
"""The most rows of one page of an answer."""
MOST_OFFSET = 1_000_000
"""How far into an answer a page may begin."""

Text = Annotated[str, StringConstraints(max_length=20_000)]
KpiText = Annotated[str, StringConstraints(min_length=1, max_length=20_000, strip_whitespace=True)]
"""A KPI by its code, or an expression over KPIs such as ``growth(REVENUE, 1 year)``."""
PathText = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""An attribute, a segment, or an expression over a row such as ``weekday(order.ordered_at)``."""
GrainName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""``month``, ``fiscal_quarter``, ... or a grain of one of the client's own calendars."""


class FilterOperator(StrEnum):
    """How something is compared with the values of a filter."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    IN = "in"
    NOT_IN = "not in"
    IS_NULL = "is null"
    IS_NOT_NULL = "is not null"


FilterValue = bool | int | float | Text


class AttributeFilter(WireModel):
    """A condition on an attribute, such as ``flight.origin in ["JFK", "LGA"]``."""

    attribute: PathText
    operator: FilterOperator
    values: tuple[FilterValue, ...] = Field(default=(), max_length=10_000)


class ValueFilter(WireModel):
    """A condition on a KPI's values, such as ``REVENUE > 1000``: which cells are shown; totals are of all cells."""

    kpi: KpiText
    operator: FilterOperator
    values: tuple[FilterValue, ...] = Field(default=(), max_length=1_000)


def _moment(value: Any) -> Any:
    """Read a text as a date only where it is one: midnight of another zone is a time, not a date."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is neither a date, such as 2026-01-31, nor a time in ISO 8601") from error


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
Moment = Annotated[Annotated[datetime, Strict()] | Annotated[date, Strict()], BeforeValidator(_moment)]


class TimeRange(WireModel):
    """A half-open range ``[from, to)``: local dates or date-times of the query's time zone, or instants with an offset.

    The start and end of a period, as an answer has them, may be given back.
    """

    from_: Moment = Field(alias="from")
    to: Moment


class RelativeRange(WireModel):
    """A range by the time of asking, in the query's time zone: one of the four.

    ``last`` is so many whole units before the present one (``28 days``: up to the start of today), with
    ``include_current`` up to the end of the present one. ``current`` and ``previous`` are a whole period of a grain;
    ``to_date`` goes from the start of the present one to the end of today.
    """

    last: Annotated[str, StringConstraints(max_length=80)] | None = Field(default=None, examples=["28 days"])
    current: GrainName | None = None
    previous: GrainName | None = None
    to_date: GrainName | None = None
    include_current: bool = False

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [name for name in ("last", "current", "previous", "to_date") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give one of last, current, previous and to_date")
        if self.include_current and self.last is None:
            raise ValueError("include_current belongs to last")
        return self


_RELATIVE = frozenset(RelativeRange.model_fields)


def _kind_of_range(value: Any) -> str:
    given = value.keys() if isinstance(value, dict) else ()
    return "relative" if isinstance(value, RelativeRange) or _RELATIVE & set(given) else "absolute"


Range = Annotated[
    Annotated[TimeRange, Tag("absolute")] | Annotated[RelativeRange, Tag("relative")], Discriminator(_kind_of_range)
]


class OrderBy(WireModel):
    """Sort by ``period``, a dimension, or a KPI as it was asked for."""

    by: KpiText
    descending: bool = False


class Comparison(StrEnum):
    """What a value is compared with."""

    PREVIOUS_PERIOD = "previous_period"
    SAME_PERIOD_LAST_YEAR = "same_period_last_year"
    TARGET = "target"


class Top(WireModel):
    """Only the members of a dimension that rank highest, by a KPI over the whole range; of several, the first range.

    ``rest`` shows all other members together as one, computed from their rows; totals are of all members in any case.
    """

    dimension: PathText
    n: int = Field(ge=1, le=100)
    by: KpiText | None = Field(default=None, description="null takes the first KPI of the query")
    ascending: bool = Field(default=False, description="the lowest instead of the highest")
    rest: bool = True


class Pivot(WireModel):
    """Lay the members of a dimension out as columns: one column for each KPI and member."""

    dimension: PathText


class Cells(StrEnum):
    """Which cells an answer with dimensions shows: those with rows, or every member in every period."""

    EXISTING = "existing"
    SPINE = "spine"


class Conditions(WireModel):
    """Which rows count, and how time is counted."""

    filters: tuple[AttributeFilter, ...] = Field(default=(), max_length=100)
    where: Text = Field(default="", description="a further condition in the KPI language")
    segments: tuple[PathText, ...] = Field(default=(), max_length=20, description="named conditions: flight.long_haul")
    parameters: dict[str, FilterValue] = Field(
        default_factory=dict, max_length=50, description="values for the formulas' parameters, by name"
    )
    time_zone: str | None = Field(default=None, description="an IANA zone; null takes the client's")


class KpiQuery(Conditions):
    """One question: which KPIs, cut how, over what time, for which rows.

    Rows come range by range, grain by grain, and level by level: cells first, then subtotals, then totals; within
    these in the order that is asked for. ``limit`` and ``offset`` count cells; subtotals and totals come with the
    first page, whole.
    """

    kpis: tuple[KpiText, ...] = Field(min_length=1, max_length=500)
    range: Range | None = None
    ranges: tuple[Range, ...] = Field(default=(), max_length=24, description="several, instead of range")
    grain: GrainName | None = Field(default=None, description="null asks for the whole range as one period")
    grains: tuple[GrainName | None, ...] = Field(default=(), max_length=6, description="several, instead of grain")
    dimensions: tuple[PathText, ...] = Field(default=(), max_length=8)
    totals: bool = Field(default=False, description="each period over all members, besides")
    subtotals: tuple[tuple[PathText, ...], ...] = Field(
        default=(), max_length=16, description="sets of the dimensions that are kept, besides"
    )
    comparisons: tuple[Comparison, ...] = Field(default=(), max_length=3)
    top: Top | None = None
    value_filters: tuple[ValueFilter, ...] = Field(default=(), max_length=50)
    cells: Cells = Cells.EXISTING
    pivot: Pivot | None = None
    order: tuple[OrderBy, ...] = Field(default=(), max_length=20)
    limit: int = Field(default=10_000, ge=1, le=MOST_ROWS)
    offset: int = Field(default=0, ge=0, le=MOST_OFFSET, description="how many cells to pass over")


class BatchRequest(WireModel):
    """Several queries, answered each on its own."""

    queries: tuple[KpiQuery, ...] = Field(min_length=1, max_length=100)


class DashboardRequest(WireModel):
    """Several queries, answered from one state of the data."""

    queries: tuple[KpiQuery, ...] = Field(min_length=1, max_length=50)


class DimensionValuesQuery(Conditions):
    """Which members a dimension has, in the rows of the object model its name starts with, or in those of a KPI."""

    dimension: PathText
    kpi: KpiText | None = Field(default=None, description="count the rows of this KPI's first term")
    range: Range | None = Field(default=None, description="only rows of this time")
    search: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", description="only members that contain this text, in upper or lower case"
    )
    order: Literal["value", "count"] = Field(default="value", description="count: the most frequent first")
    limit: int = Field(default=100, ge=1, le=10_000)
    offset: int = Field(default=0, ge=0, le=MOST_OFFSET)


class RowsQuery(Conditions):
    """The rows behind one value: its KPI, the term of its formula, and its cell."""

    kpi: KpiText
    term: Text | None = Field(default=None, description="as in the rows of the answer; null: the formula's first")
    range: Range = Field(description="the cell's period, as it was answered")
    grain: GrainName | None = Field(default=None, description="the grain the period is of")
    members: dict[PathText, FilterValue | None] = Field(
        default_factory=dict, max_length=8, description="the cell's member of each dimension"
    )
    limit: int = Field(default=100, ge=1, le=1_000)
    offset: int = Field(default=0, ge=0, le=MOST_OFFSET)
