from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.ports.jobs import JobState
from analytics_engine.services.calculation_engine_service.jobs.schemas import KindName
from analytics_engine.services.calculation_engine_service.schedules.deciding import Missed, Skipped

ScheduleName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
CronText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=9, max_length=200)]
MissedWithin = Annotated[int, Field(ge=60, le=7 * 86_400, description="an older missed tick is not run any more")]


class ScheduleSettings(WireModel):
    """What a person decides of a schedule: which job it starts, and when."""

    name: ScheduleName
    kind: KindName
    params: dict[str, Any] = Field(default_factory=dict, description="as /jobs/kinds describes for this kind")
    cron: CronText = Field(
        description="minute, hour, day of the month, month, day of the week", examples=["30 6 * * MON-FRI"]
    )
    time_zone: str | None = Field(default=None, description="an IANA zone; null takes the client's, as it is now")
    enabled: bool = True
    missed: Missed = Field(default=Missed.LATEST, description="which ticks are made up for that nobody was there for")
    missed_within_s: MissedWithin = 86_400
    overlap: bool = Field(
        default=False, description="whether a tick runs while the job of an earlier one has not ended"
    )


class ScheduleChange(WireModel):
    """What is to be different of a schedule; what is not given stays."""

    name: ScheduleName | None = None
    kind: KindName | None = None
    params: dict[str, Any] | None = None
    cron: CronText | None = None
    time_zone: str | None = Field(default=None, description="an IANA zone")
    enabled: bool | None = None
    missed: Missed | None = None
    missed_within_s: MissedWithin | None = None
    overlap: bool | None = None


class ScheduleSummary(BaseModel):
    """A schedule as lists have it; ``version`` is its ETag. Its jobs run as who changed it last."""

    id: str
    name: str
    kind: str
    params: dict[str, Any]
    cron: str
    time_zone: str
    enabled: bool
    missed: Missed
    missed_within_s: int
    overlap: bool
    next_tick: AwareDatetime | None
    version: int
    changed_by: str
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Moment(BaseModel):
    """A tick, in UTC and on the clocks of the schedule's time zone."""

    utc: AwareDatetime
    local: datetime


class Run(BaseModel):
    """What became of a tick: its job and how far that is, or why there is none.

    Of ticks that were skipped together, ``tick`` is the first and ``through`` the last.
    """

    tick: AwareDatetime
    through: AwareDatetime
    skipped: Skipped | None
    job_id: str | None
    state: JobState | None = Field(description="of the job; null where it is forgotten, after 30 days")
    decided_at: AwareDatetime


class Preview(BaseModel):
    """What a cron expression means in a time zone, and its next ticks."""

    cron: str
    time_zone: str
    description: str
    fixed: bool = Field(description="it names times of the day; otherwise times that repeat within it")
    next_runs: list[Moment]


class ScheduleView(ScheduleSummary):
    """A schedule with its next five ticks, and what became of the last ten."""

    description: str
    next_runs: list[Moment]
    last_runs: list[Run]
