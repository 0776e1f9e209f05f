"""Ending and holding up processes from outside, as no process can prevent."""

from __future__ import annotations

import os
import signal
from contextlib import suppress

from analytics_engine.embedded.child import Child


def pid_of(child: Child) -> int:
    """Return the process of a program that runs, not of its launcher."""
    assert child.running
    return int(child.program.lock.read_text(encoding="ascii"))


def send(pid: int, what: signal.Signals) -> None:
    """Send a signal to a process, which may have ended already."""
    with suppress(ProcessLookupError):
        os.kill(pid, what)


def kill(pid: int) -> None:
    send(pid, signal.SIGKILL)
