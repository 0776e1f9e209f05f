"""One PostgreSQL and one Valkey for a whole test session: the product's own embedded servers, without fsync."""

from __future__ import annotations

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from analytics_engine.contracts.services import Service
from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.postgres import EmbeddedPostgres, PostgresOptions, with_login
from analytics_engine.embedded.valkey import EmbeddedValkey

_TEMPLATE = "migrated_template"


@dataclass(frozen=True)
class TestDatabase:
    """A migrated database of a test's own."""

    __test__ = False

    owner_url: str
    role_secrets: Path

    def service_url(self, service: Service) -> str:
        """Return the URL a service gets: its own login role, with its grants only."""
        password = (self.role_secrets / f"{service.value}.password").read_text(encoding="utf-8").strip()
        return with_login(self.owner_url, user=f"ae_{service.value}", password=password)


class TestServers:
    """Starts what is asked for, when it is first asked for; everything is gone after ``stop``."""

    __test__ = False

    def __init__(self) -> None:
        # Not pytest's folder: that is closed to the account that root hands PostgreSQL to.
        self._folder = Path(tempfile.mkdtemp(prefix="ae-tests-"))
        self._folder.chmod(0o755)
        self.home = Home(self._folder, account=server_account())
        self.role_secrets = self.home.secrets / "roles"
        self._postgres: EmbeddedPostgres | None = None
        self._valkey: EmbeddedValkey | None = None
        self._migrated = False

    @property
    def postgres(self) -> EmbeddedPostgres:
        if self._postgres is None:
            self._postgres = EmbeddedPostgres(self.home, PostgresOptions(durable=False, connections=200))
            self._postgres.start()
        return self._postgres

    @property
    def valkey(self) -> EmbeddedValkey:
        if self._valkey is None:
            self._valkey = EmbeddedValkey(self.home, durable=False)
            self._valkey.start()
        return self._valkey

    def new_database(self, *, migrated: bool = True) -> TestDatabase:
        """Return a new database: a clone of the migrated template, or an empty one."""
        if migrated:
            self._migrate_template()
        name = f"test_{uuid4().hex[:12]}"
        source = f"TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY" if migrated else "TEMPLATE template0"
        self.postgres.sql(f"CREATE DATABASE {name} {source}")
        return TestDatabase(self.postgres.url(name), self.role_secrets)

    def drop_database(self, database: TestDatabase) -> None:
        self.postgres.sql(f"DROP DATABASE {database.owner_url.rpartition('/')[2]} WITH (FORCE)")

    def stop(self) -> None:
        for server in (self._valkey, self._postgres):
            if server is not None:
                server.stop()
        self.home.delete_data()
        shutil.rmtree(self._folder)

    def _migrate_template(self) -> None:
        if self._migrated:
            return
        from analytics_engine.bootstrap.migrations import migrate

        self.postgres.sql(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
        with ThreadPoolExecutor(1) as pool:  # in a thread without an event loop, wherever we are asked from
            pool.submit(migrate, self.postgres.url(_TEMPLATE), role_secrets_dir=self.role_secrets).result()
        self.postgres.sql(f"ALTER DATABASE {_TEMPLATE} ALLOW_CONNECTIONS false")
        self._migrated = True
