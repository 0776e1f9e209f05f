from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from analytics_engine.adapters.engines.blocking import bounded
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
from analytics_engine.kpi.sql.dialects import SPARK, Dialect
from analytics_engine.kpi.states.kept import Kept

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

_ENGINE = "Spark"
_ANSI = "spark.sql.ansi.enabled"
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    _ANSI: "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
}
"""What the dialect is written for."""
_NOT_THERE = ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND", "UNRESOLVED_COLUMN", "cannot resolve attribute")
_ATTEMPTS = 2
_FIRST_WAIT_MS = 200


class SparkEngine:
    """Answers from a Spark Connect server, at a URL such as ``sc://host:15002``.

    Object models are tables of the database ``facts``, and beside them stands
    ``facts.coverage (client_id, object_model, covered_from, covered_until)``.

    Spark has no transactions over several statements; coverage is read before the rows, so who loads writes the rows
    first and their coverage last. The watermark is always 0: of no change can be said that it is in the rows.
    """

    def __init__(self, url: str, *, timeout_s: float = 60.0) -> None:
        needs("pyspark")
        self._url = url
        self._timeout_s = timeout_s
        self._session: SparkSession | None = None
        self._connecting = asyncio.Lock()

    @property
    def dialect(self) -> Dialect:
        return SPARK

    async def rollups(self, *, client_id: str) -> Sequence[Kept]:  # noqa: ARG002 - there are none here
        return ()

    def snapshot(self, *, client_id: str) -> AbstractAsyncContextManager[Snapshot]:
        return self._snapshot(client_id)

    @asynccontextmanager
    async def _snapshot(self, client_id: str) -> AsyncIterator[Snapshot]:
        session = await self._connected()
        try:
            yield SparkSnapshot(session, client_id, timeout_s=self._timeout_s)
        except _SessionLost:
            await self.close()  # a server that was started anew knows nothing of the session
            raise

    async def close(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        if session is not None:
            await asyncio.to_thread(session.stop)

    async def _connected(self) -> SparkSession:
        async with self._connecting:
            if self._session is None:
                self._session = await asyncio.to_thread(self._connect)
            return self._session

    def _connect(self) -> SparkSession:
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession

        with _of_the_rows():
            session = SparkSession(self._url)
            policy = DefaultPolicy(max_retries=_ATTEMPTS, initial_backoff=_FIRST_WAIT_MS)
            session.client.set_retry_policies([policy])
            for name, value in SETTINGS.items():
                session.conf.set(name, value)
            if not _is_spark(session):
                session.conf.set(_ANSI, "false")
        return session


def _is_spark(session: SparkSession) -> bool:
    """Return whether the server is Spark itself: Sail says Spark's version in its protocol, and its own in SQL."""
    row = session.sql("SELECT VERSION() AS version").collect()[0]
    return str(row["version"]).startswith(session.version)


class SparkSnapshot(NoArchive):
    """Statements of one client, each of the tables' state when it runs."""

    def __init__(self, session: SparkSession, client_id: str, *, timeout_s: float) -> None:
        self._session = session
        self._client_id = client_id
        self._timeout_s = timeout_s

    async def state(self, models: Sequence[str], rollups: Sequence[int] = ()) -> DataState:  # noqa: ARG002 - it has none
        return state_of(await self.rows(coverage_query(SPARK), [self._client_id]), models)

    async def rows(self, sql: str, parameters: Sequence[object]) -> Rows:
        check(self._client_id, parameters)
        tag = f"ae-{uuid4().hex}"
        with _of_the_rows():
            return await bounded(
                lambda: self._fetch(sql, parameters, tag),
                timeout_s=self._timeout_s,
                stop=lambda: self._session.interruptTag(tag),
                engine=_ENGINE,
            )

    def _fetch(self, sql: str, parameters: Sequence[object], tag: str) -> Rows:
        self._session.addTag(tag)  # of this thread, so it is taken away again
        try:
            named = {f"p{number}": value for number, value in enumerate(parameters, 1)}
            frame = self._session.sql(sql, args=named)
            # toArrow() would force the declared types on the rows, which Sail declares wrongly of CASE
            table, _ = frame._to_table()  # noqa: SLF001
            return plain_rows(table.to_pylist())
        finally:
            self._session.removeTag(tag)


class _SessionLost(DependencyUnavailable):
    """The session cannot be used any more."""


@contextmanager
def _of_the_rows() -> Iterator[None]:
    """Tell of what lies in the tables and their values, and is no mistake in our SQL."""
    from grpc import RpcError
    from pyspark import errors as failures
    from pyspark.errors.exceptions.connect import SparkConnectGrpcException

    try:
        yield
    except failures.AnalysisException as error:
        if not any(words in str(error) for words in _NOT_THERE):
            raise
        raise DependencyUnavailable(
            f"The rows are not ready to be read: {first_line(error)}",
            remedy="Load the object model's table into the database facts, with all its attributes.",
        ) from error
    except (failures.ArithmeticException, failures.SparkRuntimeException, failures.NumberFormatException) as error:
        raise cannot_compute(_ENGINE, error) from error
    except (RpcError, SparkConnectGrpcException) as error:
        if isinstance(error, SparkConnectGrpcException) and type(error) is not SparkConnectGrpcException:
            raise  # the server answered: a mistake in our SQL
        raise _SessionLost(
            f"Spark cannot be reached: {first_line(error)}", remedy="Check its address, and that it runs."
        ) from error
