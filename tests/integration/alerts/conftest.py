from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from integration.alerts.desk import Desk, opened
from integration.calculation.serving import load
from support.servers import TestDatabase


@pytest.fixture(scope="module")
async def shop_rows(module_database: TestDatabase) -> TestDatabase:
    """The golden shop's rows in a migrated database."""
    owner = await asyncpg.connect(module_database.owner_url)
    await load(owner)
    await owner.close()
    return module_database


@pytest.fixture
async def desk(shop_rows: TestDatabase) -> AsyncIterator[Desk]:
    """A calculation engine without alerts, on 2 November 2026, 00:00."""
    async with opened(shop_rows) as desk:
        yield desk
