"""Rollups are made while others read and write, replaced when they are to keep something else, and dropped later."""

from __future__ import annotations

from datetime import date

import asyncpg
import pytest

from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.kpi.model.time import Window, local_midnight
from analytics_engine.services.database_service.rollups.service import Rollups
from catalog.cases import generated_rows
from integration.rollups.world import Ask, World, differences, every_rollup, starter

CLIENT = "made"
QUARTER = Window(local_midnight(date(2026, 1, 1)), local_midnight(date(2026, 4, 1)))
SHIPMENTS, LINES = (
    next(rollup for rollup in every_rollup() if rollup.code == code)
    for code in ("SHIPMENT_SHIPPED_AT", "ORDER_LINE_ORDERED_AT")
)
ASK = Ask("T_AVG_SHIPMENT_FREIGHT_COST", QUARTER, "month", "UTC")


@pytest.fixture(scope="module")
async def loaded(world: World) -> World:
    rows = generated_rows(9)
    for code in ("shipment", "order", "order_line"):
        await world.copy(code, CLIENT, rows[code], by=world.writer)
    return world


async def _follow(world: World, *rollups: Rollup, lock_s: float = 5.0) -> bool:
    own = {rollup.code: rollup for rollup in rollups}
    return await Rollups(world.own, world.tables, lock_s=lock_s).follow(starter(), own, "")


async def _read(world: World, ask: Ask = ASK) -> tuple[int, ...]:
    """Return which rollups answer; the answer is that of the rows."""
    _, raw = await world.ask(CLIENT, ask, ())
    plan, rolled = await world.ask(CLIENT, ask, await world.kept(CLIENT))
    assert list(differences(raw, rolled)) == []
    return plan.rollups


async def test_who_holds_the_table_keeps_a_rollup_from_being_made_for_that_long(loaded: World) -> None:
    writer = await loaded.connect()
    transaction = writer.transaction()
    await transaction.start()
    await writer.execute("UPDATE facts.shipment SET carrier = 'held' WHERE client_id = 'nobody'")
    assert await _follow(loaded, SHIPMENTS, lock_s=0.2) is False
    assert await loaded.rollups.present() == []
    await transaction.rollback()
    await writer.close()
    assert await _follow(loaded, SHIPMENTS) is True
    (made,) = await loaded.rollups.present()
    assert made.status == "building"
    assert await _read(loaded) == ()
    await loaded.build()
    assert await _read(loaded) == (made.id,)


async def test_a_changed_rollup_is_built_beside_the_old_one_and_replaces_it(loaded: World) -> None:
    (old,) = await loaded.rollups.present()
    assert await _follow(loaded, SHIPMENTS.model_copy(update={"dimensions": ("carrier",)})) is True
    states = {rollup.id: rollup.status for rollup in await loaded.rollups.present()}
    assert sorted(states.values()) == ["building", "ready"]
    assert await _read(loaded) == (old.id,)
    await loaded.build()
    (new,) = await loaded.rollups.present()
    assert new.kept.dimensions == ("carrier",)
    assert await _read(loaded) == (new.id,)
    query = "SELECT to_regclass($1) IS NOT NULL"
    table = loaded.table_of(old.kept, "day")
    assert await loaded.writer.fetchval(query, table)
    await loaded.writer.execute(
        "UPDATE rollups.rollups SET retired_at = now() - interval '2 minutes' WHERE id = $1", old.id
    )
    await loaded.maintenance.once()
    assert not await loaded.writer.fetchval(query, table)
    await loaded.copy("shipment", "another", generated_rows(9)["shipment"][:3], by=loaded.writer)


async def test_rows_that_are_all_taken_away_at_once_leave_nothing(loaded: World) -> None:
    (kept,) = await loaded.rollups.present()
    async with loaded.writer.transaction():
        await loaded.writer.execute("TRUNCATE facts.shipment")
    assert await _read(loaded) == (kept.id,)
    await loaded.copy("shipment", CLIENT, generated_rows(8)["shipment"], by=loaded.writer)
    assert await _read(loaded) == (kept.id,)
    await loaded.build()
    assert await _read(loaded) == (kept.id,)


async def test_rows_that_read_others_are_not_written_in_a_transaction_of_one_snapshot(loaded: World) -> None:
    assert await _follow(loaded, LINES) is True
    await loaded.build()
    rows = generated_rows(10)["order_line"][:2]
    writer = await loaded.connect()
    with pytest.raises(asyncpg.FeatureNotSupportedError, match="ORDER_LINE_ORDERED_AT reads other rows"):
        async with writer.transaction(isolation="repeatable_read"):
            await loaded.copy("order_line", "snapshot", rows, by=writer)
    await loaded.copy("order_line", "snapshot", rows, by=writer)
    await writer.close()
