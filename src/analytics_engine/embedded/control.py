"""How other commands speak with the supervisor: JSON lines over a socket in AE_HOME that is for its owner only."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from analytics_engine.embedded.home import Home
from analytics_engine.errors import NotRunning, ProgramFailed

_LONGEST_PATH_BYTES = 100
_LONGEST_REQUEST_BYTES = 65_536
_PATIENCE_S = 10.0


class Caller:
    """One command that waits for answers; a command that has gone is told nothing."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._heard = b""
        self.is_gone = False

    def request(self) -> dict[str, Any] | None:
        """Return what it wants, once that is here."""
        try:
            chunk = self._connection.recv(_LONGEST_REQUEST_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            chunk = b""
        self._heard += chunk
        line, end, _ = self._heard.partition(b"\n")
        if end:
            with suppress(ValueError):
                document = json.loads(line)
                return document if isinstance(document, dict) else {}
            return {}
        if not chunk or len(self._heard) > _LONGEST_REQUEST_BYTES:
            self.hang_up()
        return None

    def tell(self, **facts: Any) -> None:
        try:
            self._connection.sendall(json.dumps(facts).encode() + b"\n")
        except OSError:
            self.hang_up()

    def hang_up(self) -> None:
        self.is_gone = True
        self._connection.close()


class Switchboard:
    """Takes calls while the supervisor runs."""

    def __init__(self, home: Home) -> None:
        self._path = home.run / "control.sock"
        self._listener: socket.socket | None = None
        self._callers: list[Caller] = []

    def open(self) -> bool:
        """Return whether calls are taken: not where AE_HOME is too deep for the name of a socket."""
        if not _is_name_of_socket(str(self._path)):
            return False
        self._path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            self._listener.bind(str(self._path))
        finally:
            os.umask(mask)
        self._listener.listen()
        self._listener.settimeout(0)
        return True

    def requests(self) -> Iterator[tuple[Caller, dict[str, Any]]]:
        """Yield who wants what, as far as they have said it."""
        self._take_calls()
        for caller in [*self._callers]:
            request = caller.request()
            if request is not None or caller.is_gone:
                self._callers.remove(caller)
            if request is not None:
                yield caller, request

    def close(self) -> None:
        for caller in self._callers:
            caller.hang_up()
        if self._listener is not None:
            self._listener.close()
            self._path.unlink(missing_ok=True)

    def _take_calls(self) -> None:
        with suppress(BlockingIOError):
            while self._listener is not None:
                connection, _ = self._listener.accept()
                connection.settimeout(0)
                self._callers.append(Caller(connection))


def call(home: Home, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what the supervisor of an AE_HOME answers, until it has said all.

    Raises:
        NotRunning: there is none.
        ProgramFailed: it ended before it had answered.
    """
    path = home.run / "control.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.settimeout(_PATIENCE_S)
            connection.connect(str(path))
        except OSError as error:
            raise NotRunning(
                f"No supervisor takes calls at {path}: {error.strerror or error}.",
                remedy="Start it with `analytics-engine up`; is AE_HOME set as it was then, and who are you?",
            ) from error
        connection.settimeout(None)
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb") as answers:
            for line in answers:
                answer: dict[str, Any] = json.loads(line)
                yield answer
                if "end" in answer:
                    return
    raise ProgramFailed(
        "The supervisor ended before it was done.", remedy="See `analytics-engine logs supervisor`, then run it again."
    )


def _is_name_of_socket(path: str) -> bool:
    return len(os.fsencode(path)) <= _LONGEST_PATH_BYTES
