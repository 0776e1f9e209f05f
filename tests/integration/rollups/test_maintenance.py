"""Maintenance at its worst: beside another one, and over rows that the planner knows nothing of yet."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.rollups.rebuilding import rebuild_step
from analytics_engine.services.database_service.rollups.repository import SQL, HeldRollup
from analytics_engine.services.database_service.rollups.verifying import Verification
from integration.rollups.world import World, every_rollup, models_of, starter

CLIENT = "maintained"
ROLLUP = next(rollup for rollup in every_rollup() if rollup.code == "ORDER_LINE_ORDERED_AT")
ALONE = next(rollup for rollup in every_rollup() if rollup.code == "TICKET_OPENED_AT")
"""It reads no rows but its own."""
NEW_PARTS = 100
LONGEST_PLANNING_S = 0.03
MANY = 30_000
WITHIN_S = 10.0
"""Looking up each row by a scan of all the others takes a minute; reading both once takes a second."""


@pytest.fixture(scope="module")
async def made(world: World) -> dict[str, HeldRollup]:
    await world.make([ROLLUP, ALONE])
    await world.build()
    return {held.code: held for held in await world.rollups.present()}


@pytest.fixture(scope="module")
async def held(made: dict[str, HeldRollup]) -> HeldRollup:
    return made[ROLLUP.code]


async def test_what_another_is_at_is_passed_over_and_not_asked_for_again_at_once(
    world: World, held: HeldRollup
) -> None:
    await world.writer.execute(
        "INSERT INTO rollups.marks (rollup_id, client_id, starts, ends, every_state, reason) "
        "VALUES ($1, $2, '2026-01-01Z', '2026-01-02Z', true, 'changed')",
        held.id,
        CLIENT,
    )
    async with world.writer.transaction():
        assert await world.writer.fetchval(SQL["lock_cells"], held.id, CLIENT)
        assert not await world.maintenance.once()
    await world.build()
    assert await world.writer.fetchval("SELECT count(*) FROM rollups.marks WHERE client_id = $1", CLIENT) == 0


async def test_rows_that_the_planner_does_not_know_of_are_found_by_an_index(world: World, held: HeldRollup) -> None:
    """The planner takes rows beyond the times that it has measured for one, and would look up what it joins to each."""
    first = datetime(2026, 3, 1, tzinfo=UTC)
    await _copy(world, first, range(1_000))
    for code in models_of(ROLLUP):
        await world.writer.execute(f'ANALYZE facts."{code}"')
    await _copy(world, first + timedelta(days=1), range(1_000, MANY))
    await world.writer.execute(
        "INSERT INTO rollups.marks (rollup_id, client_id, starts, ends, every_state, reason) "
        "VALUES ($1, $2, '2026-03-02Z', '2026-03-20Z', true, 'changed')",
        held.id,
        CLIENT,
    )
    while (await rebuild_step(world.own, held, CLIENT, timeout_s=WITHIN_S)).left:
        pass
    verified = await Verification(world.own, PostgresOutbox(), SystemClock()).verify(held, CLIENT)
    assert verified.spans
    assert verified.wrong == ()


async def test_a_month_is_built_again_though_the_cells_of_its_days_are_gone(world: World, held: HeldRollup) -> None:
    """A row is deleted while another day of its month is rebuilt, from the cells of the others; then these are merged.

    What has no row left is dropped then, and only the month still has the least value that there was.
    """
    client_id = f"{CLIENT} by month"
    early, late = datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 25, tzinfo=UTC)
    await _copy(world, early, range(1), client_id=client_id)
    await _copy(world, late, range(1, 2), client_id=client_id)
    await world.build()
    await world.writer.execute("DELETE FROM facts.order_line WHERE client_id = $1 AND order_id = 'n1'", client_id)
    columns = "rollup_id, client_id, starts, ends, every_state, reason"
    marks = await world.writer.fetch(f"DELETE FROM rollups.marks WHERE client_id = $1 RETURNING {columns}", client_id)
    assert marks
    insert = f"INSERT INTO rollups.marks ({columns}) VALUES ($1, $2, $3, $4, $5, $6)"
    changed = (held.id, client_id, early, early + timedelta(days=1), True, "changed")
    await world.writer.execute(insert, *changed)
    await world.build()
    await world.writer.executemany(insert, [tuple(mark) for mark in marks])
    await world.build()
    verified = await Verification(world.own, PostgresOutbox(), SystemClock()).verify(held, client_id)
    assert verified.spans
    assert verified.wrong == ()


async def test_rows_of_a_part_that_comes_while_a_rebuild_is_planned_are_not_lost(
    world: World, made: dict[str, HeldRollup]
) -> None:
    """The server reads the parts that there were when it planned, and of their rows those that there are afterwards.

    A row that comes with the first part of its month in between is in the cells, and not in what they are built from.
    """
    client_id, held, random = f"{CLIENT} by part", made[ALONE.code], Random(0)
    verification = Verification(world.own, PostgresOutbox(), SystemClock())
    await _come(world, client_id, 0)
    await _come(world, client_id, NEW_PARTS + 1)
    for number in range(1, NEW_PARTS + 1):
        await world.writer.execute(
            "INSERT INTO rollups.marks (rollup_id, client_id, starts, ends, every_state, reason) "
            "VALUES ($1, $2, '2000-01-01Z', '2040-01-01Z', true, 'changed')",
            held.id,
            client_id,
        )
        rebuilding = asyncio.create_task(rebuild_step(world.own, held, client_id, most=timedelta(days=36_600)))
        await asyncio.sleep(random.uniform(0, LONGEST_PLANNING_S))
        await _come(world, client_id, number)
        await rebuilding
        verified = await verification.verify(held, client_id)
        assert (number, verified.wrong) == (number, ())
    await world.build()
    assert await world.writer.fetchval("SELECT count(*) FROM rollups.marks WHERE client_id = $1", client_id) == 0
    verified = await verification.verify(held, client_id)
    assert verified.spans
    assert verified.wrong == ()


async def _come(world: World, client_id: str, number: int) -> None:
    """Copy a row of a month of its own."""
    at = datetime(2010 + number // 12, number % 12 + 1, 15, tzinfo=UTC)
    await world.copy(ALONE.object_model, client_id, [_row(ALONE.object_model, number, at)], by=world.writer)


async def _copy(world: World, first: datetime, numbers: range, *, client_id: str = CLIENT) -> None:
    """Copy so many orders, and a line of each, some seconds after one another."""
    for code in ("order", "order_line"):
        if code in models_of(ROLLUP):
            rows = [_row(code, number, first + timedelta(seconds=10 * number)) for number in numbers]
            await world.copy(code, client_id, rows, by=world.writer)


def _row(code: str, number: int, at: datetime) -> dict[str, Any]:
    values: dict[DataType, Any] = {DataType.TIMESTAMP: at, DataType.DATE: at.date(), DataType.TEXT: f"n{number}"}
    model = starter().object_model(code).definition
    return {one.name: values.get(one.type, 1 if one.type.numeric else False) for one in model.attributes}
