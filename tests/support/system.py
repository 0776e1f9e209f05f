"""The whole product as a child process of a test: ``analytics-engine up`` on ports and a folder of its own."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
import psutil

from analytics_engine.contracts.services import PORTS, UI_PORT, Service
from analytics_engine.embedded.ports import is_free
from analytics_engine.embedded.postgres import DATABASE, OWNER
from support.waiting import wait_until

_WORKERS = 4
_READY = "Analytics Engine is ready."
_FROM_OUTSIDE = ("AE_", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "API_KEY", "ENVIRONMENT", "LOG_LEVEL")


def free_offset() -> int:
    """Return an offset at which every port of the system is free now; workers of one run never meet."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    while True:
        offset = random.randrange(11_000, 22_000, 100) + worker * (100 // _WORKERS)
        if all(is_free(port + offset) for port in [*PORTS.values(), UI_PORT]):
            return offset


class SystemUnderTest:
    """One AE_HOME, and the ``up`` that may run from it."""

    def __init__(self, *, sample: bool = False) -> None:
        self.settings: dict[str, str] = {}
        self.folder = Path(tempfile.mkdtemp(prefix="ae-system-"))
        self.folder.chmod(0o755)
        self.home = self.folder / "home"
        self.offset = free_offset()
        self.output = self.folder / "output.txt"
        self._sample = sample
        self.python = sys.executable
        self._up: subprocess.Popen[bytes] | None = None

    @property
    def up(self) -> subprocess.Popen[bytes]:
        assert self._up is not None, "start it first"
        return self._up

    def environment(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith(_FROM_OUTSIDE)}
        own = {"AE_HOME": str(self.home), "AE_PORT_OFFSET": str(self.offset), "AE_CANARY_EVERY_S": "0"}
        return outside | own | self.settings

    def start(self, *options: str, within_s: float = 240.0) -> None:
        """Return when the system says that it is ready."""
        self.launch(*options)
        wait_until(lambda: _READY in self.said() or self.up.poll() is not None, within_s=within_s)
        assert self.up.poll() is None, self.said()

    def launch(self, *options: str) -> None:
        arguments = ["up", *options, *([] if self._sample else ["--no-sample"])]
        with self.output.open("wb") as output:
            self._up = subprocess.Popen(
                self.command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment(),
                cwd=self.folder,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        return [self.python, "-P", "-m", "analytics_engine.cli", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the command line in this system's environment, to its end."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def url(self, service: Service) -> str:
        return f"http://127.0.0.1:{PORTS[service] + self.offset}"

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{UI_PORT + self.offset}"

    @property
    def owner_url(self) -> str:
        """The database's owner's login, as a program of its own may write with it."""
        password = (self.home / "secrets" / "postgres.password").read_text(encoding="utf-8").strip()
        data = (self.home / "servers" / "postgres" / "data" / "postmaster.pid").resolve()
        port = data.read_text(encoding="utf-8").splitlines()[3]
        return f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/{DATABASE}"

    @property
    def admin_password(self) -> str:
        return (self.home / "secrets" / "admin.password").read_text(encoding="utf-8").strip()

    def health(self, service: Service) -> dict[str, Any]:
        """Return what the service says of itself; nothing while it does not answer."""
        try:
            return dict(httpx.get(f"{self.url(service)}/health", timeout=5).json())
        except (httpx.HTTPError, json.JSONDecodeError):
            return {}

    def statuses(self) -> dict[str, str]:
        return {service.value: self.health(service).get("status", "no answer") for service in Service}

    def all_healthy(self) -> bool:
        return set(self.statuses().values()) == {"healthy"}

    def processes(self) -> list[psutil.Process]:
        """Return every living process of this AE_HOME, whoever its parent is."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def find(self, pattern: str) -> list[psutil.Process]:
        """Return the processes of this AE_HOME whose command line matches, launchers aside."""
        return [process for process in self.processes() if re.search(pattern, _command_of(process))]

    def process(self, pattern: str) -> psutil.Process:
        """Return the one process whose command line matches."""
        (found,) = self.find(pattern)
        return found

    def stop(self) -> int:
        """Ask the system to stop, as an operator would, and return its exit code."""
        self.up.send_signal(signal.SIGTERM)
        return self.up.wait(120)

    def clean_up(self) -> None:
        if self._up is not None and self._up.poll() is None:
            self.stop()
        wait_until(lambda: not self.processes(), within_s=120)
        shutil.rmtree(self.folder)

    def _is_ours(self, process: psutil.Process) -> bool:
        home = str(self.home)
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                return False
            return (
                any(home in argument for argument in process.cmdline())
                or process.cwd().startswith(home)
                or process.environ().get("AE_HOME") == home
            )
        except psutil.Error:
            return False


def _command_of(process: psutil.Process) -> str:
    """Return a program's command line; nothing for a launcher, whose own names the program too."""
    try:
        command = " ".join(process.cmdline())
    except psutil.Error:
        return ""
    return "" if "launcher.py" in command else command
