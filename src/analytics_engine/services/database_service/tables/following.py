"""A table that follows a version of its object model, in one short transaction: whoever comes first has it done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from analytics_engine.errors import Conflict
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.services.database_service.tables import ddl, repository, retyping, table_changes
from analytics_engine.services.database_service.tables.changes import Extension, Retyped, extension, refuse_retyped
from analytics_engine.services.database_service.tables.conversions import conversion
from analytics_engine.services.database_service.tables.fact_table import Column, FactTable
from analytics_engine.services.database_service.tables.partitions import partitioning_of
from analytics_engine.services.database_service.tables.readers import ColumnReaders
from analytics_engine.services.database_service.tables.roles import become_ingest, become_service
from analytics_engine.services.database_service.tables.table_changes import (
    ChangeKind,
    ChangeStatus,
    TableChange,
    former_names,
)

_SQL = load_queries(__package__)


@dataclass(frozen=True)
class Following:
    """A table as it is, locked against other changes, and those who read its columns."""

    connection: Connection
    present: FactTable
    readers: ColumnReaders

    async def follow(self, model: ObjectModelVersion, client_id: str) -> FactTable:
        """Return the table as it is after all was done that this version asks for.

        Raises:
            Conflict: the table cannot hold the version; nothing was changed.
        """
        changes = await table_changes.of_table(self.connection, self.present.code)
        needed = extension(self.present, model.definition, former_names(changes))
        if not needed.is_needed:
            return self.present
        filled = [_filled(changes, retyped, model.definition) for retyped in needed.retyped]
        touched = {old for old, _ in needed.renames} | {change.column for change in filled}
        await become_ingest(self.connection)
        if touched:
            await refuse_archived(self.connection, self.present, touched)
            await refuse_others(self.connection, self.present, touched, client_id)
        await self.connection.execute(_SQL["change_lock_timeout"])
        clients = await self.readers.let_go(self.connection, self.present.code, touched) if touched else frozenset()
        types = dict([await swap(self.connection, self.present, change, client_id) for change in filled])
        changes = [replace(one, status=ChangeStatus.DONE) if one in filled else one for one in changes]
        table = await self._extend(needed, types, changes)
        await become_service(self.connection)
        for change in filled:
            await table_changes.note(self.connection, change, ChangeStatus.DONE)
        await self._note_renames(needed, changes, client_id)
        await repository.remember(self.connection, table, version=model.version)
        await self.readers.tell(self.connection, clients)
        return table

    async def _extend(
        self, needed: Extension, types: Mapping[str, Column], changes: Sequence[TableChange]
    ) -> FactTable:
        for statement in needed.statements:
            await self.connection.execute(statement)
        names = dict(needed.renames)
        for change in changes:
            if change.column in names and change.has_keeper:
                for statement in retyping.renamed(replace(change, column=names[change.column])):
                    await self.connection.execute(statement)
        retyped = {names.get(column, column): what for column, what in types.items()}
        table = replace(needed.table, columns={**needed.table.columns, **retyped})
        await partitioning_of(table.layout).admit_readers(self.connection, table)
        return table

    async def _note_renames(self, needed: Extension, changes: Sequence[TableChange], client_id: str) -> None:
        names = dict(needed.renames)
        for change in changes:
            if change.column in names and change.has_keeper:
                await table_changes.note_name(self.connection, change, names[change.column])
        for old, new in needed.renames:
            await table_changes.add(
                self.connection, self.present.code, ChangeKind.RENAME, old,
                new_name=new, status=ChangeStatus.DONE, client_id=client_id,
            )  # fmt: skip


async def refuse_archived(connection: Connection, table: FactTable, columns: Collection[str]) -> None:
    """Return when no rows of the table are archived, which would keep the names and types they were written with.

    Raises:
        Conflict: some are.
    """
    start = await repository.rows_from(connection, table.code)
    if start is not None:
        raise Conflict(
            f"Rows of {table.code} before {start:%Y-%m-%d} are archived, with {', '.join(sorted(columns))} as named "
            "and typed now.",
            remedy="Add an attribute of the new name or type, and leave this one to the rows that have it.",
            object_model=table.code,
        )


async def swap(connection: Connection, table: FactTable, change: TableChange, client_id: str) -> tuple[str, Column]:
    """Have a filled column take its name, as the ingest role; return the name and what it is now.

    Raises:
        Conflict: a value that does not convert was written meanwhile.
    """
    assert change.from_type is not None
    assert change.to_type is not None
    if not retyping.forwards(change).lossless:
        await connection.execute(ddl.hold_off_writers(table))
        await refuse_lost(connection, table, (change.column, change.from_type, change.to_type), client_id)
    for statement in retyping.swap(table, change):
        await connection.execute(statement)
    return change.column, Column(change.to_type, required=False)


async def refuse_lost(
    connection: Connection, table: FactTable, retyped: tuple[str, DataType, DataType], client_id: str
) -> None:
    """Return when every value of a column converts to another type.

    Args:
        connection: a transaction, as the ingest role.
        table: the table as it is.
        retyped: the column, its type, and the other one.
        client_id: whose values are named; those of others are counted.

    Raises:
        Conflict: some do not.
    """
    column, present, to_type = retyped
    how = conversion(present, to_type)
    assert how is not None
    row = await connection.fetch_one(retyping.lost(table, column, how), client_id)
    assert row is not None
    if row["count"]:
        examples = f", such as {', '.join(map(repr, row['examples']))}" if row["examples"] else ""
        raise Conflict(
            f"{row['count']} values of {table.code}.{column} are no {to_type.value} exactly{examples}.",
            remedy="Put the type back, correct these rows (load them again with mode=upsert), and try again; or give "
            "the attribute a new name.",
            object_model=table.code,
            column=column,
            values=row["count"],
            examples=row["examples"],
        )


async def refuse_others(connection: Connection, table: FactTable, columns: Collection[str], client_id: str) -> None:
    """Return when a change is one of the rows of whoever defines it; as the ingest role.

    Raises:
        Conflict: other clients have rows in the table, whose definitions name these columns.
    """
    if client_id and await connection.fetch_value(retyping.rows_of_others(table.code), client_id):
        raise Conflict(
            f"Other clients have rows in the table of {table.code} too, so that one client's definition does not "
            f"change what their columns are ({', '.join(sorted(columns))}).",
            remedy="Change the definition of all clients, and try again in a moment; or give the object model a code "
            "of your own.",
            object_model=table.code,
            retry_after_s=5,
        )


def _filled(changes: Sequence[TableChange], retyped: Retyped, definition: ObjectModel) -> TableChange:
    for change in changes:
        if (
            change.column == retyped.column
            and change.status is ChangeStatus.FILLED
            and change.to_type is retyped.wanted
        ):
            return change
    raise refuse_retyped(definition, retyped)
