"""What the service does while something it needs is away."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretStr

from analytics_engine.bootstrap import business_metadata, database_service
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from support.services import asgi_client, internal_headers
from support.waiting import eventually

from .conftest import CATALOG, served

SettingsFor = Callable[..., Settings]
NOWHERE = "http://127.0.0.1:1"


def headers() -> dict[str, str]:
    return internal_headers(Service.DATABASE, "c") | {"Content-Type": "text/csv"}


async def test_without_business_metadata_it_is_degraded_and_says_so(settings_for: SettingsFor) -> None:
    """It starts, answers what needs no definition, and tells who asks for one what is away."""
    app = database_service.build(settings_for(Service.DATABASE, business_metadata_url=NOWHERE))
    async with asgi_client(app) as http:
        health = await http.get("/health")
        assert (health.status_code, health.json()["status"]) == (200, "degraded")
        assert health.json()["dependencies"]["business_metadata"]["status"] == "degraded"
        assert (await http.get("/coverage", headers=headers())).json() == []
        answer = await http.post("/data/sensor", headers=headers(), content="code\na\n")
        assert answer.status_code == 503
        assert "business_metadata" in answer.json()["detail"]


async def test_an_object_model_known_before_is_still_loaded_into(settings_for: SettingsFor) -> None:
    async with served(business_metadata.build(settings_for(Service.METADATA, ae_catalog_dir=CATALOG))) as url:
        app = database_service.build(settings_for(Service.DATABASE, business_metadata_url=url))
        client = asgi_client(app)
        http = await client.__aenter__()

        async def loads() -> bool:
            return (await http.post("/data/sensor?mode=upsert", headers=headers(), content="code\na\n")).is_success

        await eventually(loads)
    answer = await http.post("/data/sensor", headers=headers(), content="code\nb\n")
    await client.__aexit__(None, None, None)
    assert answer.status_code == 201


async def test_without_a_database_it_is_unhealthy_and_starts_all_the_same(settings_for: SettingsFor) -> None:
    away = SecretStr("postgresql://nobody:secret@127.0.0.1:1/nothing")
    settings = settings_for(Service.DATABASE, business_metadata_url=NOWHERE).model_copy(update={"database_url": away})
    async with asgi_client(database_service.build(settings)) as http:
        health = await http.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "unhealthy")
        assert health.json()["dependencies"]["database"]["detail"] == (
            "The database at 127.0.0.1:1/nothing cannot be reached."
        )
        answer = await http.get("/coverage", headers=headers())
        assert answer.status_code == 503
        assert "secret" not in answer.text


async def test_without_redis_it_loads_as_ever(settings_for: SettingsFor) -> None:
    """Events wait in the outbox; only new object models have their tables a little later."""
    async with served(business_metadata.build(settings_for(Service.METADATA, ae_catalog_dir=CATALOG))) as url:
        settings = settings_for(Service.DATABASE, business_metadata_url=url)
        settings = settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1/0")})
        async with asgi_client(database_service.build(settings)) as http:

            async def loads() -> bool:
                return (await http.post("/data/sensor?mode=upsert", headers=headers(), content="code\na\n")).is_success

            await eventually(loads)
            assert (await http.get("/health")).json()["status"] == "degraded"
