from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest

from analytics_engine.bootstrap import messaging_service
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.valkey import EmbeddedValkey
from support.events import KillableValkey, Reader, Writer, consuming
from support.servers import TestDatabase, TestServers
from support.services import asgi_client, internal_headers

SettingsFor = Callable[..., Settings]


@pytest.fixture
async def writer(database: TestDatabase) -> AsyncIterator[Writer]:
    own = Writer(database.service_url(Service.DATABASE))
    yield own
    await own.database.stop()


@pytest.fixture
async def reader(redis_url: str) -> AsyncIterator[Reader]:
    own = Reader(redis_url)
    async with consuming(own.stream, own.handle):
        yield own
    await own.stream.stop()


@pytest.fixture
async def messaging(settings_for: SettingsFor) -> AsyncIterator[httpx.AsyncClient]:
    """The running service, asked by an operator of the client acme."""
    app = messaging_service.build(settings_for(Service.MESSAGING))
    async with asgi_client(app, headers=internal_headers(Service.MESSAGING, "acme")) as client:
        yield client


@pytest.fixture
def valkey() -> Iterator[KillableValkey]:
    servers = TestServers()
    server = EmbeddedValkey(servers.home, durable=True)
    server.start()
    yield KillableValkey(server)
    server.stop()
    servers.stop()
