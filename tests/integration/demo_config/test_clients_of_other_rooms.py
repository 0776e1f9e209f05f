from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from analytics_engine.bootstrap import demo_config_service
from analytics_engine.clients.clients import HttpClients
from analytics_engine.clients.http import HttpPool
from analytics_engine.clients.metadata import HttpMetadata
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.contracts.services import Service
from analytics_engine.errors import DependencyUnavailable, NotFound, ObjectModelNotFound
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.security.tokens import InternalTokens
from support.services import SECRET_KEY, internal_headers

from .conftest import NOWHERE, SettingsFor, served


@pytest.fixture
async def pool() -> AsyncIterator[HttpPool]:
    tokens = InternalTokens(secret_key=SECRET_KEY, clock=SystemClock())
    pool = HttpPool(tokens=tokens, caller=Service.CALCULATION)
    await pool.start()
    yield pool
    await pool.stop()


async def test_the_catalog_is_sent_only_when_it_changed(pool: HttpPool, metadata_url: str) -> None:
    """A room that knows the present version gets nothing; an object model comes with its version."""
    metadata = HttpMetadata(pool.client(Service.METADATA, metadata_url), caller="calculation_engine_service")
    catalog = await metadata.catalog("acme")
    assert catalog is not None
    assert catalog.has_kpi("FL_FLIGHTS")
    assert await metadata.catalog("acme", known_version=catalog.version) is None
    assert await metadata.catalog("acme", known_version="older") == catalog
    flight = await metadata.object_model("acme", "flight")
    assert flight == catalog.object_model("flight")
    with pytest.raises(ObjectModelNotFound, match="fligth"):
        await metadata.object_model("acme", "fligth")


async def test_a_client_is_known_to_every_service(pool: HttpPool, settings_for: SettingsFor) -> None:
    """Another room reads a client's profile; an unknown one is a clear error of its own class."""
    settings = settings_for(Service.DEMO_CONFIG, business_metadata_url=NOWHERE, database_service_url=NOWHERE)
    async with served(demo_config_service.build(settings)) as url:
        body = {"client_id": "acme", "name": "Acme", "time_zone": "Asia/Kolkata"}
        async with httpx.AsyncClient(base_url=url, headers=internal_headers(Service.DEMO_CONFIG)) as http:
            await http.post("/clients", json=body)
        clients = HttpClients(pool.client(Service.DEMO_CONFIG, url), caller="calculation_engine_service")
        assert await clients.client("acme") == ClientProfile(client_id="acme", name="Acme", time_zone="Asia/Kolkata")
        with pytest.raises(NotFound, match="nobody"):
            await clients.client("nobody")


async def test_a_service_that_is_away_is_said_to_be(pool: HttpPool) -> None:
    """Nothing is guessed when the other room cannot be reached."""
    clients = HttpClients(pool.client(Service.DEMO_CONFIG, NOWHERE), caller="calculation_engine_service")
    with pytest.raises(DependencyUnavailable, match="demo_config_service cannot be reached"):
        await clients.client("acme")
