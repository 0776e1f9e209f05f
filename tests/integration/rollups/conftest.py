from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from integration.rollups.world import World
from support.servers import TestDatabase


@pytest.fixture(scope="module")
async def world(module_database: TestDatabase) -> AsyncIterator[World]:
    """The starter catalog's tables, empty, and no rollups yet."""
    running = World(module_database)
    await running.start()
    yield running
    await running.stop()
