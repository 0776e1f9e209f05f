"""kill -9 of processes that run jobs: each tick has one job, and each step of it is done once, whoever dies."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics_engine.kernel.clock import ManualClock
from integration.jobs.engines import Engine, effects, running
from integration.jobs.process import FastClock
from support.databases import TestDatabase
from support.waiting import eventually, wait_until

START = datetime(2026, 3, 29, 0, 59, 50, tzinfo=UTC)
"""Ten seconds before clocks go forward in Berlin."""
KILLS = int(os.environ.get("AE_JOB_KILLS", "0"))


class Processes:
    """Calculation engines as processes of their own, of which each may be killed."""

    def __init__(self, place: TestDatabase, home: Path) -> None:
        self._place = place
        self._home = home
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._said: dict[int, Path] = {}

    def start(self, clock: FastClock, *, count: int) -> None:
        """Return when so many more are ready."""
        given = {
            "owner_url": self._place.owner_url,
            "role_secrets": str(self._place.role_secrets),
            "home": str(self._home),
            "start": clock.start.isoformat(),
            "began_at": clock.began_at,
            "speed": clock.speed,
        }
        command = [sys.executable, "-m", "integration.jobs.process", json.dumps(given)]
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        for _ in range(count):
            said = self._home / f"said-{len(list(self._home.iterdir()))}.txt"
            with said.open("wb") as output:
                process = subprocess.Popen(command, stdout=output, env=environment)
            self._running[process.pid] = process
            self._said[process.pid] = said
        wait_until(lambda: all(map(self._is_ready, self._running)), within_s=90)

    def _is_ready(self, pid: int) -> bool:
        assert self._running[pid].poll() is None
        return "ready" in self._said[pid].read_text(encoding="utf-8").splitlines()

    def kill(self, pid: int) -> None:
        process = self._running.pop(pid)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def kill_one(self) -> None:
        self.kill(random.choice(list(self._running)))

    def end(self) -> None:
        for pid in list(self._running):
            self.kill(pid)


@pytest.fixture
def processes(place: TestDatabase, tmp_path: Path) -> Iterator[Processes]:
    started = Processes(place, tmp_path)
    yield started
    started.end()


async def test_a_job_of_a_killed_process_is_taken_over(
    place: TestDatabase, processes: Processes, tmp_path: Path
) -> None:
    """One of two replicas runs the tick of a time passed over, and is killed: the other does the rest."""
    async with running(place, tmp_path, clock=ManualClock(START), tasks=()) as engine:
        made = await engine.schedule(cron="30 2 * * *", params={"steps": 30, "step_s": 0.1})
        processes.start(FastClock(START, time.time(), 1.0), count=2)

        async def begun() -> int | None:
            left = await effects(place.owner_url)
            return left[0][4] if len(left) >= 3 else None

        victim = await eventually(begun, within_s=90)
        assert victim is not None
        processes.kill(victim)

        async def taken_over() -> bool:
            return {process for *_, process in await effects(place.owner_url)} != {victim}

        await eventually(taken_over, within_s=60)
        (run,) = await engine.runs(made["id"])
        job = await engine.in_state(run["job_id"], "completed", within_s=60)
    left = await effects(place.owner_url)
    assert Counter(step for _, step, *_ in left) == {f"step {number}": 1 for number in range(1, 31)}
    assert {(job_id, as_of) for job_id, _, as_of, *_ in left} == {(job["id"], datetime(2026, 3, 29, 1, tzinfo=UTC))}
    assert (job["attempts"], len({process for *_, process in left})) == (2, 2)


@pytest.mark.skipif(not KILLS, reason="random kills of processes that run jobs (make soak)")
async def test_random_kills_lose_and_double_no_tick(place: TestDatabase, processes: Processes, tmp_path: Path) -> None:
    """Five schedules of every minute, on clocks sixty times as fast, while replicas are killed and started again."""
    async with running(
        place, tmp_path, clock=ManualClock(START), tasks=(), ae_jobs_waiting_per_client=10_000
    ) as engine:
        schedules = [await _every_minute(engine, number) for number in range(5)]
        clock = FastClock(START, time.time(), 60.0)
        processes.start(clock, count=3)
        for _ in range(KILLS):
            processes.kill_one()
            processes.start(clock, count=1)
        for schedule in schedules:
            await engine.ask("PATCH", f"/schedules/{schedule}", json={"enabled": False})

        async def idle() -> bool:
            answer = await engine.ask("GET", "/jobs?state=waiting&state=running&limit=1")
            return bool(answer.json()["total"] == 0)

        await eventually(idle, within_s=60)
        runs = {schedule: await _all_runs(engine, schedule) for schedule in schedules}
    left = await effects(place.owner_url)
    jobs = [run["job_id"] for all_ in runs.values() for run in all_ if run["job_id"]]
    for all_ in runs.values():
        ticks = [datetime.fromisoformat(run["tick"]) for run in all_]
        assert ticks == [ticks[0] + number * timedelta(minutes=1) for number in range(len(ticks))]
        assert {run["skipped"] for run in all_} == {None}
        assert {run["state"] for run in all_} == {"completed"}
    assert Counter((job_id, step) for job_id, step, *_ in left) == {
        (job_id, f"step {number}"): 1 for job_id in jobs for number in (1, 2, 3)
    }
    print(f"{len(jobs)} jobs, {KILLS} kills, {sum(attempt > 1 for *_, attempt, _ in left)} steps of later attempts")


async def _every_minute(engine: Engine, number: int) -> str:
    made = await engine.schedule(
        name=f"s{number}", cron="* * * * *", missed="all", overlap=True, params={"steps": 3, "step_s": 0.1}
    )
    return str(made["id"])


async def _all_runs(engine: Engine, schedule: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    while True:
        page = (await engine.ask("GET", f"/schedules/{schedule}/runs?limit=500&offset={len(found)}")).json()
        found += page["items"]
        if len(found) >= page["total"]:
            return found[::-1]
