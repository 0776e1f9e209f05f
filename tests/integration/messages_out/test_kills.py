"""The service as a process that is killed: what was accepted is delivered, and no secret is in its log."""

from __future__ import annotations

import asyncio
import os
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from analytics_engine.contracts.services import Service
from analytics_engine.embedded.ports import any_free_port
from support.outgoing import Teller, asks, channel_made, finished, trial_of
from support.services import SECRET_KEY
from support.sinks import HttpSink
from support.waiting import eventually

_WITHIN_S = 60.0


class KillableService:
    """messaging_service in a process of its own, with all its log."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        self.log = folder / "log"
        self.url = f"http://127.0.0.1:{any_free_port()}"
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AE_HOME": str(folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": SECRET_KEY,
            "LOG_LEVEL": "DEBUG",
            "AE_MESSAGE_ALLOWED_NETWORKS": "127.0.0.1/32",
            "AE_NOTIFICATION_WINDOW_S": "0",
            "AE_DELIVERY_LEASE_S": "5",
        }
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        port = self.url.rpartition(":")[2]
        command = ["-P", "-m", "analytics_engine.cli", "serve", Service.MESSAGING.value, "--port", port]
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *command, env=self._environment, cwd=self._folder, stdout=log, stderr=log
            )
        await eventually(self._answers, within_s=_WITHIN_S)

    async def kill(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    async def _answers(self) -> bool:
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(f"{self.url}/live")).status_code == 200
            except httpx.TransportError:
                return False


@asynccontextmanager
async def killable(folder: Path, database_url: str, redis_url: str) -> AsyncIterator[KillableService]:
    service = KillableService(folder, database_url, redis_url)
    await service.start()
    try:
        yield service
    finally:
        await service.kill()


@pytest.fixture
async def service(
    tmp_path: Path, service_url: Callable[[Service], str], redis_url: str
) -> AsyncIterator[KillableService]:
    async with killable(tmp_path, service_url(Service.MESSAGING), redis_url) as running:
        yield running


async def test_no_secret_is_in_the_log(service: KillableService, sink: HttpSink, client_id: str) -> None:
    """At its most talkative, with receivers that take, refuse and repeat what they were sent, and that are away."""
    signing = "whsec_" + b64encode(b"signing-secret-of-32-characters!").decode()
    phone: dict[str, Any] = {"to": "+15552223333"}
    kinds: list[tuple[str, dict[str, str], dict[str, Any]]] = [
        ("slack", {"url": f"{sink.url}/services/s3cr3t-1"}, {}),
        ("teams", {"url": f"{sink.url}/workflows?sig=s3cr3t-2"}, {}),
        ("pagerduty", {"routing_key": "s3cr3t-3"}, {"base_url": sink.url}),
        ("twilio", {"auth_token": "s3cr3t-4"}, {"base_url": sink.url, "account_sid": "AC1", "sender": "KPI", **phone}),
        ("sms_gateway", {"token": "s3cr3t-5"}, {"url": sink.url, **phone}),
        ("webhook", {"signing_secret": signing}, {"url": sink.url}),
        (
            "email",
            {"password": "s3cr3t-6"},
            {
                "host": "127.0.0.1",
                "port": sink.port,
                "tls": "none",
                "user": "u",
                "sender": "a@x.org",
                "to": ["b@x.org"],
            },
        ),
    ]
    secrets = [value for _, given, _ in kinds for value in given.values()] + [f"s3cr3t-{n}" for n in range(1, 7)]
    async with httpx.AsyncClient(base_url=service.url, headers=asks(client_id=client_id), timeout=30) as messaging:
        paths = [
            await channel_made(messaging, kind, name=kind, secrets=given, **options) for kind, given, options in kinds
        ]
        for answer in (200, 403):
            sink.echo = answer
            for path in paths[:-1]:
                assert (await trial_of(messaging, path))["status"] == answer
        message = {"title": "To all", "severity": "critical", "channels": [kind for kind, _, _ in kinds]}
        assert (await messaging.post("/notifications", json=message)).status_code == 202
        await sink.got(19)
        await sink.stop()
        for path in paths:
            assert (await trial_of(messaging, path))["works"] is False
        answers = (await messaging.get("/notifications/channels")).text
        answers += (await messaging.get("/notifications/deliveries")).text

    log = service.log.read_text()
    assert "/notifications/channels" in log
    for secret in secrets:
        assert secret not in log
        assert secret not in answers


async def test_a_kill_while_it_sends_loses_nothing(
    service: KillableService, own_teller: Teller, sink: HttpSink, client_id: str
) -> None:
    """Killed when the receiver has the message and before it has answered: it is sent again, under the same id.

    What it logged meanwhile, at its most talkative, holds no secret.
    """
    secrets = {"url": f"{sink.url}/services/T0/B0/s3cr3t-token"}
    answered = asyncio.Event()

    async with httpx.AsyncClient(base_url=service.url, headers=asks(client_id=client_id)) as messaging:
        path = await channel_made(messaging, "slack", secrets=secrets)
        await trial_of(messaging, path)
        hook = await messaging.post("/subscriptions", json={"url": f"{sink.url}/hook", "types": ["alert.*"]})
        sink.hold = answered.wait
        await own_teller.alert()
        await sink.got(3)
        await service.kill()
        answered.set()
        sink.hold = None
        between = await own_teller.alert(alert_id="meanwhile")
        await service.start()

        delivered = await finished(messaging, 2, within_s=_WITHIN_S)
        sent = await finished(messaging, 2, f"{hook.headers['Location']}/deliveries", within_s=_WITHIN_S)

    assert [one["state"] for one in delivered + sent] == ["delivered"] * 4
    assert [one["attempts"] for one in delivered] == [2, 1]
    assert [one["attempts"] for one in sent] == [2, 1]
    ids = [request.headers["webhook-id"] for request in sink.received if request.path == "/hook"]
    assert sorted(ids) == sorted([sent[0]["message_id"]] * 2 + [between.id])
    log = service.log.read_text()
    assert '"path": "/notifications/channels"' in log
    for secret in ("s3cr3t-token", hook.json()["secret"], hook.json()["secret"].removeprefix("whsec_"), SECRET_KEY):
        assert secret not in log
