"""The owner's connection, for changes of the schema: one at a time on a database, whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from analytics_engine.adapters.postgres.database import address_of, driver_url
from analytics_engine.adapters.postgres.failures import reported
from analytics_engine.errors import DependencyUnavailable

_LOCK = 0x6165_6D69_6772_6174  # "aemigrat"
_RETRY_S = 0.25
_ANSWER_S = 5.0


@asynccontextmanager
async def schema_owner(url: str, *, patience_s: float = 60.0) -> AsyncIterator[AsyncConnection]:
    """Wait for the server, then for whoever changes the schema now, and be the only one to change it.

    Raises:
        DependencyUnavailable: the server cannot be reached within ``patience_s``.
    """
    await _wait_for_server(driver_url(url), patience_s=patience_s)
    engine = create_async_engine(
        driver_url(url).replace("postgresql://", "postgresql+asyncpg://", 1),
        poolclass=NullPool,
        connect_args={"server_settings": {"application_name": "migrate", "timezone": "UTC", "statement_timeout": "0"}},
    )
    try:
        async with engine.connect() as connection:
            await connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": _LOCK})
            await connection.commit()
            try:
                yield connection
                await connection.commit()
            finally:
                await _unlock(connection)
    finally:
        await engine.dispose()


async def _unlock(connection: AsyncConnection) -> None:
    """Let the next one in; where the connection is lost the server has done so already."""
    try:
        await connection.rollback()
        await connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": _LOCK})
        await connection.commit()
    except DBAPIError:
        await connection.invalidate()


async def _wait_for_server(url: str, *, patience_s: float) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while True:
        try:
            with reported(address_of(url), connecting=True):
                connection = await asyncpg.connect(url, timeout=_ANSWER_S)
        except DependencyUnavailable as error:
            if _final(error) or loop.time() >= deadline:
                raise
            await asyncio.sleep(_RETRY_S)
        else:
            await connection.close()
            return


def _final(error: DependencyUnavailable) -> bool:
    """Return whether waiting does not help: the server is there and knows neither the login nor the database."""
    return isinstance(error.__cause__, asyncpg.InvalidAuthorizationSpecificationError | asyncpg.InvalidCatalogNameError)
