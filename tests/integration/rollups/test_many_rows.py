"""Many rows at once are not appended where their cells would be as many: their time is marked, and built later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.model.time import Window, local_midnight
from analytics_engine.services.database_service.rollups import triggers
from catalog.cases import generated_rows
from integration.rollups.world import Ask, Row, World, differences, every_rollup

ROLLUP = next(rollup for rollup in every_rollup() if rollup.code == "SHIPMENT_SHIPPED_AT")
MAY = Window(local_midnight(date(2026, 5, 1)), local_midnight(date(2026, 6, 1)))
ASKS = [Ask(kpi, MAY, grain, "UTC") for kpi in ROLLUP.kpis if kpi.startswith("T_") for grain in ("day", "month")]
FIRST = datetime(2026, 5, 4, tzinfo=UTC)
FEW, MANY = triggers.MANY // 2, triggers.MANY


@pytest.fixture(scope="module")
async def kept(world: World) -> World:
    await world.make([ROLLUP])
    await world.build()
    return world


def shipments(first: int, count: int, *, each: timedelta, start: datetime = FIRST, alike: bool = False) -> list[Row]:
    """Return shipments one after another; alike ones are of one cell an hour."""
    given = generated_rows(3)["shipment"]
    return [
        dict(given[0 if alike else number % len(given)])
        | {"shipment_id": f"many-{first + number}", "shipped_at": start + number * each}
        for number in range(count)
    ]


async def _marks(world: World, client_id: str) -> int:
    return int(await world.writer.fetchval("SELECT count(*) FROM rollups.marks WHERE client_id = $1", client_id))


async def _cells(world: World, client_id: str) -> int:
    """Return how many cells were appended and not merged yet."""
    (kept,) = await world.kept(client_id)
    query = f"SELECT count(*) FROM {world.table_of(kept, 'hour')} WHERE client_id = $1 AND NOT ae_merged"
    return int(await world.writer.fetchval(query, client_id))


async def _is_right(world: World, client_id: str) -> None:
    for ask in ASKS:
        _, raw = await world.ask(client_id, ask, ())
        plan, rolled = await world.ask(client_id, ask, await world.kept(client_id))
        assert plan.rollups
        assert list(differences(raw, rolled)) == []


async def test_many_rows_of_new_days_are_marked_and_built(kept: World) -> None:
    client = "new-days"
    await kept.copy("shipment", client, shipments(0, MANY, each=timedelta(minutes=4)), by=kept.writer)
    assert (await _marks(kept, client), await _cells(kept, client)) == (3, 0)
    await _is_right(kept, client)
    (rollup,) = await kept.kept(client)
    assert await kept.read_at(client, ASKS[0], rollup) == {Level.DAY, Level.HOUR, None}
    await kept.build()
    assert await _marks(kept, client) == 0
    await _is_right(kept, client)
    assert await kept.read_at(client, ASKS[-1], rollup) == {Level.MONTH}


async def test_few_rows_are_appended_and_so_are_many_of_days_that_held_many_more(kept: World) -> None:
    client = "full-days"
    await kept.copy("shipment", client, shipments(0, FEW, each=timedelta(minutes=1)), by=kept.writer)
    assert await _marks(kept, client) == 0
    assert await _cells(kept, client) > 0
    for number in range(1, 11):
        rows = shipments(number * MANY, MANY, each=timedelta(seconds=40))
        await kept.copy("shipment", client, rows, by=kept.writer)
        await kept.build()
    await kept.copy("shipment", client, shipments(20 * MANY, MANY, each=timedelta(seconds=40)), by=kept.writer)
    assert await _marks(kept, client) == 0
    assert await _cells(kept, client) > 0
    await _is_right(kept, client)


async def test_many_rows_of_few_cells_are_appended(kept: World) -> None:
    client = "few-cells"
    for number in range(3):
        rows = shipments(number * MANY, MANY, each=timedelta(seconds=20), alike=True)
        rows = [row | {"shipped_at": row["shipped_at"] + number * timedelta(days=1)} for row in rows]
        await kept.copy("shipment", client, rows, by=kept.writer)
        await _is_right(kept, client)
        await kept.build()
    rows = shipments(9 * MANY, MANY, each=timedelta(seconds=20), start=FIRST + timedelta(days=9), alike=True)
    await kept.copy("shipment", client, rows, by=kept.writer)
    assert await _marks(kept, client) == 0
    assert await _cells(kept, client) > 0
    await _is_right(kept, client)


async def test_what_is_changed_before_it_is_built_is_right(kept: World) -> None:
    client = "changed"
    await kept.copy("shipment", client, shipments(0, MANY, each=timedelta(minutes=4)), by=kept.writer)
    table = 'facts."shipment"'
    await kept.writer.execute(
        f"DELETE FROM {table} WHERE client_id = $1 AND shipped_at < $2", client, FIRST.replace(hour=7)
    )
    await kept.writer.execute(
        f"UPDATE {table} SET carrier = 'OTHER', freight_cost = 1.25 WHERE client_id = $1 AND shipped_at > $2",
        client,
        FIRST + timedelta(days=2),
    )
    await _is_right(kept, client)
    await kept.build()
    await _is_right(kept, client)


async def test_a_rollup_of_an_earlier_release_is_renewed(kept: World) -> None:
    (held,) = await kept.rollups.present()
    function, *_ = held.triggers.functions()
    query = "SELECT prosrc FROM pg_proc WHERE proname = $1"
    older = function.body.replace("BEGIN", "BEGIN -- as it was", 1)
    await kept.writer.execute(triggers.Function(function.name, older).statement)
    assert await kept.writer.fetchval(query, function.name) == older
    await kept.make([ROLLUP])
    assert await kept.writer.fetchval(query, function.name) == function.body
    assert [one.id for one in await kept.rollups.present()] == [held.id]
    await kept.copy("shipment", "renewed", shipments(0, 3, each=timedelta(hours=9)), by=kept.writer)
    await _is_right(kept, "renewed")
