from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from analytics_engine.errors import Conflict, InvalidInput, NotFound
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.built import built
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.database_service.lifecycle.policies import Policies
from analytics_engine.services.database_service.lifecycle.schemas import LifecycleState, Policy

router = APIRouter(tags=["lifecycle"])


PoliciesHere = Annotated[Policies, built("policies")]


@router.get("/lifecycle")
async def read_lifecycle(principal: CurrentPrincipal, service: PoliciesHere) -> list[LifecycleState]:
    """Return how long the rows of each object model are kept, what has left for the archive, and what is held up."""
    require_role(principal, Role.ANALYST, Role.OPERATOR, Role.CONSULTANT)
    return await service.states(principal.client_id)


@router.post("/lifecycle/run", status_code=202, responses=problems(Conflict))
async def run(principal: CurrentPrincipal, service: PoliciesHere) -> list[LifecycleState]:
    """Have old rows leave now, and not within a quarter of an hour; how far that is, is at /lifecycle."""
    require_role(principal, Role.OPERATOR)
    service.run()
    return await service.states(principal.client_id)


@router.put("/lifecycle/{object_model}", responses=problems(NotFound, InvalidInput, Conflict))
async def set_policy(
    object_model: str, policy: Policy, principal: CurrentPrincipal, service: PoliciesHere
) -> LifecycleState:
    """Have the old rows of an object model leave its table for the archive, where every answer still reads them.

    It holds for all clients. Rows that have left do not come back, and do not change any more.
    """
    require_role(principal, Role.OPERATOR)
    return await service.set(principal, object_model, policy)


@router.delete("/lifecycle/{object_model}", status_code=204, responses=problems(NotFound))
async def forget_policy(object_model: str, principal: CurrentPrincipal, service: PoliciesHere) -> None:
    """Have no more rows leave the table; what is in the archive stays there."""
    require_role(principal, Role.OPERATOR)
    await service.forget(object_model)
