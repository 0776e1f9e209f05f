"""What keeps rollups whole and small: marked buckets rebuilt, cells of many rows merged, what was retired dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.services.database_service.rollups import repository
from analytics_engine.services.database_service.rollups.rebuilding import EVER, Rebuilt, rebuild_step, remark
from analytics_engine.services.database_service.rollups.repository import SQL, HeldRollup
from analytics_engine.services.database_service.rollups.statements import RollupSql
from analytics_engine.services.database_service.tables.ddl import fact_name
from analytics_engine.services.database_service.tables.service import become_ingest

log = get_logger(__name__)

_REST_S = 2.0
_BUCKETS_AT_ONCE = 500
_STEP = timedelta(days=31)
_SHORT_S, _LONG_S = 1.0, 5.0
_DROP_AFTER_S = 60.0
"""A retired rollup stays this long for those that have planned with it."""


@dataclass(frozen=True)
class _Grown:
    """A level of a part of a rollup where a client has cells of more than one row."""

    part: RollupSql
    level: Level
    client_id: str


class Maintenance:
    """Runs beside the service, in every replica: what one is at, the others pass over."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._steps: dict[int, timedelta] = {}

    async def keep(self) -> None:
        while is_wanted():
            if not await self.once():
                await asyncio.sleep(_REST_S)

    async def once(self) -> bool:
        """Do one round over all rollups, and return whether there is more to do."""
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            rollups = await repository.present(connection)
            marked = await repository.marked_clients(connection)
            grown = await _grown(connection, rollups)
        more = False
        for rollup in rollups:
            try:
                more |= await self._round(rollup, marked.get(rollup.id, []))
                for cells in grown.get(rollup.id, []):
                    more |= await self._compact(rollup, cells)
            except AnalyticsEngineError as error:
                log.warning("rollup_maintenance_failed", rollup=rollup.code, id=rollup.id, reason=error.detail)
        await self._drop_retired()
        return more

    async def _round(self, rollup: HeldRollup, marked: list[str]) -> bool:
        clients = await self._of_each(rollup) if "" in marked else marked
        steps = [await self._rebuild(rollup, client_id) for client_id in clients]
        if rollup.status == "building" and not any(step.left for step in steps):
            return not await self._make_ready(rollup)
        return any(step.left and step.span is not None for step in steps)

    async def _of_each(self, rollup: HeldRollup) -> list[str]:
        """Make marks of all clients ones of each, and return these clients."""
        async with self._database.transaction() as connection:
            await become_ingest(connection)
            of_all = await repository.marks(connection, rollup.id, client_id="")
            known = await _clients(connection, rollup)
            for client_id in known:
                await remark(connection, rollup.id, client_id, [(EVER.start, EVER.end)], reason="truncated")
            await connection.execute(SQL["unmark"], [mark.id for mark in of_all])
            return list((await repository.marked_clients(connection)).get(rollup.id, []))

    async def _rebuild(self, rollup: HeldRollup, client_id: str) -> Rebuilt:
        """Rebuild one step, of about a few seconds; what another process is at is left to it."""
        clock = asyncio.get_running_loop()
        started = clock.time()
        step = self._steps.get(rollup.id, _STEP)
        done = await rebuild_step(self._database, rollup, client_id, most=step)
        took_s = clock.time() - started
        if took_s > _LONG_S and step > timedelta(days=1):
            self._steps[rollup.id] = max(step / 2, timedelta(days=1))
        elif took_s < _SHORT_S and done.span is not None:
            self._steps[rollup.id] = min(step * 2, timedelta(days=3660))
        return done

    async def _make_ready(self, rollup: HeldRollup) -> bool:
        """Let a rollup whose marks are all gone be read, and retire the one it replaces."""
        async with self._database.transaction() as connection:
            await become_ingest(connection)
            if rollup.id in await repository.marked_clients(connection, days_after=1):
                return False
            await _count(connection, rollup)
            await connection.execute(SQL["make_ready"], rollup.id)
            for other in await repository.present(connection):
                if (other.client_id, other.code) == (rollup.client_id, rollup.code) and other.id < rollup.id:
                    await connection.execute(SQL["retire"], other.id)
        log.info("rollup_ready", rollup=rollup.code, id=rollup.id)
        return True

    async def _compact(self, rollup: HeldRollup, cells: _Grown) -> bool:
        """Merge the rows of each cell in some buckets, and return whether others may be left."""
        async with self._database.transaction() as connection:
            await become_ingest(connection)
            if not await connection.fetch_value(SQL["lock_cells"], rollup.id, cells.client_id):
                return False
            statement = cells.part.compact(cells.level)
            merged = await connection.fetch_value(statement, cells.client_id, _BUCKETS_AT_ONCE)
            return bool(merged == _BUCKETS_AT_ONCE)

    async def _drop_retired(self) -> None:
        async with self._database.transaction() as connection:
            await become_ingest(connection)
            gone = await repository.retired(connection, since_s=_DROP_AFTER_S)
            await connection.execute(SQL["forget_usage"])
        for rollup in gone:
            async with self._database.transaction() as connection:
                await connection.execute(SQL["lock_definitions"])
                await become_ingest(connection)
                await connection.execute("SET LOCAL lock_timeout = '5s'")
                for statement in rollup.triggers.drop():
                    await connection.execute(statement)
                await connection.execute(SQL["forget_marks"], rollup.id)
                await connection.execute(SQL["forget_rollup"], rollup.id)


async def _clients(connection: Connection, rollup: HeldRollup) -> list[str]:
    """Return the clients that have rows, or cells of rows that were."""
    if rollup.client_id:
        return [rollup.client_id]
    cells = (part.table(level) for part in rollup.sql.parts for level in rollup.kept.levels)
    tables = [fact_name(rollup.object_model), *cells]
    return sorted({client for table in tables for client in await repository.clients_of(connection, table)})


async def _grown(connection: Connection, rollups: Sequence[HeldRollup]) -> dict[int, list[_Grown]]:
    """Return for each rollup the cells of more than one row."""
    queries = [part.waiting(level) for rollup in rollups for part in rollup.sql.parts for level in rollup.kept.levels]
    by_id = {rollup.id: rollup for rollup in rollups}
    found: dict[int, list[_Grown]] = {}
    for row in await connection.fetch(" UNION ALL ".join(queries)) if queries else []:
        part = replace(by_id[row["id"]].sql, tally=row["tally"])
        found.setdefault(row["id"], []).append(_Grown(part, Level(row["level"]), row["client_id"]))
    return found


async def _count(connection: Connection, rollup: HeldRollup) -> None:
    """Note how many rows the coarsest level has: of several rollups that fit the smallest is read."""
    count = await connection.fetch_value(f"SELECT count(*) FROM {rollup.sql.table(rollup.kept.levels[-1])}")
    await connection.execute(SQL["count_cells"], rollup.id, count)
