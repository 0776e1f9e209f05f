"""Who is let in first, as the settings say."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from analytics_engine.bootstrap.api_gateway import build
from analytics_engine.contracts.services import Service
from analytics_engine.services.api_gateway.users.schemas import NewUser, UserRole
from support.services import asgi_client
from support.waiting import eventually

PASSWORD = "the-first-password"
KEY = "a-key-given-by-the-operator-0123456789"


async def _administrator(client) -> dict:
    return (await client.get("/health")).json()["dependencies"]["administrator"]


async def _login(client, email: str, password: str = PASSWORD) -> int:
    return (await client.post("/api/v1/auth/login", json={"email": email, "password": password})).status_code


async def test_the_first_administrator_is_made_once(settings_for):
    """A later start with another password changes nobody's."""
    for password in (PASSWORD, "another-password"):
        app = build(settings_for(Service.GATEWAY, ae_admin_password=SecretStr(password), ae_admin_email="Boss@x.org"))
        async with asgi_client(app) as client:

            async def signs_in(client=client) -> bool:
                return await _login(client, "boss@x.org") == 200

            await eventually(signs_in)
            assert await _login(client, "boss@x.org", "another-password") == 401


async def test_without_a_password_the_health_says_how_to_make_an_administrator(settings_for):
    """It stops saying so once somebody was made, here as the command line does it."""
    app = build(settings_for(Service.GATEWAY))
    async with asgi_client(app) as client:

        async def says_so() -> bool:
            return "Nobody can sign in" in (await _administrator(client))["detail"]

        await eventually(says_so)
        new = NewUser(email="boss@x.org", name="Boss", password=PASSWORD, role=UserRole.ADMIN, client_id="nyc-flights")
        await app.state.users.create(new, actor="command line")

        async def is_well() -> bool:
            return (await _administrator(client))["status"] == "healthy"

        await eventually(is_well)
        assert await _login(client, "boss@x.org") == 200


async def test_the_key_of_the_settings_is_an_operators(settings_for):
    """API_KEY works from the first start on, for the default client."""
    app = build(settings_for(Service.GATEWAY, api_key=SecretStr(KEY), ae_default_client="acme"))
    async with asgi_client(app) as client:

        async def works() -> bool:
            return (await client.get("/api/v1/auth/me", headers={"X-API-Key": KEY})).status_code == 200

        await eventually(works)
        me = (await client.get("/api/v1/auth/me", headers={"X-API-Key": KEY})).json()
        assert (me["role"], me["client_id"]) == ("operator", "acme")


@pytest.mark.parametrize("text", ["change-me", "dev-api-key"])
async def test_a_key_anybody_could_guess_is_not_taken(settings_for, text):
    """A short API_KEY opens nothing."""
    settings = settings_for(Service.GATEWAY, api_key=SecretStr(text), ae_admin_password=SecretStr(PASSWORD))
    async with asgi_client(build(settings)) as client:

        async def welcomed() -> bool:
            return await _login(client, "admin@example.com") == 200

        await eventually(welcomed)
        assert (await client.get("/api/v1/auth/me", headers={"X-API-Key": text})).status_code == 401


async def test_while_redis_is_away_guessing_is_still_locked_out(settings_for):
    """Attempts are then counted in the process; the right password still signs in before that."""
    settings = settings_for(Service.GATEWAY, ae_admin_password=SecretStr(PASSWORD))
    settings = settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1/0")})
    async with asgi_client(build(settings)) as client:

        async def signs_in() -> bool:
            return await _login(client, "admin@example.com") == 200

        await eventually(signs_in)
        assert (await client.get("/health")).json()["dependencies"]["redis"]["status"] == "degraded"
        assert [await _login(client, "nobody@x.org") for _ in range(6)] == [401, 401, 401, 401, 401, 429]


async def test_while_the_database_is_away_nobody_signs_in_and_it_is_said(settings_for):
    """A sign-in is a 503 with a remedy, and the gateway is unhealthy."""
    nowhere = {"database_url": SecretStr("postgresql://a:b@127.0.0.1:1/none")}
    async with asgi_client(build(settings_for(Service.GATEWAY).model_copy(update=nowhere))) as client:
        answer = await client.post("/api/v1/auth/login", json={"email": "a@b.c", "password": PASSWORD})
        assert answer.status_code == 503
        assert answer.json()["remedy"]
        health = await client.get("/health")
        assert health.status_code == 503
        assert health.json()["dependencies"]["database"]["status"] == "unhealthy"
