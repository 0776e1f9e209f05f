"""Valkey (the Redis protocol) as our own child: a password, the loopback only, an append-only file."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psutil
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.ports import LOOPBACK, remembered_port
from analytics_engine.embedded.programs import valkey_program
from analytics_engine.embedded.secrets import secret
from analytics_engine.errors import ProgramFailed

_START_LIMIT_S = 60.0
_POLL_S = 0.02
_DATABASES = 16


class EmbeddedValkey:
    """One Valkey server with its data under AE_HOME."""

    name = "valkey"

    def __init__(self, home: Home, *, durable: bool = True) -> None:
        self._home = home
        self._durable = durable
        self._folder = home.server("valkey")
        self._server = valkey_program(home)
        self._password = secret(home.secrets / "valkey.password")
        self._port = 0
        self._child: Child | None = None

    @property
    def child(self) -> Child:
        if self._child is None:
            raise ProgramFailed("Valkey was not started.", remedy="Start it first.")
        return self._child

    def url(self, database: int = 0) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{self._port}/{database}"

    def start(self) -> None:
        """Return when the server we started, and no other, answers.

        Raises:
            ProgramFailed: it does not; the detail is what Valkey says of it.
        """
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start the server process without waiting for it."""
        self._port = remembered_port(self._home.run / "valkey.port")
        configuration = self._configure()
        if self._child is None:
            self._child = Child(
                Program(
                    name=self.name,
                    command=[str(self._server), str(configuration)],
                    environment={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                    home=self._home,
                    directory=self._folder,
                    account=self._home.account,
                )
            )
        self._child.start()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_LIMIT_S
        while not self.ready():
            if not self.child.running or time.monotonic() > deadline:
                raise self.child.failure("Valkey did not start")
            time.sleep(_POLL_S)

    def ready(self) -> bool:
        """Return whether what answers on the port has its data loaded and is the very process we started."""
        client = redis.Redis.from_url(self.url(), socket_timeout=1.0, retry=Retry(NoBackoff(), 0))
        try:
            information = client.info()
            parent = psutil.Process(int(information["process_id"])).ppid()
        except (redis.RedisError, psutil.Error, KeyError):
            return False
        finally:
            client.close()
        return parent == self.child.launcher_pid and not information.get("loading")

    def stop(self) -> None:
        """Write everything out and return when the server is gone."""
        if self._child is not None:
            self._child.stop()

    def _configure(self) -> Path:
        settings = {
            "bind": LOOPBACK,
            "port": self._port,
            "requirepass": self._password,
            "dir": f'"{self._folder}"',
            "databases": _DATABASES,
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "logfile": '""',
        }
        file = self._folder / "valkey.conf"
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as configuration:
            configuration.writelines(f"{name} {value}\n" for name, value in settings.items())
        if account := self._home.account:
            os.chown(file, account.user, account.group)
        return file
