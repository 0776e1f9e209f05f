"""Which revision a database's schema is at, as any login may ask."""

from __future__ import annotations

import asyncpg

from analytics_engine.adapters.postgres.database import address_of, driver_url
from analytics_engine.adapters.postgres.failures import reported
from analytics_engine.kernel.queries import load_queries

_QUERIES = load_queries(__package__)
_ANSWER_S = 5.0
_NOT_SEEN = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError)


async def schema_revision(url: str) -> str | None:
    """Return the last migration that was applied: empty where none was, None where this login cannot see which.

    Raises:
        DependencyUnavailable: the server cannot be reached, or refuses the login.
    """
    url = driver_url(url)
    with reported(address_of(url), connecting=True):
        connection = await asyncpg.connect(
            url, timeout=_ANSWER_S, server_settings={"application_name": "migrate --check"}
        )
    try:
        if await connection.fetchval(_QUERIES["was_migrated"]) is None:
            return ""
        for query in ("revision_for_services", "revision_for_the_owner"):
            try:
                return str(await connection.fetchval(_QUERIES[query]) or "")
            except _NOT_SEEN:
                continue
        return None
    finally:
        await connection.close(timeout=_ANSWER_S)
