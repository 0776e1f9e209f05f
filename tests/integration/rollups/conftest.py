from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from integration.rollups.world import World
from support.databases import TestDatabase
from support.servers import ON_EACH_SERVER, TestServers


@pytest.fixture(scope="module", params=ON_EACH_SERVER)
def module_database(request: pytest.FixtureRequest, servers: TestServers) -> Iterator[TestDatabase]:
    """A migrated database on PostgreSQL, and one on TimescaleDB."""
    own = servers.new_database(on=request.param)
    yield own
    servers.drop_database(own)


@pytest.fixture(scope="module")
async def world(module_database: TestDatabase) -> AsyncIterator[World]:
    """The starter catalog's tables, empty, and no rollups yet."""
    running = World(module_database)
    await running.start()
    yield running
    await running.stop()
