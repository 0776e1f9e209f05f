"""Run one program that never outlives whoever asked for it. Standard library only, so that it starts in no time.

``python -I -S launcher.py '<JSON of Orders>'``, with a pipe as standard input. The program is stopped when that pipe
closes: because the parent asked for it, or because the parent is no more, however it died (a shorter grace then:
the next start is waiting). What the parent writes into it are numbers of signals, which are passed on. Should the
launcher itself be killed, Linux sends the program its stop signal (PR_SET_PDEATHSIG, set after root is given up: setuid
clears it). What the program prints goes to a log file that is rotated by size. The lock file is held by both
together: as long as one lives, nobody else gets it. Sockets that the parent holds are handed to the program as
systemd does it (``sd_listen_fds(3)``): from descriptor 3 on, with LISTEN_FDS and LISTEN_PID in its environment.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import math
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LOCK_HELD = 75
_FIRST_SOCKET = 3
_CHUNK = 65_536
_ABANDONED_GRACE_S = 3.0


@dataclass(frozen=True)
class Orders:
    """What to run and how. ``user`` and ``group`` are given by root only, who gives its rights up for them."""

    command: list[str]
    directory: str
    log: str
    log_limit_bytes: int
    lock: str
    stop_signal: int
    grace_s: float
    sockets: list[int]
    user: int | None = None
    group: int | None = None


class RotatingLog:
    """A log file that becomes ``.1`` and then ``.2`` when it is full. A full disk loses lines, never the program."""

    def __init__(self, path: Path, *, limit_bytes: int) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._file = -1
        self._size = 0
        self._open()

    def write(self, chunk: bytes) -> None:
        with suppress(OSError):
            if self._size + len(chunk) > self._limit_bytes and self._size:
                self._rotate()
            self._size += os.write(self._file, chunk)

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._file).st_size

    def _rotate(self) -> None:
        os.close(self._file)
        first, second = (self._path.with_name(f"{self._path.name}.{number}") for number in (1, 2))
        if first.exists():
            first.replace(second)
        self._path.replace(first)
        self._open()


def main() -> int:
    """Run the program to its end and return its exit code (128 + the signal that ended it, as shells do)."""
    orders = Orders(**json.loads(sys.argv[1]))
    _put_in_place(orders.sockets)
    lock = os.open(orders.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _LOCK_HELD
    log = RotatingLog(Path(orders.log), limit_bytes=orders.log_limit_bytes)
    wake = _wake_on_signals()
    try:
        program, output = _launch(orders, lock)
    except OSError as error:
        log.write(f"cannot run {orders.command[0]}: {error.strerror}\n".encode())
        return 126
    os.truncate(lock, 0)
    os.pwrite(lock, f"{program.pid}\n".encode(), 0)
    Attendant(program, output=output, wake=wake, log=log).attend(orders)
    code = program.wait()
    return 128 - code if code < 0 else code


def _put_in_place(sockets: list[int]) -> None:
    """Have the sockets at 3, 4 and so on; nothing else is open yet."""
    if not sockets:
        return
    copies = [fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, _FIRST_SOCKET + 2 * len(sockets)) for number in sockets]
    for place, copy in enumerate(copies, _FIRST_SOCKET):
        os.dup2(copy, place)
    os.closerange(_FIRST_SOCKET + len(sockets), max(*sockets, *copies) + 1)


def _wake_on_signals() -> int:
    """Return a descriptor that becomes readable when a signal arrives; none of these ends the launcher."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, lambda _number, _frame: None)
    return readable


def _launch(orders: Orders, lock: int) -> tuple[subprocess.Popen[bytes], int]:
    launcher = os.getpid()
    output, sink = os.pipe()
    sockets = range(_FIRST_SOCKET, _FIRST_SOCKET + len(orders.sockets))
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def tie_to_launcher() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, orders.stop_signal, 0, 0, 0)
        if os.getppid() != launcher:
            os._exit(1)
        if sockets:
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(sockets)))

    program = subprocess.Popen(  # noqa: S603 - what our parent orders, no shell
        orders.command,
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=sink,
        cwd=orders.directory,
        user=orders.user,
        group=orders.group,
        extra_groups=None if orders.group is None else [],
        pass_fds=(lock, *sockets),
        preexec_fn=tie_to_launcher,  # noqa: PLW1509 - this process has one thread
    )
    os.close(sink)
    for number in sockets:
        os.close(number)
    return program, output


class Attendant:
    """Keeps the program's log until it has ended, and ends it when the parent's pipe closes or a signal says so."""

    def __init__(self, program: subprocess.Popen[bytes], *, output: int, wake: int, log: RotatingLog) -> None:
        self._program = program
        self._log = log
        self._selector = selectors.DefaultSelector()
        self._told_to_stop = False
        for descriptor, reader in (
            (sys.stdin.fileno(), self._read_parent),
            (output, self._read_output),
            (wake, self._read_signals),
        ):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ, reader)
        self._output = output

    def attend(self, orders: Orders) -> None:
        parent = os.getppid()
        kill_at = math.inf
        while self._program.poll() is None:
            wait_s = None if kill_at == math.inf else max(0.0, kill_at - time.monotonic())
            for key, _ in self._selector.select(wait_s):
                key.data(key.fd, os.read(key.fd, _CHUNK))
            if self._told_to_stop and kill_at == math.inf:
                self._program.send_signal(orders.stop_signal)
                abandoned = os.getppid() != parent
                kill_at = time.monotonic() + (_ABANDONED_GRACE_S if abandoned else orders.grace_s)
            if time.monotonic() >= kill_at:
                self._program.kill()
                self._program.wait()
        with suppress(BlockingIOError):
            while chunk := os.read(self._output, _CHUNK):
                self._log.write(chunk)

    def _read_parent(self, descriptor: int, chunk: bytes) -> None:
        if not chunk:
            self._selector.unregister(descriptor)
            self._told_to_stop = True
        for number in chunk:
            self._program.send_signal(number)

    def _read_output(self, descriptor: int, chunk: bytes) -> None:
        self._log.write(chunk)
        if not chunk:
            self._selector.unregister(descriptor)

    def _read_signals(self, _: int, numbers: bytes) -> None:
        self._told_to_stop = self._told_to_stop or any(number != signal.SIGCHLD for number in numbers)


if __name__ == "__main__":
    sys.exit(main())
