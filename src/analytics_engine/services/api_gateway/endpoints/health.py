from __future__ import annotations

from fastapi import APIRouter, Depends

from analytics_engine.errors import Forbidden, Unauthenticated
from analytics_engine.kernel.http.problems import problems
from analytics_engine.services.api_gateway.deps import SystemHealthDep, authorized
from analytics_engine.services.api_gateway.health.schemas import SystemReport
from analytics_engine.services.api_gateway.proxy.routes import API

router = APIRouter(
    tags=["operations"], dependencies=[Depends(authorized)], responses=problems(Unauthenticated, Forbidden)
)


@router.get(API + "/health")
async def read_system_health(health: SystemHealthDep) -> SystemReport:
    """Return how all seven services are."""
    return await health.report()
