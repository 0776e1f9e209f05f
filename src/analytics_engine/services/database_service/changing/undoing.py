"""Changes undone, and changes confirmed: what was kept of them is dropped then."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import Conflict, NotFound
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.database_service.changing.applying import on_behalf_of
from analytics_engine.services.database_service.changing.standing import table_and_changes, wanted
from analytics_engine.services.database_service.tables import ddl, repository, retyping, table_changes
from analytics_engine.services.database_service.tables.fact_table import Column, FactTable
from analytics_engine.services.database_service.tables.following import refuse_others
from analytics_engine.services.database_service.tables.partitions import partitioning_of
from analytics_engine.services.database_service.tables.patience import patiently
from analytics_engine.services.database_service.tables.readers import ColumnReaders
from analytics_engine.services.database_service.tables.roles import become_ingest, become_service
from analytics_engine.services.database_service.tables.table_changes import ChangeKind, ChangeStatus, TableChange

_SQL = load_queries(__package__)

_COMPARE_S = 600.0
_Undo = Callable[[Connection, FactTable, TableChange, ObjectModel], Coroutine[Any, Any, FactTable]]


class Undoing:
    """Takes changes back as long as what was before them is kept."""

    def __init__(self, *, database: Database, metadata: MetadataApi, readers: ColumnReaders) -> None:
        self._database = database
        self._metadata = metadata
        self._readers = readers

    async def undo(self, principal: Principal, code: str, change_id: int) -> TableChange:
        """Have a table be as it was before a change, and return the change.

        Raises:
            NotFound: there is no such change of this table.
            Conflict: nothing of it is kept, the definition wants it still, or values were written that would be lost.
        """
        goal = await wanted(self._metadata, principal.client_id, code)
        return await patiently(lambda: self._undo(principal, goal.model.definition, change_id))

    async def confirm(self, principal: Principal, code: str, change_id: int) -> TableChange:
        """Drop what was kept of a change, which cannot be undone after that, and return the change.

        Raises:
            NotFound: there is no such change of this table.
            Conflict: nothing is kept of it, or a view reads it.
        """
        return await patiently(lambda: self._forget(code, change_id, on_behalf_of(principal)))

    async def forget(self, code: str, change_id: int) -> TableChange:
        """Confirm a change whose time to be undone is over."""
        return await patiently(lambda: self._forget(code, change_id, ""))

    async def _undo(self, principal: Principal, definition: ObjectModel, change_id: int) -> TableChange:
        code = definition.code
        async with self._database.transaction(timeout_s=_COMPARE_S) as connection:
            table, change = await _locked(connection, code, change_id)
            await become_ingest(connection)
            await refuse_others(connection, table, {change.column}, on_behalf_of(principal))
            await connection.execute(_SQL["change_lock_timeout"])
            if change.status.is_open:
                for statement in retyping.give_up(table, change):
                    await connection.execute(statement)
                clients: frozenset[str] = frozenset()
            elif change.status is ChangeStatus.DONE:
                touched = {change.new_name or change.column}
                clients = await self._readers.let_go(connection, code, touched)
                table = await _UNDOES[change.kind](connection, table, change, definition)
                await partitioning_of(table.layout).admit_readers(connection, table)
            else:
                raise _nothing_kept(change)
            await become_service(connection)
            await table_changes.note(connection, change, ChangeStatus.UNDONE)
            await repository.remember_columns(connection, table)
            await self._readers.tell(connection, clients)
            return await _again(connection, change)

    async def _forget(self, code: str, change_id: int, client_id: str) -> TableChange:
        async with self._database.transaction() as connection:
            table, change = await _locked(connection, code, change_id)
            if change.status is ChangeStatus.CONFIRMED:
                return change
            if change.status is not ChangeStatus.DONE or change.kind is ChangeKind.RENAME:
                raise _nothing_kept(change)
            await become_ingest(connection)
            await refuse_others(connection, table, {change.column}, client_id)
            await connection.execute(_SQL["change_lock_timeout"])
            await _refuse_views(connection, table, change)
            for statement in retyping.forget(table, change):
                await connection.execute(statement)
            await become_service(connection)
            await table_changes.note(connection, change, ChangeStatus.CONFIRMED)
            return await _again(connection, change)


async def _undo_rename(
    connection: Connection, table: FactTable, change: TableChange, definition: ObjectModel
) -> FactTable:
    assert change.new_name is not None
    _refuse_wanted(definition, change, is_wanted=definition.attribute(change.new_name) is not None)
    if change.new_name not in table.columns or change.column in table.columns:
        raise _taken(table, change)
    await connection.execute(ddl.rename_column(table, change.new_name, change.column))
    for other in await _as_service(connection, table):
        if other.column == change.new_name and other.has_keeper:
            for statement in retyping.renamed(replace(other, column=change.column)):
                await connection.execute(statement)
            await become_service(connection)
            await table_changes.note_name(connection, other, change.column)
            await become_ingest(connection)
    names = {change.new_name: change.column}
    return replace(table, columns={names.get(name, name): what for name, what in table.columns.items()})


async def _undo_retype(
    connection: Connection, table: FactTable, change: TableChange, definition: ObjectModel
) -> FactTable:
    attribute = definition.attribute(change.column)
    _refuse_wanted(definition, change, is_wanted=attribute is not None and attribute.type is change.to_type)
    assert change.from_type is not None
    await connection.execute(ddl.hold_off_writers(table))
    lost = await connection.fetch_value(retyping.not_kept(table, change))
    if lost:
        raise Conflict(
            f"{lost} values of {table.code}.{change.column} are no {change.from_type.value} exactly.",
            remedy="Correct these rows first: undoing would lose them.",
            object_model=table.code,
            change=change.id,
        )
    await _refuse_views(connection, table, change)
    for statement in retyping.swap_back(table, change):
        await connection.execute(statement)
    return replace(table, columns={**table.columns, change.column: Column(change.from_type, required=False)})


async def _undo_drop(connection: Connection, table: FactTable, change: TableChange, _: ObjectModel) -> FactTable:
    if change.column in table.columns:
        raise _taken(table, change)
    assert change.from_type is not None
    await connection.execute(ddl.rename_column(table, change.kept_column, change.column))
    return replace(table, columns={**table.columns, change.column: Column(change.from_type, required=False)})


_UNDOES: dict[ChangeKind, _Undo] = {
    ChangeKind.RENAME: _undo_rename,
    ChangeKind.RETYPE: _undo_retype,
    ChangeKind.DROP: _undo_drop,
}


async def _locked(connection: Connection, code: str, change_id: int) -> tuple[FactTable, TableChange]:
    await repository.lock(connection, code)
    table, changes = await table_and_changes(connection, code)
    for change in changes:
        if change.id == change_id:
            return table, change
    raise NotFound(
        f"The table of {code} has no change {change_id}.",
        remedy=f"They are listed at /object-models/{code}/table/changes.",
        object_model=code,
    )


async def _as_service(connection: Connection, table: FactTable) -> list[TableChange]:
    """Return a table's changes, in a transaction that goes on as the ingest role."""
    await become_service(connection)
    changes = await table_changes.of_table(connection, table.code)
    await become_ingest(connection)
    return changes


async def _again(connection: Connection, change: TableChange) -> TableChange:
    found = await table_changes.find(connection, change.id)
    assert found is not None
    return found


async def _refuse_views(connection: Connection, table: FactTable, change: TableChange) -> None:
    """Refuse to drop a column that a view of somebody reads."""
    column = change.kept_column
    views = await connection.fetch(_SQL["views_of_column"], ddl.fact_name(table.code), column)
    if views:
        names = ", ".join(view["name"] for view in views)
        raise Conflict(
            f"Views read the column that {change.column} was before: {names}.",
            remedy="Have their owners make them anew over the present column, or drop them.",
            object_model=table.code,
            change=change.id,
        )


def _refuse_wanted(definition: ObjectModel, change: TableChange, *, is_wanted: bool) -> None:
    if is_wanted:
        raise Conflict(
            f"The definition of {definition.code} wants this change still: it would be done again.",
            remedy="Put the definition back first, then undo the change.",
            object_model=definition.code,
            change=change.id,
        )


def _taken(table: FactTable, change: TableChange) -> Conflict:
    return Conflict(
        f"The names of this change mean something else in the table of {table.code} now.",
        remedy="Undo the later changes first, or drop the column that has the name.",
        object_model=table.code,
        change=change.id,
    )


def _nothing_kept(change: TableChange) -> Conflict:
    return Conflict(
        f"Nothing is kept of the change {change.id}, which is {change.status.value}.",
        remedy="Only what is listed with can_be_undone can be undone, and only what is kept can be confirmed.",
        object_model=change.object_model,
        change=change.id,
    )
