"""A service as an ASGI application in a test: its settings, its client, and who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kernel.security.tokens import InternalTokens

SECRET_KEY = "a-secret-key-for-tests-only-of-more-than-32-characters"


def make_settings(*, database_url: str, redis_url: str, **overrides: Any) -> Settings:
    """Return settings that take nothing from the environment's .env file."""
    values: dict[str, Any] = {
        "database_url": SecretStr(database_url),
        "redis_url": SecretStr(redis_url),
        "secret_key": SecretStr(SECRET_KEY),
        "ae_database_pool_size": 4,
        "ae_canary_every_s": 0,
        "ae_patience_s": 0,
    }
    return Settings(_env_file=None, **(values | overrides))


@asynccontextmanager
async def asgi_client(
    app: FastAPI, *, headers: Mapping[str, str] | None = None, base_url: str = "http://test"
) -> AsyncIterator[httpx.AsyncClient]:
    """Start the application (its lifespan), give a client of it, and stop it again."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=base_url, headers=headers) as client,
    ):
        yield client


def internal_headers(
    service: Service,
    client_id: str = "nyc-flights",
    role: Role = Role.ADMIN,
    *,
    subject: str = "user:tester",
    secret_key: str = SECRET_KEY,
) -> dict[str, str]:
    """Return the header of a call to ``service`` on behalf of somebody of this client and role."""
    tokens = InternalTokens(secret_key=secret_key, clock=SystemClock())
    principal = Principal(subject=subject, client_id=client_id, role=role, name="Tester")
    return {"Authorization": f"Bearer {tokens.mint(principal, audience=service.value)}"}
