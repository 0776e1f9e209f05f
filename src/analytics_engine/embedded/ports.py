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


def require_free(ports: Mapping[str, int], *, host: str = LOOPBACK) -> None:
    """Return when every port (by what needs it) is free.

    Raises:
        PortTaken: some are not; the detail names each and, where that is visible, who has it.
    """
    taken = {name: port for name, port in ports.items() if not is_free(port, host=host)}
    if not taken:
        return
    holders = {port: holder(port) for port in taken.values()}
    named = [
        f"port {port} ({name}) is taken" + (f" by {holders[port]}" if holders[port] else "")
        for name, port in taken.items()
    ]
    sentence = "; ".join(named)
    raise PortTaken(
        f"{sentence[0].upper()}{sentence[1:]}.",
        remedy="Stop that process, or move all ports, such as by 100: analytics-engine up --port-offset 100",
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


def holder(port: int) -> str:
    """Return who listens on a port, such as ``nginx (process 812)``; empty where that is not ours to see."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        connections = []
    for connection in connections:
        listening = connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr[1] == port
        if listening and connection.pid:
            try:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
            except psutil.Error:
                return f"process {connection.pid}"
    return ""
