"""How long rows are kept: what an operator says, and sees of it."""

from __future__ import annotations

from analytics_engine.errors import Conflict, InvalidInput, NotFound
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database, Row
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.services.database_service.lifecycle.archiving import Archiving
from analytics_engine.services.database_service.lifecycle.bounds import SQL
from analytics_engine.services.database_service.lifecycle.hindrances import check
from analytics_engine.services.database_service.lifecycle.schemas import LifecycleState, Policy
from analytics_engine.services.database_service.rollups import repository as rollups
from analytics_engine.services.database_service.tables import repository as tables
from analytics_engine.services.database_service.tables.fact_table import FactTable, Layout
from analytics_engine.services.database_service.tables.service import become_ingest, become_service

log = get_logger(__name__)


class Policies:
    """What operators do; ``archiving`` does what the policies say, and is None where there is no archive."""

    def __init__(self, database: Database, archiving: Archiving | None) -> None:
        self._database = database
        self._archiving = archiving

    async def states(self, client_id: str) -> list[LifecycleState]:
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            return [_state(row) for row in await connection.fetch(SQL["states"], client_id)]

    async def set(self, principal: Principal, code: str, policy: Policy) -> LifecycleState:
        """Have a policy from now on.

        Raises:
            NotFound: there is no such table.
            InvalidInput: its rows have no time, so none is old.
            Conflict: there is no archive, or a rollup needs all rows.
        """
        archiving = self._there_is_an_archive()
        async with self._database.transaction(client_id=principal.client_id) as connection:
            table = await _table(connection, code)
            await become_ingest(connection)
            check(table, (held.kept for held in await rollups.present(connection)))
            await become_service(connection)
            months = policy.keep_rows_months, policy.keep_archive_months
            await connection.execute(SQL["set_policy"], code, *months, principal.subject)
            rows = await connection.fetch(SQL["states"], principal.client_id)
        log.info("policy_set", object_model=code, **policy.model_dump(), by=principal.subject)
        archiving.wake()
        return next(_state(row) for row in rows if row["object_model"] == code)

    def run(self) -> None:
        """Have what the policies say done now, and not within a quarter of an hour.

        Raises:
            Conflict: there is no archive.
        """
        self._there_is_an_archive().wake()

    async def forget(self, code: str) -> None:
        """Raises: NotFound: there is no policy."""
        async with self._database.transaction() as connection:
            if await connection.fetch_value(SQL["forget_policy"], code) is None:
                raise NotFound(f"{code} has no policy.", remedy="List them at /lifecycle.", object_model=code)
        log.info("policy_forgotten", object_model=code)

    def _there_is_an_archive(self) -> Archiving:
        if self._archiving is None:
            raise Conflict(
                "There is no archive for rows to leave to.",
                remedy="Set AE_ARCHIVE_URL, for database_service and calculation_engine_service alike.",
            )
        return self._archiving


async def _table(connection: Connection, code: str) -> FactTable:
    table = await tables.find(connection, code)
    if table is None:
        raise NotFound(f"There is no table of {code!r}.", remedy="Load rows into it first.", object_model=code)
    if table.layout is Layout.PLAIN:
        raise InvalidInput(
            f"The rows of {code} are not told apart by time, so none of them is old.",
            remedy="Only object models with a time attribute, other than dimensions, have rows that leave.",
            object_model=code,
        )
    return table


def _state(row: Row) -> LifecycleState:
    months = row["keep_rows_months"]
    policy = Policy(keep_rows_months=months, keep_archive_months=row["keep_archive_months"]) if months else None
    return LifecycleState(
        object_model=row["object_model"],
        policy=policy,
        held_up=row["held_up"],
        rows_from=row["rows_from"],
        archived_from=row["archived_from"],
        files=row["files"],
        rows=row["rows"],
        size_bytes=row["size_bytes"],
    )
