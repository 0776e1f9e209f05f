from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pydantic import SecretStr

from analytics_engine.bootstrap.api_gateway import build
from analytics_engine.contracts.services import Service
from integration.gateway.upstream import echo, serving
from support.servers import TestDatabase
from support.services import asgi_client, make_settings
from support.waiting import eventually

ADMIN = {"email": "admin@example.com", "password": "the-first-password"}
NOWHERE = "http://127.0.0.1:1"

SignIn = Callable[..., Awaitable[dict[str, str]]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def upstream() -> AsyncIterator[str]:
    """Every service except connector_service, which is down."""
    async with serving(echo()) as url:
        yield url


@pytest.fixture(scope="module")
def app(module_database: TestDatabase, module_redis_url: str, upstream: str, tmp_path_factory) -> FastAPI:
    urls = {f"{service.value}_url": upstream for service in Service if service is not Service.CONNECTOR}
    settings = make_settings(
        database_url=module_database.service_url(Service.GATEWAY),
        redis_url=module_redis_url,
        ae_admin_password=SecretStr(ADMIN["password"]),
        ae_max_body_bytes=4096,
        ae_ui_dir=tmp_path_factory.mktemp("ui"),
        **{**urls, "connector_service_url": NOWHERE},
    )
    return build(settings)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway, once its first administrator can sign in."""
    async with asgi_client(app) as client:

        async def welcomed() -> bool:
            health = (await client.get("/health")).json()
            return bool(health["dependencies"]["database"]["status"] == "healthy" and await _users(app))

        await eventually(welcomed)
        yield client


async def _users(app: FastAPI) -> bool:
    return not await app.state.users.nobody_yet()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def admin(gateway: httpx.AsyncClient) -> dict[str, str]:
    """The header an administrator sends."""
    answer = await gateway.post("/api/v1/auth/login", json={**ADMIN, "refresh_token_in_body": True})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def person(gateway: httpx.AsyncClient, admin: dict[str, str]) -> Callable[..., Awaitable[dict[str, Any]]]:
    """``person(role=..., client_id=...)``: a new user of their own, with their email and password."""

    async def make(role: str = "viewer", client_id: str = "nyc-flights") -> dict[str, Any]:
        new = {
            "email": f"{role}-{uuid4().hex[:8]}@example.com",
            "name": role.title(),
            "password": "a-long-enough-password",
            "role": role,
            "client_id": client_id,
        }
        answer = await gateway.post("/api/v1/admin/users", json=new, headers=admin)
        assert answer.status_code == 201, answer.text
        return {**new, "id": answer.json()["id"]}

    return make


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sign_in(gateway: httpx.AsyncClient, person: Callable[..., Awaitable[dict[str, Any]]]) -> SignIn:
    """``sign_in(role=..., client_id=...)``: the header of a new user."""

    async def enter(role: str = "viewer", client_id: str = "nyc-flights") -> dict[str, str]:
        new = await person(role, client_id)
        asked = {"email": new["email"], "password": new["password"], "refresh_token_in_body": True}
        answer = await gateway.post("/api/v1/auth/login", json=asked)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return enter
