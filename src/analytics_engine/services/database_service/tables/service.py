"""Keeps fact tables in step with their object models."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from analytics_engine.errors import Conflict
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.services.database_service.tables import ddl, repository
from analytics_engine.services.database_service.tables.changes import extension
from analytics_engine.services.database_service.tables.edition import probe
from analytics_engine.services.database_service.tables.fact_table import FactTable, Layout
from analytics_engine.services.database_service.tables.partitions import (
    Hypertables,
    Month,
    MonthlyPartitions,
    TimePartitioning,
    month_after,
    partitioning_on,
)

INGEST_ROLE = "ae_ingest"
_RESERVED = frozenset({"coverage"})


class FactTables:
    """Makes tables when an object model is first used, and extends them when it has new attributes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[str, FactTable] = {}
        self._months: dict[str, set[Month]] = {}

    async def ensure(self, model: ObjectModelVersion) -> FactTable:
        """Return the object model's table, which holds every attribute of this version.

        Raises:
            Conflict: this version cannot be held in the table that is there.
        """
        definition = model.definition
        known = self._known.get(definition.code)
        if known is not None and not extension(known, definition).statements:
            return known
        if definition.code in _RESERVED:
            raise Conflict(
                f"{definition.code!r} is the name of a table of the system.",
                remedy="Give the object model another code.",
                object_model=definition.code,
            )
        async with self._database.transaction() as connection:
            await repository.lock(connection, definition.code)
            present = await repository.find(connection, definition.code)
            table = await (_create(connection, model) if present is None else _extend(connection, present, model))
        self._known[definition.code] = table
        return table

    async def make_room(self, table: FactTable, months: set[Month]) -> None:
        """Make what keeps rows of these months, and of months ahead of today where they reach to it.

        Raises:
            InvalidInput: they are too many months; nothing was made.
        """
        if table.layout is Layout.PLAIN:
            return
        wanted = months | self._ahead(months)
        made = self._months.setdefault(table.code, set())
        if wanted <= made:
            return
        async with self._database.transaction() as connection:
            await repository.lock(connection, table.code)
            await become_ingest(connection)
            await partitioning_of(table.layout).make_room(connection, table, wanted)
        made |= wanted

    def _ahead(self, months: Iterable[Month]) -> set[Month]:
        today = self._clock.now().date()
        present = date(today.year, today.month, 1)
        return {present, month_after(present)} if any(month_after(month) >= present for month in months) else set()


async def become_ingest(connection: Connection) -> None:
    """Go on as the role that owns the fact tables, to the end of the transaction or until ``become_service``.

    Who does tells by an event what it does to the rows; of all others the database tells by itself.
    """
    await connection.execute(f"set local role {INGEST_ROLE}")
    await connection.execute("set local app.tells = 'ingest'")


async def become_service(connection: Connection) -> None:
    await connection.execute("reset role")


def partitioning_of(layout: Layout) -> TimePartitioning:
    return Hypertables() if layout is Layout.HYPERTABLE else MonthlyPartitions()


async def _create(connection: Connection, model: ObjectModelVersion) -> FactTable:
    partitioning = partitioning_on((await probe(connection)).edition)
    table = FactTable.of(model.definition, layout=partitioning.layout)
    await become_ingest(connection)
    for statement in ddl.create(table, comment=model.definition.description or model.definition.name):
        await connection.execute(statement)
    if table.layout is not Layout.PLAIN:
        await partitioning.arrange(connection, table)
    await partitioning_of(table.layout).admit_readers(connection, table)
    await become_service(connection)
    await repository.remember(connection, table, version=model.version)
    return table


async def _extend(connection: Connection, present: FactTable, model: ObjectModelVersion) -> FactTable:
    change = extension(present, model.definition)
    if change.statements:
        await become_ingest(connection)
        for statement in change.statements:
            await connection.execute(statement)
        await partitioning_of(change.table.layout).admit_readers(connection, change.table)
        await become_service(connection)
        await repository.remember(connection, change.table, version=model.version)
    return change.table
