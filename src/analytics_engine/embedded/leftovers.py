"""What an earlier run left: a program whose supervisor was killed may need a moment to end, or help."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

import psutil

from analytics_engine.errors import ProgramFailed

_POLL_S = 0.02
_KILL_PATIENCE_S = 5.0


def is_held(lock: Path) -> bool:
    """Return whether a process holds the lock: it lives as long as the program or its launcher does."""
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def wait_until_gone(lock: Path, *, patience_s: float) -> bool:
    """Return whether nobody holds the lock any more, waiting for that as long as patience lasts."""
    deadline = time.monotonic() + patience_s
    while is_held(lock):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def end(lock: Path, *, patience_s: float) -> None:
    """Return when nothing is left of the program of this lock file; what does not end by itself is killed.

    Raises:
        ProgramFailed: something holds on to the lock that is not ours to kill.
    """
    if wait_until_gone(lock, patience_s=patience_s):
        return
    for process in _family(lock):
        with suppress(psutil.Error):
            process.kill()
    if not wait_until_gone(lock, patience_s=_KILL_PATIENCE_S):
        raise ProgramFailed(
            f"A process of an earlier start still holds {lock}.",
            remedy=f"Find it with `fuser {lock}` and end it.",
        )


def _family(lock: Path) -> list[psutil.Process]:
    """Return the program and its descendants, as long as the lock file's process id is still that program's."""
    with suppress(OSError, ValueError, psutil.Error):
        program = psutil.Process(int(lock.read_text(encoding="ascii")))
        if any(Path(file.path) == lock.resolve() for file in program.open_files()):
            return [program, *program.children(recursive=True)]
    return []
