from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from analytics_engine.bootstrap.business_metadata import build
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from support.services import asgi_client, internal_headers
from support.waiting import eventually

CATALOG = Path(__file__).parents[3] / "catalog"


def asks(role: Role = Role.ANALYST, client_id: str = "acme") -> dict[str, str]:
    """Return the headers of somebody of a role and a client."""
    return internal_headers(Service.METADATA, client_id, role)


async def imported(client: httpx.AsyncClient) -> None:
    """Wait until the shipped catalog is there."""

    async def done() -> bool:
        health = (await client.get("/health")).json()
        return bool(health["dependencies"]["shipped_catalog"]["status"] == "healthy")

    await eventually(done, within_s=30)


@pytest.fixture
async def metadata(settings_for: Callable[..., Settings]) -> AsyncIterator[httpx.AsyncClient]:
    """business_metadata with the shipped catalog imported; who asks is in each call's headers."""
    async with asgi_client(build(settings_for(Service.METADATA))) as client:

        async def filled() -> bool:
            return bool((await client.get("/stats", headers=asks())).json()["kpis"])

        await eventually(filled)
        yield client
