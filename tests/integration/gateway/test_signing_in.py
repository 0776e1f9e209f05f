from __future__ import annotations

import httpx

from integration.gateway.conftest import ADMIN

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"
ME = "/api/v1/auth/me"


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def _tokens(gateway: httpx.AsyncClient, who: dict[str, str]) -> dict:
    asked = {"email": who["email"], "password": who["password"], "refresh_token_in_body": True}
    answer = await gateway.post(LOGIN, json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_first_administrator_signs_in_and_is_told_who_they_are(gateway):
    """The address is compared without case; the token names the default client and the role admin."""
    tokens = await _tokens(gateway, {**ADMIN, "email": "Admin@Example.COM"})
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 900
    me = (await gateway.get(ME, headers=_bearer(tokens["access_token"]))).json()
    assert me == tokens["user"]
    assert (me["email"], me["role"], me["client_id"]) == ("admin@example.com", "admin", "nyc-flights")


async def test_a_browser_gets_its_refresh_token_in_a_cookie_no_script_can_read(gateway):
    """The cookie is HttpOnly, SameSite=Strict, for the auth path only; the body holds no refresh token."""
    answer = await gateway.post(LOGIN, json=ADMIN)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("ae_refresh=")
    for mark in ("HttpOnly", "SameSite=strict", "Path=/api/v1/auth", "Max-Age=604800"):
        assert mark in cookie
    assert answer.json()["refresh_token"] is None
    assert answer.headers["cache-control"] == "no-store"
    refreshed = await gateway.post(REFRESH)
    assert refreshed.status_code == 200
    assert refreshed.headers["set-cookie"] != cookie
    gateway.cookies.clear()


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(gateway, person):
    """Nobody learns from the answer who has an account."""
    known = await person()
    wrong = await gateway.post(LOGIN, json={"email": known["email"], "password": "not the password"})
    unknown = await gateway.post(LOGIN, json={"email": "nobody@example.com", "password": "not the password"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"] == "The email address or the password is wrong."
    assert wrong.json()["remedy"]


async def test_guessing_is_locked_out_even_with_the_right_password(gateway, person):
    """After five failures for one account from one place, the sixth attempt is refused whatever it says."""
    who = await person()
    for _ in range(5):
        answer = await gateway.post(LOGIN, json={"email": who["email"], "password": "a wrong password"})
        assert answer.status_code == 401
    locked = await gateway.post(LOGIN, json={"email": who["email"], "password": who["password"]})
    assert locked.status_code == 429
    assert 0 < int(locked.headers["retry-after"]) <= 300
    other = await person()
    assert (await gateway.post(LOGIN, json={"email": other["email"], "password": other["password"]})).status_code == 200
    gateway.cookies.clear()


async def test_signing_in_rightly_is_never_counted(gateway, person):
    """Ten right sign-ins in a row do not lock anybody out."""
    who = await person()
    for _ in range(10):
        await _tokens(gateway, who)


async def test_a_refresh_token_is_used_once_and_gives_the_next(gateway, person):
    """Each refresh returns new tokens, and the newest goes on working."""
    tokens = await _tokens(gateway, await person())
    for _ in range(3):
        answer = await gateway.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})
        assert answer.status_code == 200
        assert answer.json()["refresh_token"] != tokens["refresh_token"]
        tokens = answer.json()
    assert (await gateway.get(ME, headers=_bearer(tokens["access_token"]))).status_code == 200


async def test_a_refresh_token_used_twice_ends_the_whole_session(gateway, person):
    """A copied token is worth nothing: its second use also makes the thief's newest token useless."""
    first = await _tokens(gateway, await person())
    second = (await gateway.post(REFRESH, json={"refresh_token": first["refresh_token"]})).json()
    reused = await gateway.post(REFRESH, json={"refresh_token": first["refresh_token"]})
    assert reused.status_code == 401
    assert reused.json()["detail"] == "The refresh token was used before, so the session was ended."
    after = await gateway.post(REFRESH, json={"refresh_token": second["refresh_token"]})
    assert after.status_code == 401
    assert after.json()["detail"] == "The session was ended."


async def test_signing_out_ends_the_session(gateway, person):
    """After logout the refresh token is refused."""
    tokens = await _tokens(gateway, await person())
    assert (
        await gateway.post("/api/v1/auth/logout", json={"refresh_token": tokens["refresh_token"]})
    ).status_code == 204
    assert (await gateway.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})).status_code == 401


async def test_without_a_session_there_is_nothing_to_refresh(gateway):
    """The answer says where to sign in."""
    answer = await gateway.post(REFRESH)
    assert answer.status_code == 401
    assert "/api/v1/auth/login" in answer.json()["remedy"]


async def test_an_administrator_works_for_another_client_and_stays_there(gateway):
    """The new token, and those refreshed from the session, are for the other client."""
    tokens = await _tokens(gateway, ADMIN)
    switched = await gateway.post(
        "/api/v1/auth/client", json={"client_id": "acme"}, headers=_bearer(tokens["access_token"])
    )
    assert switched.status_code == 200, switched.text
    assert switched.json()["user"]["client_id"] == "acme"
    assert switched.json()["user"]["home_client_id"] == "nyc-flights"
    refreshed = await gateway.post(REFRESH, json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.json()["user"]["client_id"] == "acme"


async def test_a_client_that_does_not_exist_cannot_be_switched_to(gateway, admin):
    """demo_config_service's answer comes through."""
    answer = await gateway.post("/api/v1/auth/client", json={"client_id": "no-such"}, headers=admin)
    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no client no-such."


async def test_an_analyst_works_for_one_client_only(gateway, sign_in):
    """Only administrators and consultants may switch."""
    answer = await gateway.post("/api/v1/auth/client", json={"client_id": "acme"}, headers=await sign_in("analyst"))
    assert answer.status_code == 403
