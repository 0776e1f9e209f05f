from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from analytics_engine.errors import (
    Conflict,
    DependencyTimeout,
    DependencyUnavailable,
    Forbidden,
    InvalidInput,
    LimitReached,
    NotFound,
)
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.http.versions import ExpectedVersion
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.calculation_engine_service.jobs.schemas import JobView
from analytics_engine.services.calculation_engine_service.schedules.deps import Schedules
from analytics_engine.services.calculation_engine_service.schedules.schemas import (
    Preview,
    Run,
    ScheduleChange,
    ScheduleSettings,
    ScheduleSummary,
    ScheduleView,
)

_CREATED = 201
_ACCEPTED = 202
_NO_CONTENT = 204
_AWAY = (DependencyUnavailable, DependencyTimeout)

ScheduleId = Annotated[UUID, Path(description="the schedule's id")]

router = APIRouter(prefix="/schedules", tags=["schedules"])


@router.get("/preview", responses=problems(InvalidInput, *_AWAY))
async def preview_schedule(
    principal: CurrentPrincipal,
    service: Schedules,
    *,
    cron: Annotated[str, Query(max_length=200, description="such as 30 6 * * MON-FRI")],
    zone: Annotated[str | None, Query(max_length=100, description="an IANA zone; default: the client's")] = None,
    count: Annotated[int, Query(ge=1, le=50, description="how many ticks to return")] = 5,
) -> Preview:
    """Return what a cron expression means, and when its next ticks are, in UTC and on local clocks."""
    return await service.preview(cron, zone, client_id=principal.client_id, count=count)


@router.get("", responses=problems(*_AWAY))
async def read_schedules(principal: CurrentPrincipal, service: Schedules, page: PageHere) -> Page[ScheduleSummary]:
    """List the client's schedules by name."""
    return await service.schedules(client_id=principal.client_id, page=page)


@router.post(
    "", status_code=_CREATED, responses=problems(Forbidden, InvalidInput, Conflict, LimitReached, NotFound, *_AWAY)
)
async def create_schedule(
    settings: ScheduleSettings, principal: CurrentPrincipal, service: Schedules, response: Response
) -> ScheduleView:
    """Make a schedule, whose jobs run as who made it (analysts)."""
    _may_change(principal)
    schedule = await service.create(settings, principal=principal)
    response.headers["Location"] = f"/schedules/{schedule.id}"
    return _tagged(schedule, response)


@router.get("/{schedule_id}", responses=problems(NotFound, *_AWAY))
async def read_schedule(
    schedule_id: ScheduleId, principal: CurrentPrincipal, service: Schedules, response: Response
) -> ScheduleView:
    """Return a schedule, its next five ticks, and what became of the last ten; its ETag is what If-Match takes."""
    return _tagged(await service.schedule(schedule_id, client_id=principal.client_id), response)


@router.get("/{schedule_id}/runs", responses=problems(NotFound, *_AWAY))
async def read_runs(
    schedule_id: ScheduleId, principal: CurrentPrincipal, service: Schedules, page: PageHere
) -> Page[Run]:
    """Return what became of a schedule's ticks of the last 30 days, newest first: their jobs, or why they have none."""
    return await service.runs(schedule_id, client_id=principal.client_id, page=page)


@router.patch("/{schedule_id}", responses=problems(NotFound, Forbidden, InvalidInput, Conflict, *_AWAY))
async def change_schedule(
    schedule_id: ScheduleId,
    change: ScheduleChange,
    principal: CurrentPrincipal,
    *,
    service: Schedules,
    expected: ExpectedVersion,
    response: Response,
) -> ScheduleView:
    """Change what is given of a schedule, with If-Match only the version that was read (analysts).

    It goes on with its next tick from now, and its jobs run as who changed it.
    """
    _may_change(principal)
    changed = await service.change(schedule_id, change, principal=principal, expected=expected)
    return _tagged(changed, response)


@router.delete("/{schedule_id}", status_code=_NO_CONTENT, responses=problems(NotFound, Forbidden, Conflict, *_AWAY))
async def delete_schedule(
    schedule_id: ScheduleId, principal: CurrentPrincipal, service: Schedules, expected: ExpectedVersion
) -> None:
    """Delete a schedule and what became of its ticks; its jobs that wait are cancelled, others stay (analysts)."""
    _may_change(principal)
    await service.delete(schedule_id, client_id=principal.client_id, expected=expected)


@router.post("/{schedule_id}/run", status_code=_ACCEPTED, responses=problems(NotFound, Forbidden, LimitReached, *_AWAY))
async def run_schedule(
    schedule_id: ScheduleId, principal: CurrentPrincipal, service: Schedules, response: Response
) -> JobView:
    """Start a schedule's job now, beside its ticks (analysts)."""
    _may_change(principal)
    job = await service.run(schedule_id, client_id=principal.client_id)
    response.headers["Location"] = f"/jobs/{job.id}"
    return job


def _may_change(principal: Principal) -> None:
    require_role(principal, Role.ANALYST, Role.CONSULTANT, Role.OPERATOR)


def _tagged(schedule: ScheduleView, response: Response) -> ScheduleView:
    response.headers["ETag"] = f'"{schedule.version}"'
    return schedule
