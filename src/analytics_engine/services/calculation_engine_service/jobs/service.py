from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from analytics_engine.errors import Conflict, IdempotencyConflict, LimitReached, NotFound
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.jobs.runner import JobRunner
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.blobs import BlobStore
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.jobs import JobQueue, JobState, NewJob
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.services.calculation_engine_service.jobs.kinds import JobKinds
from analytics_engine.services.calculation_engine_service.jobs.repository import JobRepository
from analytics_engine.services.calculation_engine_service.jobs.schemas import (
    JobRequest,
    JobSummary,
    JobView,
    KindView,
)


@dataclass
class JobService:
    """The jobs of a client: started, looked at, cancelled, tried again.

    Args:
        most_waiting: how many jobs of a client may wait at the same time.
    """

    database: Database
    queue: JobQueue
    kinds: JobKinds
    runner: JobRunner
    exports: BlobStore
    clock: Clock
    most_waiting: int
    repository: JobRepository = field(default_factory=JobRepository)

    def known_kinds(self) -> list[KindView]:
        return [
            KindView(
                kind=kind.name,
                description=inspect.cleandoc(kind.description),
                params_schema=kind.params.model_json_schema(),
            )
            for kind in self.kinds.values()
        ]

    async def start(self, request: JobRequest, *, principal: Principal, idempotency_key: str | None) -> JobView:
        """Enqueue a job and return it; under the key of an earlier one that one.

        Raises:
            InvalidInput: there is no such kind, or these are not its parameters.
            IdempotencyConflict: the key was used for another job.
            LimitReached: as many jobs of the client wait as may.
        """
        params = self.kinds.checked(request.kind, request.params).model_dump(mode="json", by_alias=True)
        job = NewJob(
            id=new_id(),
            kind=request.kind,
            params=params,
            principal=principal,
            as_of=self.clock.now(),
            idempotency_key=idempotency_key,
        )
        async with self.database.transaction(client_id=principal.client_id) as connection:
            await self.repository.one_at_a_time(connection, principal.client_id)
            present = await self.repository.of_key(connection, idempotency_key) if idempotency_key else None
            if present is None:
                await self.check_room(connection)
                await self.queue.add(connection, job)
            elif (present["kind"], present["params"]) != (job.kind, job.params):
                raise IdempotencyConflict(
                    f"The Idempotency-Key {idempotency_key!r} was used for another job, of the kind {present['kind']}.",
                    remedy="Take a new key for a new job.",
                    job=str(present["id"]),
                )
            view = await self._view(connection, present["id"] if present else UUID(job.id))
        self.runner.nudge()
        return view

    async def check_room(self, connection: Connection) -> None:
        """Return where one more job of the transaction's client may wait.

        Raises:
            LimitReached: it may not.
        """
        if await self.repository.count_waiting(connection) >= self.most_waiting:
            raise LimitReached(
                f"{self.most_waiting} jobs of this client wait already.",
                remedy="Wait until some have ended, or cancel some.",
                limit=self.most_waiting,
            )

    async def jobs(
        self,
        *,
        client_id: str,
        states: Sequence[JobState] | None,
        kind: str | None,
        schedule_id: UUID | None,
        page: PageRequest,
    ) -> Page[JobSummary]:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            items, total = await self.repository.page(
                connection, states=states, kind=kind, schedule_id=schedule_id, page=page
            )
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def job(self, job_id: UUID, *, client_id: str) -> JobView:
        """Return a job.

        Raises:
            NotFound: there is none such.
        """
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            return await self._view(connection, job_id)

    async def cancel(self, job_id: UUID, *, client_id: str) -> JobView:
        """Cancel a job that waits; one that runs stops within a second or two.

        Raises:
            NotFound: there is none such.
            Conflict: it has ended, and was not cancelled.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            cancelled = await self.repository.cancel(connection, job_id)
            view = await self._view(connection, job_id)
        if not cancelled and view.state is not JobState.CANCELLED:
            raise Conflict(f"The job has ended: it is {view.state}.", remedy="What it did stays; look at its result.")
        return view

    async def retry(self, job_id: UUID, *, client_id: str) -> JobView:
        """Have a job that failed, in whole or in part, or was cancelled run again; parts that are done stay done.

        Raises:
            NotFound: there is none such.
            Conflict: it has not ended, or nothing of it failed.
            LimitReached: as many jobs of the client wait as may.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            await self.repository.one_at_a_time(connection, client_id)
            before = await self._view(connection, job_id)
            await self.check_room(connection)
            if not await self.repository.retry(connection, job_id):
                raise Conflict(
                    f"The job is {before.state}, and nothing of it failed." if before.ended_at else
                    f"The job has not ended: it is {before.state}.",
                    remedy="Start a new job to do it once more.",
                )  # fmt: skip
            view = await self._view(connection, job_id)
        self.runner.nudge()
        return view

    async def fetch_file(self, job_id: UUID, *, client_id: str, path: Path) -> tuple[str, str]:
        """Write a job's file to a path, and return its name and media type.

        Raises:
            NotFound: there is no such job, or it has no file (yet).
        """
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            view = await self._view(connection, job_id)
            file = await self.repository.file(connection, job_id)
        if file is None or view.state is not JobState.COMPLETED:
            raise NotFound(
                f"The job has no file: it is of the kind {view.kind}, and {view.state}.",
                remedy="Jobs of the kind export have one when they are completed.",
            )
        await self.exports.get(file["blob"], path)
        return file["name"], file["media_type"]

    async def _view(self, connection: Connection, job_id: UUID) -> JobView:
        summary = await self.repository.job(connection, job_id)
        if summary is None:
            raise NotFound(f"There is no job {job_id}.", remedy="List those there are at /jobs.")
        failures = await self.repository.failures(connection, job_id) if summary.failed_parts else []
        return JobView(**summary.model_dump(), failures=failures)
