"""A child process that never outlives us, seen from this side: start, look, stop."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from analytics_engine.embedded import leftovers
from analytics_engine.embedded.account import Account
from analytics_engine.embedded.home import Home
from analytics_engine.errors import ProgramFailed

_LAUNCHER = Path(__file__).with_name("launcher.py")
_LOG_LIMIT_BYTES = 10 * 1024 * 1024
_LAUNCHER_MARGIN_S = 5.0
_CAUSE_AND_REMEDY = re.compile(r"^error: (?P<cause>.+)\nremedy: (?P<remedy>.+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Program:
    """What a child runs. It inherits nothing: ``environment`` is all of its environment.

    Args:
        sockets: what it is to listen on; they stay open when it ends, so that another may go on.
        generation: several of one program may live at once when each has a number of its own.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    home: Home
    directory: Path
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 10.0
    log_limit_bytes: int = field(default=_LOG_LIMIT_BYTES)
    sockets: Sequence[socket.socket] = ()
    generation: int = 0

    @property
    def log(self) -> Path:
        return self.home.logs / f"{self.name}.log"

    @property
    def lock(self) -> Path:
        return self.home.run / (f"{self.name}.{self.generation}.lock" if self.generation else f"{self.name}.lock")

    def orders(self) -> str:
        return json.dumps(
            {
                "command": list(self.command),
                "directory": str(self.directory),
                "log": str(self.log),
                "log_limit_bytes": self.log_limit_bytes,
                "lock": str(self.lock),
                "stop_signal": int(self.stop_signal),
                "grace_s": self.grace_s,
                "sockets": [one.fileno() for one in self.sockets],
                "user": self.account.user if self.account else None,
                "group": self.account.group if self.account else None,
            }
        )


class Child:
    """One program under its launcher; it may be started again after it ended."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._log_began_at = 0

    def start(self) -> None:
        """Start the program, after making sure that nothing is left of its last run."""
        self.stop()
        self.end_leftovers()
        self._log_began_at = self.program.log.stat().st_size if self.program.log.exists() else 0
        self._process = subprocess.Popen(  # noqa: S603 - our own launcher, the program in JSON
            [sys.executable, "-I", "-S", str(_LAUNCHER), self.program.orders()],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(self.program.environment),
            pass_fds=[one.fileno() for one in self.program.sockets],
            start_new_session=True,
        )

    def end_leftovers(self) -> None:
        """Return when nothing of the program's last run lives."""
        leftovers.end(self.program.lock, patience_s=self.program.grace_s)

    @property
    def launcher_pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    def drain(self) -> None:
        """Have the program end by SIGTERM in its own time: it takes nothing new, and sees through what it has."""
        if self._process and self._process.stdin:
            with suppress(BrokenPipeError, ValueError):
                self._process.stdin.write(bytes([signal.SIGTERM]))
                self._process.stdin.flush()

    def ask_to_stop(self) -> None:
        """Let go of the pipe: the launcher then stops the program, and kills it when its grace is over."""
        if self._process and self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()

    def stop(self) -> None:
        """Return when the program has ended."""
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            self._process.wait(self.program.grace_s + _LAUNCHER_MARGIN_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self.end_leftovers()

    def last_words(self, lines: int = 8) -> str:
        """Return the end of what the program printed since it was started."""
        try:
            with self.program.log.open("rb") as log:
                log.seek(self._log_began_at if self.program.log.stat().st_size >= self._log_began_at else 0)
                text = log.read().decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.rstrip().splitlines()[-lines:])

    def failure(self, what: str) -> ProgramFailed:
        """Return the error to raise when the program failed: in its own words, and its own remedy if it named one."""
        said = self.last_words()
        if own := _CAUSE_AND_REMEDY.search(said):
            return ProgramFailed(f"{what}: {own['cause']}", remedy=own["remedy"])
        return ProgramFailed(f"{what}. It says:\n{said}", remedy=f"Look into {self.program.log}.")
