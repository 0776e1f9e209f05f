"""What becomes of ticks: on time, missed, overlapping, too many; as docs/explanation/jobs.md says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics_engine.kernel.clock import ManualClock
from golden.shop import STRANGER
from integration.jobs.engines import Engine, running
from support.databases import TestDatabase

START = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
async def engine(place: TestDatabase, tmp_path: Path, clock: ManualClock) -> AsyncIterator[Engine]:
    """One calculation engine whose clock is moved by hand, and whose jobs wait."""
    async with running(place, tmp_path, clock=clock, tasks=(), ae_jobs_waiting_per_client=4) as replica:
        yield replica


async def ticked(engine: Engine, schedule_id: str) -> list[tuple[str, str, str | None]]:
    """Decide on all ticks that are due, and return what became of each, as hours and minutes of the day."""
    while await engine.ticker.tick_once():
        pass
    return [(short(run["tick"]), short(run["through"]), run["skipped"]) for run in await engine.runs(schedule_id)]


def short(moment: str) -> str:
    return datetime.fromisoformat(moment).strftime("%d %H:%M")


async def hourly(engine: Engine, **settings: Any) -> str:
    made = await engine.schedule(cron="0 * * * *", time_zone="UTC", **settings)
    assert made["next_tick"] == "2026-05-01T01:00:00Z"
    return str(made["id"])


async def test_a_tick_on_time_has_a_job_of_its_time(engine: Engine, clock: ManualClock) -> None:
    schedule = await hourly(engine, missed="skip")
    clock.advance(timedelta(minutes=59, seconds=59))
    assert await ticked(engine, schedule) == []
    clock.advance(timedelta(seconds=61))
    assert await ticked(engine, schedule) == [("01 01:00", "01 01:00", None)]
    (job,) = (await engine.ask("GET", "/jobs")).json()["items"]
    assert (job["schedule_id"], job["tick"], job["as_of"]) == (schedule, "2026-05-01T01:00:00Z", "2026-05-01T01:00:00Z")
    assert (job["state"], job["started_by"]) == ("waiting", "Tester")
    read = (await engine.ask("GET", f"/schedules/{schedule}")).json()
    assert read["next_tick"] == "2026-05-01T02:00:00Z"
    assert (read["last_runs"][0]["job_id"], read["last_runs"][0]["state"]) == (job["id"], "waiting")


@pytest.mark.parametrize(
    ("missed", "away_minutes", "expected"),
    [
        # Away from 00:00 to 03:30: three ticks were missed, none is on time.
        ("latest", 210, [("01 01:00", "01 02:00", "missed"), ("01 03:00", "01 03:00", None)]),
        ("all", 210, [(f"01 0{hour}:00", f"01 0{hour}:00", None) for hour in (1, 2, 3)]),
        ("skip", 210, [("01 01:00", "01 03:00", "missed")]),
        # Back at 03:00:30: the newest is on time.
        ("skip", 180.5, [("01 01:00", "01 02:00", "missed"), ("01 03:00", "01 03:00", None)]),
        ("latest", 180.5, [("01 01:00", "01 02:00", "missed"), ("01 03:00", "01 03:00", None)]),
    ],
)
async def test_missed_ticks_are_made_up_for_as_the_schedule_says(
    engine: Engine, clock: ManualClock, *, missed: str, away_minutes: float, expected: list[tuple[str, str, str | None]]
) -> None:
    schedule = await hourly(engine, missed=missed)
    clock.advance(timedelta(minutes=away_minutes))
    assert await ticked(engine, schedule) == expected
    assert await ticked(engine, schedule) == expected


async def test_missed_ticks_that_are_too_old_are_not_made_up_for(engine: Engine, clock: ManualClock) -> None:
    """The limit is two hours; those before it are noted as one entry, up to the limit."""
    schedule = await hourly(engine, missed="all", missed_within_s=7_200)
    clock.advance(timedelta(days=2, minutes=30))
    assert await ticked(engine, schedule) == [
        ("01 01:00", "02 22:29", "too_old"),
        ("02 23:00", "02 23:00", None),
        ("03 00:00", "03 00:00", None),
    ]


async def test_the_newest_missed_tick_is_not_run_either_when_it_is_too_old(engine: Engine, clock: ManualClock) -> None:
    made = await engine.schedule(cron="0 6 * * *", time_zone="UTC", missed_within_s=3_600)
    clock.advance(timedelta(hours=12))
    assert await ticked(engine, made["id"]) == [("01 06:00", "01 10:59", "too_old")]


async def test_a_tick_is_skipped_while_the_job_of_an_earlier_one_has_not_ended(
    engine: Engine, clock: ManualClock
) -> None:
    schedule = await hourly(engine)
    clock.advance(timedelta(hours=1))
    await ticked(engine, schedule)
    clock.advance(timedelta(hours=1))
    assert (await ticked(engine, schedule))[-1] == ("01 02:00", "01 02:00", "overlap")
    (job,) = (await engine.ask("GET", "/jobs")).json()["items"]
    await engine.ask("POST", f"/jobs/{job['id']}/cancel")
    clock.advance(timedelta(hours=1))
    assert (await ticked(engine, schedule))[-1] == ("01 03:00", "01 03:00", None)


async def test_a_tick_that_may_overlap_has_its_job(engine: Engine, clock: ManualClock) -> None:
    schedule = await hourly(engine, overlap=True)
    for _ in range(2):
        clock.advance(timedelta(hours=1))
        await ticked(engine, schedule)
    assert [run["skipped"] for run in await engine.runs(schedule)] == [None, None]


async def test_ticks_for_which_a_client_has_no_room_are_skipped(engine: Engine, clock: ManualClock) -> None:
    """Four jobs may wait: the oldest of seven missed ticks have room; another client is not touched by it."""
    schedule = await hourly(engine, missed="all")
    clock.advance(timedelta(hours=7, minutes=30))
    assert await ticked(engine, schedule) == [
        *((f"01 0{hour}:00", f"01 0{hour}:00", None) for hour in (1, 2, 3, 4)),
        ("01 05:00", "01 05:00", "limit"),
        ("01 06:00", "01 06:00", "limit"),
        ("01 07:00", "01 07:00", "limit"),
    ]
    assert (await engine.ask("POST", "/jobs", json={"kind": "probe"}, client_id=STRANGER)).status_code == 202


async def test_a_disabled_schedule_misses_nothing(engine: Engine, clock: ManualClock) -> None:
    """While it is off nothing is noted, and when it is on again it goes on from then."""
    schedule = await hourly(engine, missed="all")
    await engine.ask("PATCH", f"/schedules/{schedule}", json={"enabled": False})
    clock.advance(timedelta(hours=3, minutes=30))
    assert await ticked(engine, schedule) == []
    await engine.ask("PATCH", f"/schedules/{schedule}", json={"enabled": True})
    clock.advance(timedelta(minutes=30))
    assert await ticked(engine, schedule) == [("01 04:00", "01 04:00", None)]


async def test_a_schedule_that_is_set_back_runs_no_tick_twice(engine: Engine, clock: ManualClock) -> None:
    """As when a clock is corrected: what became of a tick is noted under its time."""
    schedule = await hourly(engine, overlap=True)
    clock.advance(timedelta(hours=1))
    await ticked(engine, schedule)
    clock.advance(timedelta(minutes=-5))
    await engine.ask("PATCH", f"/schedules/{schedule}", json={"params": {"steps": 2}})
    clock.advance(timedelta(minutes=5))
    assert await ticked(engine, schedule) == [("01 01:00", "01 01:00", None)]
    assert (await engine.ask("GET", "/jobs")).json()["total"] == 1


async def test_measures_tell_how_late_ticks_are(engine: Engine, clock: ManualClock) -> None:
    schedule = await hourly(engine)
    clock.advance(timedelta(hours=1, seconds=4))
    await ticked(engine, schedule)
    text = (await engine.http.get("/metrics")).text
    assert 'schedule_tick_lateness_seconds_bucket{le="2.0"} 0.0' in text
    assert 'schedule_tick_lateness_seconds_bucket{le="5.0"} 1.0' in text
