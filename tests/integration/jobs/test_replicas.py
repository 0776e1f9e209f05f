"""Three replicas on one database, over changes of clocks and an outage: each tick runs once, exactly as documented."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analytics_engine.kernel.clock import ManualClock
from integration.jobs.engines import Engine, effects, running
from support.databases import TestDatabase
from support.waiting import eventually

FORWARD = datetime(2026, 3, 28, 22, tzinfo=UTC)
"""Three hours before clocks go forward in Berlin, at 01:00 UTC."""
BACK = datetime(2026, 10, 24, 22, tzinfo=UTC)
"""Three hours before they go back, at 01:00 UTC."""
STEP = timedelta(minutes=10)


class Replicas:
    """Three calculation engines, whose clocks go a little apart."""

    def __init__(self, engines: list[Engine], clocks: list[ManualClock]) -> None:
        self.engines = engines
        self._clocks = clocks

    async def pass_time(self, duration: timedelta, *, by: timedelta = STEP) -> None:
        """Move all clocks on step by step; at each all replicas look for ticks at the same time, and jobs end."""
        for _ in range(duration // by):
            for clock in self._clocks:
                clock.advance(by)
            await asyncio.gather(*(self._tick(engine) for engine in self.engines))
            await eventually(self._idle, within_s=30)

    async def _tick(self, engine: Engine) -> None:
        while await engine.ticker.tick_once():
            pass

    async def _idle(self) -> bool:
        answer = await self.engines[0].ask("GET", "/jobs?state=waiting&state=running&limit=1")
        return bool(answer.json()["total"] == 0)


async def replicas(place: TestDatabase, home: Path, stack: AsyncExitStack, start: datetime) -> Replicas:
    clocks = [ManualClock(start + timedelta(seconds=apart)) for apart in (0, 3, -3)]
    engines = [
        await stack.enter_async_context(running(place, home, clock=clock, ae_database_pool_size=3)) for clock in clocks
    ]
    return Replicas(engines, clocks)


def at(*times: str, day: str) -> list[datetime]:
    return [datetime.fromisoformat(f"{day}T{time}Z").astimezone(UTC) for time in times]


async def ran(place: TestDatabase, ids: dict[str, str], engine: Engine) -> dict[str, list[datetime]]:
    """Return, by schedule, the ticks that probes were run for, as they left them behind, each at its first attempt."""
    found: dict[str, list[datetime]] = {name: [] for name in ids}
    names = {schedule_id: name for name, schedule_id in ids.items()}
    jobs = {job["id"]: job for job in (await engine.ask("GET", "/jobs?limit=500")).json()["items"]}
    for job_id, _, as_of, attempt, _ in await effects(place.owner_url):
        assert attempt == 1
        assert jobs[job_id]["tick"] == as_of.isoformat().replace("+00:00", "Z")
        found[names[jobs[job_id]["schedule_id"]]].append(as_of)
    return found


SCHEDULES = {
    "fixed": ("30 2 * * *", "Europe/Berlin"),
    "repeated": ("*/20 2 * * *", "Europe/Berlin"),
    "hourly": ("0 * * * *", "Europe/Berlin"),
}


async def made(engine: Engine) -> dict[str, str]:
    return {
        name: (await engine.schedule(name=name, cron=cron, time_zone=zone))["id"]
        for name, (cron, zone) in SCHEDULES.items()
    }


async def test_clocks_go_forward(place: TestDatabase, tmp_path: Path) -> None:
    """02:30 runs at 03:00, the moment it is passed over; what repeats within that hour does not."""
    async with AsyncExitStack() as stack:
        all_ = await replicas(place, tmp_path, stack, FORWARD)
        ids = await made(all_.engines[0])
        await all_.pass_time(timedelta(hours=5))
        found = await ran(place, ids, all_.engines[1])
    assert found == {
        "fixed": at("01:00", day="2026-03-29"),
        "repeated": [],
        "hourly": at("23:00", day="2026-03-28") + at("00:00", "01:00", "02:00", "03:00", day="2026-03-29"),
    }


async def test_clocks_go_back_during_an_outage(place: TestDatabase, tmp_path: Path) -> None:
    """Nobody is there from 02:10 of summer to 02:30 of winter time: of what was missed the newest is made up for."""
    async with AsyncExitStack() as stack:
        all_ = await replicas(place, tmp_path, stack, BACK)
        ids = await made(all_.engines[0])
        await all_.pass_time(timedelta(hours=2, minutes=10))
        await all_.pass_time(timedelta(hours=1, minutes=20), by=timedelta(hours=1, minutes=20))
        await all_.pass_time(timedelta(hours=1, minutes=30))
        found = await ran(place, ids, all_.engines[2])
        runs = {name: await all_.engines[0].runs(schedule_id) for name, schedule_id in ids.items()}
    assert found == {
        "fixed": at("00:30", day="2026-10-25"),
        "repeated": at("00:00", "01:20", "01:40", day="2026-10-25"),
        "hourly": at("23:00", day="2026-10-24") + at("00:00", "01:00", "02:00", "03:00", day="2026-10-25"),
    }
    skipped = {
        name: [(run["tick"], run["through"], run["skipped"]) for run in all_runs if run["skipped"]]
        for name, all_runs in runs.items()
    }
    assert skipped == {
        "fixed": [],
        "repeated": [("2026-10-25T00:20:00Z", "2026-10-25T01:00:00Z", "missed")],
        "hourly": [],
    }


async def test_a_hundred_ticks_and_jobs_are_shared_and_none_is_doubled(place: TestDatabase, tmp_path: Path) -> None:
    """Ten schedules of every minute for ten minutes: 100 jobs, all once."""
    async with AsyncExitStack() as stack:
        all_ = await replicas(place, tmp_path, stack, FORWARD)
        for number in range(10):
            await all_.engines[0].schedule(name=f"s{number}", cron="* * * * *", time_zone="UTC")
        await all_.pass_time(timedelta(minutes=10), by=timedelta(minutes=1))
        found = Counter(as_of for _, _, as_of, _, _ in await effects(place.owner_url))
        ended = [(await engine.http.get("/metrics")).text for engine in all_.engines]
    assert found == {FORWARD + timedelta(minutes=minute): 10 for minute in range(1, 11)}
    assert sum(map(_ended, ended)) == 100


def _ended(metrics: str) -> int:
    lines = [
        line for line in metrics.splitlines() if line.startswith('jobs_ended_total{kind="probe",state="completed"}')
    ]
    return int(float(lines[0].rpartition(" ")[2])) if lines else 0
