"""A look at a server that may be ill: one connection, short limits, and every way it can fail told apart."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from enum import StrEnum
from socket import gaierror
from typing import Any, cast

import asyncpg

from analytics_engine.adapters.postgres.connection import MappingRecord
from analytics_engine.adapters.postgres.database import driver_url
from analytics_engine.adapters.postgres.failures import DRIVER_ERRORS
from analytics_engine.kernel.ports.database import Row

_NO_LOGIN = "is not permitted to log in"


class Refusal(StrEnum):
    """Why there was no connection, or no answer on it."""

    UNKNOWN_HOST = "unknown-host"
    REFUSED = "refused"
    SILENT = "silent"
    PASSWORD = "password"  # noqa: S105 - the name of a cause
    LOGIN = "login"
    NO_DATABASE = "no-database"
    FULL = "full"
    STARTING = "starting"
    TLS = "tls"
    OTHER = "other"


class NotAdmitted(Exception):
    """The server did not let us look."""

    def __init__(self, refusal: Refusal, detail: str) -> None:
        super().__init__(detail)
        self.refusal = refusal
        self.detail = detail


class Look:
    """One connection that only reads."""

    def __init__(self, driver: asyncpg.Connection[Any], *, within_s: float) -> None:
        self._driver = driver
        self._within_s = within_s

    async def rows(self, query: str, *args: Any) -> Sequence[Row]:
        """Return a query's rows.

        Raises:
            NotAdmitted: it could not be asked.
        """
        try:
            return cast("Sequence[Row]", await self._driver.fetch(query, *args, timeout=self._within_s))
        except (*DRIVER_ERRORS, TimeoutError) as error:
            raise NotAdmitted(_refusal(error), str(error) or type(error).__name__) from error

    async def value(self, query: str, *args: Any) -> Any:
        """Return the first value of a query's first row."""
        rows = await self.rows(query, *args)
        return next(iter(rows[0].values())) if rows else None


@asynccontextmanager
async def look(url: str, *, within_s: float, application_name: str = "doctor") -> AsyncIterator[Look]:
    """Connect, and disconnect at the end without waiting for the server.

    Raises:
        NotAdmitted: there is no connection within that time.
        InvalidSetting: it is not a PostgreSQL URL.
    """
    settings = {
        "application_name": application_name,
        "default_transaction_read_only": "on",
        "statement_timeout": str(round(within_s * 1000)),
        "lock_timeout": "500",
    }
    try:
        async with asyncio.timeout(within_s):
            driver = await asyncpg.connect(
                driver_url(url), timeout=within_s, server_settings=settings, record_class=MappingRecord
            )
    except (*DRIVER_ERRORS, TimeoutError, ValueError) as error:
        raise NotAdmitted(_refusal(error), str(error) or type(error).__name__) from error
    try:
        yield Look(driver, within_s=within_s)
    finally:
        driver.terminate()


def _refusal(error: Exception) -> Refusal:
    match error:
        case TimeoutError():
            return Refusal.SILENT
        case gaierror():
            return Refusal.UNKNOWN_HOST
        case ssl.SSLError():
            return Refusal.TLS
        case ConnectionRefusedError():
            return Refusal.REFUSED
        case asyncpg.InvalidPasswordError():
            return Refusal.PASSWORD
        case asyncpg.InvalidAuthorizationSpecificationError():
            return Refusal.LOGIN if _NO_LOGIN in str(error) else Refusal.PASSWORD
        case asyncpg.InvalidCatalogNameError():
            return Refusal.NO_DATABASE
        case asyncpg.TooManyConnectionsError():
            return Refusal.FULL
        case asyncpg.CannotConnectNowError():
            return Refusal.STARTING
        case _:
            return Refusal.OTHER
