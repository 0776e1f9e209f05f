from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.ports.jobs import JobState

KindName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


class JobRequest(WireModel):
    """A job to be started: its kind, and what that kind is to do."""

    kind: KindName
    params: dict[str, Any] = Field(default_factory=dict, description="as /jobs/kinds describes for this kind")


class KindView(BaseModel):
    """A kind of job, with the JSON schema of its parameters."""

    kind: str
    description: str
    params_schema: dict[str, Any]


class Progress(BaseModel):
    """How many parts are done of how many; ``total`` is null until the job knows."""

    done: int
    total: int | None
    updated_at: AwareDatetime | None


class Failure(BaseModel):
    """A part of a job that failed, such as a KPI, and the problem it had."""

    what: str
    problem: dict[str, Any]
    failed_at: AwareDatetime


class JobSummary(BaseModel):
    """A job as lists have it.

    ``as_of`` is the time it is about: its tick, or when it was started. ``attempts`` counts those since it was started
    or retried; ``failed_parts`` how many parts of the last attempt failed while the rest went on.
    """

    id: str
    kind: str
    params: dict[str, Any]
    state: JobState
    progress: Progress
    attempts: int
    failed_parts: int
    problem: dict[str, Any] | None = Field(description="why it failed, or why it is tried again")
    result: dict[str, Any] | None
    cancelling: bool = Field(description="it runs, and is asked to stop")
    started_by: str
    schedule_id: str | None
    tick: AwareDatetime | None = Field(description="of the schedule; null where it was started by hand")
    as_of: AwareDatetime
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None


class JobView(JobSummary):
    """A job with its failures, by their names, the first thousand of them."""

    failures: list[Failure]
