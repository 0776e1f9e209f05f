from __future__ import annotations

from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from analytics_engine.errors import InvalidInput, NotFound
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.built import built
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.security.principal import Role
from analytics_engine.kpi.values.kept import EARLIEST, LATEST
from analytics_engine.services.database_service.rollups.advising import Advising
from analytics_engine.services.database_service.rollups.overseeing import Overseeing
from analytics_engine.services.database_service.rollups.schemas import Advice, RollupState, VerifiedState

router = APIRouter(tags=["rollups"])

_Span = tuple[AwareDatetime, AwareDatetime]


def span(
    starts: Annotated[AwareDatetime | None, Query(description="only what is of this instant or later")] = None,
    ends: Annotated[AwareDatetime | None, Query(description="only what is of before this instant")] = None,
) -> _Span | None:
    if starts is None and ends is None:
        return None
    found = (starts or EARLIEST).astimezone(UTC), (ends or LATEST).astimezone(UTC)
    if found[0] >= found[1]:
        raise InvalidInput("starts is not before ends.", remedy="Give a half-open span of time.")
    return found


AdvisingHere = Annotated[Advising, built("advising")]
OverseeingHere = Annotated[Overseeing, built("overseeing")]
SpanHere = Annotated[_Span | None, Depends(span)]


@router.get("/rollups")
async def read_rollups(principal: CurrentPrincipal, service: OverseeingHere) -> list[RollupState]:
    """Return the rollups there are: what each keeps, how much of it is built, what is read from the rows meanwhile."""
    require_role(principal, Role.ANALYST, Role.OPERATOR, Role.CONSULTANT)
    return await service.states(principal.client_id)


@router.get("/rollups/advice")
async def read_advice(principal: CurrentPrincipal, service: AdvisingHere) -> Advice:
    """Return which rollups would have answered what was asked of the rows, and which were not read for 30 days."""
    require_role(principal, Role.ANALYST, Role.OPERATOR, Role.CONSULTANT)
    return await service.advice(principal.client_id)


@router.post("/rollups/{code}/verify", responses=problems(NotFound, InvalidInput))
async def verify_rollup(
    code: str, principal: CurrentPrincipal, service: OverseeingHere, within: SpanHere
) -> VerifiedState:
    """Compare a rollup with the rows. Buckets that differ are read from the rows at once, rebuilt, and told."""
    require_role(principal, Role.OPERATOR)
    return await service.verify(principal.client_id, code, within)


@router.post("/rollups/{code}/rebuild", status_code=202, responses=problems(NotFound, InvalidInput))
async def rebuild_rollup(
    code: str, principal: CurrentPrincipal, service: OverseeingHere, within: SpanHere
) -> RollupState:
    """Have a rollup computed anew from the rows, which are read until that is done; its progress is at /rollups."""
    require_role(principal, Role.OPERATOR)
    return await service.rebuild(principal.client_id, code, within)
