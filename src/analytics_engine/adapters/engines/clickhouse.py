from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

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
from analytics_engine.kpi.sql.dialects import CLICKHOUSE, Dialect
from analytics_engine.kpi.states.kept import Kept

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_ENGINE = "ClickHouse"
SETTINGS: dict[str, Any] = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "cast_keep_nullable": 1,
    "prefer_column_name_to_alias": 1,
    "enable_extended_results_for_datetime_functions": 1,
    "use_variant_as_common_type": 0,
    "session_timezone": "UTC",
}
"""What the dialect is written for."""
_CONNECT_S = 5
_LATER_S = 5
"""The server stops a statement itself; this much later we no longer wait for it to say so."""
_NOT_THERE = frozenset({16, 47, 60, 81})
"""No such column, identifier, table, database."""
_TOO_SLOW = frozenset({159, 160, 209})
_OF_VALUES = frozenset({6, 43, 69, 70, 153, 321, 395, 407, 457})
"""What cannot be parsed, has an illegal type or bound, is divided by zero, out of range, checked, or overflows."""
_OVERLOADED = frozenset({202, 210, 241, 252, 516})
"""Too many queries, no network, no memory, too many parts, no access."""


class ClickHouseEngine:
    """Answers from a ClickHouse server over HTTP; a URL such as ``chdb:///folder`` runs the engine in this process.

    Object models are tables of the database ``facts``, their columns ``Nullable``; beside them stands
    ``facts.coverage (client_id, object_model, covered_from, covered_until)``.

    ClickHouse has no transactions over several statements. Each statement reads one state of each table, the coverage
    among them before the rows: who loads writes the rows first and their coverage last, so that what is said to be
    covered is there. The watermark is always 0: of no change can be said that it is in the rows.
    """

    def __init__(self, url: str, *, timeout_s: float = 30.0) -> None:
        needs("clickhouse_connect")
        self._url = url
        self._timeout_s = timeout_s
        self._client: Client | None = None
        self._connecting = asyncio.Lock()

    @property
    def dialect(self) -> Dialect:
        return CLICKHOUSE

    async def rollups(self, *, client_id: str) -> Sequence[Kept]:  # noqa: ARG002 - there are none here
        return ()

    def snapshot(self, *, client_id: str) -> AbstractAsyncContextManager[Snapshot]:
        return self._snapshot(client_id)

    @asynccontextmanager
    async def _snapshot(self, client_id: str) -> AsyncIterator[Snapshot]:
        async with self._connecting:
            if self._client is None:
                self._client = await asyncio.to_thread(self._connect)
        yield ClickHouseSnapshot(self._client, client_id, timeout_s=self._timeout_s)

    async def close(self) -> None:
        """Let go of the server's connections."""
        if self._client is not None:
            await asyncio.to_thread(self._client.close)
            self._client = None

    def _connect(self) -> Client:
        import clickhouse_connect

        settings = SETTINGS | {"max_execution_time": self._timeout_s}
        transport: dict[str, Any] = {
            "connect_timeout": _CONNECT_S,
            "send_receive_timeout": int(self._timeout_s) + _LATER_S,
            "autogenerate_session_id": False,  # a session would run one statement at a time
            "form_encode_query_params": True,  # the arrays of a question soon outgrow a URL
        }
        in_process = self._url.startswith("chdb:")
        with _of_the_rows(self._timeout_s):
            return clickhouse_connect.get_client(
                dsn=self._url,
                settings=settings,
                tz_mode="aware",
                **({} if in_process else transport),
            )


class ClickHouseSnapshot(NoArchive):
    """Statements of one client, each of the tables' state when it runs."""

    def __init__(self, client: Client, client_id: str, *, timeout_s: float) -> None:
        self._client = client
        self._client_id = client_id
        self._timeout_s = timeout_s

    async def state(self, models: Sequence[str], rollups: Sequence[int] = ()) -> DataState:  # noqa: ARG002 - it has none
        return state_of(await self.rows(coverage_query(CLICKHOUSE), [self._client_id]), models)

    async def rows(self, sql: str, parameters: Sequence[object]) -> Rows:
        check(self._client_id, parameters)
        with _of_the_rows(self._timeout_s):
            return await bounded(
                lambda: self._fetch(sql, parameters),
                timeout_s=self._timeout_s + _LATER_S,
                stop=lambda: None,  # the server stops by itself, by its setting
                engine=_ENGINE,
            )

    def _fetch(self, sql: str, parameters: Sequence[object]) -> Rows:
        named = {f"p{number}": _bound(value) for number, value in enumerate(parameters, 1)}
        return plain_rows(list(self._client.query(sql, parameters=named).named_results()))


def _bound(value: object) -> object:
    """Return a parameter's value as the driver writes it rightly: instants in UTC, decimals without an exponent."""
    match value:
        case list() | tuple():
            return [_bound(part) for part in value]
        case datetime():
            return value.astimezone(UTC)
        case Decimal():
            return Decimal(f"{value:f}")
        case _:
            return value


@contextmanager
def _of_the_rows(timeout_s: float) -> Iterator[None]:
    """Tell of what lies in the tables and their values, and is no mistake in our SQL."""
    from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

    try:
        yield
    except DatabaseError as error:
        if error.code in _NOT_THERE:
            raise DependencyUnavailable(
                f"The rows are not ready to be read: {first_line(error)}",
                remedy="Load the object model's table into the database facts, with all its attributes.",
            ) from error
        if error.code in _TOO_SLOW:
            raise too_slow(_ENGINE, timeout_s) from error
        if error.code in _OF_VALUES:
            raise cannot_compute(_ENGINE, error) from error
        if isinstance(error, OperationalError) or error.code in _OVERLOADED:
            raise DependencyUnavailable(
                f"ClickHouse cannot be reached: {first_line(error)}",
                remedy="Check its address and password, and that it runs and has memory left.",
            ) from error
        raise
