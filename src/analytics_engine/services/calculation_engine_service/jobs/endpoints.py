from __future__ import annotations

from pathlib import Path as FilePath
from tempfile import TemporaryDirectory
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from analytics_engine.errors import (
    AnalyticsEngineError,
    Conflict,
    DependencyTimeout,
    DependencyUnavailable,
    Forbidden,
    IdempotencyConflict,
    InvalidInput,
    LimitReached,
    NotFound,
)
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.kernel.ports.jobs import JobState
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.calculation_engine_service.jobs.deps import IdempotencyKey, Jobs
from analytics_engine.services.calculation_engine_service.jobs.schemas import JobRequest, JobSummary, JobView, KindView

_ACCEPTED = 202
_AWAY = (DependencyUnavailable, DependencyTimeout)

JobId = Annotated[UUID, Path(description="the job's id")]

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("/kinds")
async def read_kinds(_: CurrentPrincipal, service: Jobs) -> list[KindView]:
    """List the kinds of jobs, each with the JSON schema of its parameters."""
    return service.known_kinds()


@router.post(
    "",
    status_code=_ACCEPTED,
    responses=problems(Forbidden, InvalidInput, IdempotencyConflict, LimitReached, *_AWAY),
)
async def start_job(
    request: JobRequest, principal: CurrentPrincipal, service: Jobs, key: IdempotencyKey = None, *, response: Response
) -> JobView:
    """Start a job, which runs as soon as there is room; it runs as who started it (analysts)."""
    _may_start(principal)
    job = await service.start(request, principal=principal, idempotency_key=key)
    response.headers["Location"] = f"/jobs/{job.id}"
    return job


@router.get("", responses=problems(*_AWAY))
async def read_jobs(
    principal: CurrentPrincipal,
    service: Jobs,
    page: PageHere,
    *,
    state: Annotated[list[JobState] | None, Query(description="only jobs in this state; repeat for several")] = None,
    kind: Annotated[str | None, Query(description="only jobs of this kind")] = None,
    schedule: Annotated[UUID | None, Query(description="only jobs of this schedule")] = None,
) -> Page[JobSummary]:
    """List the client's jobs of the last 30 days, newest first."""
    return await service.jobs(client_id=principal.client_id, states=state, kind=kind, schedule_id=schedule, page=page)


@router.get("/{job_id}", responses=problems(NotFound, *_AWAY))
async def read_job(job_id: JobId, principal: CurrentPrincipal, service: Jobs) -> JobView:
    """Return a job: how far it is, which of its parts failed and why, and what came of it."""
    return await service.job(job_id, client_id=principal.client_id)


@router.get("/{job_id}/result", response_class=FileResponse, responses=problems(NotFound, *_AWAY))
async def read_result(job_id: JobId, principal: CurrentPrincipal, service: Jobs) -> FileResponse:
    """Return the file that a job made."""
    folder = TemporaryDirectory(prefix="ae-result-")
    try:
        path = FilePath(folder.name) / "result"
        name, media_type = await service.fetch_file(job_id, client_id=principal.client_id, path=path)
    except AnalyticsEngineError:
        folder.cleanup()
        raise
    return FileResponse(path, media_type=media_type, filename=name, background=BackgroundTask(folder.cleanup))


@router.post("/{job_id}/cancel", responses=problems(NotFound, Forbidden, Conflict, *_AWAY))
async def cancel_job(job_id: JobId, principal: CurrentPrincipal, service: Jobs) -> JobView:
    """Cancel a job; one that runs stops within a second or two, and what it has done stays (analysts, operators)."""
    _may_start(principal)
    return await service.cancel(job_id, client_id=principal.client_id)


@router.post(
    "/{job_id}/retry",
    status_code=_ACCEPTED,
    responses=problems(NotFound, Forbidden, Conflict, LimitReached, *_AWAY),
)
async def retry_job(job_id: JobId, principal: CurrentPrincipal, service: Jobs) -> JobView:
    """Run a job again that failed, in whole or in part, or was cancelled; what is done is not done again (analysts)."""
    _may_start(principal)
    return await service.retry(job_id, client_id=principal.client_id)


def _may_start(principal: Principal) -> None:
    require_role(principal, Role.ANALYST, Role.CONSULTANT, Role.OPERATOR)
