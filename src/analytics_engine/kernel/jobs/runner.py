"""A worker: claims jobs, runs them, gives signs of life, and takes over from workers that give none."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from analytics_engine.errors import (
    AnalyticsEngineError,
    Conflict,
    DependencyTimeout,
    DependencyUnavailable,
    ErrorKind,
    InvalidInput,
    JobTakenOver,
    Locked,
    TooBusy,
)
from analytics_engine.kernel.http import request_id
from analytics_engine.kernel.http.problems import STATUS_OF_KIND, TYPE_PREFIX, Problem, problem_of
from analytics_engine.kernel.jobs.running import Attempt
from analytics_engine.kernel.jobs.telemetry import JobTelemetry
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.jobs import ClaimedJob, JobKind, JobQueue, JobState
from analytics_engine.kernel.tasks import is_wanted

log = get_logger(__name__)

ATTEMPTS = 3
"""How often a job is tried where what it depends on is away, or where its process dies."""

_AWAY = (DependencyUnavailable, DependencyTimeout, Locked)
_LATER = (*_AWAY, TooBusy)
_POLL_S = 0.5
_BEAT_S = 0.5
_OVERSEE_S = 1.0
_AWAY_PAUSE_S = 0.5


@dataclass
class _Running:
    """A job that runs here: the attempt, what it does, and who sees it through."""

    job: ClaimedJob
    attempt: Attempt[Any]
    work: asyncio.Task[None]
    ending: asyncio.Task[None] | None = None
    cancel: bool = False
    lost: bool = False
    """Whether somebody cancelled it, and whether another worker has it."""


@dataclass
class JobRunner:
    """Runs the jobs of some kinds in this process; as many runners as there are processes share the work.

    Args:
        worker: this process, and no other: a name that is not used again.
        at_once: how many jobs run here at the same time.
        silent_for: a worker that was not heard of for so long is taken for dead, and its jobs are run by others.
        first_pause: how long a job waits for a second attempt where it could not be done yet; twice that for a third.
    """

    queue: JobQueue
    kinds: Mapping[str, JobKind[Any]]
    telemetry: JobTelemetry
    worker: str
    service: str
    at_once: int = 2
    silent_for: timedelta = timedelta(seconds=15)
    first_pause: timedelta = timedelta(seconds=5)
    _running: dict[str, _Running] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _begun: asyncio.Event = field(default_factory=asyncio.Event)
    _orphans: set[str] = field(default_factory=set)
    _stopping: bool = False

    async def work(self) -> None:
        """Claim jobs and run them, for ever; when this is cancelled, what is not done is left to others."""
        self._stopping = False
        try:
            while is_wanted():
                self._news.clear()
                if not await self._claim_one():
                    await _within(_POLL_S, self._news)
        finally:
            await self._let_go()

    async def beat(self) -> None:
        """Give signs of life, and stop what was cancelled or is another's by now, for ever."""
        while is_wanted():
            self._begun.clear()
            known = list(self._running.values())
            try:
                held = {(one.id, one.claim): one for one in await self.queue.beat(self.worker, self.service)}
            except _AWAY as error:
                log.debug("beat_skipped", reason=error.detail)
            else:
                for running in known:
                    mine = held.get((running.job.id, running.job.claim))
                    if mine is None or mine.cancel:
                        _stop(running, lost=mine is None)
                await self._give_back({job_id for job_id, _ in held if job_id not in self._running})
            if self._running:
                await asyncio.sleep(_BEAT_S)
            else:
                await _within(self.silent_for.total_seconds() / 4, self._begun)

    async def oversee(self) -> None:
        """Take jobs from workers that are silent, and measure what waits, for ever."""
        while is_wanted():
            try:
                rescued, failed = await self.queue.rescue(silent_for=self.silent_for, attempts=ATTEMPTS)
                self.telemetry.show(await self.queue.counts())
            except _AWAY as error:
                log.debug("rescue_skipped", reason=error.detail)
            else:
                if rescued or failed:
                    self.telemetry.rescued.inc(rescued + failed)
                    log.warning("jobs_rescued", waiting=rescued, failed=failed)
            await asyncio.sleep(_OVERSEE_S)

    async def _give_back(self, orphans: set[str]) -> None:
        """Give back what is ours in the database and does not run here: its claim was committed, and we never knew."""
        given_up, self._orphans = orphans & self._orphans, orphans
        if given_up:
            log.warning("jobs_given_back", jobs=sorted(given_up))
            with suppress(*_AWAY):
                await self.queue.give_back(self.worker, sorted(given_up), attempts=ATTEMPTS)

    def nudge(self) -> None:
        """Look for jobs now, not at the next poll."""
        self._news.set()

    async def _claim_one(self) -> bool:
        if len(self._running) >= self.at_once:
            return False
        try:
            job = await self.queue.claim(self.worker, [*self.kinds], service=self.service)
        except (*_AWAY, Conflict) as error:
            log.debug("claim_skipped", reason=error.detail)
            return False
        if job is not None:
            self._start(job)
        return job is not None

    def _start(self, job: ClaimedJob) -> None:
        kind = self.kinds[job.kind]
        try:
            attempt = Attempt(self.queue, job, kind.params.model_validate(job.params))
            work = kind.run(attempt)
        except ValidationError as error:
            attempt, work = Attempt(self.queue, job, None), _refuse(job, error)
        token = request_id.set_request_id(job.request_id or job.id)
        try:
            running = _Running(job, attempt, asyncio.create_task(work, name=f"job {job.kind} {job.id}"))
            self._running[job.id] = running
            self._begun.set()
            running.ending = asyncio.create_task(self._see_through(running))
        finally:
            request_id.reset_request_id(token)

    async def _see_through(self, running: _Running) -> None:
        """Wait until a job's work has ended, and write how, as soon as the database takes it."""
        await asyncio.wait([running.work])
        try:
            while not running.lost:
                try:
                    await self._write_end(running)
                except _AWAY as error:
                    log.debug("end_not_written_yet", job=running.job.id, reason=error.detail)
                    if self._stopping:
                        break
                    await asyncio.sleep(_AWAY_PAUSE_S)
                else:
                    break
        finally:
            self._running.pop(running.job.id, None)
            self._news.set()

    async def _write_end(self, running: _Running) -> None:
        job, work = running.job, running.work
        await running.attempt.tell()
        error = None if work.cancelled() else work.exception()
        if not work.cancelled() and error is None:
            await self._end(job, JobState.COMPLETED)
        elif running.cancel:
            await self._end(job, JobState.CANCELLED)
        elif self._stopping:
            await self.queue.let_go(job)
        elif isinstance(error, JobTakenOver):
            log.warning("job_taken_over", job=job.id, kind=job.kind)
        elif isinstance(error, _LATER) and job.attempt < ATTEMPTS:
            after = self.first_pause * 2 ** (job.attempt - 1)
            log.warning(
                "job_tried_again", job=job.id, kind=job.kind, reason=error.detail, after_s=after.total_seconds()
            )
            await self.queue.again(job, after=after, problem=problem_of(error).model_dump(mode="json"))
        elif isinstance(error, AnalyticsEngineError):
            await self._end(job, JobState.FAILED, problem_of(error))
        else:
            log.error("job_failed_unexpectedly", job=job.id, kind=job.kind, exc_info=error)
            await self._end(job, JobState.FAILED, _unforeseen(job))

    async def _end(self, job: ClaimedJob, state: JobState, problem: Problem | None = None) -> None:
        shown = problem.model_dump(mode="json") if problem is not None else None
        if await self.queue.end(job, state, problem=shown):
            self.telemetry.ended.labels(job.kind, state.value).inc()
            log.info("job_ended", job=job.id, kind=job.kind, state=state.value, client_id=job.principal.client_id)

    async def _let_go(self) -> None:
        """Stop everything that runs here, and leave it to others at once."""
        self._stopping = True
        running = list(self._running.values())
        for one in running:
            one.work.cancel()
        await asyncio.gather(*(one.ending for one in running if one.ending is not None))
        with suppress(*_AWAY):
            await self.queue.sign_off(self.worker)


async def _within(seconds: float, event: asyncio.Event) -> None:
    """Return when something happens, or after so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _stop(running: _Running, *, lost: bool) -> None:
    """Have a job end at its next ``await``; it is told once, so that it can tidy up."""
    running.lost = running.lost or lost
    running.cancel = not running.lost
    if not running.attempt.stop:
        running.attempt.stop = True
        running.work.cancel()


async def _refuse(job: ClaimedJob, error: ValidationError) -> None:
    mistake = error.errors(include_url=False, include_context=False, include_input=False)[0]
    raise InvalidInput(
        f"The parameters of the job are none of {job.kind}: {'.'.join(map(str, mistake['loc']))}: {mistake['msg']}",
        remedy="Start a new job: its parameters are of an earlier version.",
    ) from error


def _unforeseen(job: ClaimedJob) -> Problem:
    return Problem(
        type=TYPE_PREFIX + "internal",
        title="Something failed that nobody foresaw",
        status=STATUS_OF_KIND[ErrorKind.INTERNAL],
        detail="The job could not be finished; nothing more is known.",
        remedy=f"Retry it; if it stays, give the operator the job's id: {job.id}.",
    )
