"""What the calculation engine is asked and what it answers: all that other rooms may know of it."""

from __future__ import annotations

from typing import Any, Protocol

from pydantic import AwareDatetime, Field

from analytics_engine.contracts.answers import (
    BatchItem,
    BatchResult,
    Cell,
    ComparedValues,
    ComparisonColumn,
    Coverage,
    DashboardResult,
    DimensionColumn,
    KpiColumn,
    KpiResult,
    NullExplanation,
    Page,
    PeriodColumn,
    PivotedDimension,
    PivotMember,
    TargetStatus,
    TimeSpan,
)
from analytics_engine.contracts.questions import (
    AttributeFilter,
    BatchRequest,
    Cells,
    Comparison,
    Conditions,
    DashboardRequest,
    DimensionValuesQuery,
    FilterOperator,
    FilterValue,
    KpiQuery,
    OrderBy,
    Pivot,
    Range,
    RelativeRange,
    RowsQuery,
    TimeRange,
    Top,
    ValueFilter,
)
from analytics_engine.contracts.wire import WireModel
from analytics_engine.kpi.model.kpi import KpiParameter
from analytics_engine.kpi.model.object_model import DataType

__all__ = [
    "AttributeFilter", "BatchItem", "BatchRequest", "BatchResult", "CalculationApi", "Cell", "Cells", "ComparedValues",
    "Comparison", "ComparisonColumn", "Conditions", "Coverage", "DashboardRequest", "DashboardResult",
    "DimensionChoice", "DimensionChoices", "DimensionColumn", "DimensionValues", "DimensionValuesQuery", "ExplainStep",
    "ExplainedStatement", "Explanation", "FilterOperator", "FilterValue", "FormulaProblem", "KpiColumn", "KpiQuery",
    "KpiResult", "NullExplanation", "OrderBy", "Page", "PeriodColumn", "Pivot", "PivotMember", "PivotedDimension",
    "Range", "RelativeRange", "RowColumn", "RowsQuery", "RowsResult", "TargetStatus", "TimeRange", "TimeSpan", "Top",
    "ValidateRequest", "Validation", "ValueFilter",
]  # fmt: skip


class DimensionValues(WireModel):
    """Members of a dimension with how many rows have them; and of all members that were looked for, the whole."""

    dimension: str
    label: str
    type: DataType
    object_model: str = Field(description="whose rows are counted")
    values: tuple[Cell, ...]
    counts: tuple[int, ...]
    members: int = Field(description="how many different members there are, the missing one not counted")
    rows: int
    missing: int = Field(description="how many rows have none")
    minimum: Cell = Field(default=None, description="of numbers and times")
    maximum: Cell = None
    time_zone: str
    watermark: int
    page: Page


class RowColumn(WireModel):
    """An attribute of the rows, or what a term counts of them."""

    name: str
    label: str
    type: DataType
    unit: str = ""
    values: tuple[Cell, ...]


class RowsResult(WireModel):
    """The rows behind a value, by their time and then by their key.

    ``value`` is what the term counts of each row; a term that counts rows has none. Of things that come and go,
    the rows are those that held at the start or at the end of the period.
    """

    kpi: str
    term: str
    object_model: str
    period: TimeSpan = Field(description="the span the term reads for the cell's period")
    columns: tuple[RowColumn, ...]
    value: RowColumn | None
    row_count: int
    page: Page
    time_zone: str
    watermark: int


class ValidateRequest(WireModel):
    """A formula to check against the client's catalog, before it is saved."""

    formula: str
    filter: str = ""
    code: str | None = Field(default=None, description="the KPI being edited, so that a cycle is found")
    parameters: tuple[KpiParameter, ...] = Field(default=(), max_length=50, description="those the formula may name")


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


class ExplainedStatement(WireModel):
    """One statement of an answer: what it is for, its steps, its SQL and its parameters."""

    purpose: str
    steps: tuple[ExplainStep, ...]
    sql: str
    parameters: dict[str, Any]


class Explanation(WireModel):
    """How a query is answered: each KPI's formula and resolved tree, the plan's steps, the SQL and its parameters.

    ``sql`` and ``parameters`` are those of the cells; ``statements`` has every statement, those of rankings,
    subtotals and further ranges and grains included.
    """

    steps: tuple[ExplainStep, ...]
    sql: str
    parameters: dict[str, Any]
    statements: tuple[ExplainedStatement, ...]
    watermark: int
    asked_at: AwareDatetime


class CalculationApi(Protocol):
    """What other rooms may ask of the calculation engine."""

    async def validate(self, client_id: str, request: ValidateRequest) -> Validation: ...
