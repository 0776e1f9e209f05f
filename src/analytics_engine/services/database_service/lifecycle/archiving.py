"""Rows that are old enough leave their table: written to files, proven, published, and dropped when nobody reads them.

A part of a table leaves in three transactions, any of which may be the last of a process that is killed:

1. Its rows are exported in one snapshot, while others write; files have names of their own content, so one that was
   written in vain is in nobody's way.
2. If nothing was written to the part since, the files and the new bound are published. From then on answers read the
   files, and nobody changes the rows.
3. When every transaction that may still see the bound as it was is over, the part is dropped.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics_engine.contracts.engine import BARRIER
from analytics_engine.errors import AnalyticsEngineError, Locked
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.blobs import BlobStore
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.database_service.lifecycle import bounds
from analytics_engine.services.database_service.lifecycle.bounds import SQL
from analytics_engine.services.database_service.lifecycle.exporting import Exported, exported
from analytics_engine.services.database_service.lifecycle.hindrances import check
from analytics_engine.services.database_service.rollups import repository as rollups
from analytics_engine.services.database_service.rollups.repository import SQL as ROLLUPS
from analytics_engine.services.database_service.tables import repository as tables
from analytics_engine.services.database_service.tables.ddl import fact_name
from analytics_engine.services.database_service.tables.fact_table import FactTable
from analytics_engine.services.database_service.tables.partitions import TimePart, partitioning_of
from analytics_engine.services.database_service.tables.patience import patiently
from analytics_engine.services.database_service.tables.service import become_ingest

log = get_logger(__name__)

_EVERY_S = 900.0
_TIMEOUT_S = 3600.0
_SOON = "its newest changes are being worked into the rollups"
_READ = "somebody still reads who began before its rows were archived"
_CHANGED = "its rows were changed while they were written to the archive"


@dataclass(frozen=True)
class _File:
    name: str
    of: Exported


class Archiving:
    """Runs beside the service, in every replica: what one is at, the others pass over."""

    def __init__(self, database: Database, store: BlobStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._due = asyncio.Event()

    def wake(self) -> None:
        """Have a round begin now, or right after the present one."""
        self._due.set()

    async def keep(self) -> None:
        while is_wanted():
            self._due.clear()
            try:
                await self.once()
            except AnalyticsEngineError as error:
                log.warning("archiving_failed", reason=error.detail)
            with suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._due.wait()

    async def once(self) -> None:
        """Do all that the policies want, as far as nothing is in the way."""
        async with self._database.transaction(read_only=True) as connection:
            policies = await connection.fetch(SQL["policies"])
        for policy in policies:
            code = policy["object_model"]
            try:
                held_up = await self.leave(code, _months_before(self._clock.now(), policy["keep_rows_months"]))
                if policy["keep_archive_months"] is not None:
                    await self.expire(code, _months_before(self._clock.now(), policy["keep_archive_months"]))
            except AnalyticsEngineError as error:
                held_up = error.detail
                log.warning("rows_do_not_leave", object_model=code, reason=error.detail)
            async with self._database.transaction() as connection:
                await connection.execute(SQL["note_held_up"], code, held_up)

    async def leave(self, code: str, cutoff: datetime) -> str:
        """Have all parts of a table leave that end before a moment, and return what holds up the next; empty if none.

        Raises:
            Conflict: a rollup needs all rows.
            NotTheSame: a file does not hold the rows.
        """
        async with self._database.transaction() as connection:
            table = await tables.find(connection, code)
        if table is None:
            return ""
        held_up = ""
        while not held_up and (part := await self._next(table, cutoff)) is not None:
            held_up = await self._archive(table, part)
        return await self._drop(table) or held_up

    async def expire(self, code: str, cutoff: datetime) -> None:
        """Have the archive forget what ended before a moment: first that it has it, then the files."""
        async with self._database.transaction() as connection:
            await become_ingest(connection)
            expiring = await connection.fetch(SQL["expiring"], code, cutoff)
            if expiring:
                await connection.execute(SQL["move_archive"], code, max(row["ends"] for row in expiring))
        for row in expiring:
            await self._store.delete(row["name"])
            async with self._database.transaction() as connection:
                await become_ingest(connection)
                await connection.execute(SQL["forget_part"], row["id"])
        if expiring:
            log.info("archive_expired", object_model=code, until=cutoff.isoformat(), files=len(expiring))

    async def _next(self, table: FactTable, cutoff: datetime) -> TimePart | None:
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            part = await _oldest(connection, table)
        return part if part is not None and part.end <= cutoff else None

    async def _archive(self, table: FactTable, part: TimePart) -> str:
        async with self._database.transaction(
            isolation="repeatable_read", timeout_s=_TIMEOUT_S, behind=BARRIER
        ) as connection:
            await become_ingest(connection)
            check(table, (held.kept for held in await rollups.present(connection)))
            if await connection.fetch_value(SQL["marks_before"], table.code, part.end):
                return _SOON
            seen = await connection.fetch_value(SQL["snapshot"])
            files: list[_File] = []
            async with aclosing(exported(connection, table, part)) as exporting:
                async for one in exporting:
                    name = f"{one.client_id}/{table.code}/{part.start:%Y-%m-%d}-{one.digest.hex()[:16]}.parquet"
                    await self._store.put(name, one.path)
                    files.append(_File(name, one))
        if not await patiently(lambda: self._publish(table, part, files, seen)):
            return _CHANGED
        rows = sum(file.of.rows for file in files)
        log.info("rows_archived", object_model=table.code, starts=part.start.isoformat(), rows=rows, files=len(files))
        return ""

    async def _publish(self, table: FactTable, part: TimePart, files: list[_File], seen: str) -> bool:
        """Have its rows be those of the files, and return True, if the part is still as it was exported.

        The strongest lock is the first one: whoever has another one of the table would wait for us, and we for them.
        """
        async with self._database.transaction(timeout_s=_TIMEOUT_S) as connection:
            await connection.execute(ROLLUPS["lock_definitions"])
            await become_ingest(connection)
            await connection.execute(SQL["lock_timeout"])
            await connection.execute(f"LOCK TABLE ONLY {fact_name(table.code)} IN ACCESS EXCLUSIVE MODE")
            await connection.execute(f"LOCK TABLE {part.relation} IN SHARE MODE")
            check(table, (held.kept for held in await rollups.present(connection)))
            if part != await _oldest(connection, table) or not await _is_unchanged(connection, part, files, seen):
                return False
            for file in files:
                await _note(connection, table, part, file)
            await bounds.move(connection, table, part.end)
            await connection.execute(SQL["note_leaving"], part.relation, table.code, part.start, part.end)
        return True

    async def _drop(self, table: FactTable) -> str:
        """Drop the parts that nobody reads any more, and return what holds up the others."""
        async with self._database.transaction(read_only=True) as connection:
            leaving = await connection.fetch(SQL["leaving"], table.code)
        for row in leaving:
            part = TimePart(row["relation"], row["starts"], row["ends"])
            try:
                await patiently(lambda part=part: self._drop_part(table, part))  # type: ignore[misc]
            except Locked:
                return _READ
            log.info("archived_rows_dropped", object_model=table.code, starts=part.start.isoformat())
        return ""

    async def _drop_part(self, table: FactTable, part: TimePart) -> None:
        async with self._database.transaction(timeout_s=_TIMEOUT_S) as connection:
            await become_ingest(connection)
            await connection.execute(SQL["barrier_timeout"])
            await connection.execute(SQL["wait_for_readers"])
            await partitioning_of(table.layout).drop(connection, table, part)
            await connection.execute(SQL["has_left"], part.relation)


async def _oldest(connection: Connection, table: FactTable) -> TimePart | None:
    """Return the oldest part whose rows are not archived; an older one may be made at any time, as late rows come."""
    start = await tables.rows_from(connection, table.code)
    parts = await partitioning_of(table.layout).parts(connection, table)
    return next((part for part in parts if start is None or part.end > start), None)


async def _is_unchanged(connection: Connection, part: TimePart, files: list[_File], seen: str) -> bool:
    """Return whether no row came, and none went, since a snapshot; whatever changes a row makes it a new one."""
    row = await connection.fetch_one(
        f"SELECT count(*) AS rows, count(*) FILTER (WHERE age(xmin) <= age(($1::text)::xid8::xid)) AS newer "
        f"FROM {part.relation}",
        seen,
    )
    assert row is not None
    return bool(row["rows"] == sum(file.of.rows for file in files) and row["newer"] == 0)


async def _note(connection: Connection, table: FactTable, part: TimePart, file: _File) -> None:
    of = file.of
    columns = {name: table.columns[name].type.value for name in of.columns}
    await connection.execute(
        SQL["note_part"], of.client_id, table.code, part.start, part.end, file.name, columns, of.rows, of.size_bytes,
        of.digest,
    )  # fmt: skip


def _months_before(now: datetime, months: int) -> datetime:
    """Return the start of the month so many months before this one, in UTC."""
    whole = now.astimezone(UTC).year * 12 + now.astimezone(UTC).month - 1 - months
    return datetime(whole // 12, whole % 12 + 1, 1, tzinfo=UTC)
