"""Which database this is: plain PostgreSQL or TimescaleDB, and the latter's licence, which decides what it can do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.tasks import is_wanted

log = get_logger(__name__)

_SQL = load_queries(__package__)
_COMMUNITY_LICENSE = "timescale"
_EVERY_S = 300.0


class Edition(StrEnum):
    """Every feature works on each of them; they differ in how rows are kept and how much the server does by itself."""

    POSTGRESQL = "postgresql"
    APACHE = "timescaledb-apache"
    COMMUNITY = "timescaledb-community"


@dataclass(frozen=True)
class DatabaseServer:
    """What a database runs on. ``timescaledb`` is the extension's version, empty where it is not in this database."""

    version: str
    edition: Edition
    timescaledb: str = ""

    def about(self) -> dict[str, str]:
        """Return what health says of it."""
        said = {"version": f"PostgreSQL {self.version}", "edition": self.edition.value}
        return said | ({"timescaledb": self.timescaledb} if self.timescaledb else {})


class KnownServer:
    """What the service's database runs on: asked at the start, and again now and then, as servers are upgraded."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._server: DatabaseServer | None = None

    def about(self) -> Mapping[str, str]:
        """Return what is known of it; nothing as long as it did not answer."""
        return {} if self._server is None else self._server.about()

    async def keep(self) -> None:
        while is_wanted():
            async with self._database.transaction(read_only=True) as connection:
                server = await probe(connection)
            if server != self._server:
                log.info("database_server", **server.about())
            self._server = server
            await asyncio.sleep(_EVERY_S)


async def probe(connection: Connection) -> DatabaseServer:
    """Return what this database runs on."""
    row = await connection.fetch_one(_SQL["server"])
    assert row is not None
    return DatabaseServer(
        version=row["version"],
        edition=edition_of(timescaledb=row["timescaledb"], license_=row["license"]),
        timescaledb=row["timescaledb"] or "",
    )


def edition_of(*, timescaledb: str | None, license_: str | None) -> Edition:
    """Return the edition of a server with this version of the extension, if any, under this licence."""
    if not timescaledb:
        return Edition.POSTGRESQL
    return Edition.COMMUNITY if license_ == _COMMUNITY_LICENSE else Edition.APACHE
