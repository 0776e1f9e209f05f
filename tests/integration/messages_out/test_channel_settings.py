"""Channels: made, read, changed and deleted, each client its own, and their secrets never seen again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from analytics_engine.contracts.services import Service
from support.outgoing import channel_made, trial_of
from support.servers import TestDatabase
from support.sinks import HttpSink


def slack(url: str, **changes: Any) -> dict[str, Any]:
    return {"name": "ops", "kind": "slack", "secrets": {"url": url}, **changes}


async def test_a_channel_is_kept_without_showing_its_secret(
    messaging: httpx.AsyncClient, sink: HttpSink, module_database: TestDatabase, client_id: str
) -> None:
    """It is in no answer, and not readable in the database; the channel works."""
    url = f"{sink.url}/services/T0/B0/t0ken"
    made = await messaging.post("/notifications/channels", json=slack(url))
    read = await messaging.get(made.headers["Location"])
    listed = await messaging.get("/notifications/channels", params={"kind": "slack"})
    owner = await asyncpg.connect(module_database.owner_url)
    stored = await owner.fetchval("SELECT secrets::text FROM messaging.channels WHERE client_id = $1", client_id)
    await owner.close()

    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    assert made.json()["secrets"] == {"url": "(kept)"}
    assert (made.json()["enabled"], made.json()["created_by"]) == (True, "Tester")
    assert read.json() == made.json()
    assert listed.json()["items"] == [made.json()]
    assert (await messaging.get("/notifications/channels", params={"kind": "email"})).json()["total"] == 0
    assert "t0ken" not in made.text + read.text + listed.text + stored
    assert (await trial_of(messaging, made.headers["Location"]))["works"] is True
    assert sink.received[0].path == "/services/T0/B0/t0ken"


async def test_what_is_read_can_be_changed_and_sent_back(messaging: httpx.AsyncClient, sink: HttpSink) -> None:
    """The secret stays as it is where it is said to be kept; a new one replaces it."""
    path = await channel_made(messaging, "slack", secrets={"url": f"{sink.url}/first"})
    kept = await messaging.put(path, json=slack("(kept)", name="renamed"), headers={"If-Match": '"1"'})
    await trial_of(messaging, path)
    replaced = await messaging.put(path, json=slack(f"{sink.url}/second"))
    await trial_of(messaging, path)
    stale = await messaging.put(path, json=slack("(kept)"), headers={"If-Match": '"2"'})

    assert (kept.json()["name"], kept.json()["version"], replaced.json()["version"]) == ("renamed", 2, 3)
    assert [request.path for request in sink.received] == ["/first", "/second"]
    assert (stale.status_code, stale.json()["present_version"]) == (409, 3)


async def test_a_secret_may_be_kept_in_a_file(messaging: httpx.AsyncClient, sink: HttpSink, secrets: Path) -> None:
    """It is read at every message, so that it can be exchanged there; the reference is no secret."""
    (secrets / "slack").write_text(f"{sink.url}/first\n")
    path = await channel_made(messaging, "slack", secrets={"url": "file:slack"})
    await trial_of(messaging, path)
    (secrets / "slack").write_text(f"{sink.url}/second\n")
    await trial_of(messaging, path)

    assert (await messaging.get(path)).json()["secrets"] == {"url": "file:slack"}
    assert [request.path for request in sink.received] == ["/first", "/second"]


@pytest.mark.parametrize(
    ("wrong", "status", "detail"),
    [
        ({"secrets": {}}, 422, "secrets.url: a channel of kind slack needs it."),
        ({"secrets": {"url": "https://127.0.0.1/x", "token": "x"}}, 422, "secrets.token: a channel of kind slack has"),
        ({"secrets": {"url": "(kept)"}}, 422, "secrets.url: there is none to keep."),
        ({"secrets": {"url": "env:SECRET_KEY"}}, 422, "env:SECRET_KEY is not a secret of this client's channels."),
        ({"secrets": {"url": "file:../other/slack"}}, 422, "file:../other/slack is outside this client's folder"),
        ({"secrets": {"url": "file:missing"}}, 422, "The secret file missing cannot be read: No such file"),
        ({"secrets": {"url": "no url"}}, 422, "The URL is none that a message can be sent to."),
        ({"options": {"channel": "#ops"}}, 422, "options.channel: Extra inputs are not permitted"),
        ({"kind": "fax"}, 422, "body.kind: Input should be"),
        ({"name": "#ops"}, 422, "body.name: String should match pattern"),
        (
            {"kind": "webhook", "options": {"url": "https://127.0.0.1/"}, "secrets": {"signing_secret": "short"}},
            422,
            "",
        ),
        (
            {
                "kind": "email",
                "options": {"host": "93.184.215.14", "tls": "none", "sender": "a@x.org", "to": ["b@x.org"]},
                "secrets": {},
            },
            422,
            "Mail without TLS can be read and changed by anybody on the way.",
        ),
        (
            {"kind": "email", "options": {"host": "x.org", "sender": "a@x.org\nBcc: c@x.org", "to": ["b@x.org"]}},
            422,
            "options.sender: String should match pattern",
        ),
        ({"kind": "twilio", "options": {"account_sid": "AC1", "sender": "KPI", "to": "911"}}, 422, "options.to: "),
    ],
)
async def test_a_channel_that_cannot_be_says_why(
    messaging: httpx.AsyncClient, wrong: dict[str, Any], status: int, detail: str
) -> None:
    """With the place and a remedy, and without the secret; nothing is kept of it."""
    answer = await messaging.post("/notifications/channels", json=slack("https://127.0.0.1/x") | wrong)

    assert answer.status_code == status
    assert answer.json()["detail"].startswith(detail)
    assert answer.json()["remedy"]
    assert (await messaging.get("/notifications/channels")).json()["total"] == 0


async def test_a_name_is_taken_once(messaging: httpx.AsyncClient, sink: HttpSink) -> None:
    """By making another channel of it, or by calling another one so."""
    await channel_made(messaging, "slack", secrets={"url": sink.url})
    other = await channel_made(messaging, "slack", name="other", secrets={"url": sink.url})

    made = await messaging.post("/notifications/channels", json=slack(sink.url))
    renamed = await messaging.put(other, json=slack(sink.url))

    assert (made.status_code, renamed.status_code) == (409, 409)
    assert made.json()["detail"] == renamed.json()["detail"] == "There is a channel 'ops' already."


async def test_kinds_describe_their_options(messaging: httpx.AsyncClient) -> None:
    """Every kind with the JSON schema of its options and the names of its secrets."""
    kinds = {entry["kind"]: entry for entry in (await messaging.get("/notifications/kinds")).json()}

    assert set(kinds) == {"email", "slack", "teams", "pagerduty", "twilio", "sms_gateway", "webhook"}
    assert kinds["email"]["options_schema"]["required"] == ["host", "sender", "to"]
    assert (kinds["email"]["secrets"], kinds["email"]["optional_secrets"]) == ([], ["password"])
    assert kinds["pagerduty"]["secrets"] == ["routing_key"]
    assert kinds["slack"]["description"].startswith("An incoming webhook of Slack")


async def test_the_database_parts_clients_too(
    messaging: httpx.AsyncClient, sink: HttpSink, module_database: TestDatabase, client_id: str
) -> None:
    """The service's login sees no channel without saying whose, and adds none for another client."""
    await channel_made(messaging, "slack", secrets={"url": sink.url})
    connection = await asyncpg.connect(module_database.service_url(Service.MESSAGING))
    try:
        for table in ("channels", "subscriptions", "deliveries", "notifications"):
            assert await connection.fetchval(f"SELECT count(*) FROM messaging.{table}") == 0
        await connection.execute("SELECT set_config('app.client_id', 'another', false)")
        assert await connection.fetchval("SELECT count(*) FROM messaging.channels") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "INSERT INTO messaging.channels (id, client_id, name, kind, options, secrets, enabled, created_by)"
                " VALUES (gen_random_uuid(), $1, 'mine', 'slack', '{}', '{}', true, 'me')",
                client_id,
            )
    finally:
        await connection.close()
