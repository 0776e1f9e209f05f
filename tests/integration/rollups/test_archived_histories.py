"""Whatever happens to the rows while old ones leave for the archive: answers are those of the whole history.

``AE_HISTORIES`` runs a tenth as many histories, other ones each time; without it the same ones are run every day.
"""

from __future__ import annotations

import os
from random import Random, SystemRandom

import pytest

from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.kpi.sql.keeping import keeping_of
from integration.rollups.histories import History
from integration.rollups.test_histories import live
from integration.rollups.world import World, checker, every_rollup

WANTED = os.environ.get("AE_HISTORIES")
EVERY_DAY = 25


def of_own_time() -> tuple[Rollup, ...]:
    """Return the rollups beside which rows may leave: those that read no other rows, by their rows' own time."""
    found = []
    for rollup in every_rollup():
        kept = keeping_of(rollup, checker()).kept
        if not kept.reads and kept.anchor == checker().paths.model(kept.model).time_attribute:
            found.append(rollup)
    return tuple(found)


@pytest.fixture(scope="module")
async def kept(world: World) -> World:
    await world.make(of_own_time())
    await world.build()
    return world


@pytest.mark.timeout(0 if WANTED else 900)
async def test_rollups_and_archive_answer_what_the_whole_history_does(kept: World) -> None:
    seeds = [SystemRandom().randrange(2**32) for _ in range(int(WANTED) // 10)] if WANTED else range(EVERY_DAY)
    archived = 0
    for seed in seeds:
        history = History(seed, f"archived-{seed}", rollups=of_own_time(), archives=True)
        await live(kept, history)
        await history.have_rows_leave(kept, Random(seed))
        await live(kept, history)
        archived += await kept.writer.fetchval(
            "SELECT count(*) FROM lifecycle.parts WHERE client_id = $1", history.client_id
        )
        await kept.forget_the_archive()
    assert archived >= len(seeds)
