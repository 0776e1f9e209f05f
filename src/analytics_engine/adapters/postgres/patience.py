"""Changes of the schema beside others' transactions: tried again until nobody is in the way, or a time is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics_engine.adapters.postgres.database import driver_url
from analytics_engine.adapters.postgres.failures import DRIVER_ERRORS
from analytics_engine.errors import SchemaLocked
from analytics_engine.kernel.queries import load_queries

T = TypeVar("T")

_QUERIES = load_queries(__package__)
_LOOK_S = 0.1
_PAUSE_S = 1.0
_PASSES = ("55P03", "40P01")
"""States of SQL for a lock that was waited for too long, and for a deadlock."""

_COLLISION = "tuple concurrently updated"
"""Roles belong to the whole server, so that a migration of another database may be changing them, too."""


@dataclass(frozen=True)
class Blocker:
    """A session whose transaction holds what a change waits for; what this login may not see is empty."""

    pid: int
    login: str
    application: str
    since: datetime | None

    def __str__(self) -> str:
        who = " of ".join(part for part in (self.application, self.login) if part) or "another login"
        since = f", in a transaction since {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
        return f"pid {self.pid} ({who}{since})"


class _Watch:
    """Sees who blocks a session, from another one."""

    def __init__(self) -> None:
        self.blockers: tuple[Blocker, ...] = ()

    async def keep(self, url: str, pid: int) -> None:
        with suppress(*DRIVER_ERRORS):
            watcher = await asyncpg.connect(url, server_settings={"application_name": "migrate watch"})
            try:
                while True:
                    rows = await watcher.fetch(_QUERIES["who_blocks"], pid)
                    if rows:
                        self.blockers = tuple(Blocker(**row) for row in rows)
                    await asyncio.sleep(_LOOK_S)
            finally:
                watcher.terminate()


async def patiently(
    connection: AsyncConnection,
    work: Callable[[], Awaitable[T]],
    *,
    url: str,
    patience_s: float,
    tell: Callable[[str], None] = lambda _: None,
    progress: Callable[[], Awaitable[str]] | None = None,
) -> T:
    """Return what ``work`` does on the connection, done again while others' locks or a collision have it fail.

    Args:
        connection: the owner's, which ``work`` uses.
        url: where who is in the way is asked, on a connection beside it.
        work: does nothing twice that it has committed.
        patience_s: how long it may get nowhere.
        tell: is told, once for each, who is waited for.
        progress: says how far the work is: the patience begins anew with every step.

    Raises:
        SchemaLocked: it got nowhere for ``patience_s``; the detail names who was in the way.
    """
    loop = asyncio.get_running_loop()
    deadline, step, told = loop.time() + patience_s, "", ""
    async with _watched(connection, url) as watch:
        while True:
            try:
                return await work()
            except DBAPIError as error:
                await connection.rollback()
                if not _passes(error):
                    raise
                now = await progress() if progress is not None else ""
                if now != step:
                    deadline, step = loop.time() + patience_s, now
                who = ", ".join(str(blocker) for blocker in watch.blockers) or "a session that has ended since"
                if loop.time() >= deadline:
                    raise _given_up(watch.blockers, who, patience_s) from error
            if who != told:
                tell(f"Waiting for {who}.")
                told = who
            await asyncio.sleep(_PAUSE_S)


@asynccontextmanager
async def _watched(connection: AsyncConnection, url: str) -> AsyncIterator[_Watch]:
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    watch = _Watch()
    task = asyncio.create_task(watch.keep(driver_url(url), driver.get_server_pid()))
    try:
        yield watch
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _passes(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _PASSES or _COLLISION in str(error.orig)


def _given_up(blockers: tuple[Blocker, ...], who: str, patience_s: float) -> SchemaLocked:
    ends = "; ".join(f"select pg_terminate_backend({blocker.pid})" for blocker in blockers)
    return SchemaLocked(
        f"A migration waited for {patience_s:g} s for what others hold: {who}. What it did before is kept.",
        remedy="Let them end, or end them"
        + (f" ({ends})" if ends else "")
        + ", then run `analytics-engine migrate` again: it goes on where it is.",
        blockers=[blocker.pid for blocker in blockers],
    )
