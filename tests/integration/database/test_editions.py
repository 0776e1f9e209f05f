"""Three editions, one behaviour: the service knows which one it has, and says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from analytics_engine.bootstrap import api_gateway, database_service
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from support.servers import GIVEN, POSTGRESQL, TIMESCALEDB, TestDatabase
from support.services import asgi_client, make_settings
from support.waiting import eventually

from .conftest import DatabaseService, served

ADMIN = {"email": "admin@example.com", "password": "the-first-password"}


async def edition(service: DatabaseService) -> str:
    """Return the edition as the server was chosen, and of a given one as its owner is told."""
    if service.server == GIVEN:
        async with service.owner.transaction() as connection:
            licensed = await connection.fetch_value("show timescaledb.license")
        return {"apache": "timescaledb-apache", "timescale": "timescaledb-community"}[licensed]
    return {POSTGRESQL: "postgresql", TIMESCALEDB: "timescaledb-apache"}[service.server]


async def known(service: DatabaseService) -> Mapping[str, Any]:
    """Return what its health says of the database, as soon as it says something."""

    async def about() -> Mapping[str, Any]:
        about: Mapping[str, Any] = (await service.http.get("/health")).json()["dependencies"]["database"]["about"]
        return about

    return await eventually(about)


async def test_health_tells_version_and_edition(service: DatabaseService) -> None:
    about = await known(service)
    assert about["edition"] == await edition(service)
    async with service.owner.transaction() as connection:
        number = await connection.fetch_value("select current_setting('server_version_num')::int")
        extension = await connection.fetch_value("select extversion from pg_extension where extname = 'timescaledb'")
    assert about["version"] == f"PostgreSQL {number // 10_000}.{number % 10_000}"
    assert about.get("timescaledb") == extension
    assert re.fullmatch(r"PostgreSQL \d+\.\d+", about["version"])


async def test_the_edition_decides_how_facts_are_kept(service: DatabaseService) -> None:
    table = (await service.put_table("measurement", "any")).json()
    assert table["layout"] == service.layout


async def test_the_systems_health_shows_it_too(
    service: DatabaseService, module_database: TestDatabase, module_redis_url: str
) -> None:
    """Whoever signed in at the gateway sees it beside the service."""

    def settings(of: Service, **overrides: Any) -> Settings:
        return make_settings(database_url=module_database.service_url(of), redis_url=module_redis_url, **overrides)

    async with (
        served(database_service.build(settings(Service.DATABASE))) as url,
        asgi_client(
            api_gateway.build(
                settings(Service.GATEWAY, database_service_url=url, ae_admin_password=SecretStr(ADMIN["password"]))
            )
        ) as gateway,
    ):

        async def signed_in() -> dict[str, str]:
            answer = await gateway.post("/api/v1/auth/login", json={**ADMIN, "refresh_token_in_body": True})
            return {"Authorization": f"Bearer {answer.json()['access_token']}"} if answer.is_success else {}

        async def shown() -> Mapping[str, Any]:
            report = (await gateway.get("/api/v1/health", headers=headers)).json()
            service_ = report["services"]["database_service"]
            about: Mapping[str, Any] = service_["dependencies"]["database"]["about"]
            return about

        headers = await eventually(signed_in)
        assert await eventually(shown) == await known(service)
