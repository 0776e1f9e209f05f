from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from analytics_engine.kernel.security.api_keys import checksum, new_key

KEYS = "/api/v1/admin/keys"
KPIS = "/api/v1/metadata/kpis"


async def _new(gateway, admin, **changed) -> dict:
    asked = {"name": "nightly load", "client_id": "acme", "role": "operator", **changed}
    answer = await gateway.post(KEYS, json=asked, headers=admin)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_key_speaks_for_the_client_it_was_made_for(gateway, admin):
    """The service behind sees the key's client and role, and who it is."""
    made = await _new(gateway, admin)
    answer = await gateway.get(KPIS, headers={"X-API-Key": made["key"]})
    assert answer.status_code == 200, answer.text
    principal = answer.json()["principal"]
    assert (principal["client_id"], principal["role"], principal["name"]) == ("acme", "operator", "nightly load")
    assert principal["subject"] == f"key:{made['details']['id']}"


async def test_a_key_is_shown_once(gateway, admin):
    """The list knows prefixes, owners and last use, and no secret."""
    made = await _new(gateway, admin)
    await gateway.get(KPIS, headers={"X-API-Key": made["key"]})
    listed = await gateway.get(KEYS, headers=admin)
    entry = next(key for key in listed.json()["items"] if key["id"] == made["details"]["id"])
    assert made["key"] not in listed.text
    assert entry["prefix"] == made["key"].split("_")[1]
    assert entry["created_by"] == "admin@example.com"
    assert entry["last_used_at"] is not None


async def test_a_revoked_key_is_refused_at_once(gateway, admin):
    """The next request with it is a 401 that says why."""
    made = await _new(gateway, admin)
    revoked = await gateway.delete(f"{KEYS}/{made['details']['prefix']}", headers=admin)
    assert revoked.json()["revoked_at"] is not None
    answer = await gateway.get(KPIS, headers={"X-API-Key": made["key"]})
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The API key was revoked."


async def test_an_expired_key_is_refused(gateway, admin):
    """A key ends when it was said to."""
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    made = await _new(gateway, admin, expires_at=past)
    answer = await gateway.get(KPIS, headers={"X-API-Key": made["key"]})
    assert answer.status_code == 401
    assert answer.json()["detail"] == "The API key has expired."


@pytest.mark.parametrize("damage", [lambda key: key[:-1], lambda key: key[:-1] + "~", lambda key: key + "0"])
async def test_a_mistyped_key_is_told_from_a_wrong_one(gateway, admin, damage):
    """The checksum says that it was damaged on its way."""
    made = await _new(gateway, admin)
    answer = await gateway.get(KPIS, headers={"X-API-Key": damage(made["key"])})
    assert answer.status_code == 401
    assert "damaged" in answer.json()["detail"]


async def test_a_made_up_key_is_not_known(gateway, admin):
    """Neither a well-formed key nobody made nor one with another key's prefix comes in."""
    made = await _new(gateway, admin)
    body = f"ae_{made['details']['prefix']}_{'0' * 43}"
    for text in (new_key().text, body + checksum(body), "something-else"):
        answer = await gateway.get(KPIS, headers={"X-API-Key": text})
        assert answer.status_code == 401
        assert answer.json()["detail"] == "The API key is not known."


async def test_a_key_does_only_what_its_scopes_say(gateway, admin):
    """A key for reading definitions neither changes them nor reads anything else."""
    made = await _new(gateway, admin, role="consultant", scopes=["metadata:read"])
    headers = {"X-API-Key": made["key"]}
    assert (await gateway.get(KPIS, headers=headers)).status_code == 200
    assert (await gateway.post(KPIS, json={}, headers=headers)).status_code == 403
    refused = await gateway.post("/api/v1/calculate", json={}, headers=headers)
    assert refused.status_code == 403
    assert "metadata:read" in refused.json()["detail"]


async def test_no_key_administers(gateway, admin):
    """The role admin is for people; a key of it cannot be made, and other keys do not reach administration."""
    asked = {"name": "x", "client_id": "acme", "role": "admin"}
    assert (await gateway.post(KEYS, json=asked, headers=admin)).status_code == 422
    made = await _new(gateway, admin)
    assert (await gateway.get(KEYS, headers={"X-API-Key": made["key"]})).status_code == 403


async def test_a_key_knows_who_it_is(gateway, admin):
    """``me`` answers programs too."""
    made = await _new(gateway, admin)
    me = (await gateway.get("/api/v1/auth/me", headers={"X-API-Key": made["key"]})).json()
    assert (me["name"], me["client_id"], me["email"]) == ("nightly load", "acme", "")


async def test_no_request_waits_for_another_that_notes_the_use_of_its_key(gateway, admin, module_database):
    """Requests of one key come many at a time; a minute's first of them holds nobody up."""
    made = await _new(gateway, admin)
    connection = await asyncpg.connect(module_database.owner_url)
    try:
        async with connection.transaction():
            await connection.execute(
                "update access.api_keys set last_used_at = now() where id = $1", UUID(made["details"]["id"])
            )
            async with asyncio.timeout(30):
                answer = await gateway.get(KPIS, headers={"X-API-Key": made["key"]})
            assert answer.status_code == 200
    finally:
        await connection.close()
