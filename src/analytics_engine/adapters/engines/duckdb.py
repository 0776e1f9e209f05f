from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_engine.adapters.engines.blocking import bounded, too_slow
from analytics_engine.adapters.engines.facts import (
    NoArchive,
    cannot_compute,
    check,
    coverage_query,
    first_line,
    needs,
    plain_rows,
    state_of,
)
from analytics_engine.contracts.engine import DataState, Rows, Snapshot
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kpi.sql.dialects import DUCKDB, Dialect
from analytics_engine.kpi.states.kept import Kept

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ENGINE = "DuckDB"
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": False,  # a missing table is an error, never a variable of ours
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


RIGHT_PLANS = "SET disabled_optimizers = 'common_subplan'"
"""DuckDB 2.0 shares subplans whose left joins it has simplified differently, and gives rows of one for the other."""


class DuckDbEngine:
    """Answers from a DuckDB file, which is opened anew for each snapshot, to read only.

    While it is open no other process can write to it, so a snapshot does not change; who loads writes a new file and
    puts it in the place of the old. Object models are tables of the schema ``facts``, and beside them stands
    ``facts.coverage (client_id, object_model, covered_from, covered_until)``.

    The watermark is always 0: a file has no transaction ids, so of no change can be said that it is in the rows.
    """

    def __init__(self, path: Path, *, timeout_s: float = 30.0) -> None:
        needs("duckdb")
        self._path = path
        self._timeout_s = timeout_s

    @property
    def dialect(self) -> Dialect:
        return DUCKDB

    async def rollups(self, *, client_id: str) -> Sequence[Kept]:  # noqa: ARG002 - there are none here
        return ()

    def snapshot(self, *, client_id: str) -> AbstractAsyncContextManager[Snapshot]:
        return self._snapshot(client_id)

    @asynccontextmanager
    async def _snapshot(self, client_id: str) -> AsyncIterator[Snapshot]:
        connection = await asyncio.to_thread(self._open)
        try:
            yield DuckDbSnapshot(connection, client_id, timeout_s=self._timeout_s)
        finally:
            await asyncio.to_thread(connection.close)

    def _open(self) -> DuckDBPyConnection:
        import duckdb

        connection = duckdb.connect(config=_SETTINGS)
        try:
            connection.execute("ATTACH $1 AS kept (READ_ONLY)", [str(self._path)])
        except duckdb.Error as error:
            connection.close()
            raise DependencyUnavailable(
                f"The DuckDB file cannot be opened: {first_line(error)}",
                remedy="Check that the file is there, and that no other program has it open to write.",
            ) from error
        connection.execute("USE kept")  # a file may itself be called facts: its schema of that name is meant
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(RIGHT_PLANS)
        return connection


class DuckDbSnapshot(NoArchive):
    """A file opened to read only."""

    def __init__(self, connection: DuckDBPyConnection, client_id: str, *, timeout_s: float) -> None:
        self._connection = connection
        self._client_id = client_id
        self._timeout_s = timeout_s

    async def state(self, models: Sequence[str], rollups: Sequence[int] = ()) -> DataState:  # noqa: ARG002 - it has none
        return state_of(await self.rows(coverage_query(DUCKDB), [self._client_id]), models)

    async def rows(self, sql: str, parameters: Sequence[object]) -> Rows:
        check(self._client_id, parameters)
        with _of_the_rows(self._timeout_s):
            return await bounded(
                lambda: self._fetch(sql, parameters),
                timeout_s=self._timeout_s,
                stop=self._connection.interrupt,
                engine=_ENGINE,
            )

    def _fetch(self, sql: str, parameters: Sequence[object]) -> Rows:
        return plain_rows(self._connection.sql(sql, params=list(parameters)).to_arrow_table().to_pylist())


@contextmanager
def _of_the_rows(timeout_s: float) -> Iterator[None]:
    """Tell of what lies in the tables and their values, and is no mistake in our SQL."""
    import duckdb

    try:
        yield
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.IOException) as error:
        raise DependencyUnavailable(
            f"The rows are not ready to be read: {first_line(error)}",
            remedy="Load the object model's table into the DuckDB file, with all its attributes.",
        ) from error
    except duckdb.InterruptException as error:
        raise too_slow(_ENGINE, timeout_s) from error
    except duckdb.OutOfMemoryException as error:
        raise DependencyUnavailable(
            f"DuckDB has not enough memory: {first_line(error)}", remedy="Ask a shorter range or fewer dimensions."
        ) from error
    except duckdb.DataError as error:
        raise cannot_compute(_ENGINE, error) from error
