from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from itertools import product

import asyncpg

from analytics_engine.adapters.engines.archive import SCHEMA, Archive, BroughtBack
from analytics_engine.contracts.engine import BARRIER, DataState, Rows, Snapshot
from analytics_engine.errors import AnalyticsEngineError, DependencyUnavailable, QueryError
from analytics_engine.kernel.ports.database import Connection, Database, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kpi.sql.dialects import POSTGRES, Dialect
from analytics_engine.kpi.sql.sources import read_elsewhere
from analytics_engine.kpi.states.kept import Kept
from analytics_engine.kpi.values.binding import Span
from analytics_engine.kpi.values.kept import Mark, Marks
from analytics_engine.kpi.values.reach import Reach

_QUERIES = load_queries(__package__)
_PAYS = 8
"""Reading a value of a tally takes as long as reading up to so many rows."""


class PostgresEngine:
    """Answers from PostgreSQL or TimescaleDB, under row-level security, in one repeatable-read snapshot.

    A snapshot's transaction may write, as rows of the archive are brought back into tables of its session; its login
    may write to no others that are read here.
    """

    def __init__(self, database: Database, archive: Archive | None = None) -> None:
        self._database = database
        self._archive = archive

    @property
    def dialect(self) -> Dialect:
        return POSTGRES

    async def rollups(self, *, client_id: str) -> Sequence[Kept]:
        async with self._database.transaction(client_id=client_id, read_only=True) as connection:
            rows = await connection.fetch(_QUERIES["rollups"], client_id)
        return [_kept(row) for row in rows]

    def snapshot(self, *, client_id: str) -> AbstractAsyncContextManager[Snapshot]:
        return self._snapshot(client_id)

    @asynccontextmanager
    async def _snapshot(self, client_id: str) -> AsyncIterator[Snapshot]:
        async with self._database.transaction(
            client_id=client_id, isolation="repeatable_read", analytical=True, behind=BARRIER
        ) as connection:
            yield PostgresSnapshot(connection, client_id, self._archive)


def _kept(row: Row) -> Kept:
    """Return a rollup, with the tallies that have hardly fewer rows than the rows themselves."""
    kept = Kept.of_json(row["id"], row["kept"], rows=row["cells"])
    sizes = row["tallied"] or {}
    parts = product(range(len(kept.tallies)), kept.levels)
    return replace(
        kept,
        sparse=frozenset(
            (tally, level) for tally, level in parts if sizes[kept.table(level, tally)] * _PAYS > (row["rows"] or 0.0)
        ),
    )


class PostgresSnapshot:
    """One repeatable-read transaction. Each statement has a savepoint, so that one that fails spoils no other."""

    def __init__(self, connection: Connection, client_id: str, archive: Archive | None = None) -> None:
        self._connection = connection
        self._client_id = client_id
        self._back = BroughtBack(connection, client_id, archive)

    async def state(self, models: Sequence[str], rollups: Sequence[int] = ()) -> DataState:
        row = await self._connection.fetch_one(_QUERIES["state_of_data"], self._client_id, list(models))
        assert row is not None
        spans = {model: Span(*map(datetime.fromisoformat, pair)) for model, pair in row["coverage"].items()}
        marks = await self._marks(rollups) if rollups else {}
        return DataState(row["watermark"], spans, marks, frozenset(row["archived"]))

    async def bring_back(self, reach: Reach) -> None:
        await self._back.reach(reach)

    async def _marks(self, rollups: Sequence[int]) -> dict[int, Marks]:
        rows = await self._connection.fetch(_QUERIES["marks_of_rollups"], self._client_id, list(rollups))
        found: dict[int, list[Mark]] = {}
        zone = "UTC"
        for row in rows:
            zone = row["zone"]
            marks = found.setdefault(row["rollup_id"], [])
            if row["starts"] is not None:
                marks.append(Mark(row["starts"], row["ends"], every_state=row["every_state"]))
        return {number: Marks(zone, tuple(marks)) for number, marks in found.items()}

    async def rows(self, sql: str, parameters: Sequence[object]) -> Rows:
        await self._connection.execute(_QUERIES["begin_statement"])
        try:
            with _of_the_rows():
                return await self._connection.fetch(read_elsewhere(sql, self._back.models, schema=SCHEMA), *parameters)
        except (AnalyticsEngineError, asyncpg.PostgresError):
            with suppress(AnalyticsEngineError):
                await self._connection.execute(_QUERIES["undo_statement"])
            raise


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
