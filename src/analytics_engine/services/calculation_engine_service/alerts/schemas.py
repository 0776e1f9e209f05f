"""Alerts as they are asked for and answered."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from analytics_engine.contracts.calculation import AttributeFilter, FilterValue, TimeRange
from analytics_engine.contracts.questions import GrainName, PathText, Text
from analytics_engine.contracts.wire import WireModel
from analytics_engine.kpi.alerts.conditions import Condition, LatenessCondition
from analytics_engine.kpi.alerts.transitions import AlertState, Hold
from analytics_engine.kpi.model.base import Code

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
ChannelName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$")]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Label = Annotated[str, StringConstraints(max_length=200)]
Members = dict[str, str]
"""A cell: the member of each dimension, as text; the missing member is the empty text."""

TEST_STATE = "test"
"""The state of a notification that tries the channels."""


class Severity(StrEnum):
    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Judged(StrEnum):
    """Which period is judged: the newest that is over and loaded to its end, or the one that runs."""

    COMPLETE = "complete"
    RUNNING = "running"


class RuleQuestion(WireModel):
    """What is asked of a KPI; alerts that ask the same are answered by one query."""

    kpi: Code
    grain: GrainName
    dimensions: tuple[PathText, ...] = Field(default=(), max_length=3, description="one state for each cell")
    filters: tuple[AttributeFilter, ...] = Field(default=(), max_length=50)
    where: Text = Field(default="", description="a further condition in the KPI language")
    segments: tuple[PathText, ...] = Field(default=(), max_length=20)
    parameters: dict[str, FilterValue] = Field(default_factory=dict, max_length=50)
    time_zone: str | None = Field(default=None, description="an IANA zone; null takes the client's")


class AlertRule(RuleQuestion):
    """What is to be told of a KPI: which value, when it is a matter for somebody, and for whom.

    ``delay_s`` is how long after its end a period waits for rows that come late. ``for`` is how long a violation must
    hold before the alert fires, ``keep_firing_for`` how long a clear value before it is resolved, ``no_data_after``
    how long there must be no value before an alert that fires is said to have no data; null: it goes on firing.
    """

    name: Title
    condition: Condition
    judged: Judged = Judged.COMPLETE
    delay_s: int = Field(default=0, ge=0, le=7 * 86_400)
    for_: Hold = Field(default=Hold(), alias="for")
    keep_firing_for: Hold = Hold()
    no_data_after: Hold | None = None
    error_after_s: int = Field(default=120, ge=0, le=86_400, description="failing checks, before the state is error")
    every_s: int = Field(
        default=60, ge=10, le=86_400, description="checked at least so often, and when rows are loaded"
    )
    severity: Severity = Severity.WARNING
    channels: tuple[ChannelName, ...] = Field(default=(), max_length=20)
    notify_on: tuple[AlertState, ...] = Field(
        default=(AlertState.FIRING, AlertState.RESOLVED, AlertState.ERROR), max_length=6,
        description="the states whose beginning the channels are told of; resolved: only where the firing was told",
    )  # fmt: skip
    group: Title = Field(default="kpi-alerts", description="what notifications are brought together by")
    labels: dict[LabelName, Label] = Field(default_factory=dict, max_length=20)
    description: Note = ""
    runbook: Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$", max_length=500)] = ""
    enabled: bool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        of_the_present = self.judged is Judged.RUNNING or isinstance(self.condition, LatenessCondition)
        counts = [hold for hold in (self.for_, self.keep_firing_for, self.no_data_after) if hold and hold.periods > 1]
        if of_the_present and counts:
            raise ValueError("only whole periods are counted: give seconds where the present is judged")
        if of_the_present and self.delay_s:
            raise ValueError("delay_s belongs to whole periods: the present does not wait")
        if isinstance(self.condition, LatenessCondition) and self.dimensions:
            raise ValueError("lateness is of whole object models: it has no dimensions")
        if self.condition.kind == "no_data" and self.judged is Judged.RUNNING:
            raise ValueError("a period that runs may still get rows: no_data judges complete ones")
        return self

    @property
    def of_the_present(self) -> bool:
        """Return whether the present is judged, and not whole periods one after the other."""
        return self.judged is Judged.RUNNING or isinstance(self.condition, LatenessCondition)


class AlertEvaluation(BaseModel):
    """What the last check found: of which period, in which state of the data; or why there was no answer."""

    at: AwareDatetime
    period: str = ""
    watermark: int | None = None
    catalog_version: str = ""
    kpi_version: int | None = None
    loaded_until: dict[str, AwareDatetime] = Field(default_factory=dict)
    cells: int = 0
    problem: str = ""
    explanation: str = ""


class CellView(BaseModel):
    """How a cell stands, and what it was judged by."""

    cell: Members
    state: AlertState
    since: AwareDatetime
    period: str
    value: str | None
    threshold: str | None
    reason: str
    failing_since: AwareDatetime | None = Field(description="since when checks fail, while they do")
    acknowledged_by: str | None
    acknowledged_at: AwareDatetime | None
    note: str


class Alert(BaseModel):
    """An alert rule; ``version`` is its ETag."""

    id: str
    rule: AlertRule
    version: int
    created_by: str
    created_at: AwareDatetime
    updated_at: AwareDatetime
    last_evaluation: AlertEvaluation | None


class AlertDetail(Alert):
    """An alert with the states of its cells: those that matter first."""

    cells: list[CellView]


class ActiveCell(CellView):
    """A cell that is pending, fires, or cannot be judged; and the silence that keeps others from being told of it."""

    alert_id: str
    name: str
    kpi: str
    severity: Severity
    group: str
    labels: dict[str, str]
    silenced_by: str | None


class AlertChange(BaseModel):
    """A cell went from one state to another."""

    id: str
    cell: Members
    previous: AlertState
    state: AlertState
    changed_at: AwareDatetime
    period: str
    value: str | None
    threshold: str | None
    reason: str
    summary: str
    notified: bool
    silence_id: str | None
    watermark: int | None
    kpi_version: int | None
    alert_version: int


class Matcher(WireModel):
    """One condition of a silence: on ``alert`` (its name), ``severity``, ``group``, ``kpi``, a label or a dimension."""

    name: PathText
    operator: Literal["=", "!="] = "="
    value: Label


class SilenceSettings(WireModel):
    """Which alerts are not told of for a time; all matchers must be met."""

    matchers: tuple[Matcher, ...] = Field(min_length=1, max_length=20)
    starts_at: AwareDatetime | None = Field(default=None, description="null: now")
    ends_at: AwareDatetime
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Silence(BaseModel):
    """A silence, and who asked for it."""

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str
    created_by: str
    created_at: AwareDatetime


class Acknowledgement(WireModel):
    """Somebody sees to a cell that fires."""

    cell: Members = Field(default_factory=dict)
    note: Note = ""


class ReplayRequest(WireModel):
    """A rule, not saved or saved, and the span of history it is tried on."""

    rule: AlertRule | None = None
    alert_id: str | None = None
    range: TimeRange

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.rule is None) == (self.alert_id is None):
            raise ValueError("give rule, or alert_id")
        return self


class ReplayedChange(BaseModel):
    """A change there would have been: when, of which cell, and by which value."""

    cell: Members
    previous: AlertState
    state: AlertState
    at: AwareDatetime
    period: str
    value: str | None
    threshold: str | None
    reason: str


class ReplayedCell(BaseModel):
    """How often a cell would have fired, and for how long altogether, up to the last judged period."""

    cell: Members
    state: AlertState
    fired: int
    firing_s: int
    longest_s: int


class Replay(BaseModel):
    """What a rule would have done over a span of history, judged by the rows as they are now."""

    periods: int
    judged_from: str
    judged_until: str
    fired: int
    changes: list[ReplayedChange]
    cells: list[ReplayedCell]
    truncated: bool = Field(description="there were more changes than are listed; the sums are of all")
    watermark: int
    notes: list[str]
