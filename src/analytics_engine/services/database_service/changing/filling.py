"""Columns of another type filled in, some pages at a time, by whichever replica comes first; a kill costs one step."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.database_service.changing.undoing import Undoing
from analytics_engine.services.database_service.definitions import ObjectModels
from analytics_engine.services.database_service.tables import repository, retyping, table_changes
from analytics_engine.services.database_service.tables.ddl import fact_name
from analytics_engine.services.database_service.tables.roles import become_ingest, become_service
from analytics_engine.services.database_service.tables.service import FactTables
from analytics_engine.services.database_service.tables.table_changes import ChangeStatus, TableChange

log = get_logger(__name__)

_SQL = load_queries(__package__)

_REST_S = 1.0
_PAGES_AT_ONCE = 500
_STEP_S = 60.0
_SCAN_S = 600.0
_WAITS = "waits for the definition to have this type"


class Filling:
    """Runs beside the service, in every replica: what one is at, the others pass over."""

    def __init__(self, *, database: Database, models: ObjectModels, tables: FactTables, undoing: Undoing) -> None:
        self._database = database
        self._models = models
        self._tables = tables
        self._undoing = undoing

    async def keep(self) -> None:
        while is_wanted():
            if not await self.once():
                await asyncio.sleep(_REST_S)

    async def once(self) -> bool:
        """Do one step of every change, and return whether there is more to do at once."""
        async with self._database.transaction(read_only=True) as connection:
            changes = await table_changes.being_done(connection)
        more = False
        for change in changes:
            try:
                if change.status is ChangeStatus.FILLING:
                    more |= await self._step(change)
                elif change.status is ChangeStatus.FILLED:
                    await self._take_name(change)
                else:
                    await self._undoing.forget(change.object_model, change.id)
            except AnalyticsEngineError as error:
                log.warning("table_change_waits", object_model=change.object_model, id=change.id, reason=error.detail)
                await self._say(change, error.detail)
        return more

    async def _step(self, change: TableChange) -> bool:
        """Fill some pages; after the last ones look at all of it, and have the column take its name."""
        async with self._database.transaction(timeout_s=_STEP_S) as connection:
            if not await connection.fetch_value(_SQL["try_lock_table"], change.object_model):
                return False
            present = await table_changes.find(connection, change.id)
            if present is None or present.status is not ChangeStatus.FILLING:
                return False
            parts = await connection.fetch(_SQL["parts_to_fill"], fact_name(change.object_model))
            pages = _next_pages(present, parts)
            if pages is not None:
                await _fill(connection, present, pages)
                return True
        return await self._finish(present)

    async def _finish(self, change: TableChange) -> bool:
        """Look whether every row is in step: who rewrote the table meanwhile may have moved rows past the filling."""
        async with self._database.transaction(timeout_s=_SCAN_S) as connection:
            table = await repository.find(connection, change.object_model)
            assert table is not None
            await become_ingest(connection)
            await connection.execute(_SQL["exact_floats"])
            wrong = await connection.fetch_value(retyping.out_of_step(table, change))
            await become_service(connection)
            if wrong:
                await table_changes.note_progress(connection, change, part=None, block=0, blocks_done=0, blocks=0)
                return True
            await table_changes.note(connection, change, ChangeStatus.FILLED, _WAITS)
        log.info("column_filled", object_model=change.object_model, column=change.column, id=change.id)
        await self._take_name(change)
        return False

    async def _take_name(self, change: TableChange) -> None:
        """Have a filled column take its name, where the definition is of its type by now."""
        model = await self._models.get(change.client_id, change.object_model)
        if any(
            attribute.type is change.to_type and change.column in {attribute.name, attribute.renamed_from}
            for attribute in model.definition.attributes
        ):
            await self._tables.ensure(model, client_id=change.client_id)
        else:
            await self._say(change, _WAITS)

    async def _say(self, change: TableChange, detail: str) -> None:
        async with self._database.transaction() as connection:
            present = await table_changes.find(connection, change.id)
            if present is not None:
                await table_changes.note(connection, present, present.status, detail)


@dataclass(frozen=True)
class _Pages:
    """Pages of a part, and how many of all of them are done after these."""

    part: int
    name: str
    first: int
    last: int
    done: int
    all: int


def _next_pages(change: TableChange, parts: Sequence[Row]) -> _Pages | None:
    """Return the pages to be filled next; None after the last ones. Parts made later are in step from the start."""
    total = sum(part["blocks"] for part in parts)
    done = 0
    for part in parts:
        block = change.block if part["oid"] == change.part else 0
        if (change.part is None or part["oid"] >= change.part) and block < part["blocks"]:
            last = block + _PAGES_AT_ONCE
            return _Pages(part["oid"], part["name"], block, last, done + min(last, part["blocks"]), total)
        done += part["blocks"]
    return None


async def _fill(connection: Connection, change: TableChange, pages: _Pages) -> None:
    await become_ingest(connection)
    await connection.execute(_SQL["exact_floats"])
    await connection.execute(retyping.fill(change, pages.name), pages.first, pages.last)
    await become_service(connection)
    await table_changes.note_progress(
        connection, change, part=pages.part, block=pages.last, blocks_done=pages.done, blocks=pages.all
    )
