from __future__ import annotations

import pytest

USERS = "/api/v1/admin/users"


async def test_a_new_user_is_listed_and_no_password_is_told(gateway, admin, person):
    """The list is by email address and holds no hash."""
    who = await person("analyst")
    answer = await gateway.get(USERS, params={"limit": 500}, headers=admin)
    assert who["email"] in [user["email"] for user in answer.json()["items"]]
    assert "argon2" not in answer.text
    assert "password" not in answer.text


async def test_an_address_is_taken_once_whatever_its_case(gateway, admin, person):
    """Two users cannot differ by capitals only."""
    who = await person()
    again = {**{name: who[name] for name in ("name", "password", "client_id")}, "email": who["email"].upper()}
    answer = await gateway.post(USERS, json=again, headers=admin)
    assert answer.status_code == 409
    assert who["email"] in answer.json()["detail"]


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "weak@example.com"])
async def test_a_weak_password_is_refused_with_its_reason(gateway, admin, password):
    """Too short, one character over and over, or the address itself."""
    new = {"email": "weak@example.com", "name": "Weak", "password": password, "client_id": "acme"}
    answer = await gateway.post(USERS, json=new, headers=admin)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("The password")


async def test_a_disabled_user_is_out(gateway, admin, person):
    """They can neither sign in nor refresh, and are told no more than anybody."""
    who = await person()
    asked = {"email": who["email"], "password": who["password"], "refresh_token_in_body": True}
    tokens = (await gateway.post("/api/v1/auth/login", json=asked)).json()
    changed = await gateway.patch(f"{USERS}/{who['id']}", json={"disabled": True}, headers=admin)
    assert changed.json()["disabled"] is True
    refreshed = await gateway.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert refreshed.status_code == 401
    again = await gateway.post("/api/v1/auth/login", json=asked)
    assert again.status_code == 401
    assert again.json()["detail"] == "The email address or the password is wrong."
    me = await gateway.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert me.status_code == 401


async def test_a_new_role_is_in_the_next_token(gateway, admin, person):
    """Changing rights signs out; the next sign-in has them."""
    who = await person("viewer")
    await gateway.patch(f"{USERS}/{who['id']}", json={"role": "consultant"}, headers=admin)
    asked = {"email": who["email"], "password": who["password"], "refresh_token_in_body": True}
    assert (await gateway.post("/api/v1/auth/login", json=asked)).json()["user"]["role"] == "consultant"


async def test_a_reset_password_replaces_the_old_one(gateway, admin, person):
    """The old one is refused, the new one accepted."""
    who = await person()
    reset = await gateway.put(f"{USERS}/{who['id']}/password", json={"password": "another-good-one"}, headers=admin)
    assert reset.status_code == 204
    asked = {"email": who["email"], "password": who["password"], "refresh_token_in_body": True}
    assert (await gateway.post("/api/v1/auth/login", json=asked)).status_code == 401
    asked["password"] = "another-good-one"
    assert (await gateway.post("/api/v1/auth/login", json=asked)).status_code == 200


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "viewer"}])
async def test_the_last_administrator_stays(gateway, admin, change):
    """The system cannot lock everybody out of its administration."""
    me = (await gateway.get("/api/v1/auth/me", headers=admin)).json()
    answer = await gateway.patch(f"{USERS}/{me['subject'].removeprefix('user:')}", json=change, headers=admin)
    assert answer.status_code == 409
    assert answer.json()["remedy"] == "Make somebody else an administrator first."


@pytest.mark.parametrize("identity", ["0190a000-0000-7000-8000-000000000000", "not-an-id"])
async def test_a_user_who_is_not_there_is_a_plain_404(gateway, admin, identity):
    """An identity of the wrong shape is no internal error."""
    assert (await gateway.get(f"{USERS}/{identity}", headers=admin)).status_code == 404


async def test_only_administrators_administer(gateway, sign_in):
    """Every other role is refused."""
    for role in ("viewer", "analyst", "consultant", "operator"):
        assert (await gateway.get(USERS, headers=await sign_in(role))).status_code == 403
