from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from analytics_engine.bootstrap import business_metadata, demo_config_service
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from support.services import asgi_client, internal_headers
from support.waiting import eventually

SettingsFor = Callable[..., Settings]
NOWHERE = "http://127.0.0.1:1"


def asks(role: Role = Role.ADMIN, client_id: str = "nyc-flights") -> dict[str, str]:
    """Return the headers of somebody of a role and a client."""
    return internal_headers(Service.DEMO_CONFIG, client_id, role)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine and give its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))

    async def started() -> bool:
        return server.started or serving.done()

    try:
        await eventually(started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()


@pytest.fixture
async def metadata_url(settings_for: SettingsFor) -> AsyncIterator[str]:
    """business_metadata on a port, with the shipped catalog imported."""
    headers = internal_headers(Service.METADATA)
    async with (
        served(business_metadata.build(settings_for(Service.METADATA))) as url,
        httpx.AsyncClient(base_url=url, headers=headers) as client,
    ):

        async def filled() -> bool:
            return bool((await client.get("/stats")).json()["kpis"])

        await eventually(filled)
        yield url


@pytest.fixture
async def demo(settings_for: SettingsFor) -> AsyncIterator[httpx.AsyncClient]:
    """demo_config_service while the services it asks are away."""
    settings = settings_for(Service.DEMO_CONFIG, business_metadata_url=NOWHERE, database_service_url=NOWHERE)
    async with asgi_client(demo_config_service.build(settings)) as client:
        yield client
