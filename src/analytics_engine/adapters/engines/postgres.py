from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import asyncpg

from analytics_engine.contracts.engine import Bind, Coverage, Reading
from analytics_engine.errors import DependencyUnavailable, QueryError
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.sql.dialects import POSTGRES, Dialect
from analytics_engine.kpi.values.binding import Span

_QUERIES = load_queries(__package__)


class PostgresEngine:
    """Answers from PostgreSQL or TimescaleDB, under row-level security, in one repeatable-read snapshot."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def dialect(self) -> Dialect:
        return POSTGRES

    async def read(self, sql: str, *, client_id: str, models: Sequence[str], bind: Bind) -> Reading:
        async with self._database.transaction(
            client_id=client_id, isolation="repeatable_read", read_only=True
        ) as connection:
            watermark, coverage = await _state(connection, client_id, models)
            with _of_the_rows():
                rows = await connection.fetch(sql, *bind(coverage))
        return Reading(rows, coverage, watermark)

    async def coverage(self, *, client_id: str, models: Sequence[str]) -> Reading:
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            watermark, coverage = await _state(connection, client_id, models)
        return Reading((), coverage, watermark)


@contextmanager
def _of_the_rows() -> Iterator[None]:
    """Tell of what lies in the tables and their values, and is no mistake in our SQL."""
    try:
        yield
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise DependencyUnavailable(
            f"The rows are not ready to be read: {error}.",
            remedy="An object model defined or changed just now gets its table in a moment: try again.",
        ) from error
    except asyncpg.DataError as error:
        raise QueryError(
            f"The database cannot compute with these values: {error}.",
            remedy="A product or sum outgrows its type: make the attribute a decimal.",
        ) from error


async def _state(connection: Connection, client_id: str, models: Sequence[str]) -> tuple[int, Coverage]:
    row = await connection.fetch_one(_QUERIES["state_of_data"], client_id, list(models))
    assert row is not None
    spans = {model: Span(*map(datetime.fromisoformat, pair)) for model, pair in row["coverage"].items()}
    return row["watermark"], spans
