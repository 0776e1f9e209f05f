"""Each due check is made once and each change told once, however many make them and whatever is killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kpi.alerts.transitions import AlertState
from analytics_engine.services.calculation_engine_service.alerts.scheduling import LEASE
from golden.shop import CLIENT
from integration.alerts.desk import Desk, count_of, opened, rule_of
from support.servers import TestDatabase


@pytest.fixture
async def three(shop_rows: TestDatabase) -> AsyncIterator[Desk]:
    """Three calculation engines on one database."""
    async with opened(shop_rows, replicas=3) as desk:
        yield desk


async def test_three_replicas_make_each_due_check_once(three: Desk) -> None:
    """Forty alerts of two questions, due five times: 200 checks, and one event of each alert that fires."""
    for replica in three.replicas:
        replica.checks.batch = 4
    for number in range(40):
        above = "1" if number % 4 == 0 else "2"
        grain = "day" if number % 2 else "hour"
        await three.save(name=f"Alert {number}", grain=grain, condition={"kind": "threshold", "above": above})
    await three.orders(1)
    for _ in range(5):
        made = await asyncio.gather(*(_check_all(three, number) for number in range(3)))
        assert sum(made) == 40
        three.clock.advance(timedelta(seconds=60))
    assert count_of(three.replicas, "judged") == 200
    assert all(count_of([replica], "judged") > 0 for replica in three.replicas)
    told = [each.name for each in await three.told()]
    assert sorted(told) == sorted(set(told))
    assert len(told) == 20


async def _check_all(desk: Desk, replica: int) -> int:
    made = 0
    while more := await desk.replicas[replica].checks.check_due():
        made += more
    return made


async def test_who_is_killed_between_evaluation_and_commit_loses_and_doubles_nothing(three: Desk) -> None:
    """Its claim runs out and another makes the check; what it then still wants to write is written by nobody."""
    first, second, _ = three.replicas
    alert = await three.save(condition={"kind": "threshold", "above": "1"})
    claim = await first.checks.claim()
    assert claim is not None
    ((stored, found),) = [each async for each in first.checks.find(claim)]
    assert await second.checks.check_due() == 0

    three.clock.advance(LEASE)
    assert await second.checks.check_due() == 1
    await first.checks.settle(claim, stored, found)

    assert await three.history(alert) == ["ok > firing"]
    assert [each.state for each in await three.told()] == ["firing"]


async def test_slow_questions_keep_their_claim(three: Desk) -> None:
    """Two questions of 50 s each: the claim is renewed before the second, so nobody else makes their checks."""
    first, second, _ = three.replicas
    alerts = [await three.save(name=grain, grain=grain, every_s=600) for grain in ("day", "month")]
    claim = await first.checks.claim()
    assert claim is not None
    async for stored, found in first.checks.find(claim):
        three.clock.advance(timedelta(seconds=50))
        assert await second.checks.check_due() == 0
        await first.checks.settle(claim, stored, found)
    assert [len((await three.detail(alert)).cells) for alert in alerts] == [1, 1]


async def test_a_connection_cut_in_the_middle_of_writing_leaves_nothing_half_done(three: Desk) -> None:
    """The event cannot be written, so neither is the state; the claim is given back and the check made again."""
    alert = await three.save(condition={"kind": "threshold", "above": "1"})
    await three.owner.execute(
        """create function public.cut() returns trigger language plpgsql security definer as
               $$begin perform pg_terminate_backend(pg_backend_pid()); return new; end$$;
           create trigger cut before insert on messaging.outbox for each row execute function public.cut()"""
    )
    with pytest.raises(DependencyUnavailable):
        await three.alerting.checks.check_due()
    await three.owner.execute("drop trigger cut on messaging.outbox; drop function public.cut()")
    half = (await three.detail(alert)).cells, await three.history(alert), await three.told()
    assert half == ([], [], [])
    assert await _check_all(three, 1) == 1
    assert await three.history(alert) == ["ok > firing"]
    assert [each.state for each in await three.told()] == ["firing"]


async def test_a_service_that_stops_gives_its_checks_to_the_others(three: Desk) -> None:
    """Cancelled while its question waits for a lock, it does not keep the check for as long as its claim is good."""
    await three.save()
    locking = three.owner.transaction()
    await locking.start()
    await three.owner.execute("""lock table facts."order" in access exclusive mode""")
    checking = asyncio.create_task(three.alerting.checks.check_due())
    other = await asyncpg.connect(three.database.owner_url)
    while not await other.fetchval("select count(*) from pg_locks where not granted"):  # noqa: ASYNC110 - of the server
        await asyncio.sleep(0.01)
    await other.close()
    checking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await checking
    await locking.rollback()
    assert await _check_all(three, 1) == 1


async def test_evaluations_at_the_same_time_make_one_change(three: Desk) -> None:
    """Ten people ask for a check at once: the alert fires once."""
    alert = await three.save(condition={"kind": "threshold", "above": "1"})
    await asyncio.gather(
        *(replica.alerts.evaluate(CLIENT, UUID(alert.id)) for replica in three.replicas for _ in range(4))
    )
    assert await three.history(alert) == ["ok > firing"]
    assert len(await three.told()) == 1


async def test_an_older_look_at_the_data_does_not_take_the_place_of_a_newer_one(three: Desk) -> None:
    """Asked before the order was written and settled after it was seen: nothing changes back."""
    alert = await three.save()
    claim = await three.alerting.checks.claim()
    assert claim is not None
    ((stored, found),) = [each async for each in three.alerting.checks.find(claim)]
    await three.orders(1)
    three.clock.advance(timedelta(seconds=1))
    await three.replicas[1].alerts.evaluate(CLIENT, UUID(alert.id))
    await three.alerting.checks.settle(claim, stored, found)
    assert (await three.cell(alert)).state is AlertState.FIRING
    assert await three.history(alert) == ["ok > firing"]


async def test_what_was_found_by_a_rule_that_was_changed_meanwhile_is_dropped(three: Desk) -> None:
    alert = await three.save(condition={"kind": "threshold", "above": "1"})
    claim = await three.alerting.checks.claim()
    assert claim is not None
    ((stored, found),) = [each async for each in three.alerting.checks.find(claim)]
    await three.replicas[1].alerts.change(CLIENT, UUID(alert.id), rule_of(), expected=1)
    await three.alerting.checks.settle(claim, stored, found)
    assert (await three.detail(alert)).cells == []
    await _check_all(three, 2)
    assert (await three.cell(alert)).state is AlertState.OK


async def test_a_check_that_fails_is_made_again_soon_however_rarely_it_is_due(three: Desk) -> None:
    """Checked once an hour: after 5 s, and then after as long as it has been failing, until it succeeds."""
    await three.save(every_s=3600)
    engine = three.replicas[2]
    three.definitions.reachable = False
    made = []
    for second in range(60):
        if await engine.checks.check_due():
            made.append(second)
        three.clock.advance(timedelta(seconds=1))
    three.definitions.reachable = True
    three.clock.advance(timedelta(seconds=60))
    assert await engine.checks.check_due() == 1
    three.clock.advance(timedelta(seconds=3599))
    assert await engine.checks.check_due() == 0
    assert made == [0, 5, 10, 20, 40]


async def test_an_engine_that_is_away_resolves_nothing(three: Desk) -> None:
    """While the definitions cannot be reached for the first time, the check fails and says why."""
    alert = await three.save()
    three.definitions.reachable = False
    fresh = three.replicas[2]
    assert await fresh.checks.check_due() == 1
    detail = await three.detail(alert)
    three.definitions.reachable = True
    assert detail.last_evaluation is not None
    assert detail.last_evaluation.problem == "The definitions cannot be reached."
    assert [cell.state for cell in detail.cells] == [AlertState.OK]
    assert count_of([fresh], "failed") == 1
