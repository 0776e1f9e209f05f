"""Keeps fact tables in step with their object models."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from analytics_engine.errors import Conflict
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.database_service.tables import ddl, repository
from analytics_engine.services.database_service.tables.changes import extension
from analytics_engine.services.database_service.tables.edition import probe
from analytics_engine.services.database_service.tables.fact_table import FactTable, Layout
from analytics_engine.services.database_service.tables.following import Following
from analytics_engine.services.database_service.tables.partitions import (
    Month,
    month_after,
    partitioning_of,
    partitioning_on,
)
from analytics_engine.services.database_service.tables.patience import patiently
from analytics_engine.services.database_service.tables.readers import ColumnReaders
from analytics_engine.services.database_service.tables.roles import (
    AS_INGEST,
    AS_SERVICE,
    become_ingest,
    become_service,
)

__all__ = ["FactTables", "become_ingest", "become_service"]

_RESERVED = frozenset({"coverage"})


class FactTables:
    """Makes tables when an object model is first used, and has them follow its new versions."""

    def __init__(self, database: Database, clock: Clock, readers: ColumnReaders) -> None:
        self._database = database
        self._clock = clock
        self._readers = readers
        self._known: dict[str, FactTable] = {}
        self._months: dict[str, set[Month]] = {}

    async def ensure(self, model: ObjectModelVersion, *, client_id: str) -> FactTable:
        """Return the object model's table, which holds every attribute of this version.

        Args:
            model: the version.
            client_id: whose definition it is, or whose rows are at hand; empty for the definition of all clients.

        Raises:
            Conflict: this version cannot be held in the table that is there.
            Locked: a column was to be renamed, and the table was in use all the time.
        """
        definition = model.definition
        known = self._known.get(definition.code)
        if known is not None and _holds(known, definition):
            return known
        if definition.code in _RESERVED:
            raise Conflict(
                f"{definition.code!r} is the name of a table of the system.",
                remedy="Give the object model another code.",
                object_model=definition.code,
            )
        return await patiently(lambda: self._follow(model, client_id))

    async def hold(self, connection: Connection, table: FactTable, definition: ObjectModel) -> None:
        """Keep the table's columns as they are to the end of the transaction, which is about to write to them.

        The transaction is the service's own before and after.

        Raises:
            Conflict: a column is called otherwise, or is of another type, since the rows were read.
        """
        await connection.execute(f"{AS_INGEST}; {ddl.hold(table)}; {AS_SERVICE}")
        present = await repository.find(connection, table.code)
        assert present is not None
        for attribute in definition.attributes:
            there = present.columns.get(attribute.name)
            if there is None or there.type is not table.columns[attribute.name].type:
                self._known.pop(table.code, None)
                raise Conflict(
                    f"The column {attribute.name} of {table.code} was changed while these rows were read; nothing was "
                    "loaded.",
                    remedy="Load them again: what is read now is the present definition.",
                    object_model=table.code,
                    retry_after_s=1,
                )

    async def _follow(self, model: ObjectModelVersion, client_id: str) -> FactTable:
        async with self._database.transaction() as connection:
            await repository.lock(connection, model.definition.code)
            present = await repository.find(connection, model.definition.code)
            if present is None:
                table = await _create(connection, model)
            else:
                table = await Following(connection, present, self._readers).follow(model, client_id)
        self._known[table.code] = table
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


def _holds(table: FactTable, definition: ObjectModel) -> bool:
    """Return whether nothing is to be done; what is refused is looked at again, as the table may be another now."""
    try:
        return not extension(table, definition).is_needed
    except Conflict:
        return False
