from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.ports.jobs import JobState
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.calculation_engine_service.jobs.schemas import Failure, JobSummary, Progress

_MOST_FAILURES = 1_000
FILE = "file"
"""The entry of a job's result that names its file; where it is stored is told to nobody."""


class JobRepository:
    """Jobs in PostgreSQL; every method works in the caller's transaction, which says whose client it is."""

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def one_at_a_time(self, connection: Connection, client_id: str) -> None:
        """Return when nobody else counts or uses up the limits of this client."""
        await connection.execute(self._sql["one_at_a_time"], client_id)

    async def count_waiting(self, connection: Connection) -> int:
        waiting: int = await connection.fetch_value(self._sql["count_waiting"])
        return waiting

    async def of_key(self, connection: Connection, key: str) -> Row | None:
        return await connection.fetch_one(self._sql["of_key"], key)

    async def page(
        self,
        connection: Connection,
        *,
        states: Sequence[JobState] | None,
        kind: str | None,
        schedule_id: UUID | None,
        page: PageRequest,
    ) -> tuple[list[JobSummary], int]:
        asked = ([state.value for state in states] if states else None, kind, schedule_id)
        rows = await connection.fetch(self._sql["jobs"], *asked, page.limit, page.offset)
        return [_summary(row) for row in rows], await connection.fetch_value(self._sql["count_jobs"], *asked)

    async def job(self, connection: Connection, job_id: UUID) -> JobSummary | None:
        row = await connection.fetch_one(self._sql["job"], job_id)
        return _summary(row) if row else None

    async def file(self, connection: Connection, job_id: UUID) -> Mapping[str, Any] | None:
        """Return a job's file: ``blob``, ``name``, ``media_type``; None where it has none."""
        row = await connection.fetch_one(self._sql["job"], job_id)
        return ((row["result"] if row else None) or {}).get(FILE)

    async def failures(self, connection: Connection, job_id: UUID) -> list[Failure]:
        rows = await connection.fetch(self._sql["failures"], job_id, _MOST_FAILURES)
        return [Failure(**row) for row in rows]

    async def cancel(self, connection: Connection, job_id: UUID) -> bool:
        """Cancel a waiting job, or ask for a running one's end; False where it has ended or there is none."""
        return await connection.fetch_value(self._sql["cancel"], job_id) is not None

    async def retry(self, connection: Connection, job_id: UUID) -> bool:
        """Have a job that failed, in whole or in part, or was cancelled wait again; False where there is none such."""
        return await connection.fetch_value(self._sql["retry"], job_id) is not None


def _summary(row: Row) -> JobSummary:
    return JobSummary(
        id=str(row["id"]),
        kind=row["kind"],
        params=row["params"],
        state=JobState(row["state"]),
        progress=Progress(done=row["done"], total=row["total"], updated_at=row["progressed_at"]),
        attempts=row["attempt"],
        failed_parts=row["failed_parts"],
        problem=row["problem"],
        result=_shown(row["result"]),
        cancelling=row["state"] == JobState.RUNNING and row["cancel_requested_at"] is not None,
        started_by=row["started_by"],
        schedule_id=str(row["schedule_id"]) if row["schedule_id"] else None,
        tick=row["tick"],
        as_of=row["as_of"],
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
    )


def _shown(result: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if result is None or FILE not in result:
        return dict(result) if result is not None else None
    return {**result, FILE: {name: value for name, value in result[FILE].items() if name != "blob"}}
