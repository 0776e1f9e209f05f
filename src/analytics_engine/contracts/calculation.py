"""Questions and answers of the calculation engine. Columnar; decimals travel as strings; a null has a reason."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Protocol

from pydantic import AwareDatetime, Field, NaiveDatetime

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kpi.model.kpi import Direction, Display
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Grain
from analytics_engine.kpi.values.reasons import NullReason


class FilterOperator(StrEnum):
    """How an attribute is compared with the values of a filter."""

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


FilterValue = bool | int | float | str


class AttributeFilter(WireModel):
    """A condition on an attribute, such as ``flight.origin in ["JFK", "LGA"]``."""

    attribute: str
    operator: FilterOperator
    values: tuple[FilterValue, ...] = ()


class TimeRange(WireModel):
    """A half-open range ``[from, to)`` in the query's time zone: local dates or local date-times."""

    from_: date | NaiveDatetime = Field(alias="from")
    to: date | NaiveDatetime


class OrderBy(WireModel):
    """Sort by ``period``, a dimension, or a KPI's code."""

    by: str
    descending: bool = False


class KpiQuery(WireModel):
    """One question: which KPIs, cut how, over what time, for which rows."""

    kpis: tuple[str, ...] = Field(min_length=1, max_length=500)
    range: TimeRange
    grain: Grain | None = Field(default=None, description="null asks for the whole range as one period")
    dimensions: tuple[str, ...] = Field(default=(), max_length=8)
    filters: tuple[AttributeFilter, ...] = ()
    where: str = Field(default="", description="a further condition in the KPI language")
    time_zone: str | None = Field(default=None, description="an IANA zone; null takes the client's")
    order: tuple[OrderBy, ...] = ()
    limit: int = Field(default=10_000, ge=1, le=100_000)


class NullExplanation(WireModel):
    """A null's reason: its code, and a sentence that names the term."""

    code: NullReason
    detail: str


Cell = bool | int | float | str | None
"""A value on the wire: integers and floats as numbers, decimals as strings, times in ISO 8601."""


class PeriodColumn(WireModel):
    """The period of each row: ISO times with the zone's offset, and whether the period is whole."""

    start: tuple[str, ...]
    end: tuple[str, ...]
    complete: tuple[bool, ...]


class DimensionColumn(WireModel):
    name: str
    label: str
    type: DataType
    values: tuple[Cell, ...]


class KpiColumn(WireModel):
    """One KPI's values, row by row, with what is needed to trust them.

    ``reasons`` has an entry for each null value, by row number; ``rows`` counts, for each term of the formula,
    the data rows behind each value.
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


class Coverage(WireModel):
    """The span of time an object model's loaded data covers; outside it, no rows does not mean zero."""

    covered_from: AwareDatetime
    covered_until: AwareDatetime


class KpiResult(WireModel):
    """The answer to a query: columns of equal length, one entry a cell.

    ``watermark`` names the state of the database the answer was computed from: every transaction whose id is
    below it is in the answer. ``coverage`` tells, per object model, what span of time had been loaded by then.
    """

    grain: Grain | None
    time_zone: str
    catalog_version: str
    watermark: int
    coverage: dict[str, Coverage]
    period: PeriodColumn
    dimensions: tuple[DimensionColumn, ...]
    kpis: tuple[KpiColumn, ...]
    row_count: int
    truncated: bool = Field(default=False, description="more rows exist than the limit returned")
    cached: bool = False


class BatchRequest(WireModel):
    """Several queries, answered each on its own."""

    queries: tuple[KpiQuery, ...] = Field(min_length=1, max_length=100)


class BatchItem(WireModel):
    """One query's answer, or the problem that kept it from being answered."""

    result: KpiResult | None = None
    problem: dict[str, Any] | None = None


class BatchResult(WireModel):
    items: tuple[BatchItem, ...]
    succeeded: int
    failed: int


class ValidateRequest(WireModel):
    """A formula to check against the client's catalog, before it is saved."""

    formula: str
    filter: str = ""
    code: str | None = Field(default=None, description="the KPI being edited, so that a cycle is found")


class FormulaProblem(WireModel):
    """One mistake in a formula, at a place."""

    detail: str
    remedy: str = ""
    line: int
    column: int
    place: str = Field(default="formula", description="formula or filter")
    kpi: str | None = Field(default=None, description="the KPI that has the mistake, where it is another one")


class Validation(WireModel):
    """What a formula is, or what is wrong with it."""

    valid: bool
    unit: str = ""
    type: DataType | None = None
    problems: tuple[FormulaProblem, ...] = ()
    object_models: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()
    formula: str = Field(default="", description="the formula in its standard layout")


class DimensionChoice(WireModel):
    """An attribute that KPIs can be cut and filtered by."""

    name: str
    label: str
    type: DataType
    description: str = ""
    object_model: str


class DimensionChoices(WireModel):
    dimensions: tuple[DimensionChoice, ...]


class ExplainStep(WireModel):
    """One step of the plan: its name, what it did, and what it made, in a form a person can read."""

    name: str
    summary: str
    detail: Any = None


class Explanation(WireModel):
    """How a query is answered: each KPI's formula and resolved tree, the plan's steps, the SQL and its parameters."""

    steps: tuple[ExplainStep, ...]
    sql: str
    parameters: dict[str, Any]
    watermark: int
    asked_at: AwareDatetime


class CalculationApi(Protocol):
    """What other rooms may ask of the calculation engine."""

    async def validate(self, client_id: str, request: ValidateRequest) -> Validation: ...
