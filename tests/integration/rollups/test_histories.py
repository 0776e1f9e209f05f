"""Whatever happens to the rows, in whatever order and by however many writers: rollups answer what the rows do.

``AE_HISTORIES`` runs so many histories, other ones each time; without it the same ones are run every day.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from random import SystemRandom
from typing import Any

import pytest

from analytics_engine.kpi.model.time import Calendar
from analytics_engine.kpi.values.answer import Answer
from analytics_engine.services.database_service.rollups import triggers
from differential.agreement import agree, kind_of
from integration.rollups.histories import History
from integration.rollups.world import ALL_TIME, Ask, World, checker, differences, every_rollup, starter
from support.reference import Question, Reference
from support.servers import GIVEN, POSTGRESQL, TIMESCALEDB

WANTED = os.environ.get("AE_HISTORIES")
EVERY_DAY = {POSTGRESQL: range(0, 300, 2), TIMESCALEDB: range(1, 300, 2), GIVEN: range(300)}
"""The histories of each server: those that come with the tests share them."""
PARTS = 4
"""The histories of a server are divided among so many groups, which test workers share."""
_VACUUM_EVERY = 15
"""A minute of a server's life is some histories: they outrun its own vacuum."""
QUESTIONS = 5
"""So many are asked while the writers write, so many after, and so many when everything is rebuilt and merged."""


@pytest.fixture(scope="module")
async def kept(world: World) -> World:
    """Rollups of everything, for which five rows are many: what histories add at once is appended or marked."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(triggers, "MANY", 5)
        await world.make(every_rollup())
    await world.build()
    return world


def seeds_of(part: int, server: str) -> Sequence[int]:
    if WANTED:
        return [SystemRandom().randrange(2**32) for _ in range(part, int(WANTED), PARTS)]
    return EVERY_DAY[server][part::PARTS]


@pytest.mark.timeout(0 if WANTED else 1500)
@pytest.mark.parametrize(
    "part", [pytest.param(part, marks=pytest.mark.xdist_group(f"histories {part}")) for part in range(PARTS)]
)
async def test_rollups_answer_what_the_rows_do(kept: World, part: int, request: pytest.FixtureRequest) -> None:
    server = request.node.callspec.params["module_database"]
    for number, seed in enumerate(seeds_of(part, server)):
        await live(kept, History(seed, f"client-{seed}"))
        if number % _VACUUM_EVERY == 0:
            await kept.writer.execute("VACUUM (ANALYZE)")


async def live(world: World, history: History) -> None:
    async with asyncio.TaskGroup() as group:
        running = group.create_task(history.run(world))
        for ask in history.asks(QUESTIONS):
            await _compare(world, history, ask)
            await asyncio.sleep(0)
        await running
    rows = await _rows(world, history)
    for ask in history.asks(QUESTIONS):
        await _compare(world, history, ask, rows=rows)
    await world.build()
    for ask in history.asks(QUESTIONS):
        await _compare(world, history, ask, rows=rows)


async def _rows(world: World, history: History) -> dict[str, list[dict[str, Any]]]:
    codes = [version.definition.code for version in starter().object_models]
    return {code: await world.rows(code, history.client_id) if code in history.models else [] for code in codes}


async def _compare(world: World, history: History, ask: Ask, *, rows: Any = None) -> None:
    """Compare, in one snapshot, the answer from rollups with the answer from the rows, and with the reference."""
    rollups = await world.kept(history.client_id)
    async with world.engine.snapshot(client_id=history.client_id) as snapshot:
        _, raw = await world.asked_of(snapshot, history.client_id, ask, ())
        _, rolled = await world.asked_of(snapshot, history.client_id, ask, rollups)
    assert (history.seed, ask, list(differences(raw, rolled))) == (history.seed, ask, [])
    if rows is not None:
        assert (history.seed, ask, list(_unlike_the_reference(rows, ask, rolled))) == (history.seed, ask, [])


def _unlike_the_reference(rows: Any, ask: Ask, answer: Answer) -> Iterator[tuple[Any, ...]]:
    expression = checker().kpi(ask.kpi).expression
    coverage = {version.definition.code: ALL_TIME for version in starter().object_models}
    reference = Reference(starter(), rows, calendar=Calendar(ask.zone), coverage=coverage, now=ask.now)
    expected = reference.answer(Question(((ask.kpi, expression),), ask.window, ask.grain, ask.dimensions))
    keys = [
        (expected.periods.index(period), members)
        for period, members in zip(answer.periods, _members(answer), strict=True)
    ]
    if set(keys) != set(expected.cells):
        yield "other cells", set(keys) ^ set(expected.cells)
        return
    (column,) = answer.measures
    for key, value in zip(keys, column.values, strict=True):
        wanted = expected.cells[key][ask.kpi]
        if not agree(wanted, value, kind_of(expression), expected.magnitudes[key][ask.kpi]):
            yield key, wanted, value


def _members(answer: Answer) -> list[tuple[Any, ...]]:
    if not answer.dimensions:
        return [()] * len(answer.periods)
    return list(zip(*(dimension.values for dimension in answer.dimensions), strict=True))
