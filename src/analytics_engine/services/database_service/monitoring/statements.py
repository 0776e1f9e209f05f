"""Which statements took long, as the server counts them."""

from __future__ import annotations

from analytics_engine.errors import Forbidden, NotFound
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.services.database_service.monitoring.monitor import SQL, as_monitor
from analytics_engine.services.database_service.monitoring.schemas import SlowQuery, StatementOrder

log = get_logger(__name__)


class Statements:
    """What ``pg_stat_statements`` counts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def slowest(self, order: StatementOrder, page: PageRequest) -> Page[SlowQuery]:
        """Return the statements that have the most of what is asked for, summed up since counting began.

        Raises:
            NotFound: the server does not count statements; the remedy says how it would.
        """
        async with as_monitor(self._database) as connection:
            await _need_counting(connection)
            rows = await connection.fetch(SQL["slow_queries"], order.value, page.limit, page.offset)
            total = await connection.fetch_value(SQL["count_of_statements"])
        items = [SlowQuery.model_validate(dict(row)) for row in rows]
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def reset(self, principal: Principal) -> None:
        """Begin counting anew, for this database only.

        Raises:
            NotFound: the server does not count statements.
            Forbidden: the database does not let us.
        """
        async with self._database.transaction() as connection:
            await _need_counting(connection)
            if not await connection.fetch_value(SQL["reset_statements"]):
                raise Forbidden(
                    "The owner of the database may not reset the statistics of statements.",
                    remedy="Have a superuser GRANT EXECUTE ON FUNCTION pg_stat_statements_reset to the owner, the "
                    "login that runs migrations.",
                )
        log.warning("statement_statistics_reset", by=principal.subject, client_id=principal.client_id)


async def are_counted(connection: Connection) -> bool:
    row = await connection.fetch_one(SQL["statements_are_counted"])
    return row is not None and row["installed"] and row["preloaded"]


async def _need_counting(connection: Connection) -> None:
    counted = await connection.fetch_one(SQL["statements_are_counted"])
    assert counted is not None
    if not (counted["installed"] and counted["preloaded"]):
        raise NotFound(
            "The database server does not count statements: pg_stat_statements is not "
            + ("installed in this database." if counted["preloaded"] else "preloaded."),
            remedy="Add pg_stat_statements to shared_preload_libraries, restart PostgreSQL, and run "
            "CREATE EXTENSION pg_stat_statements SCHEMA public as a superuser.",
        )
