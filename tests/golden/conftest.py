"""The shop, open on each engine in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from golden.shop import CLIENT, STRANGER, shop_catalog, shop_rows
from support.engines import WITH_TIMESCALEDB, EngineUnderTest, start_engine
from support.servers import TestServers


@pytest.fixture(scope="module", params=WITH_TIMESCALEDB)
async def shop(request: pytest.FixtureRequest, servers: TestServers) -> AsyncIterator[EngineUnderTest]:
    """The shop's rows on one engine, and a stranger's; every test that asks for it runs on each of them."""
    engine = await start_engine(request.param, servers)
    rows = shop_rows()
    for version in shop_catalog().object_models:
        model = version.definition
        await engine.create(model)
        for client in (CLIENT, STRANGER):
            await engine.load(model, rows[model.code], client_id=client)
    yield engine
    await engine.close()
