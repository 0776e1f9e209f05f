"""PostgreSQL as our own child: made once, SCRAM on the loopback only, recovered after any death."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import psutil

from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.ports import LOOPBACK, remembered_port
from analytics_engine.embedded.programs import postgres_programs
from analytics_engine.embedded.secrets import secret
from analytics_engine.errors import ProgramFailed

OWNER = "analytics_engine"
DATABASE = "analytics_engine"

_START_LIMIT_S = 60.0
_POLL_S = 0.02
_STATUS_LINE = 8
_MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class PostgresOptions:
    """What may differ from one use to another.

    Args:
        connections: how many may be open at once: the sum of all services' pools, and some for people.
        durable: False only for tests, whose data may die with the machine.
        programs: the folder of another PostgreSQL's programs; without it, those of the wheel.
        settings: more settings of the server; they win over ours.
    """

    connections: int = 120
    durable: bool = True
    programs: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


class EmbeddedPostgres:
    """One PostgreSQL cluster under AE_HOME and its server process."""

    name = "postgres"

    def __init__(self, home: Home, options: PostgresOptions | None = None) -> None:
        self._home = home
        self._options = options or PostgresOptions()
        self._folder = home.server("postgres")
        self._data = self._folder / "data"
        self._programs = self._options.programs or postgres_programs(home)
        self._password = secret(home.secrets / "postgres.password")
        self._port = 0
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        if self._child is None:
            raise ProgramFailed("PostgreSQL was not started.", remedy="Start it first.")
        return self._child

    @property
    def programs(self) -> Path:
        """The folder of psql, pg_dump, pg_restore and the like, of the same version as the server."""
        return self._programs

    def url(self, database: str = DATABASE, *, user: str = OWNER, password: str | None = None) -> str:
        return f"postgresql://{user}:{password or self._password}@{LOOPBACK}:{self._port}/{database}"

    def start(self) -> None:
        """Return when the server answers and its database is there; make the cluster when there is none yet.

        Raises:
            ProgramFailed: it does not start; the detail is what PostgreSQL says of it.
        """
        self.launch()
        self.wait_until_ready()
        self._create_database()

    def launch(self) -> None:
        """Start the server process without waiting for it."""
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        self._port = remembered_port(self._port_file)
        self._configure()
        if self._child is None:
            self._child = Child(self._program(["postgres", "-D", str(self._data)], name=self.name))
        self._forget_dead_postmaster()
        self._child.start()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_LIMIT_S
        while not self.ready():
            if not self.child.running:
                raise self.child.failure("PostgreSQL did not start")
            if time.monotonic() > deadline:
                raise ProgramFailed(
                    f"PostgreSQL did not get ready within {_START_LIMIT_S:g} s.",
                    remedy=f"Look into {self.child.program.log}.",
                )
            time.sleep(_POLL_S)

    def ready(self) -> bool:
        """Return whether the server we started takes connections: it says so itself in its postmaster.pid."""
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return (
                self.child.running
                and lines[_STATUS_LINE - 1].strip() == "ready"
                and psutil.Process(int(lines[0])).ppid() == self.child.launcher_pid
            )
        except (OSError, IndexError, ValueError, psutil.Error):
            return False

    def stop(self) -> None:
        """End all connections, write everything out, and return when the server is gone."""
        if self._child is not None:
            self._child.stop()

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as the owner and return what it prints.

        Raises:
            ProgramFailed: it ended with an error, which the detail repeats.
        """
        done = subprocess.run(  # noqa: S603 - a program of our own wheel, no shell
            [str(self._programs / program), *arguments],
            env={
                **_environment(),
                "PGHOST": LOOPBACK,
                "PGPORT": str(self._port),
                "PGUSER": OWNER,
                "PGPASSWORD": self._password,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ProgramFailed(f"{program} failed: {done.stderr.strip()}", remedy="Look into the log of PostgreSQL.")
        return done.stdout

    def sql(self, statement: str, *, database: str = "postgres") -> str:
        """Run one administrative statement as the owner and return its result as plain text."""
        return self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement).strip()

    @property
    def _port_file(self) -> Path:
        return self._home.run / "postgres.port"

    def _program(self, command: list[str], *, name: str) -> Program:
        return Program(
            name=name,
            command=[str(self._programs / command[0]), *command[1:]],
            environment=_environment(),
            home=self._home,
            directory=self._folder,
            account=self._home.account,
            stop_signal=signal.SIGINT,
            grace_s=30.0,
        )

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and move it there when it is whole: a broken-off start leaves nothing."""
        unfinished = self._folder / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file = self._folder / "owner.password"
        password_file.write_text(self._password, encoding="utf-8")
        password_file.chmod(0o600)
        if account := self._home.account:
            os.chown(password_file, account.user, account.group)
        command = ["initdb", "-D", str(unfinished), "-U", OWNER, f"--pwfile={password_file}", "--auth=scram-sha-256"]
        command += ["--encoding=UTF8", "--locale=C", "--data-checksums", *([] if self._options.durable else ["-N"])]
        initdb = Child(self._program(command, name="initdb"))
        try:
            initdb.start()
            while initdb.running:
                time.sleep(_POLL_S)
        finally:
            initdb.stop()
            password_file.unlink()
        if initdb.exit_code:
            raise initdb.failure("PostgreSQL's data could not be set up")
        unfinished.replace(self._data)

    def _configure(self) -> None:
        """Write all settings anew; what an administrator adds is in custom.conf, which has the last word."""
        memory = psutil.virtual_memory().total
        settings: dict[str, str | int] = {
            "listen_addresses": LOOPBACK,
            "port": self._port,
            "unix_socket_directories": "",
            "max_connections": self._options.connections,
            "password_encryption": "scram-sha-256",
            "shared_preload_libraries": "pg_stat_statements",
            "shared_buffers": f"{min(1024, max(128, memory // _MIB // 16))}MB",
            "effective_cache_size": f"{max(256, memory // _MIB // 2)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "wal_level": "replica",
            "wal_compression": "on",
            "max_wal_size": "2GB",
            "checkpoint_timeout": "10min",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %a %u ",
            "log_min_duration_statement": "1s",
            "idle_in_transaction_session_timeout": "5min",
        }
        if not self._options.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            settings |= {"wal_level": "minimal", "max_wal_senders": 0, "shared_buffers": "128MB"}
        settings |= self._options.settings
        lines = [f"{name} = '{value}'" for name, value in settings.items()]
        lines.append("include_if_exists = 'custom.conf'")
        file = self._data / "postgresql.conf"
        file.write_text(
            "# Written by analytics-engine at every start; put your own settings into custom.conf.\n"
            + "\n".join(lines)
            + "\n",
            encoding="utf-8",
        )

    def _forget_dead_postmaster(self) -> None:
        """Remove the postmaster.pid of a server that is dead, lest its process id be somebody else's by now.

        Our lock file tells: as long as that server lives, it holds it.
        """
        self.child.end_leftovers()
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _create_database(self) -> None:
        if self.sql(f"select 1 from pg_database where datname = '{DATABASE}'") != "1":  # noqa: S608 - a constant
            self.run("createdb", DATABASE)


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def with_login(url: str, *, user: str, password: str) -> str:
    """Return a PostgreSQL URL with another login."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{place}"))
