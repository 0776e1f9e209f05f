from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from analytics_engine.services.api_gateway.deps import CurrentCaller, ProxyDep
from analytics_engine.services.api_gateway.proxy.routes import API

router = APIRouter(include_in_schema=False)


@router.api_route(API + "/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
async def forward(request: Request, caller: CurrentCaller, proxy: ProxyDep) -> Response:
    """Return what the service answers that the path leads to."""
    return await proxy.forward(request, caller)
