"""At most one ``up`` on one AE_HOME, and how another command finds it."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from analytics_engine.embedded import leftovers
from analytics_engine.embedded.home import Home
from analytics_engine.errors import AlreadyRunning, NotRunning, ProgramFailed

_STOP_LIMIT_S = 90.0


@contextmanager
def only_one(home: Home) -> Iterator[None]:
    """Hold AE_HOME; the lock goes with the process, however it ends.

    Raises:
        AlreadyRunning: another ``up`` holds it.
    """
    descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"Analytics Engine already runs from {home.path} (process {running_process(home)}).",
                remedy="Stop it with `analytics-engine stop`, or set AE_HOME to another folder for a second one.",
            ) from None
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def running_process(home: Home) -> int | None:
    """Return the process id of the ``up`` of this AE_HOME; None where there is none."""
    if not leftovers.is_held(home.lock):
        return None
    with suppress(OSError, ValueError):
        return int(home.lock.read_text(encoding="ascii"))
    return None


def stop_running(home: Home) -> int:
    """Stop the ``up`` of this AE_HOME, wait until it is gone, and return what its process id was.

    Raises:
        NotRunning: there is none.
        ProgramFailed: it does not stop.
    """
    process = running_process(home)
    if process is None:
        raise NotRunning(
            f"Analytics Engine does not run from {home.path}.",
            remedy="Start it with `analytics-engine up`; is AE_HOME set as it was then?",
        )
    os.kill(process, signal.SIGTERM)
    if not leftovers.wait_until_gone(home.lock, patience_s=_STOP_LIMIT_S):
        raise ProgramFailed(
            f"Process {process} did not stop within {_STOP_LIMIT_S:g} s.",
            remedy=f"`kill -9 {process}` ends it; its children then end by themselves and no data is lost.",
        )
    return process
