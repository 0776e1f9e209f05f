"""A cell that was changed by hand is found, read from the rows from then on, told, and made right again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.errors import NotFound
from analytics_engine.kernel.clock import ManualClock
from analytics_engine.kpi.model.time import Window, local_midnight
from analytics_engine.services.database_service.rollups.overseeing import Overseeing
from analytics_engine.services.database_service.rollups.verifying import Verification
from catalog.cases import generated_rows
from integration.rollups.world import Ask, World, differences, every_rollup

CLIENT = "verified"
NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
QUARTER = Window(local_midnight(date(2026, 1, 1)), local_midnight(date(2026, 4, 1)))
ROLLUP = next(rollup for rollup in every_rollup() if rollup.code == "SHIPMENT_SHIPPED_AT")
ASK = Ask(ROLLUP.kpis[0], QUARTER, "month", "UTC")
OF_A_TALLY = Ask("T_DISTINCT_SHIPMENT_CO2_KG", QUARTER, "month", "UTC")


@pytest.fixture(scope="module")
async def kept(world: World) -> World:
    await world.make([ROLLUP])
    for code, rows in generated_rows(3).items():
        await world.copy(code, CLIENT, rows, by=world.writer)
    await world.build()
    return world


@pytest.fixture
def overseeing(kept: World) -> Overseeing:
    clock = ManualClock(NOW)
    return Overseeing(kept.own, Verification(kept.own, PostgresOutbox(), clock), clock)


async def _is_right(world: World, ask: Ask = ASK) -> bool:
    """Return whether the answer from the rollup is that of the rows."""
    _, raw = await world.ask(CLIENT, ask, ())
    plan, rolled = await world.ask(CLIENT, ask, await world.kept(CLIENT))
    assert plan.rollups
    return not list(differences(raw, rolled))


async def _events(world: World) -> list[dict[str, object]]:
    query = "SELECT event -> 'data' AS data FROM messaging.outbox WHERE type = 'rollup.corrupted' AND client_id = $1"
    return [dict(row) for row in await world.writer.fetch(query, CLIENT)]


async def test_what_is_right_stays_as_it_is(kept: World, overseeing: Overseeing) -> None:
    verified = await overseeing.verify(CLIENT, ROLLUP.code, None)
    assert verified.spans
    assert verified.wrong == ()
    (state,) = await overseeing.states(CLIENT)
    assert (state.built, state.marks, state.status) == (1.0, 0, "ready")


@pytest.mark.parametrize(
    ("level", "change"),
    [
        ("hour", "UPDATE {} SET ae_s0 = ae_s0 + 1"),
        ("day", "UPDATE {} SET ae_s0 = ae_s0 + 1"),
        ("month", "DELETE FROM {}"),
        ("month", "INSERT INTO {0} SELECT * FROM {0}"),
    ],
)
async def test_a_corrupted_cell_is_found_quarantined_told_and_repaired(
    kept: World, overseeing: Overseeing, level: str, change: str
) -> None:
    table = kept.table_of((await kept.kept(CLIENT))[0], level)
    where = " WHERE client_id = $1 AND ae_bucket >= '2026-02-01Z' AND ae_bucket < '2026-02-09Z'"
    told = len(await _events(kept))
    await kept.writer.execute(change.format(table) + where, CLIENT)
    assert await _is_right(kept) is (level != "month")
    verified = await overseeing.verify(CLIENT, ROLLUP.code, None)
    assert {bucket.level for bucket in verified.wrong} == {level}
    assert await _is_right(kept)
    (state,) = await overseeing.states(CLIENT)
    assert {span.reason for span in state.marked} == {"corrupted"}
    assert state.built < 1.0
    assert len(await _events(kept)) > told
    await kept.build()
    assert await _is_right(kept)
    assert (await overseeing.verify(CLIENT, ROLLUP.code, None)).wrong == ()
    (state,) = await overseeing.states(CLIENT)
    assert (state.built, state.marks) == (1.0, 0)


@pytest.mark.parametrize("change", ["DELETE FROM {}", "INSERT INTO {0} SELECT * FROM {0}"])
async def test_a_corrupted_tally_is_found_and_repaired_too(kept: World, overseeing: Overseeing, change: str) -> None:
    for tally in range(2):
        table = kept.table_of((await kept.kept(CLIENT))[0], "month", tally)
        where = " WHERE client_id = $1 AND ae_bucket = '2026-02-01Z'"
        await kept.writer.execute(change.format(table) + where, CLIENT)
        if tally == 0 and change.startswith("DELETE"):
            assert not await _is_right(kept, OF_A_TALLY)
        (wrong,) = (await overseeing.verify(CLIENT, ROLLUP.code, None)).wrong
        assert (wrong.level, wrong.starts.month) == ("month", 2)
        assert await _is_right(kept, OF_A_TALLY)
        await kept.build()
        assert (await overseeing.verify(CLIENT, ROLLUP.code, None)).wrong == ()
        assert await _is_right(kept, OF_A_TALLY)


async def test_only_a_span_is_compared_where_one_is_named(kept: World, overseeing: Overseeing) -> None:
    table = kept.table_of((await kept.kept(CLIENT))[0], "hour")
    await kept.writer.execute(f"UPDATE {table} SET ae_s0 = ae_s0 + 1 WHERE client_id = $1", CLIENT)
    february = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 3, tzinfo=UTC)
    verified = await overseeing.verify(CLIENT, ROLLUP.code, february)
    assert verified.wrong
    assert all(february[0] <= bucket.starts and bucket.ends <= february[1] for bucket in verified.wrong)
    state = await overseeing.rebuild(CLIENT, ROLLUP.code, None)
    assert state.built == 0.0
    await kept.build()
    assert (await overseeing.verify(CLIENT, ROLLUP.code, None)).wrong == ()


async def test_a_sample_is_verified_once_a_day(kept: World) -> None:
    clock = ManualClock(datetime.now(UTC) + timedelta(days=2))
    overseeing = Overseeing(kept.own, Verification(kept.own, PostgresOutbox(), clock), clock)
    table = kept.table_of((await kept.kept(CLIENT))[0], "day")
    await kept.writer.execute(f"UPDATE {table} SET ae_s0 = ae_s0 + 1 WHERE client_id = $1", CLIENT)
    assert await overseeing.verify_sample() == 1
    (state,) = await overseeing.states(CLIENT)
    assert {span.reason for span in state.marked} == {"corrupted"}
    await overseeing.rebuild(CLIENT, ROLLUP.code, None)
    await kept.build()


async def test_there_must_be_such_a_rollup(kept: World, overseeing: Overseeing) -> None:
    with pytest.raises(NotFound, match="SHIPMENT_SHIPPED_A'"):
        await overseeing.verify(CLIENT, "SHIPMENT_SHIPPED_A", None)
