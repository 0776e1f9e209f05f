"""One running service for the tests of a module, each as a client of its own; others for tests with other settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from analytics_engine.bootstrap import messaging_service
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from support.names import Names, scripted_names
from support.outgoing import Teller, asks
from support.servers import TestDatabase
from support.services import asgi_client, make_settings
from support.sinks import HttpSink, MailSink, http_sink, mail_sink

SettingsFor = Callable[..., Settings]

QUICK: dict[str, Any] = {
    "ae_message_allowed_networks": "127.0.0.1/32",
    "ae_notification_window_s": 0.2,
    "ae_notification_pauses_s": (0.2, 0.2, 0.2),
    "ae_webhook_pauses_s": (0.2, 0.2, 0.2),
    "ae_delivery_lease_s": 3,
}


@pytest.fixture
def client_id() -> str:
    """The client whose test this is."""
    return f"client-{uuid4().hex[:12]}"


@pytest.fixture(scope="module")
def secrets_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secrets")


@pytest.fixture
def secrets(secrets_folder: Path, client_id: str) -> Path:
    """The folder of the client's secrets."""
    folder = secrets_folder / client_id
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
async def running(
    module_database: TestDatabase, module_redis_url: str, secrets_folder: Path
) -> AsyncIterator[httpx.AsyncClient]:
    settings = make_settings(
        database_url=module_database.service_url(Service.MESSAGING),
        redis_url=module_redis_url,
        ae_channel_secrets_dir=secrets_folder,
        **QUICK,
    )
    async with asgi_client(messaging_service.build(settings)) as client:
        yield client


@pytest.fixture
async def messaging(running: httpx.AsyncClient, client_id: str) -> AsyncIterator[httpx.AsyncClient]:
    """The running service, asked by an operator of the client."""
    async with httpx.AsyncClient(
        transport=running._transport, base_url="http://test", headers=asks(client_id=client_id)
    ) as client:
        yield client


@pytest.fixture
async def teller(module_database: TestDatabase, client_id: str) -> AsyncIterator[Teller]:
    """Who tells of the client's alerts to the running service."""
    own = Teller(module_database.service_url(Service.CALCULATION), client_id)
    yield own
    await own.database.stop()


@pytest.fixture
def build(settings_for: SettingsFor) -> Callable[..., FastAPI]:
    """``build(**settings)``: a service with other settings, on this test's own database."""
    return lambda **changes: messaging_service.build(settings_for(Service.MESSAGING, **(QUICK | changes)))


@pytest.fixture
async def own_teller(database: TestDatabase, client_id: str) -> AsyncIterator[Teller]:
    """Who tells of the client's alerts on this test's own database."""
    own = Teller(database.service_url(Service.CALCULATION), client_id)
    yield own
    await own.database.stop()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return scripted_names(monkeypatch)


@pytest.fixture
async def sink() -> AsyncIterator[HttpSink]:
    async with http_sink() as own:
        yield own


@pytest.fixture
async def mails() -> AsyncIterator[MailSink]:
    async with mail_sink() as own:
        yield own
