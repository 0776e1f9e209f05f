"""What a backup asks of a server: what it is, what is in it, and where its log of changes stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from analytics_engine.adapters.postgres.database import address_of, driver_url
from analytics_engine.adapters.postgres.failures import reported
from analytics_engine.errors import BackupFailed
from analytics_engine.kernel.queries import load_queries

_SQL = load_queries(__package__, "backup.sql")
_CONNECT_S = 10.0
_POLL_S = 0.05


@dataclass(frozen=True, kw_only=True)
class ServerFacts:
    """What a server and its database are.

    Args:
        system: the identifier of the cluster.
        superuser: the one that is made with the cluster.
        segment_bytes: the size of a file of the log of changes.
    """

    server_version: int
    system: int
    segment_bytes: int
    wal_level: str
    wal_senders: int
    database: str
    superuser: str
    database_bytes: int
    server_bytes: int
    tablespaces: int
    preloaded: tuple[str, ...]
    now: datetime
    extensions: Mapping[str, str]
    revision: str

    @property
    def major(self) -> int:
        return self.server_version // 10_000


@dataclass(frozen=True)
class Mark:
    """Every transaction that was committed until ``at`` is before ``lsn``, and one that was committed later, too."""

    at: datetime
    lsn: int
    timeline: int


@dataclass(frozen=True)
class Snapshot:
    """A moment of the database: its name for ``pg_dump``, and how many rows each table has."""

    name: str
    tables: Mapping[str, int]


class BackupSource:
    """A login on the server that backups are made of."""

    def __init__(self, url: str) -> None:
        self.url = driver_url(url)
        self._address = address_of(self.url)

    async def facts(self) -> ServerFacts:
        async with self._connection() as connection:
            row = dict((await connection.fetch(_SQL["facts"]))[0])
            extensions = await connection.fetch(_SQL["extensions"])
            revision = await connection.fetchval(_SQL["revision"]) if await _migrated(connection) else ""
        libraries = tuple(name for one in row.pop("preloaded").split(",") if (name := one.strip()))
        return ServerFacts(**row, preloaded=libraries, extensions=_versions(extensions), revision=revision)

    async def now(self) -> datetime:
        async with self._connection() as connection:
            now: datetime = await connection.fetchval("SELECT clock_timestamp()")
            return now

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Snapshot]:
        """Hold a moment of the database, for as long as it takes to dump it."""
        async with (
            self._connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            name = await connection.fetchval("SELECT pg_export_snapshot()")
            yield Snapshot(name, await _counted(connection))

    async def counts(self) -> Mapping[str, int]:
        """Return how many rows each table has; every page of them is read for it."""
        async with self._connection() as connection:
            return await _counted(connection)

    async def roles(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the roles, and who is a member of which; no passwords."""
        async with self._connection() as connection:
            roles, members = await connection.fetch(_SQL["roles"]), await connection.fetch(_SQL["members"])
        return [dict(row) for row in roles], [dict(row) for row in members]

    async def mark(self) -> Mark:
        """Write an empty transaction into the log of changes and return where it is."""
        async with self._connection() as connection:
            at = await connection.fetchval("SELECT clock_timestamp()")
            await connection.execute(_SQL["mark"])
            (row,) = await connection.fetch(_SQL["position"])
        return Mark(at, lsn_number(row["lsn"]), row["timeline"])

    async def received(self, receiver: str, lsn: int, *, within_s: float) -> bool:
        """Return whether a receiver of changes has those before ``lsn`` on its disk, waiting for it if need be."""
        deadline = asyncio.get_running_loop().time() + within_s
        async with self._connection() as connection:
            while not await connection.fetchval(_SQL["received"], receiver, lsn_text(lsn)):
                if asyncio.get_running_loop().time() > deadline:
                    return False
                await asyncio.sleep(_POLL_S)
        return True

    async def last_replayed(self) -> datetime | None:
        """Return when the last transaction was committed that the server replayed before it was up."""
        async with self._connection() as connection:
            at: datetime | None = await connection.fetchval(_SQL["last_replayed"])
            return at

    async def has_slot(self, slot: str) -> bool:
        """Return whether the server keeps changes for a receiver; a slot that it gave up is dropped and not there."""
        async with self._connection() as connection:
            row = await connection.fetchrow(_SQL["slot"], slot)
            if row is not None and row["lost"]:
                await connection.execute(_SQL["drop_slot"], slot)
            return row is not None and not row["lost"]

    async def is_empty(self) -> bool:
        """Return whether nobody has put anything into the database."""
        async with self._connection() as connection:
            return not await connection.fetchval(_SQL["objects_of_others"])

    async def execute(self, *statements: str) -> None:
        async with self._connection() as connection:
            for statement in statements:
                await connection.execute(statement)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        with reported(self._address, connecting=True):
            connection = await asyncpg.connect(
                self.url,
                timeout=_CONNECT_S,
                server_settings={
                    "application_name": "backup",
                    "timezone": "UTC",
                    "statement_timeout": "0",
                    "row_security": "off",
                    "synchronous_commit": "on",
                    "idle_in_transaction_session_timeout": "0",
                },
            )
        try:
            with reported(self._address):
                yield connection
        except asyncpg.InsufficientPrivilegeError as error:
            raise BackupFailed(
                f"The login of backups may not do what it must at {self._address}: {error}.",
                remedy="Use ae_backup, which `analytics-engine migrate` makes when it runs as a superuser; or grant "
                "pg_read_all_data and pg_monitor, with REPLICATION and BYPASSRLS.",
            ) from error
        finally:
            await connection.close(timeout=_CONNECT_S)


def lsn_number(text: str) -> int:
    """Return a position in the log of changes as a number; PostgreSQL writes it as two hexadecimal ones."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def lsn_text(number: int) -> str:
    return f"{number >> 32:X}/{number & 0xFFFF_FFFF:X}"


async def _migrated(connection: asyncpg.Connection[asyncpg.Record]) -> bool:
    return bool(await connection.fetchval(_SQL["has_revision"]))


async def _counted(connection: asyncpg.Connection[asyncpg.Record]) -> Mapping[str, int]:
    names = [row["name"] for row in await connection.fetch(_SQL["tables"])]
    return {name: await connection.fetchval(f"SELECT count(*) FROM {name}") for name in names}  # noqa: S608 - quoted


def _versions(rows: list[asyncpg.Record]) -> Mapping[str, str]:
    return {row["name"]: row["version"] for row in rows}
