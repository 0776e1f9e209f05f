"""A small real service behind the gateway: it answers what it was asked, so that tests see what got through."""

from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from analytics_engine.contracts.services import Service
from analytics_engine.errors import NotFound, Unauthenticated
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.http.problems import install_problem_handlers
from analytics_engine.kernel.security.tokens import InternalTokens
from support.services import SECRET_KEY

CHUNK = b"0123456789abcdef" * 4096


router = APIRouter()


def echo() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router)
    return app


@router.get("/live")
@router.get("/health")
async def live() -> dict[str, object]:
    return {"status": "healthy", "service": "echo", "version": "1", "dependencies": {}}


@router.get("/clients/{client_id}")
async def client(client_id: str) -> dict[str, str]:
    if client_id not in {"nyc-flights", "acme"}:
        raise NotFound(f"There is no client {client_id}.")
    return {"client_id": client_id, "name": client_id}


@router.post("/data/{object_model}")
async def ingest(object_model: str, request: Request) -> dict[str, object]:
    digest, size = hashlib.sha256(), 0
    async for chunk in request.stream():
        digest.update(chunk)
        size += len(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


@router.get("/large/{chunks}")
async def large(chunks: int) -> StreamingResponse:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(chunks):
            yield CHUNK

    return StreamingResponse(body(), media_type="application/octet-stream", headers={"ETag": '"v1"'})


@router.post("/made")
async def made() -> Response:
    return Response(status_code=201, headers={"Location": "/kpis/NEW?x=1", "Set-Cookie": "a=b", "X-Internal": "1"})


@router.api_route("/refused", methods=["GET", "POST"], include_in_schema=False)
async def refused() -> None:
    raise NotFound("There is none.", remedy="Make one.")


@router.get("/refuses-the-gateway")
async def refuses_the_gateway() -> None:
    raise Unauthenticated("The token is not valid.")


@router.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def anything(request: Request) -> dict[str, object]:
    return {
        "method": request.method,
        "path": request.scope["path"],
        "query": request.url.query,
        "headers": dict(request.headers),
        "principal": _principal(request),
    }


def _principal(request: Request) -> dict[str, object] | None:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    tokens = InternalTokens(secret_key=SECRET_KEY, clock=SystemClock())
    for service in Service:
        try:
            principal = tokens.verify(token, audience=service.value)
        except Unauthenticated:
            continue
        return {**principal.model_dump(mode="json"), "audience": service.value}
    return None


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application on a loopback port and yield its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    serve = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serve
