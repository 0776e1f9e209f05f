"""The pool: connections made when first asked for, and made anew when the server was away."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from analytics_engine.adapters.postgres.connection import (
    MappingRecord,
    QuietConnection,
    TransactionConnection,
    cut,
    is_lost,
    prepare,
)
from analytics_engine.adapters.postgres.failures import (
    CONNECTION_LOST,
    DRIVER_ERRORS,
    exhausted,
    lost,
    lost_at_commit,
    reported,
    unreachable,
)
from analytics_engine.adapters.postgres.heartbeat import Heartbeat
from analytics_engine.errors import InvalidSetting
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.pools import PoolTelemetry
from analytics_engine.kernel.ports.database import Connection, Isolation
from analytics_engine.kernel.queries import load_queries

log = get_logger(__name__)

_QUERIES = load_queries(__package__)

_CONNECT_S = 5.0
_MARGIN_S = 5.0
_IDLE_S = 300.0
_HAS_PRESORTED = 16
"""The first version of the server that sorts a group's rows with the groups."""

OWN_CONNECTIONS = 1
"""What a process opens beside its pool: the one that health is asked on."""

_SCHEME = re.compile(r"^(?:postgresql|postgres)(?:\+\w+)?://")


def driver_url(url: str) -> str:
    """Return the URL as the driver wants it: ``postgresql+asyncpg://`` and ``postgres://`` are taken too.

    Raises:
        InvalidSetting: it is not a PostgreSQL URL.
    """
    if not _SCHEME.match(url):
        raise InvalidSetting(
            "DATABASE_URL is not a PostgreSQL URL.",
            remedy="Write it as postgresql://user:password@host:5432/database.",
            setting="DATABASE_URL",
        )
    return _SCHEME.sub("postgresql://", url)


def address_of(url: str) -> str:
    """Return host, port and database of a URL, fit to be shown: no user, no password."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2] or 'localhost'}{parts.path}"


class PostgresDatabase:
    """``kernel.ports.database.Database`` on asyncpg.

    A connection is opened when one is needed and none is free, so the server may come and go: what is asked
    meanwhile fails with ``DependencyUnavailable``, and the next question connects again.

    Args:
        pool_size: the most connections of the pool; ``OWN_CONNECTIONS`` come on top.
        acquire_timeout_s: how long a request waits for a connection while all are in use.
        statement_timeout_s: how long a statement may take, where its transaction names no time of its own.
        lock_timeout_s: how long a statement waits for another transaction's lock.
        idle_in_transaction_timeout_s: how long a transaction may do nothing, before the server ends it and frees what
            it locks. One with a time of its own may be idle for so long.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 8,
        acquire_timeout_s: float = 10.0,
        statement_timeout_s: float = 30.0,
        lock_timeout_s: float = 10.0,
        idle_in_transaction_timeout_s: float = 120.0,
        application_name: str = "analytics",
        telemetry: PoolTelemetry | None = None,
    ) -> None:
        self._url = driver_url(url)
        self._address = address_of(self._url)
        self._pool_size = pool_size
        self._acquire_timeout_s = acquire_timeout_s
        self._statement_timeout_s = statement_timeout_s
        self._lock_timeout_s = lock_timeout_s
        self._idle_timeout_s = idle_in_transaction_timeout_s
        self._application_name = application_name
        self._pool: asyncpg.Pool[Any] | None = None
        self._making = asyncio.Lock()
        self._heartbeat = Heartbeat(self._url, address=self._address, application_name=application_name)
        self._measures = (telemetry or PoolTelemetry(application_name)).pool(
            self._address, size=pool_size, used=self._used, idle=self._idle
        )

    def transaction(
        self,
        *,
        client_id: str | None = None,
        isolation: Isolation = "read_committed",
        read_only: bool = False,
        timeout_s: float | None = None,
        analytical: bool = False,
        behind: str = "",
    ) -> AbstractAsyncContextManager[Connection]:
        settings = _settings(client_id=client_id, timeout_s=timeout_s, idle_timeout_s=self._idle_timeout_s)
        return self._transaction(
            settings,
            isolation=isolation,
            read_only=read_only,
            timeout_s=timeout_s,
            analytical=analytical,
            behind=behind,
        )

    async def start(self) -> None:
        """Nothing is opened yet: the first question opens the first connection."""

    async def stop(self) -> None:
        await self._heartbeat.stop()
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                async with asyncio.timeout(_CONNECT_S):
                    await pool.close()
            except DRIVER_ERRORS:
                pool.terminate()

    async def ping(self) -> None:
        await self._heartbeat.beat()

    @asynccontextmanager
    async def _transaction(
        self,
        settings: Mapping[str, str],
        *,
        isolation: Isolation,
        read_only: bool,
        timeout_s: float | None,
        analytical: bool,
        behind: str,
    ) -> AsyncIterator[Connection]:
        pool = await self._opened()
        driver, transaction = await self._begin(pool, isolation=isolation, read_only=read_only)
        patience_s = (timeout_s or self._statement_timeout_s) + _MARGIN_S
        connection = TransactionConnection(driver, address=self._address, patience_s=patience_s)
        committed = False

        async def commit() -> None:
            nonlocal committed
            await self._commit(driver, transaction, read_only=read_only)
            committed = True

        try:
            if behind:
                await connection.execute(f"LOCK TABLE {behind} IN ACCESS SHARE MODE")
            if analytical:
                settings = {**settings, **analytical_settings(driver.get_server_version().major)}
            if settings:
                await connection.execute(_QUERIES["set_for_the_transaction"], [*settings], [*settings.values()])
            with self._measures.in_use():
                yield connection
                await _to_its_end(commit())
        finally:
            if not committed:
                await _roll_back(driver, transaction)
            await _give_back(pool, driver)

    async def _begin(self, pool: asyncpg.Pool[Any], *, isolation: Isolation, read_only: bool) -> Any:
        """Return a connection with a transaction begun; connections that died while they were idle are replaced."""
        for _ in range(self._pool_size + 1):
            driver = await self._acquire(pool)
            transaction = driver.transaction(isolation=isolation, readonly=read_only)
            begun = False
            try:
                async with asyncio.timeout(_CONNECT_S):
                    await transaction.start()
                begun = True
            except TimeoutError as error:
                raise unreachable(self._address) from error
            except DRIVER_ERRORS as error:
                log.debug("dead_connection_replaced", database=self._address, reason=str(error))
            finally:
                if not begun:
                    await _give_back(pool, driver, broken=True)
            if begun:
                return driver, transaction
        raise unreachable(self._address)

    async def _acquire(self, pool: asyncpg.Pool[Any]) -> Any:
        with reported(self._address, connecting=True):
            try:
                with self._measures.waiting():
                    return await pool.acquire(timeout=self._acquire_timeout_s)
            except TimeoutError as error:
                if self._used() < self._pool_size:
                    raise
                raise exhausted(self._address, size=self._pool_size) from error

    async def _commit(self, driver: Any, transaction: Any, *, read_only: bool) -> None:
        nothing_to_keep = read_only or is_lost(driver)
        failure = lost(self._address) if nothing_to_keep else lost_at_commit(self._address)
        with reported(self._address):
            try:
                await transaction.commit()
            except CONNECTION_LOST as error:
                raise failure from error
            except asyncpg.InterfaceError as error:
                if is_lost(driver):
                    raise failure from error
                raise

    def _used(self) -> int:
        return self._pool.get_size() - self._pool.get_idle_size() if self._pool is not None else 0

    def _idle(self) -> int:
        return self._pool.get_idle_size() if self._pool is not None else 0

    async def _opened(self) -> asyncpg.Pool[Any]:
        if self._pool is None:
            async with self._making:
                if self._pool is None:
                    self._pool = await self._open()
        return self._pool

    async def _open(self) -> asyncpg.Pool[Any]:
        with reported(self._address, connecting=True):
            pool: asyncpg.Pool[Any] = await asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=self._pool_size,
                timeout=_CONNECT_S,
                command_timeout=self._statement_timeout_s + _MARGIN_S,
                max_inactive_connection_lifetime=_IDLE_S,
                connection_class=QuietConnection,
                record_class=MappingRecord,
                init=prepare,
                server_settings={
                    "application_name": self._application_name,
                    "statement_timeout": _milliseconds(self._statement_timeout_s),
                    "lock_timeout": _milliseconds(self._lock_timeout_s),
                    "idle_in_transaction_session_timeout": _milliseconds(self._idle_timeout_s),
                    "timezone": "UTC",
                },
            )
        return pool


def analytical_settings(major: int) -> dict[str, str]:
    """Return a server's settings for statements that read many rows once: how they are best planned, whoever runs it.

    A plan is for the values at hand, as ranges are much narrower than a table; compiling a plan takes longer than most
    such statements; different values are sorted within each group, which takes half the time of sorting with it.
    """
    settings = {"plan_cache_mode": "force_custom_plan", "jit": "off"}
    return settings | ({"enable_presorted_aggregate": "off"} if major >= _HAS_PRESORTED else {})


def _settings(*, client_id: str | None, timeout_s: float | None, idle_timeout_s: float) -> dict[str, str]:
    """Return the server's settings for a transaction: whose rows may be seen, how long it may take."""
    settings: dict[str, str] = {}
    if client_id is not None:
        settings["app.client_id"] = client_id
    if timeout_s is not None:
        settings["statement_timeout"] = _milliseconds(timeout_s)
        settings["idle_in_transaction_session_timeout"] = _milliseconds(max(timeout_s, idle_timeout_s))
    return settings


def _milliseconds(seconds: float) -> str:
    """Return a limit as the server wants it; the least is 1, for 0 means none."""
    return str(max(1, round(seconds * 1000)))


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for work that nobody may break off: who is cancelled meanwhile is so once it is done."""
    working = asyncio.create_task(work)
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait([working])
        raise


async def _roll_back(driver: Any, transaction: Any) -> None:
    """Return when nothing is left of the transaction; where the server does not answer, the connection is cut."""
    try:
        async with asyncio.timeout(_CONNECT_S):
            await transaction.rollback()
    except DRIVER_ERRORS:
        cut(driver)


async def _give_back(pool: asyncpg.Pool[Any], driver: Any, *, broken: bool = False) -> None:
    if broken:
        cut(driver)
    with suppress(*DRIVER_ERRORS):
        await pool.release(driver, timeout=_CONNECT_S)
