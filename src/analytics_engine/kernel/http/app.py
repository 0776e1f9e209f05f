"""The application every service starts from: its routes, and around them what all seven have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from analytics_engine.kernel.health import DependencyReport, HealthBoard, HealthReport, Status
from analytics_engine.kernel.http.documentation import add_documentation
from analytics_engine.kernel.http.edge import Edge
from analytics_engine.kernel.http.gate import Gate
from analytics_engine.kernel.http.problems import install_problem_handlers
from analytics_engine.kernel.ports.lifecycle import Resource
from analytics_engine.kernel.telemetry import Telemetry

_UNAVAILABLE = 503


@dataclass(frozen=True)
class ServiceParts:
    """What one service is made of.

    Args:
        name: the service's name, as in the operations guide.
        resources: started in this order, stopped in the reverse.
        state: objects the endpoints' dependencies read from ``app.state``.
        gate: raises why no request can be answered now; those about the service itself always are.
    """

    name: str
    title: str
    description: str
    version: str
    routers: Sequence[APIRouter]
    health: HealthBoard
    telemetry: Telemetry
    resources: Sequence[Resource] = ()
    state: dict[str, object] = field(default_factory=dict)
    gate: Callable[[], Awaitable[None]] | None = None


def create_app(parts: ServiceParts) -> FastAPI:
    """Return the service as an ASGI application; nothing is opened before it starts."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for resource in parts.resources:
                await resource.start()
                stack.push_async_callback(resource.stop)
            yield

    app = FastAPI(
        title=parts.title,
        description=parts.description,
        version=parts.version,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},  # the edge has its own
    )
    add_documentation(app)
    app.state.closing = asyncio.Event()  # set when the service is told to stop: streams without an end then end
    app.state.health = parts.health
    for name, value in parts.state.items():
        setattr(app.state, name, value)
    app.include_router(_operations(parts.health, parts.telemetry))
    for router in parts.routers:
        app.include_router(router)
    install_problem_handlers(app)
    if parts.gate is not None:
        app.add_middleware(Gate, look=parts.gate)
    app.add_middleware(Edge, telemetry=parts.telemetry)
    return app


def _operations(health: HealthBoard, telemetry: Telemetry) -> APIRouter:
    router = APIRouter(tags=["operations"])

    @router.get("/health", responses={_UNAVAILABLE: {"model": HealthReport}})
    async def read_health(response: Response) -> HealthReport:
        """Return how the service and each of its dependencies is; 503 when it is unhealthy."""
        report = await health.report()
        if report.status is Status.UNHEALTHY:
            response.status_code = _UNAVAILABLE
        return report

    @router.get("/ready", responses={_UNAVAILABLE: {"model": HealthReport}})
    async def read_ready(request: Request, response: Response) -> HealthReport:
        """Return whether the service can take requests now; 503 when it cannot, or is about to stop."""
        report = await read_health(response)
        if not request.app.state.closing.is_set():
            return report
        response.status_code = _UNAVAILABLE
        closing = DependencyReport(status=Status.UNHEALTHY, detail="The service is closing: it was told to stop.")
        return report.model_copy(
            update={"status": Status.UNHEALTHY, "dependencies": {**report.dependencies, "process": closing}}
        )

    @router.get("/live")
    async def read_live() -> dict[str, str]:
        """Return that the process runs; dependencies are not asked."""
        return {"status": "alive"}

    @router.get("/metrics", response_class=Response)
    async def read_metrics() -> Response:
        """Return the service's metrics in Prometheus text; its dependencies are asked for it, at most once a second."""
        await health.report()
        return Response(generate_latest(telemetry.registry), media_type=CONTENT_TYPE_LATEST)

    return router
