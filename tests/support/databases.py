"""Databases of tests' own on one server: made migrated or empty, and dropped."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from analytics_engine.bootstrap.migrations import migrate
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.postgres import EmbeddedPostgres, with_login

_TEMPLATE = "migrated_template"
_ONE_AT_A_TIME = 0x6165_7465_7374_7300  # "aetests"


@dataclass(frozen=True)
class TestDatabase:
    """A database of a test's own.

    Args:
        server: which of the session's servers it is on.
    """

    __test__ = False

    owner_url: str
    role_secrets: Path
    server: str

    @property
    def name(self) -> str:
        return self.owner_url.rpartition("/")[2]

    def service_url(self, service: Service) -> str:
        """Return the URL a service gets: its own login role, with its grants only."""
        password = (self.role_secrets / f"{service.value}.password").read_text(encoding="utf-8").strip()
        return with_login(self.owner_url, user=f"ae_{service.value}", password=password)


class Databases(Protocol):
    """The databases of tests on one server."""

    def new(self, *, migrated: bool) -> TestDatabase: ...

    def drop(self, database: TestDatabase) -> None: ...


class OwnDatabases:
    """On a server of the session: clones of a template that is migrated once."""

    def __init__(self, name: str, server: EmbeddedPostgres, role_secrets: Path) -> None:
        self._name = name
        self._server = server
        self._role_secrets = role_secrets
        self._migrated = False

    def new(self, *, migrated: bool) -> TestDatabase:
        if migrated:
            self._migrate_template()
        name = _new_name()
        source = f"TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY" if migrated else "TEMPLATE template0"
        self._server.sql(f"CREATE DATABASE {name} {source}")
        return TestDatabase(self._server.url(name), self._role_secrets, self._name)

    def drop(self, database: TestDatabase) -> None:
        self._server.sql(f"DROP DATABASE {database.name} WITH (FORCE)")

    def _migrate_template(self) -> None:
        if self._migrated:
            return
        self._server.sql(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
        _in_a_thread(lambda: migrate(self._server.url(_TEMPLATE), role_secrets_dir=self._role_secrets))
        self._server.sql(f"ALTER DATABASE {_TEMPLATE} ALLOW_CONNECTIONS false")
        self._migrated = True


class GivenDatabases:
    """On a server that is somebody else's: each is migrated by itself, as others may use the server at the same time.

    Roles belong to the whole server. Their passwords follow from its URL, so that all who test on it set the same ones,
    and one at a time.
    """

    def __init__(self, name: str, url: str, role_secrets: Path) -> None:
        self._name = name
        self._url = url
        self._role_secrets = role_secrets
        role_secrets.mkdir(mode=0o700)
        for service in Service:
            password = hashlib.sha256(f"{service.value} {url}".encode()).hexdigest()
            (role_secrets / f"{service.value}.password").write_text(password, encoding="utf-8")

    def new(self, *, migrated: bool) -> TestDatabase:
        name = _new_name()
        owner_url = urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

        async def make() -> None:
            connection = await asyncpg.connect(self._url)
            try:
                await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
                if migrated:
                    await connection.execute(f"SELECT pg_advisory_lock({_ONE_AT_A_TIME})")
                    await asyncio.to_thread(migrate, owner_url, role_secrets_dir=self._role_secrets)
            finally:
                await connection.close()

        _in_a_thread(lambda: asyncio.run(make()))
        return TestDatabase(owner_url, self._role_secrets, self._name)

    def drop(self, database: TestDatabase) -> None:
        async def drop() -> None:
            connection = await asyncpg.connect(self._url)
            try:
                await connection.execute(f"DROP DATABASE {database.name} WITH (FORCE)")
            finally:
                await connection.close()

        _in_a_thread(lambda: asyncio.run(drop()))


def _new_name() -> str:
    return f"test_{uuid4().hex[:12]}"


def _in_a_thread(work: Callable[[], object]) -> None:
    """Do it in a thread without an event loop, wherever we are asked from."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()
