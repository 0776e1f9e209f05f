"""Plans carried out: what is instant at once, and what takes time is begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import Conflict, InvalidInput
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.database_service.changing.planning import not_to_drop
from analytics_engine.services.database_service.changing.schemas import ApplyRequest
from analytics_engine.services.database_service.changing.standing import Wanted, table_and_changes, wanted
from analytics_engine.services.database_service.tables import repository, retyping, table_changes
from analytics_engine.services.database_service.tables.changes import Retyped, extension
from analytics_engine.services.database_service.tables.conversions import conversion, why_not
from analytics_engine.services.database_service.tables.fact_table import Column, FactTable
from analytics_engine.services.database_service.tables.following import refuse_archived, refuse_lost, refuse_others
from analytics_engine.services.database_service.tables.partitions import partitioning_of
from analytics_engine.services.database_service.tables.patience import patiently
from analytics_engine.services.database_service.tables.readers import ColumnReaders
from analytics_engine.services.database_service.tables.roles import become_ingest, become_service
from analytics_engine.services.database_service.tables.service import FactTables
from analytics_engine.services.database_service.tables.table_changes import (
    ChangeKind,
    ChangeStatus,
    TableChange,
    former_names,
)

_SQL = load_queries(__package__)

_SCAN_S = 600.0
_KEEP_DROPPED_S = 7 * 86_400.0


def on_behalf_of(principal: Principal) -> str:
    """Return whose rows a change may concern: an administrator's those of all clients."""
    return "" if principal.role is Role.ADMIN else principal.client_id


class Applying:
    """Begins changes. One at a time works on a table; doing it again goes on with what is there."""

    def __init__(
        self, *, database: Database, metadata: MetadataApi, tables: FactTables, readers: ColumnReaders
    ) -> None:
        self._database = database
        self._metadata = metadata
        self._tables = tables
        self._readers = readers

    async def apply(self, principal: Principal, code: str, request: ApplyRequest) -> list[TableChange]:
        """Have a table become what is wanted, and return its changes, newest first.

        A version that is not saved yet is prepared only: its columns are filled, and take their names once it is saved.

        Raises:
            ObjectModelNotFound, NotFound: there is no such object model, or it has no table.
            InvalidInput: a column to be dropped is none, or the version is of another object model.
            Conflict: a step is refused, or wants to be confirmed; nothing was changed.
        """
        goal = await wanted(self._metadata, principal.client_id, code, request.definition)
        for retyped in await self._to_convert(goal):
            await self._check(principal, goal, retyped, confirmed=request.confirm)
        await patiently(lambda: self._begin(principal, goal, request))
        if goal.is_present and await self._is_ready(goal):
            await self._tables.ensure(goal.model, client_id=goal.whose)
        async with self._database.transaction(read_only=True) as connection:
            return (await table_changes.of_table(connection, code))[::-1]

    async def _to_convert(self, goal: Wanted) -> Sequence[Retyped]:
        async with self._database.transaction(read_only=True) as connection:
            table, changes = await table_and_changes(connection, goal.definition.code)
        needed = extension(table, goal.definition, former_names(changes))
        return [retyped for retyped in needed.retyped if _under_way(changes, retyped) is None]

    async def _is_ready(self, goal: Wanted) -> bool:
        """Return whether no column is to be filled any more."""
        async with self._database.transaction(read_only=True) as connection:
            table, changes = await table_and_changes(connection, goal.definition.code)
        under_way = [
            _under_way(changes, retyped) for retyped in extension(table, goal.definition, former_names(changes)).retyped
        ]
        return all(change is not None and change.status is ChangeStatus.FILLED for change in under_way)

    async def _check(self, principal: Principal, goal: Wanted, retyped: Retyped, *, confirmed: bool) -> None:
        async with self._database.transaction(read_only=True) as connection:
            table, _ = await table_and_changes(connection, goal.definition.code)
            await refuse_archived(connection, table, {retyped.column})
        how = conversion(retyped.present, retyped.wanted)
        if how is None:
            raise Conflict(
                f"{retyped.column} cannot become {retyped.wanted.value}: {why_not(retyped.present, retyped.wanted)}.",
                remedy="Give the attribute a new name.",
                object_model=goal.definition.code,
                column=retyped.column,
            )
        if how.lossless:
            return
        async with self._database.transaction(read_only=True, timeout_s=_SCAN_S) as connection:
            table, _ = await table_and_changes(connection, goal.definition.code)
            await become_ingest(connection)
            await refuse_lost(connection, table, (retyped.column, retyped.present, retyped.wanted), principal.client_id)
        if not confirmed:
            raise Conflict(
                f"Not every {retyped.present.value} is a {retyped.wanted.value}: those that are there convert, and "
                "later ones may not.",
                remedy="Send confirm: true if that is wanted.",
                object_model=goal.definition.code,
                column=retyped.column,
            )

    async def _begin(self, principal: Principal, goal: Wanted, request: ApplyRequest) -> None:
        """Begin what was not begun before, all of it or nothing."""
        async with self._database.transaction() as connection:
            await repository.lock(connection, goal.definition.code)
            table, changes = await table_and_changes(connection, goal.definition.code)
            beginning = _Beginning(connection, table, changes, goal, principal, self._readers)
            for retyped in extension(table, goal.definition, former_names(changes)).retyped:
                await beginning.fill(retyped)
            await beginning.drop(request.drop)


class _Beginning:
    """One transaction in which changes begin."""

    def __init__(  # noqa: PLR0917 - all that a beginning needs, made in one place
        self,
        connection: Connection,
        table: FactTable,
        changes: list[TableChange],
        goal: Wanted,
        principal: Principal,
        readers: ColumnReaders,
    ) -> None:
        self._connection = connection
        self._table = table
        self._changes = changes
        self._goal = goal
        self._principal = principal
        self._readers = readers

    async def fill(self, retyped: Retyped) -> None:
        """Begin to fill a column of another type; to that one it may be being filled already."""
        if _under_way(self._changes, retyped) is not None:
            return
        for change in self._changes:
            if change.column == retyped.column and change.has_keeper:
                raise Conflict(
                    f"An earlier change of {retyped.column} is {change.status.value}.",
                    remedy=f"Undo or confirm it first: POST /object-models/{self._table.code}/table/changes/{change.id}"
                    "/undo, or /confirm.",
                    object_model=self._table.code,
                    change=change.id,
                )
        change = await self._add(ChangeKind.RETYPE, retyped.column, ChangeStatus.FILLING, retyped)
        await self._as_owner(retyped.column, self._goal.whose)
        for statement in retyping.begin(self._table, change):
            await self._connection.execute(statement)
        fresh = {change.fresh_column: Column(retyped.wanted, required=False)}
        with_fresh = replace(self._table, columns={**self._table.columns, **fresh})
        await partitioning_of(self._table.layout).admit_readers(self._connection, with_fresh)
        await become_service(self._connection)

    async def drop(self, columns: Sequence[str]) -> None:
        """Put columns out of sight; they are dropped when that is confirmed, or its time is over."""
        gone = {change.column for change in self._changes if change.kind is ChangeKind.DROP}
        clients: set[str] = set()
        for name in columns:
            if name not in self._table.columns and name in gone:
                continue
            refused = not_to_drop(self._table, self._goal, name)
            if refused:
                raise InvalidInput(refused, remedy="GET the table to see its columns.", place="drop", column=name)
            for change in self._changes:
                if change.column == name and change.has_keeper:
                    raise Conflict(
                        f"A change of the type of {name} is {change.status.value}.",
                        remedy="Undo or confirm it first.",
                        object_model=self._table.code,
                        change=change.id,
                    )
            clients |= await self._put_away(name)
        if columns:
            await repository.remember_columns(self._connection, self._table)
            await self._readers.tell(self._connection, clients)

    async def _put_away(self, name: str) -> frozenset[str]:
        what = self._table.columns[name]
        change = await self._add(ChangeKind.DROP, name, ChangeStatus.DONE, Retyped(name, name, what.type, what.type))
        await self._as_owner(name, on_behalf_of(self._principal))
        clients = await self._readers.let_go(self._connection, self._table.code, {name})
        for statement in retyping.put_away(self._table, change):
            await self._connection.execute(statement)
        await become_service(self._connection)
        left = {column: of for column, of in self._table.columns.items() if column != name}
        self._table = replace(self._table, columns=left)
        return clients

    async def _as_owner(self, column: str, client_id: str) -> None:
        await become_ingest(self._connection)
        await refuse_others(self._connection, self._table, {column}, client_id)
        await self._connection.execute(_SQL["change_lock_timeout"])

    async def _add(self, kind: ChangeKind, column: str, status: ChangeStatus, retyped: Retyped) -> TableChange:
        return await table_changes.add(
            self._connection,
            self._table.code,
            kind,
            column,
            status=status,
            types=(retyped.present, retyped.wanted),
            keep_s=_KEEP_DROPPED_S if kind is ChangeKind.DROP else None,
            asked_by=self._principal.subject,
            client_id=self._goal.whose,
        )


def _under_way(changes: Sequence[TableChange], retyped: Retyped) -> TableChange | None:
    for change in changes:
        if change.status.is_open and (change.column, change.to_type) == (retyped.column, retyped.wanted):
            return change
    return None
