from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from analytics_engine.errors import Conflict, InvalidInput, Locked, NotFound, ObjectModelNotFound
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.built import built
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.database_service.changing.schemas import (
    ApplyRequest,
    ChangeState,
    PlanRequest,
    TablePlan,
)
from analytics_engine.services.database_service.changing.service import TableChanging

router = APIRouter(prefix="/object-models/{code}/table", tags=["database"])


ChangingHere = Annotated[TableChanging, built("changing")]
_MAY = (Role.OPERATOR, Role.CONSULTANT)


@router.post("/plan", responses=problems(ObjectModelNotFound, NotFound, InvalidInput, Conflict))
async def plan_table(
    code: str,
    principal: CurrentPrincipal,
    service: ChangingHere,
    request: Annotated[PlanRequest, Body(default_factory=PlanRequest)],
) -> TablePlan:
    """Return what is to be done to a table so that it holds the definition, whom that keeps waiting, what it breaks."""
    require_role(principal, *_MAY)
    return await service.planning.plan(principal.client_id, code, request)


@router.post(
    "/apply", status_code=202, responses=problems(ObjectModelNotFound, NotFound, InvalidInput, Conflict, Locked)
)
async def apply_plan(
    code: str,
    principal: CurrentPrincipal,
    service: ChangingHere,
    request: Annotated[ApplyRequest, Body(default_factory=ApplyRequest)],
) -> list[ChangeState]:
    """Do what the plan says: at once what is instant, and the rest is begun; its progress is at /changes."""
    require_role(principal, *_MAY)
    return [ChangeState.of(change) for change in await service.applying.apply(principal, code, request)]


@router.get("/changes", responses=problems(NotFound))
async def read_changes(code: str, principal: CurrentPrincipal, service: ChangingHere) -> list[ChangeState]:
    """Return the changes of a table, newest first: what each is, how far, and whether it can be undone."""
    require_role(principal, Role.ANALYST, *_MAY)
    return [ChangeState.of(change) for change in await service.changes(code)]


@router.post("/changes/{change_id}/undo", responses=problems(ObjectModelNotFound, NotFound, Conflict, Locked))
async def undo_change(code: str, change_id: int, principal: CurrentPrincipal, service: ChangingHere) -> ChangeState:
    """Have the table be as it was before a change."""
    require_role(principal, *_MAY)
    return ChangeState.of(await service.undoing.undo(principal, code, change_id))


@router.post("/changes/{change_id}/confirm", responses=problems(NotFound, Conflict, Locked))
async def confirm_change(code: str, change_id: int, principal: CurrentPrincipal, service: ChangingHere) -> ChangeState:
    """Drop what was kept of a change: it cannot be undone after that."""
    require_role(principal, *_MAY)
    return ChangeState.of(await service.undoing.confirm(principal, code, change_id))
