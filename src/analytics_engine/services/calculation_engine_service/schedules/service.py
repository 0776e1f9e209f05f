from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from analytics_engine.contracts.clients import ClientsApi
from analytics_engine.errors import Conflict, LimitReached, NotFound
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database, Row
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.services.calculation_engine_service.jobs.schemas import JobView
from analytics_engine.services.calculation_engine_service.jobs.service import JobService
from analytics_engine.services.calculation_engine_service.schedules.cron import Cron
from analytics_engine.services.calculation_engine_service.schedules.repository import ScheduleRepository, summary_of
from analytics_engine.services.calculation_engine_service.schedules.schemas import (
    Moment,
    Preview,
    Run,
    ScheduleChange,
    ScheduleSettings,
    ScheduleSummary,
    ScheduleView,
)
from analytics_engine.services.calculation_engine_service.schedules.ticking import scheduled_job

_NEXT = 5
_LAST = PageRequest(limit=10)


@dataclass
class ScheduleService:
    """The schedules of a client.

    Args:
        most: how many a client may have.
    """

    database: Database
    jobs: JobService
    clients: ClientsApi
    clock: Clock
    most: int
    repository: ScheduleRepository = field(default_factory=ScheduleRepository)

    async def preview(self, cron: str, zone: str | None, *, client_id: str, count: int) -> Preview:
        """Return what an expression means and its next ticks.

        Raises:
            InvalidInput: the expression or the zone is none.
        """
        zone = zone or await self._client_zone(client_id)
        read = Cron(cron, zone)
        return Preview(
            cron=cron,
            time_zone=zone,
            description=read.description,
            fixed=read.fixed,
            next_runs=_moments(read, self.clock.now(), count),
        )

    async def schedules(self, *, client_id: str, page: PageRequest) -> Page[ScheduleSummary]:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            items, total = await self.repository.page(connection, page)
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def schedule(self, schedule_id: UUID, *, client_id: str) -> ScheduleView:
        """Return a schedule.

        Raises:
            NotFound: there is none such.
        """
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            return await self._view(connection, schedule_id)

    async def runs(self, schedule_id: UUID, *, client_id: str, page: PageRequest) -> Page[Run]:
        """Return what became of a schedule's ticks, the newest first.

        Raises:
            NotFound: there is no such schedule.
        """
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            await self._present(connection, schedule_id)
            items, total = await self.repository.runs(connection, schedule_id, page)
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def create(self, settings: ScheduleSettings, *, principal: Principal) -> ScheduleView:
        """Make a schedule; its first tick is the next one from now.

        Raises:
            InvalidInput: the expression, the zone, the kind or its parameters are none such.
            Conflict: there is one of this name.
            LimitReached: the client has as many schedules as it may.
        """
        zone = settings.time_zone or await self._client_zone(principal.client_id)
        wanted, next_tick = self._checked({**settings.model_dump(mode="json"), "time_zone": zone})
        schedule_id = new_id()
        async with self.database.transaction(client_id=principal.client_id) as connection:
            await self.jobs.repository.one_at_a_time(connection, principal.client_id)
            await self._check_name(connection, settings.name, schedule_id)
            if await self.repository.count(connection) >= self.most:
                raise LimitReached(
                    f"The client has {self.most} schedules already.",
                    remedy="Delete one, or let one job do more: it may name many KPIs.",
                    limit=self.most,
                )
            await self.repository.add(connection, schedule_id, wanted, next_tick=next_tick, principal=principal)
            return await self._view(connection, UUID(schedule_id))

    async def change(
        self, schedule_id: UUID, change: ScheduleChange, *, principal: Principal, expected: int | None
    ) -> ScheduleView:
        """Change a schedule, which starts anew from its next tick from now; its jobs run as who changed it.

        Raises:
            NotFound: there is none such.
            InvalidInput: the expression, the zone, the kind or its parameters are none such.
            Conflict: it is not at the expected version, or another one has the name.
        """
        given = {name: value for name, value in change.model_dump(mode="json").items() if value is not None}
        async with self.database.transaction(client_id=principal.client_id) as connection:
            await self.jobs.repository.one_at_a_time(connection, principal.client_id)
            row = await self.repository.to_change(connection, schedule_id)
            present = summary_of(row if row is not None else await self._present(connection, schedule_id))
            _check_version(present, expected)
            wanted, next_tick = self._checked({**present.model_dump(mode="json"), **given})
            await self._check_name(connection, wanted["name"], present.id)
            await self.repository.change(connection, schedule_id, wanted, next_tick=next_tick, principal=principal)
            return await self._view(connection, schedule_id)

    async def delete(self, schedule_id: UUID, *, client_id: str, expected: int | None) -> None:
        """Delete a schedule; its jobs that wait are cancelled, those that run go on.

        Raises:
            NotFound: there is none such.
            Conflict: it is not at the expected version.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            row = await self.repository.to_change(connection, schedule_id)
            _check_version(summary_of(row or await self._present(connection, schedule_id)), expected)
            await self.repository.delete(connection, schedule_id)

    async def run(self, schedule_id: UUID, *, client_id: str) -> JobView:
        """Start a schedule's job now, beside its ticks; it waits for those that have not ended, if it may not overlap.

        Raises:
            NotFound: there is none such.
            LimitReached: as many jobs of the client wait as may.
        """
        job_id = new_id()
        async with self.database.transaction(client_id=client_id) as connection:
            row = await self._present(connection, schedule_id)
            await self.jobs.repository.one_at_a_time(connection, client_id)
            await self.jobs.check_room(connection)
            job = scheduled_job(row, job_id=job_id, as_of=self.clock.now(), by_hand=True)
            await self.jobs.queue.add(connection, job)
        self.jobs.runner.nudge()
        return await self.jobs.job(UUID(job_id), client_id=client_id)

    def _checked(self, settings: dict[str, Any]) -> tuple[dict[str, Any], datetime | None]:
        """Return settings as they are kept, and the next tick; a disabled schedule has none."""
        params = self.jobs.kinds.checked(settings["kind"], settings["params"])
        cron = Cron(settings["cron"], settings["time_zone"])
        next_tick = cron.next(self.clock.now()) if settings["enabled"] else None
        return {**settings, "params": params.model_dump(mode="json", by_alias=True)}, next_tick

    async def _check_name(self, connection: Connection, name: str, schedule_id: str) -> None:
        if await self.repository.name_is_taken(connection, name, by_other_than=schedule_id):
            raise Conflict(f"There is a schedule {name!r} already.", remedy="Change that one, or take another name.")

    async def _view(self, connection: Connection, schedule_id: UUID) -> ScheduleView:
        summary = summary_of(await self._present(connection, schedule_id))
        last, _ = await self.repository.runs(connection, schedule_id, _LAST)
        cron = Cron(summary.cron, summary.time_zone)
        upcoming = _moments(cron, self.clock.now(), _NEXT) if summary.enabled else []
        return ScheduleView(**summary.model_dump(), description=cron.description, next_runs=upcoming, last_runs=last)

    async def _present(self, connection: Connection, schedule_id: UUID) -> Row:
        row = await self.repository.schedule(connection, schedule_id)
        if row is None:
            raise NotFound(f"There is no schedule {schedule_id}.", remedy="List those there are at /schedules.")
        return row

    async def _client_zone(self, client_id: str) -> str:
        return (await self.clients.client(client_id)).time_zone


def _moments(cron: Cron, now: datetime, count: int) -> list[Moment]:
    return [Moment(utc=tick, local=cron.local(tick)) for tick in islice(cron.ticks(now), count)]


def _check_version(present: ScheduleSummary, expected: int | None) -> None:
    if expected is not None and expected != present.version:
        raise Conflict(
            f"The schedule {present.name!r} is at version {present.version}; "
            f"your change was made to version {expected}.",
            remedy="Read it again, redo your change on what you find, and send its ETag in If-Match.",
            present_version=present.version,
        )
