"""From ticks to jobs: each tick once, however many replicas there are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import takewhile

from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, InvalidInput, Locked
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.jobs.runner import JobRunner
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database, Row
from analytics_engine.kernel.ports.jobs import JobQueue, NewJob
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.calculation_engine_service.schedules.cron import Cron
from analytics_engine.services.calculation_engine_service.schedules.deciding import (
    Decision,
    Missed,
    Rules,
    Skipped,
    decide,
)
from analytics_engine.services.calculation_engine_service.schedules.repository import (
    ScheduleRepository,
    principal_of,
)
from analytics_engine.services.calculation_engine_service.schedules.telemetry import ScheduleTelemetry

log = get_logger(__name__)

_POLL_S = 1.0
_MICROSECOND = timedelta(microseconds=1)


@dataclass
class Ticker:
    """Enqueues the job of each tick in the transaction that moves its schedule on to the next one.

    The schedule's row is locked meanwhile, and who finds it locked passes it over. What became of the tick is noted
    under its schedule and time in the same transaction, so even a schedule that is set back cannot run a tick twice.
    """

    database: Database
    queue: JobQueue
    runner: JobRunner
    clock: Clock
    telemetry: ScheduleTelemetry
    most_waiting: int
    repository: ScheduleRepository = field(default_factory=ScheduleRepository)

    async def keep(self) -> None:
        while is_wanted():
            try:
                while is_wanted() and await self.tick_once():
                    pass
            except (DependencyUnavailable, DependencyTimeout, Locked) as error:
                log.debug("ticks_put_off", reason=error.detail)
            self.telemetry.heartbeat.set_to_current_time()
            await asyncio.sleep(_POLL_S)

    async def tick_once(self) -> bool:
        """Decide on the ticks of one schedule that are due; False where none are."""
        now = self.clock.now()
        async with self.database.transaction() as connection:
            await self.repository.become_runner(connection)
            schedule = await self.repository.due(connection, now)
            if schedule is None:
                return False
            made = await self._decide(connection, schedule, now)
        for decision in made:
            if decision.skipped is None:
                self.telemetry.lateness.observe((now - decision.tick).total_seconds())
            else:
                self.telemetry.skipped.labels(decision.skipped.value).inc()
        self.runner.nudge()
        return True

    async def _decide(self, connection: Connection, schedule: Row, now: datetime) -> Sequence[Decision]:
        try:
            cron = Cron(schedule["cron"], schedule["time_zone"])
        except InvalidInput as error:
            log.warning("schedule_stopped", schedule=str(schedule["id"]), reason=error.detail)
            await self.repository.advance(connection, schedule["id"], None)
            return ()
        rules = Rules(Missed(schedule["missed"]), timedelta(seconds=schedule["missed_within_s"]))
        occupied = not schedule["overlap"] and await self.repository.occupied(connection, schedule["id"])
        decisions = await self._within_limit(
            connection, schedule["client_id"], _decisions(schedule["next_tick"], cron, now, rules, occupied=occupied)
        )
        for decision in decisions:
            await self._carry_out(connection, schedule, decision, now)
        await self.repository.advance(connection, schedule["id"], cron.next(now))
        return decisions

    async def _within_limit(
        self, connection: Connection, client_id: str, decisions: Sequence[Decision]
    ) -> Sequence[Decision]:
        """Return the decisions, with those skipped for which the client has no room; the oldest have it first."""
        room = self.most_waiting - await self.repository.count_waiting(connection, client_id)
        given: list[Decision] = []
        for decision in decisions:
            runs = decision.skipped is None
            given.append(decision if not runs or room > 0 else replace(decision, skipped=Skipped.LIMIT))
            room -= runs
        return given

    async def _carry_out(self, connection: Connection, schedule: Row, decision: Decision, now: datetime) -> None:
        job_id = None if decision.skipped else new_id()
        if not await self.repository.note(connection, schedule, decision, job_id=job_id, now=now):
            return
        if job_id is not None:
            await self.queue.add(connection, scheduled_job(schedule, job_id=job_id, as_of=decision.tick, by_hand=False))


def scheduled_job(schedule: Row, *, job_id: str, as_of: datetime, by_hand: bool) -> NewJob:
    """Return a job of a schedule: for a tick, or started by hand."""
    return NewJob(
        id=job_id,
        kind=schedule["kind"],
        params=schedule["params"],
        principal=principal_of(schedule),
        as_of=as_of,
        lane=None if schedule["overlap"] else str(schedule["id"]),
        schedule_id=str(schedule["id"]),
        tick=None if by_hand else as_of,
    )


def _decisions(first: datetime, cron: Cron, now: datetime, rules: Rules, *, occupied: bool) -> list[Decision]:
    """Return what becomes of all ticks from the first one that was not decided on; very old ones are not listed."""
    horizon = now - rules.within
    begin = max(first, horizon)
    due = list(takewhile(lambda tick: tick <= now, cron.ticks(begin - _MICROSECOND)))
    decided = decide(due, now=now, rules=rules, occupied=occupied) if due else []
    if first < horizon:
        decided.insert(0, Decision(first, horizon - _MICROSECOND, Skipped.TOO_OLD))
    return decided
