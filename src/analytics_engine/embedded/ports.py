"""Ports: which are free, and who has the ones that are not."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

import psutil

from analytics_engine.errors import PortTaken

LOOPBACK = "127.0.0.1"


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    """Return whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def require_free(ports: Mapping[str, int], *, host: str = LOOPBACK, offset: int = 0) -> None:
    """Return when every port (by what needs it) is free.

    Raises:
        PortTaken: some are not; the detail names each and, where that is visible, who has it, and the remedy an
            offset at which all are free. ``offset`` is what was added to them already.
    """
    taken = {name: port for name, port in ports.items() if not is_free(port, host=host)}
    if not taken:
        return
    sentence = "; ".join(f"port {port} ({name}) is taken{_by_whom(port)}" for name, port in taken.items())
    other = next(
        more for more in range(100, 50_000, 100) if all(is_free(port + more, host=host) for port in ports.values())
    )
    raise PortTaken(
        f"{sentence[0].upper()}{sentence[1:]}.",
        remedy=f"Stop what has it, or move all ports: analytics-engine up --port-offset {offset + other}",
        ports=sorted(taken.values()),
    )


def any_free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def remembered_port(file: Path) -> int:
    """Return the port in the file while it is free, else a new one, which the file then remembers."""
    try:
        port = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        port = 0
    if not 0 < port < 65_536 or not is_free(port):  # noqa: PLR2004 - there are 65,536 ports
        port = any_free_port()
        file.write_text(f"{port}\n", encoding="ascii")
    return port


def _by_whom(port: int) -> str:
    """Return who listens on a port, such as `` by nginx (process 812)``; empty where that is not ours to see."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return ""
    for connection in connections:
        listening = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr[1] == port
        if listening and connection.pid:
            try:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
            except psutil.Error:
                return f" by process {connection.pid}"
    return ""
