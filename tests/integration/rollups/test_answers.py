"""Whatever is asked, the answer from rollups is the answer from the rows: built over rows, kept as they come."""

from __future__ import annotations

from datetime import date

import pytest

from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.kpi.model.time import Window, local_midnight
from analytics_engine.kpi.sql.keeping import keeping_of
from analytics_engine.kpi.states.catalogue import states_of
from analytics_engine.kpi.states.kept import tallied_of
from catalog.cases import CODES, ZONE, generated_rows
from integration.rollups.world import Ask, World, checker, differences, every_rollup, grains_of, starter

CLIENT = "history"
FIRST_QUARTER = Window(local_midnight(date(2026, 1, 1)), local_midnight(date(2026, 4, 1)))


@pytest.fixture(scope="module")
async def kept(world: World) -> World:
    """Rollups of everything, made when half of the rows were there."""
    rows = generated_rows(7)
    halves = {code: (of_model[::2], of_model[1::2]) for code, of_model in rows.items()}
    for code, (first, _) in halves.items():
        await world.copy(code, CLIENT, first, by=world.writer)
    await world.make(every_rollup())
    for code, (_, second) in halves.items():
        await world.copy(code, CLIENT, second, by=world.writer)
    await world.build()
    return world


@pytest.mark.parametrize("grain", [None, "day", "month"])
@pytest.mark.parametrize("code", CODES)
async def test_a_kpi_is_the_same_from_rollups(kept: World, code: str, grain: str | None) -> None:
    if grain not in grains_of(code):
        grain = "quarter"
    for zone in ("UTC", ZONE, "Asia/Kolkata"):
        ask = Ask(code, FIRST_QUARTER, grain, zone)
        _, raw = await kept.ask(CLIENT, ask, ())
        _, rolled = await kept.ask(CLIENT, ask, await kept.kept(CLIENT))
        assert list(differences(raw, rolled)) == []


def _is_tallied(code: str) -> bool:
    return all(any(map(tallied_of, states_of(term))) for term in checker().kpi(code).terms)


TALLIED = [(code, rollup) for rollup in every_rollup() for code in rollup.kpis if _is_tallied(code)]
TALLIED = [(code, rollup) for code, rollup in TALLIED if keeping_of(rollup, checker()).tallies]


@pytest.mark.parametrize("grain", [None, "day", "month"])
@pytest.mark.parametrize(("code", "rollup"), [pytest.param(*each, id=each[0]) for each in TALLIED])
async def test_values_are_counted_and_ranked_from_tallies(
    kept: World, code: str, rollup: Rollup, grain: str | None
) -> None:
    """Different values and approximate percentiles come from rollups, in periods, in windows, cut by what is kept."""
    rollups = await kept.kept(CLIENT)
    for dimensions in ((), tuple(f"{rollup.object_model}.{name}" for name in rollup.dimensions[:1])):
        for zone in ("UTC", "Asia/Kolkata"):
            ask = Ask(code, FIRST_QUARTER, grain, zone, dimensions)
            _, raw = await kept.ask(CLIENT, ask, ())
            plan, rolled = await kept.ask(CLIENT, ask, rollups)
            assert list(differences(raw, rolled)) == []
            assert {kept.code for kept in rollups if kept.id in plan.rollups} == {rollup.code}


async def test_tallies_have_values(kept: World) -> None:
    rollups = await kept.kept(CLIENT)
    found = 0
    for code, _ in TALLIED:
        _, answer = await kept.ask(CLIENT, Ask(code, FIRST_QUARTER, "month", "UTC"), rollups)
        found += any(value for value in answer.measures[0].values)
    assert found > len(TALLIED) / 2


async def test_every_rollup_is_read_by_some_kpi(kept: World) -> None:
    read = set()
    rollups = await kept.kept(CLIENT)
    for code in (version.definition.code for version in starter().kpis):
        plan, _ = await kept.ask(CLIENT, Ask(code, FIRST_QUARTER, "month", "UTC"), rollups)
        read |= set(plan.rollups)
    assert read == {kept.id for kept in rollups}
