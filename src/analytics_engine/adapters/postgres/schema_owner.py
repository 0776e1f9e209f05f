"""The owner's connection, for changes of the schema: one at a time on a database, whoever asks.

A change waits for others' locks for a second at most, so that those who come after it do not wait for longer;
``patiently`` tries it again until it is done.
"""

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
_TRY_LOCK = text("select pg_try_advisory_lock(:lock)")
_UNLOCK = text("select pg_advisory_unlock(:lock)")
_RETRY_S = 0.25
_ANSWER_S = 5.0
LOCK_TIMEOUT_S = 1.0

# Where the migrating process is gone, so is what it was doing; servers on some systems cannot know, and finish first.
_END_WITH_THE_PROCESS = text("""
    do $do$
    begin
        perform set_config('client_connection_check_interval', '1s', false);
    exception when others then
        null;
    end
    $do$
""")


_SESSION = {
    "application_name": "migrate",
    "timezone": "UTC",
    "statement_timeout": "0",
    "lock_timeout": str(round(LOCK_TIMEOUT_S * 1000)),
}


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
        connect_args={"server_settings": _SESSION},
    )
    try:
        async with engine.connect() as connection:
            await connection.execute(_END_WITH_THE_PROCESS)
            await _take_turn(connection)
            try:
                yield connection
                await connection.commit()
            finally:
                await _unlock(connection)
    finally:
        await engine.dispose()


async def _take_turn(connection: AsyncConnection) -> None:
    """Return when nobody else changes the schema.

    It asks again and again: a session that waits within a statement keeps a snapshot, for which CREATE INDEX
    CONCURRENTLY of the one before would wait in turn.
    """
    while True:
        mine = await connection.scalar(_TRY_LOCK, {"lock": _LOCK})
        await connection.commit()
        if mine:
            return
        await asyncio.sleep(_RETRY_S)


async def _unlock(connection: AsyncConnection) -> None:
    """Let the next one in; where the connection is lost the server has done so already."""
    try:
        await connection.rollback()
        await connection.execute(_UNLOCK, {"lock": _LOCK})
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
