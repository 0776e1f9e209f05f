"""Jobs in PostgreSQL, handed out over the service's own pool: no second driver, and no connection kept aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any

from analytics_engine.errors import JobLost, JobTakenOver
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kernel.http.request_id import current_request_id
from analytics_engine.kernel.ports.database import Connection, Database, Row
from analytics_engine.kernel.ports.jobs import ClaimedJob, Forget, Held, JobCounts, JobState, NewJob
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.security.principal import Principal, Role

_SQL = load_queries(__package__, "jobs.sql")


class PostgresJobs:
    """``kernel.ports.jobs.JobQueue`` in the schema ``jobs``.

    Workers and their silence are told by the database's clock, which all replicas share.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, connection: Connection, job: NewJob) -> bool:
        who = job.principal
        added = await connection.fetch_value(
            _SQL["add"], job.id, who.client_id, job.kind, dict(job.params), who.subject, who.role.value,
            who.name or who.subject, job.schedule_id, job.tick, job.as_of, job.lane, job.idempotency_key,
            current_request_id(),
        )  # fmt: skip
        return added is not None

    async def claim(self, worker: str, kinds: Sequence[str], *, service: str) -> ClaimedJob | None:
        async with self._as_runner() as connection:
            row = await connection.fetch_one(_SQL["claim"], worker, kinds)
            if row is None:
                return None
            await connection.execute(_SQL["beat"], worker, service)
            await connection.execute(_SQL["forget_failed_parts"], row["id"])
        return _claimed(row)

    async def beat(self, worker: str, service: str) -> Sequence[Held]:
        async with self._as_runner() as connection:
            await connection.execute(_SQL["beat"], worker, service)
            rows = await connection.fetch(_SQL["held"], worker)
        return [Held(str(row["id"]), row["claim"], row["cancel"]) for row in rows]

    async def rescue(self, *, silent_for: timedelta, attempts: int) -> tuple[int, int]:
        async with self._as_runner() as connection:
            silent = [row["id"] for row in await connection.fetch(_SQL["silent"], silent_for)]
            if not silent:
                await connection.execute(_SQL["forget_silent"], silent_for)
                return 0, 0
            states = await self._take_back(connection, silent, attempts=attempts)
            await connection.execute(_SQL["forget_silent"], silent_for)
        return states[JobState.WAITING], states[JobState.FAILED]

    async def give_back(self, worker: str, job_ids: Sequence[str], *, attempts: int) -> None:
        async with self._as_runner() as connection:
            await self._take_back(connection, job_ids, attempts=attempts, worker=worker)

    async def sign_off(self, worker: str) -> None:
        async with self._as_runner() as connection:
            await connection.execute(_SQL["sign_off"], worker)

    async def progress(self, job: ClaimedJob, *, done: int, total: int) -> None:
        async with self._of_client(job) as connection:
            await connection.execute(_SQL["progress"], job.id, job.claim, done, total)

    async def fail_part(self, job: ClaimedJob, *, what: str, problem: Mapping[str, Any]) -> None:
        async with self.transaction(job) as connection:
            await connection.execute(_SQL["fail_part"], job.id, what, job.principal.client_id, dict(problem))

    async def keep_result(self, job: ClaimedJob, result: Mapping[str, Any]) -> None:
        async with self._of_client(job) as connection:
            await connection.execute(_SQL["keep_result"], job.id, job.claim, dict(result))

    async def end(self, job: ClaimedJob, state: JobState, *, problem: Mapping[str, Any] | None = None) -> bool:
        return await self._moved(job, "end", state.value, dict(problem) if problem is not None else None)

    async def again(self, job: ClaimedJob, *, after: timedelta, problem: Mapping[str, Any]) -> bool:
        return await self._moved(job, "again", after, dict(problem))

    async def let_go(self, job: ClaimedJob) -> bool:
        return await self._moved(job, "let_go")

    async def counts(self) -> JobCounts:
        async with self._as_runner() as connection:
            rows = await connection.fetch(_SQL["counts"])
        return JobCounts(
            waiting={row["kind"]: row["jobs"] for row in rows if row["state"] == JobState.WAITING},
            running={row["kind"]: row["jobs"] for row in rows if row["state"] == JobState.RUNNING},
            oldest_waiting_s=max((0.0, *(row["oldest_s"] for row in rows))),
        )

    async def parts_done(self, job: ClaimedJob) -> frozenset[str]:
        async with self._of_client(job) as connection:
            return frozenset(row["what"] for row in await connection.fetch(_SQL["parts_done"], job.id))

    async def forget_ended(self, *, older_than: timedelta, limit: int, before: Forget) -> int:
        async with self._as_runner() as connection:
            ended = await connection.fetch(_SQL["ended"], older_than, limit)
            if ended:
                await before([row["result"] for row in ended if row["result"] is not None])
                await connection.execute(_SQL["forget"], [row["id"] for row in ended])
        return len(ended)

    def transaction(self, job: ClaimedJob, *, parts: Sequence[str] = ()) -> AbstractAsyncContextManager[Connection]:
        return self._held(job, parts)

    async def _take_back(
        self, connection: Connection, job_ids: Sequence[Any], *, attempts: int, worker: str | None = None
    ) -> Counter[str]:
        problem = problem_of(_lost(attempts)).model_dump(mode="json")
        rows = await connection.fetch(_SQL["take_back"], job_ids, attempts, problem, worker)
        return Counter(row["state"] for row in rows)

    @asynccontextmanager
    async def _held(self, job: ClaimedJob, parts: Sequence[str]) -> AsyncIterator[Connection]:
        async with self._of_client(job) as connection:
            if await connection.fetch_value(_SQL["hold"], job.id, job.claim) is None:
                raise JobTakenOver(f"The job {job.id} is not this worker's any more.")
            noted = await connection.fetch(_SQL["note_done"], job.id, parts, job.principal.client_id) if parts else ()
            if len(noted) < len(parts):
                raise JobTakenOver(f"Some of {', '.join(parts)} of the job {job.id} is done already.")
            yield connection

    @asynccontextmanager
    async def _as_runner(self) -> AsyncIterator[Connection]:
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["as_runner"])
            yield connection

    def _of_client(self, job: ClaimedJob) -> AbstractAsyncContextManager[Connection]:
        return self._database.transaction(client_id=job.principal.client_id)

    async def _moved(self, job: ClaimedJob, statement: str, *args: object) -> bool:
        async with self._of_client(job) as connection:
            return await connection.fetch_value(_SQL[statement], job.id, job.claim, *args) is not None


def _claimed(row: Row) -> ClaimedJob:
    return ClaimedJob(
        id=str(row["id"]),
        kind=row["kind"],
        params=row["params"],
        principal=Principal(
            subject=row["subject"], client_id=row["client_id"], role=Role(row["role"]), name=row["started_by"]
        ),
        as_of=row["as_of"],
        claim=row["claim"],
        attempt=row["attempt"],
        request_id=row["request_id"],
    )


def _lost(attempts: int) -> JobLost:
    return JobLost(
        f"{attempts} processes that ran the job one after another went silent before it was done.",
        remedy="Find in the logs of the service what ended them, such as a lack of memory; then retry the job.",
        attempts=attempts,
    )
