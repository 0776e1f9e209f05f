"""The servers of a whole test session: the product's own embedded ones, without fsync, and TimescaleDB where it is had.

Databases are on one of three servers: plain PostgreSQL, Debian's TimescaleDB (see ``support.timescaledb``), and the one
that AE_TEST_TIMESCALE_URL names.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.postgres import EmbeddedPostgres, PostgresOptions
from analytics_engine.embedded.valkey import EmbeddedValkey
from support import timescaledb
from support.databases import Databases, GivenDatabases, OwnDatabases, TestDatabase

POSTGRESQL = "postgresql"
TIMESCALEDB = "timescaledb"
GIVEN = "given"
GIVEN_URL = os.environ.get("AE_TEST_TIMESCALE_URL", "")
"""A superuser's login on a server with TimescaleDB that is used beside ours."""

ON_EACH_SERVER = [
    POSTGRESQL,
    pytest.param(TIMESCALEDB, marks=pytest.mark.skipif(timescaledb.programs() is None, reason=timescaledb.NOT_HERE)),
    *([GIVEN] if GIVEN_URL else []),
]
"""Parameters of a fixture whose tests run on each server that is there, and are counted where one is not."""

_WITH_TIMESCALEDB = {
    "shared_preload_libraries": "timescaledb,pg_stat_statements",
    "timescaledb.max_background_workers": "0",
}


class TestServers:
    """Starts what is asked for, when it is first asked for; everything is gone after ``stop``."""

    __test__ = False

    def __init__(self) -> None:
        # Not pytest's folder: that is closed to the account that root hands PostgreSQL to.
        self._folder = Path(tempfile.mkdtemp(prefix="ae-tests-"))
        self._folder.chmod(0o755)
        self.home = Home(self._folder / "embedded", account=server_account())
        self._timescale_home = Home(self._folder / "timescaledb", account=server_account())
        self._postgres: EmbeddedPostgres | None = None
        self._timescaledb: EmbeddedPostgres | None = None
        self._valkey: EmbeddedValkey | None = None
        self._databases: dict[str, Databases] = {}

    @property
    def postgres(self) -> EmbeddedPostgres:
        if self._postgres is None:
            self._postgres = EmbeddedPostgres(self.home, PostgresOptions(durable=False, connections=200))
            self._postgres.start()
        return self._postgres

    @property
    def timescaledb(self) -> EmbeddedPostgres:
        if self._timescaledb is None:
            options = PostgresOptions(
                durable=False, connections=200, programs=timescaledb.programs(), settings=_WITH_TIMESCALEDB
            )
            self._timescaledb = EmbeddedPostgres(self._timescale_home, options)
            self._timescaledb.start()
        return self._timescaledb

    @property
    def valkey(self) -> EmbeddedValkey:
        if self._valkey is None:
            self._valkey = EmbeddedValkey(self.home, durable=False)
            self._valkey.start()
        return self._valkey

    def new_database(self, *, migrated: bool = True, on: str = POSTGRESQL) -> TestDatabase:
        """Return a new database on one of the servers, migrated or empty."""
        if on not in self._databases:
            self._databases[on] = self._databases_on(on)
        return self._databases[on].new(migrated=migrated)

    def drop_database(self, database: TestDatabase) -> None:
        self._databases[database.server].drop(database)

    def stop(self) -> None:
        for server in (self._valkey, self._postgres, self._timescaledb):
            if server is not None:
                server.stop()
        for home in (self.home, self._timescale_home):
            home.delete_data()
        shutil.rmtree(self._folder)

    def _databases_on(self, server: str) -> Databases:
        if server == GIVEN:
            return GivenDatabases(server, GIVEN_URL, self._folder / "given")
        if server == TIMESCALEDB:
            return OwnDatabases(server, self.timescaledb, self._timescale_home.secrets / "roles")
        return OwnDatabases(server, self.postgres, self.home.secrets / "roles")
