from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from integration.calculation.serving import load
from integration.jobs.engines import EFFECTS, Engine, running
from support.databases import TestDatabase

EMPTY = "truncate jobs.jobs, jobs.parts, jobs.workers, jobs.schedules, jobs.ticks, kpi.kpi_data, public.effects"


@pytest.fixture(scope="module")
async def module_place(module_database: TestDatabase) -> TestDatabase:
    """A database with a table for what probes leave behind, which the tests of a module share."""
    await _run(module_database, EFFECTS)
    return module_database


@pytest.fixture(scope="module")
async def module_shop(module_place: TestDatabase) -> TestDatabase:
    """The same with the shop's rows."""
    owner = await asyncpg.connect(module_place.owner_url)
    await load(owner)
    await owner.close()
    return module_place


@pytest.fixture
async def place(module_place: TestDatabase) -> TestDatabase:
    """A database without jobs, and with a table for what probes leave behind."""
    await _run(module_place, EMPTY)
    return module_place


@pytest.fixture
async def shop(module_shop: TestDatabase) -> TestDatabase:
    """A database without jobs or history, and with the shop's rows."""
    await _run(module_shop, EMPTY)
    return module_shop


async def _run(database: TestDatabase, statements: str) -> None:
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(statements)
    await owner.close()


@pytest.fixture
async def engine(place: TestDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    """One calculation engine that runs jobs."""
    async with running(place, tmp_path) as replica:
        yield replica


@pytest.fixture
async def idle(place: TestDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    """One calculation engine that takes jobs, and runs none."""
    async with running(place, tmp_path, tasks=()) as replica:
        yield replica


@pytest.fixture(scope="module")
async def module_engine(module_shop: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    """One calculation engine over the shop's rows that the tests of a module share."""
    async with running(module_shop, tmp_path_factory.mktemp("home")) as replica:
        yield replica
