"""Rollups as their definitions want them: made, replaced when they are to keep something else, and taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from analytics_engine.errors import (
    AnalyticsEngineError,
    Conflict,
    DependencyTimeout,
    DependencyUnavailable,
    Locked,
)
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.kpi.sql.keeping import Keeping, keeping_of
from analytics_engine.kpi.states.kept import Kept
from analytics_engine.services.database_service.rollups import repository
from analytics_engine.services.database_service.rollups.rebuilding import EVER, remark
from analytics_engine.services.database_service.rollups.repository import SQL, HeldRollup
from analytics_engine.services.database_service.rollups.written import Written
from analytics_engine.services.database_service.tables import repository as tables
from analytics_engine.services.database_service.tables.ddl import fact_name
from analytics_engine.services.database_service.tables.service import FactTables, become_ingest

log = get_logger(__name__)

_LOCK_S = 5.0
_PASSING = (Conflict, Locked, DependencyTimeout, DependencyUnavailable)
"""What keeps a rollup from being made now, and passes by itself."""


@dataclass(frozen=True)
class _Wanted:
    """A definition, whose it is, and what it comes to."""

    client_id: str
    rollup: Rollup
    keeping: Keeping


class Rollups:
    """Makes and retires rollups; their cells are ``maintenance``'s."""

    def __init__(self, database: Database, tables: FactTables, *, lock_s: float = _LOCK_S) -> None:
        self._database = database
        self._tables = tables
        self._lock_s = lock_s

    async def follow(self, catalog: Catalog, own: Mapping[str, Rollup], client_id: str) -> bool:
        """Have the rollups that one client's definitions, or the global ones, want; doing it again changes nothing.

        It returns False where it is to be done again, as somebody held a table for long.

        Args:
            catalog: all that the client sees.
            own: the definitions that are the client's own.
            client_id: whose they are; empty for the global ones.
        """
        checker = KpiChecker(catalog)
        done = True
        for rollup in own.values():
            try:
                wanted = _Wanted(client_id, rollup, keeping_of(rollup, checker))
                await self._ensure(catalog, wanted)
            except _PASSING as error:
                done = False
                log.warning("rollup_is_made_later", rollup=rollup.code, reason=error.detail)
            except AnalyticsEngineError as error:
                log.warning("rollup_cannot_be_kept", rollup=rollup.code, reason=error.detail)
        codes = {code for code, rollup in own.items() if rollup.enabled}
        async with self._database.transaction() as connection:
            await become_ingest(connection)
            for held in await repository.present(connection):
                if held.client_id == client_id and held.code not in codes:
                    await connection.execute(SQL["retire"], held.id)
                    log.info("rollup_retired", rollup=held.code, id=held.id)
        return done

    async def present(self) -> list[HeldRollup]:
        """Return all rollups but those that were retired."""
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            return await repository.present(connection)

    async def _ensure(self, catalog: Catalog, wanted: _Wanted) -> None:
        if not wanted.rollup.enabled:
            return
        same = next((held for held in await self.present() if _same(held, catalog, wanted)), None)
        if same is not None:
            await self._renew(same)
            return
        primary_keys: dict[str, Sequence[str]] = {}
        for code in (wanted.rollup.object_model, *(read.model for read in wanted.keeping.kept.reads)):
            table = await self._tables.ensure(catalog.object_model(code), client_id=wanted.client_id)
            primary_keys[code] = table.primary_key
        async with self._database.transaction() as connection:
            await connection.execute(SQL["lock_definitions"])
            await become_ingest(connection)
            present = await repository.present(connection)
            if any(_same(held, catalog, wanted) for held in present):
                return
            for held in present:
                if (held.client_id, held.code, held.status) == (wanted.client_id, wanted.rollup.code, "building"):
                    await connection.execute(SQL["retire"], held.id)
            await connection.execute(f"SET LOCAL lock_timeout = {round(self._lock_s * 1000)}")
            held = await _make(connection, catalog, wanted, primary_keys)
        log.info("rollup_made", rollup=held.code, id=held.id, object_model=held.object_model)

    async def _renew(self, held: HeldRollup) -> None:
        """Have the functions of a rollup that an earlier release made do as they would be made now.

        They keep the same cells and marks, so that it does not matter which of both a writer is just calling.
        """
        functions = list(held.triggers.functions())
        present = [function.name for function in functions], [function.body for function in functions]
        async with self._database.transaction() as connection:
            await become_ingest(connection)
            if not await connection.fetch_value(SQL["functions_differ"], *present):
                return
            await connection.execute(SQL["lock_definitions"])
            for function in functions:
                if await connection.fetch_value(SQL["functions_differ"], [function.name], [function.body]):
                    await connection.execute(function.statement)
        log.info("rollup_renewed", rollup=held.code, id=held.id)


async def _make(
    connection: Connection, catalog: Catalog, wanted: _Wanted, primary_keys: Mapping[str, Sequence[str]]
) -> HeldRollup:
    """Make a rollup's tables and triggers, with all of every client's time marked.

    From the commit on every writer keeps it: making triggers waits for those that write, and has the next ones wait.
    """
    model = catalog.object_model(wanted.rollup.object_model).definition
    await _check_rows_are_there(connection, wanted.keeping.kept, model)
    held = await repository.add(
        connection,
        client_id=wanted.client_id,
        kept=wanted.keeping.kept,
        written=_written(catalog, wanted),
        left_out=dict(wanted.keeping.left_out),
    )
    for statement in held.triggers.create():
        await connection.execute(statement)
    for statement in (*held.triggers.indexes(primary_keys), *held.triggers.attach()):
        await connection.execute(statement)
    clients = await repository.clients_of(connection, fact_name(model.code))
    for client_id in clients if not wanted.client_id else [wanted.client_id]:
        await remark(connection, held.id, client_id, [(EVER.start, EVER.end)], reason="building")
    return held


async def _check_rows_are_there(connection: Connection, kept: Kept, model: ObjectModel) -> None:
    """Return when the rollup needs no rows but its own by their time, or the others are all still in their tables.

    Raises:
        Conflict: some rows it needs are archived.
    """
    needs = [read.model for read in kept.reads]
    if kept.anchor != model.time_attribute:
        needs.append(model.code)
    for code in needs:
        if await tables.rows_from(connection, code) is not None:
            raise Conflict(
                f"Rows of {code} are archived, and the rollup {kept.code} may meet any of them again.",
                remedy="Leave out of the rollup what it reads of other rows, and have it by the rows' own time.",
                object_model=code,
            )


def _written(catalog: Catalog, wanted: _Wanted) -> Written:
    model = catalog.object_model(wanted.rollup.object_model).definition
    attributes = (model.attribute(name) for name in wanted.rollup.dimensions)
    return Written.of(wanted.keeping, (attribute.type for attribute in attributes if attribute is not None))


def _same(held: HeldRollup, catalog: Catalog, wanted: _Wanted) -> bool:
    """Return whether a rollup is what a definition wants."""
    kept = replace(wanted.keeping.kept, id=held.id)
    return (held.client_id, held.kept, held.sql.written) == (wanted.client_id, kept, _written(catalog, wanted))
