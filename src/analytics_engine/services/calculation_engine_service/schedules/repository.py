from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.ports.jobs import JobState
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.calculation_engine_service.schedules.deciding import Decision, Skipped
from analytics_engine.services.calculation_engine_service.schedules.schemas import Run, ScheduleSummary

_SETTINGS = ("name", "kind", "params", "cron", "time_zone", "enabled", "missed", "missed_within_s", "overlap")


class ScheduleRepository:
    """Schedules and their ticks; every method works in the caller's transaction.

    That says whose client it is, but for the methods of the ticker, which works as the runner of all clients' jobs.
    """

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def page(self, connection: Connection, page: PageRequest) -> tuple[list[ScheduleSummary], int]:
        rows = await connection.fetch(self._sql["schedules"], page.limit, page.offset)
        return [summary_of(row) for row in rows], await self.count(connection)

    async def count(self, connection: Connection) -> int:
        schedules: int = await connection.fetch_value(self._sql["count_schedules"])
        return schedules

    async def schedule(self, connection: Connection, schedule_id: UUID) -> Row | None:
        return await connection.fetch_one(self._sql["schedule"], schedule_id)

    async def to_change(self, connection: Connection, schedule_id: UUID) -> Row | None:
        """Return a schedule that nobody else changes, or decides on, until the transaction ends."""
        return await connection.fetch_one(self._sql["schedule_to_change"], schedule_id)

    async def name_is_taken(self, connection: Connection, name: str, *, by_other_than: str) -> bool:
        return bool(await connection.fetch_value(self._sql["name_is_taken"], name, by_other_than))

    async def add(
        self,
        connection: Connection,
        schedule_id: str,
        settings: Mapping[str, Any],
        *,
        next_tick: datetime | None,
        principal: Principal,
    ) -> ScheduleSummary:
        row = await connection.fetch_one(
            self._sql["add_schedule"], schedule_id, principal.client_id, *_values(settings), next_tick, *_who(principal)
        )
        assert row is not None
        return summary_of(row)

    async def change(
        self,
        connection: Connection,
        schedule_id: UUID,
        settings: Mapping[str, Any],
        *,
        next_tick: datetime | None,
        principal: Principal,
    ) -> ScheduleSummary:
        row = await connection.fetch_one(
            self._sql["change_schedule"], schedule_id, *_values(settings), next_tick, *_who(principal)
        )
        assert row is not None
        return summary_of(row)

    async def delete(self, connection: Connection, schedule_id: UUID) -> None:
        """Delete a schedule, and cancel its jobs that wait."""
        await connection.execute(self._sql["delete_schedule"], schedule_id)
        await connection.execute(self._sql["cancel_waiting"], schedule_id)

    async def runs(self, connection: Connection, schedule_id: UUID, page: PageRequest) -> tuple[list[Run], int]:
        rows = await connection.fetch(self._sql["runs"], schedule_id, page.limit, page.offset)
        return [_run(row) for row in rows], await connection.fetch_value(self._sql["count_runs"], schedule_id)

    async def become_runner(self, connection: Connection) -> None:
        """Let the rest of the transaction see the schedules and jobs of all clients."""
        await connection.execute(self._sql["as_runner"])

    async def due(self, connection: Connection, now: datetime) -> Row | None:
        """Return a schedule with a tick that is due, and that no other ticker has."""
        return await connection.fetch_one(self._sql["due"], now)

    async def occupied(self, connection: Connection, schedule_id: UUID) -> bool:
        """Return whether a job of the schedule has not ended."""
        return bool(await connection.fetch_value(self._sql["occupied"], schedule_id))

    async def count_waiting(self, connection: Connection, client_id: str) -> int:
        """Return how many jobs of a client wait; nobody else starts one of it until the transaction ends."""
        await connection.execute(self._sql["one_at_a_time"], client_id)
        waiting: int = await connection.fetch_value(self._sql["count_waiting"], client_id)
        return waiting

    async def note(
        self, connection: Connection, schedule: Row, decision: Decision, *, job_id: str | None, now: datetime
    ) -> bool:
        """Note what becomes of a tick; False where that was noted before."""
        noted = await connection.fetch_value(
            self._sql["note_tick"], schedule["id"], decision.tick, schedule["client_id"], job_id,
            decision.skipped.value if decision.skipped else "", decision.through, now,
        )  # fmt: skip
        return noted is not None

    async def advance(self, connection: Connection, schedule_id: UUID, next_tick: datetime | None) -> None:
        await connection.execute(self._sql["advance"], schedule_id, next_tick)

    async def forget_ticks(self, connection: Connection, *, older_than: timedelta, limit: int) -> int:
        tag = await connection.execute(self._sql["forget_ticks"], older_than, limit)
        return int(tag.rpartition(" ")[2])


def summary_of(row: Row) -> ScheduleSummary:
    return ScheduleSummary(**{**row, "id": str(row["id"])})


def principal_of(row: Row) -> Principal:
    """Return whom a schedule's jobs run as."""
    return Principal(subject=row["subject"], client_id=row["client_id"], role=Role(row["role"]), name=row["changed_by"])


def _values(settings: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(settings[name] for name in _SETTINGS)


def _who(principal: Principal) -> tuple[str, str, str]:
    return principal.subject, principal.role.value, principal.name or principal.subject


def _run(row: Row) -> Run:
    return Run(
        tick=row["tick"],
        through=row["through"],
        skipped=Skipped(row["skipped"]) if row["skipped"] else None,
        job_id=str(row["job_id"]) if row["job_id"] else None,
        state=JobState(row["state"]) if row["state"] else None,
        decided_at=row["decided_at"],
    )
