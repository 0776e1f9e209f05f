"""Days and months of a rollup are those of the client's zone, also when the client moves to another."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from analytics_engine.adapters.memory.definitions import MemoryDefinitions
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.model.time import Window, local_midnight
from analytics_engine.services.database_service.rollups.zones import ZonesFollowClients
from catalog.cases import generated_rows
from integration.rollups.world import Ask, World, differences, every_rollup, starter

CLIENT = "traveller"
QUARTER = Window(local_midnight(date(2026, 1, 1)), local_midnight(date(2026, 4, 1)))
ROLLUP = next(rollup for rollup in every_rollup() if rollup.code == "SHIPMENT_SHIPPED_AT")
KPIS = [code for code in ROLLUP.kpis if code.startswith("T_")]


@pytest.fixture(scope="module")
async def kept(world: World) -> World:
    await world.make([ROLLUP])
    await world.build()
    return world


async def _is_right(world: World, zone: str) -> None:
    for kpi in KPIS:
        ask = Ask(kpi, QUARTER, "month", zone)
        _, raw = await world.ask(CLIENT, ask, ())
        plan, rolled = await world.ask(CLIENT, ask, await world.kept(CLIENT))
        assert plan.rollups
        assert list(differences(raw, rolled)) == []


async def test_cells_follow_the_zone_of_the_client_while_rows_are_written(kept: World) -> None:
    definitions = MemoryDefinitions()
    zones = ZonesFollowClients(kept.own, definitions)
    rows = generated_rows(11)["shipment"]
    for zone, part in zip(
        ("America/New_York", "Asia/Kolkata", "UTC"), (rows[0::3], rows[1::3], rows[2::3]), strict=True
    ):
        definitions.define(ClientProfile(client_id=CLIENT, name="Traveller", time_zone=zone), starter())
        await asyncio.gather(zones.follow(CLIENT), kept.copy("shipment", CLIENT, part, by=kept.writer))
        await _is_right(kept, zone)
        await kept.build()
        await _is_right(kept, zone)
        assert await _read_at(kept, zone) == {Level.MONTH}


async def _read_at(world: World, zone: str) -> set[Level | None]:
    """Return where whole months of a zone are read."""
    (kept,) = await world.kept(CLIENT)
    return await world.read_at(CLIENT, Ask(KPIS[0], QUARTER, "month", zone), kept)
