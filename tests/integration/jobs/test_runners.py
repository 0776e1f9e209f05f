"""Workers: what becomes of a job when one stops, dies, or was only thought to be dead."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.jobs import PostgresJobs
from analytics_engine.contracts.services import Service
from analytics_engine.errors import JobTakenOver
from analytics_engine.kernel.http.request_id import current_request_id, reset_request_id, set_request_id
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.jobs.runner import ATTEMPTS, JobRunner
from analytics_engine.kernel.jobs.telemetry import JobTelemetry
from analytics_engine.kernel.ports.jobs import ClaimedJob, JobState, NewJob, RunningJob
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.kernel.telemetry import Telemetry
from golden.shop import CLIENT, STRANGER
from integration.jobs.engines import Probe, ProbeParams, effects, running
from support.databases import TestDatabase
from support.waiting import eventually

NOW = datetime(2026, 11, 2, tzinfo=UTC)
SILENT = timedelta(0)
"""Whoever does not give a sign of life in this very moment is taken for dead."""


@pytest.fixture
async def pool(place: TestDatabase) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(place.service_url(Service.CALCULATION), pool_size=4)
    yield database
    await database.stop()


@pytest.fixture
def queue(pool: PostgresDatabase) -> PostgresJobs:
    return PostgresJobs(pool)


async def added(
    pool: PostgresDatabase,
    queue: PostgresJobs,
    *,
    client_id: str = CLIENT,
    lane: str | None = None,
    as_of: datetime = NOW,
) -> str:
    job = NewJob(
        id=new_id(),
        kind="probe",
        params={},
        principal=Principal(subject="user:a", client_id=client_id, role=Role.ANALYST, name="A"),
        as_of=as_of,
        lane=lane,
    )
    async with pool.transaction(client_id=client_id) as connection:
        assert await queue.add(connection, job)
    return job.id


async def claimed(queue: PostgresJobs, worker: str) -> ClaimedJob:
    job = await queue.claim(worker, ["probe"], service="test")
    assert job is not None
    return job


async def test_who_was_taken_for_dead_writes_nothing_any_more(pool: PostgresDatabase, queue: PostgresJobs) -> None:
    """Its transaction, its progress and its end are of an older claim; the other's are the job's."""
    await added(pool, queue)
    first = await claimed(queue, "silent")
    assert await queue.rescue(silent_for=SILENT, attempts=ATTEMPTS) == (1, 0)
    second = await claimed(queue, "other")
    assert (second.id, second.claim, second.attempt) == (first.id, first.claim + 1, 2)
    with pytest.raises(JobTakenOver):
        async with queue.transaction(first, parts=["a"]):
            pytest.fail("the transaction was begun")
    assert not await queue.end(first, JobState.FAILED)
    assert not await queue.let_go(first)
    async with queue.transaction(second, parts=["a"]):
        pass
    assert await queue.parts_done(second) == {"a"}
    assert await queue.end(second, JobState.COMPLETED)


async def test_a_job_is_not_taken_while_a_transaction_of_it_is_open(
    pool: PostgresDatabase, queue: PostgresJobs
) -> None:
    """What was written in it counts, and the next attempt finds the part done."""
    await added(pool, queue)
    first = await claimed(queue, "silent")
    async with queue.transaction(first, parts=["a"]):
        assert await queue.rescue(silent_for=SILENT, attempts=ATTEMPTS) == (0, 0)
    assert await queue.rescue(silent_for=SILENT, attempts=ATTEMPTS) == (1, 0)
    second = await claimed(queue, "other")
    assert await queue.parts_done(second) == {"a"}
    with pytest.raises(JobTakenOver):
        async with queue.transaction(second, parts=["a"]):
            pytest.fail("the part was done again")


async def test_a_job_that_ends_every_process_fails(pool: PostgresDatabase, queue: PostgresJobs) -> None:
    """Three processes in a row go silent: nobody else is put at risk."""
    job_id = await added(pool, queue)
    rescued = []
    for worker in ("first", "second", "third"):
        await claimed(queue, worker)
        rescued.append(await queue.rescue(silent_for=SILENT, attempts=ATTEMPTS))
    assert rescued == [(1, 0), (1, 0), (0, 1)]
    assert await queue.claim("fourth", ["probe"], service="test") is None
    async with pool.transaction(client_id=CLIENT) as connection:
        row = await connection.fetch_one("select state, problem from jobs.jobs where id = $1", job_id)
    assert row is not None
    assert (row["state"], row["problem"]["type"]) == ("failed", "urn:analytics-engine:problem:job-lost")


async def test_who_gives_signs_of_life_keeps_its_job(pool: PostgresDatabase, queue: PostgresJobs) -> None:
    """The claim is the first of them: a worker that has just begun is not taken for dead."""
    await added(pool, queue)
    job = await claimed(queue, "lively")
    assert await queue.rescue(silent_for=timedelta(seconds=30), attempts=ATTEMPTS) == (0, 0)
    assert [(held.id, held.cancel) for held in await queue.beat("lively", "test")] == [(job.id, False)]


async def test_jobs_of_one_lane_run_one_after_another(pool: PostgresDatabase, queue: PostgresJobs) -> None:
    """In the order of their time, whenever they were enqueued; other lanes and jobs without one go on."""
    later = await added(pool, queue, lane="a", as_of=NOW + timedelta(hours=1))
    earlier = await added(pool, queue, lane="a")
    other = await added(pool, queue, lane="b")
    first, second = await claimed(queue, "one"), await claimed(queue, "two")
    assert [first.id, second.id] == [earlier, other]
    assert await queue.claim("three", ["probe"], service="test") is None
    await queue.end(first, JobState.COMPLETED)
    assert (await claimed(queue, "three")).id == later


async def test_a_client_with_many_jobs_does_not_keep_another_waiting(
    pool: PostgresDatabase, queue: PostgresJobs
) -> None:
    mine = [await added(pool, queue) for _ in range(3)]
    theirs = await added(pool, queue, client_id=STRANGER)
    assert [(await claimed(queue, "one")).id for _ in range(3)] == [mine[0], theirs, mine[1]]


async def test_many_workers_claim_each_job_once(pool: PostgresDatabase, queue: PostgresJobs) -> None:
    jobs = {await added(pool, queue) for _ in range(20)}
    claims = await asyncio.gather(
        *(queue.claim(f"worker {number % 4}", ["probe"], service="test") for number in range(24))
    )
    ids = [job.id for job in claims if job is not None]
    assert len(ids) == len(set(ids))
    while (job := await queue.claim("worker 0", ["probe"], service="test")) is not None:
        ids.append(job.id)
    assert sorted(ids) == sorted(jobs)


@asynccontextmanager
async def worked(queue: PostgresJobs, probe: Probe | None = None) -> AsyncIterator[JobRunner]:
    """Give a runner that works, with short times."""
    runner = JobRunner(
        queue=queue,
        kinds={"probe": probe or Probe()},
        telemetry=JobTelemetry(Telemetry("test")),
        worker="worker",
        service="test",
        silent_for=timedelta(seconds=2),
        first_pause=timedelta(milliseconds=50),
    )
    tasks = [BackgroundTask("signs of life", runner.beat), BackgroundTask("jobs", runner.work)]
    for task in tasks:
        await task.start()
    try:
        yield runner
    finally:
        for task in reversed(tasks):
            await task.stop()


async def ended(pool: PostgresDatabase) -> tuple[str, int]:
    """Return how the one job there is ended, and at which attempt."""

    async def found() -> tuple[str, int] | None:
        async with pool.transaction(client_id=CLIENT) as connection:
            row = await connection.fetch_one("select state, attempt from jobs.jobs where ended_at is not null")
        return (row["state"], row["attempt"]) if row else None

    state = await eventually(found, within_s=20)
    assert state is not None
    return state


async def test_what_is_away_is_tried_again_and_counted(pool: PostgresDatabase, queue: PostgresJobs) -> None:
    """Twice it is away, the third attempt does it."""
    principal = Principal(subject="user:a", client_id=CLIENT, role=Role.ANALYST)
    async with pool.transaction(client_id=CLIENT) as connection:
        job = NewJob(id=new_id(), kind="probe", params={"away_until_attempt": 3}, principal=principal, as_of=NOW)
        await queue.add(connection, job)
    async with worked(queue):
        assert await ended(pool) == ("completed", 3)


class Remembering(Probe):
    """A probe that remembers the request ids its lines would have."""

    def __init__(self) -> None:
        self.request_ids: list[str] = []

    async def run(self, job: RunningJob[ProbeParams]) -> None:
        self.request_ids.append(current_request_id())
        await super().run(job)


async def test_a_job_runs_under_the_id_of_the_request_that_started_it(
    pool: PostgresDatabase, queue: PostgresJobs
) -> None:
    """In whichever process; one that no request started has its own."""
    probe = Remembering()
    token = set_request_id("a-request-of-somebody")
    try:
        await added(pool, queue)
    finally:
        reset_request_id(token)
    async with worked(queue, probe):
        assert await ended(pool) == ("completed", 1)
        by_itself = await added(pool, queue)

        async def is_run() -> bool:
            return len(probe.request_ids) == 2

        await eventually(is_run, within_s=20)
    assert probe.request_ids == ["a-request-of-somebody", by_itself]


async def test_a_job_whose_claim_a_worker_never_heard_of_is_given_back(
    pool: PostgresDatabase, queue: PostgresJobs
) -> None:
    """As when the connection ended at the commit of its claim: the worker lives, and the job would wait for ever."""
    await added(pool, queue)
    await claimed(queue, "worker")
    async with worked(queue):
        assert await ended(pool) == ("completed", 2)


async def test_parameters_of_an_earlier_version_fail_the_job(pool: PostgresDatabase, queue: PostgresJobs) -> None:
    """They are checked again when it runs; the worker goes on."""
    principal = Principal(subject="user:a", client_id=CLIENT, role=Role.ANALYST)
    async with pool.transaction(client_id=CLIENT) as connection:
        await queue.add(
            connection, NewJob(id=new_id(), kind="probe", params={"stages": 3}, principal=principal, as_of=NOW)
        )
    async with worked(queue):
        assert await ended(pool) == ("failed", 1)


async def test_a_process_that_stops_leaves_its_jobs_to_others_at_once(place: TestDatabase, tmp_path: Path) -> None:
    """The attempt does not count, what is done is not done again, and nobody waits for a silence."""
    async with running(place, tmp_path) as first:
        job_id = await first.start("probe", steps=40, step_s=0.1)
        await first.in_state(job_id, "running")

        async def begun() -> bool:
            return len(await effects(place.owner_url)) > 2

        await eventually(begun)
    before = await effects(place.owner_url)
    async with running(place, tmp_path) as second:
        job = await second.in_state(job_id, "completed", within_s=30)
    after = await effects(place.owner_url)
    assert (job["attempts"], len(after)) == (1, 40)
    assert sorted(step for _, step, *_ in after) == sorted(f"step {number}" for number in range(1, 41))
    assert len(before) < 40
    assert set(before) < set(after)
