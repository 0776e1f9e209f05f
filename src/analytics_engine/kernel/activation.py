"""What a service manager hands to a service: sockets that listen already, and an ear for how the start goes.

The protocols are systemd's (``sd_listen_fds(3)``, ``sd_notify(3)``), which our own supervisor speaks too. A socket
that belongs to the manager outlives each process that serves it: while one is replaced, connections wait.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress

from analytics_engine.errors import PortTaken

FIRST_DESCRIPTOR = 3
_BACKLOG = 2048
_LONGEST_SEND_S = 5.0
_VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        PortTaken: another process has the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends small parts at once then
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Port {port} on {host} cannot be listened on: {error.strerror}.",
            remedy="Stop the process that has it, or move all ports with AE_PORT_OFFSET.",
            port=port,
        ) from error
    return listener


def inherited_sockets() -> list[socket.socket]:
    """Return the sockets that were handed to this very process; children of ours are not told of them."""
    given = {name: os.environ.pop(name, "") for name in _VARIABLES}
    if given["LISTEN_PID"] != str(os.getpid()):
        return []
    descriptors = range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + int(given["LISTEN_FDS"] or 0))
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - the flag is all it says
    return [socket.socket(fileno=descriptor) for descriptor in descriptors]


class ServiceManager:
    """Whoever started this process and wants to know how it is; nobody, where NOTIFY_SOCKET is not set."""

    def __init__(self) -> None:
        self._address = os.environ.pop("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self._told: dict[str, str] = {}

    @property
    def listens(self) -> bool:
        return bool(self._address)

    def tell(self, **facts: str) -> None:
        """Send facts, such as ``READY="1"`` or ``STATUS="..."``, once; a manager that is gone is told nothing."""
        if not self._address or facts == self._told:
            return
        self._told = facts
        lines = "\n".join(f"{name}={' '.join(value.split())}" for name, value in facts.items())
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.settimeout(_LONGEST_SEND_S)
            ear.sendto(lines.encode(), self._address)
