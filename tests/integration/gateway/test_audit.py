from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.queries import load_queries

AUDIT = "/api/v1/admin/audit"


async def _entries(gateway, admin, **params) -> list[dict]:
    answer = await gateway.get(AUDIT, params={"limit": 500, **params}, headers=admin)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.fixture
async def owner(module_database):
    connection = await asyncpg.connect(module_database.owner_url)
    yield connection
    await connection.close()


@pytest.fixture
async def gateway_role(module_database):
    connection = await asyncpg.connect(module_database.service_url(Service.GATEWAY))
    yield connection
    await connection.close()


async def test_every_attempt_to_sign_in_is_kept_without_its_password(gateway, admin, person):
    """Right and wrong attempts are there, with who, from where, and the request id."""
    who = await person()
    wrong = {"email": who["email"], "password": "a-very-wrong-password"}
    await gateway.post("/api/v1/auth/login", json=wrong, headers={"X-Request-ID": "login-attempt-1"})
    right = {"email": who["email"], "password": who["password"], "refresh_token_in_body": True}
    await gateway.post("/api/v1/auth/login", json=right)
    entries = await _entries(gateway, admin, actor=who["email"], action="login")
    assert [entry["outcome"] for entry in entries] == ["succeeded", "refused"]
    assert entries[1]["request_id"] == "login-attempt-1"
    assert "password" not in str(entries)


async def test_every_change_through_the_gateway_is_kept_with_its_outcome(gateway, admin, sign_in):
    """Changes are there whether they worked or not; questions are not."""
    mine = await sign_in("consultant")
    me = (await gateway.get("/api/v1/auth/me", headers=mine)).json()
    await gateway.post("/api/v1/metadata/kpis", json={}, headers=mine)
    await gateway.post("/api/v1/metadata/refused", json={}, headers=mine)
    await gateway.post("/api/v1/connector/profiles", json={}, headers=mine)
    await gateway.post("/api/v1/calculate", json={}, headers=mine)
    entries = [entry for entry in await _entries(gateway, admin, actor=me["email"]) if entry["action"] == "POST"]
    assert [(entry["target"], entry["outcome"], entry["details"]["status"]) for entry in entries] == [
        ("/api/v1/connector/profiles", "failed", 503),
        ("/api/v1/metadata/refused", "failed", 404),
        ("/api/v1/metadata/kpis", "succeeded", 200),
    ]


async def test_who_ended_a_session_of_the_database_is_kept(gateway, admin, sign_in):
    """An operator's deed is in the log, with the session's number."""
    mine = await sign_in("operator")
    me = (await gateway.get("/api/v1/auth/me", headers=mine)).json()
    await gateway.post("/api/v1/admin/database/activity/12/terminate", headers=mine)
    entries = [entry for entry in await _entries(gateway, admin, actor=me["email"]) if entry["action"] == "POST"]
    assert [(entry["target"], entry["outcome"]) for entry in entries] == [
        ("/api/v1/admin/database/activity/12/terminate", "succeeded")
    ]


async def test_a_refused_token_or_key_is_kept(gateway, admin):
    """Attempts with wrong credentials are there, without the credentials."""
    marker = uuid4().hex
    await gateway.get("/api/v1/metadata/kpis", headers={"Authorization": f"Bearer {marker}"})
    await gateway.get("/api/v1/metadata/kpis", headers={"X-API-Key": marker})
    entries = await _entries(gateway, admin, actor="unknown")
    assert {entry["action"] for entry in entries[:2]} == {"authenticate.token", "authenticate.api_key"}
    assert marker not in str(entries)


async def test_the_chain_of_the_log_is_whole(gateway, admin):
    """Every entry's hash covers the one before."""
    answer = (await gateway.get(f"{AUDIT}/verification", headers=admin)).json()
    assert answer["whole"] is True
    assert answer["entries"] > 0


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit.log SET actor = 'nobody'", "DELETE FROM audit.log", "TRUNCATE audit.log"],
)
async def test_nobody_changes_the_log(owner, gateway_role, statement):
    """The service's login has no right to, and even the owner is refused."""
    for connection in (gateway_role, owner):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit.log SET actor = 'nobody' WHERE seq = 2",
        "UPDATE audit.log SET details = '{}' WHERE seq = 1",
        "DELETE FROM audit.log WHERE seq = 2",
        "DELETE FROM audit.log WHERE seq = 1",
        "UPDATE audit.log SET actor = 'x', hash = sha256('x') WHERE seq = 2",
    ],
)
async def test_tampering_past_the_guards_shows(owner, gateway, admin, tampering):
    """Whoever switches the guards off can change an entry, and the chain tells where."""
    change = owner.transaction()
    await change.start()
    await owner.execute("ALTER TABLE audit.log DISABLE TRIGGER append_only")
    await owner.execute(tampering)
    row = await owner.fetchrow(load_queries("analytics_engine.services.api_gateway.audit")["verify"])
    await change.rollback()
    assert row["broken_at"] in {1, 2, 3}
