"""Cells, marks and usage are the client's: whoever reads them for another client, or for none, sees nothing."""

from __future__ import annotations

import asyncpg
import pytest

from analytics_engine.contracts.services import Service
from catalog.cases import generated_rows
from integration.rollups.world import World, every_rollup

CLIENT, STRANGER = "kept-apart", "stranger"
ROLLUP = next(rollup for rollup in every_rollup() if rollup.code == "SHIPMENT_SHIPPED_AT")


@pytest.fixture(scope="module")
async def kept(world: World) -> World:
    await world.make([ROLLUP])
    await world.copy("shipment", CLIENT, generated_rows(2)["shipment"], by=world.writer)
    await world.writer.execute("DELETE FROM facts.shipment WHERE random() < 0.5")
    return world


@pytest.fixture(scope="module")
async def tables(kept: World) -> list[str]:
    names = ("hour", "day", "month")
    number = await kept.writer.fetchval("SELECT max(id) FROM rollups.rollups")
    return [*(f"rollups.r{number}_{name}" for name in names), "rollups.marks"]


async def test_only_the_client_sees_its_cells_and_marks(kept: World, tables: list[str]) -> None:
    url = kept.database.service_url(Service.CALCULATION)
    reader = await asyncpg.connect(url)
    for table in tables:
        counts = []
        for client_id in (CLIENT, STRANGER, ""):
            async with reader.transaction():
                await reader.execute("SELECT set_config('app.client_id', $1, true)", client_id)
                counts.append(await reader.fetchval(f"SELECT count(*) FROM {table}"))
        assert counts[0] > 0
        assert counts[1:] == [0, 0], table
        assert await reader.fetchval(f"SELECT count(*) FROM {table}") == 0
    await reader.close()


async def test_nobody_but_the_triggers_writes_cells(kept: World, tables: list[str]) -> None:
    for service in Service:
        if service is Service.DATABASE:
            continue  # it may become the role that owns them
        login = await asyncpg.connect(kept.database.service_url(service))
        for table in tables:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await login.execute(f"DELETE FROM {table}")
        await login.close()


async def test_a_writer_cannot_have_the_triggers_call_its_own_functions(kept: World) -> None:
    """A trigger runs as the owner of the cells; what a writer's search path or temporary tables offer is not used."""
    writer = await kept.connect()
    await writer.execute("CREATE TEMPORARY TABLE marks (a int); SET search_path = pg_temp, public")
    before = await kept.writer.fetchval("SELECT count(*) FROM rollups.marks")
    await kept.copy("shipment", STRANGER, generated_rows(2)["shipment"][:5], by=writer)
    await writer.execute("DELETE FROM facts.shipment WHERE client_id = $1", STRANGER)
    assert await writer.fetchval("SELECT count(*) FROM pg_temp.marks") == 0
    assert await kept.writer.fetchval("SELECT count(*) FROM rollups.marks") > before
    await writer.close()
