"""A service as a process: its sockets, its logs, and a graceful end on SIGTERM and SIGINT."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from analytics_engine.bootstrap.registry import build
from analytics_engine.bootstrap.settings import Environment, Settings
from analytics_engine.bootstrap.traces import traces_sent
from analytics_engine.contracts.services import Service
from analytics_engine.errors import PortTaken
from analytics_engine.kernel.logging import configure_logging

GRACE_S = 20
"""How long requests under way may take once the service is told to stop; whoever stops it waits for longer."""

_LARGEST_MESSAGE = 1 << 20
"""Of those that come over a WebSocket, in bytes."""


def run_service(service: Service, settings: Settings, *, host: str | None = None, port: int | None = None) -> None:
    """Serve until told to stop; requests under way are finished first (up to 20 s).

    Raises:
        PortTaken: another process listens on a port this service needs.
    """
    configure_logging(
        service=service.value,
        level=settings.log_level,
        secrets=settings.secrets(),
        human=settings.environment is Environment.DEVELOPMENT and _is_terminal(),
    )
    address = host or settings.ae_bind_host
    ports = [port or settings.port(service)]
    if service is Service.GATEWAY and port is None:
        ports.append(settings.ui_port)
    sockets = [_listen(address, number) for number in ports]
    app = build(service, settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        proxy_headers=False,
        ws="websockets-sansio",
        ws_max_size=_LARGEST_MESSAGE,
        ws_per_message_deflate=False,  # its buffers are larger than all else that a connection takes
    )
    with traces_sent(service, settings):
        _Server(config, app).run(sockets=sockets)


class _Server(uvicorn.Server):
    """A server that tells streams which go on for ever when to end; it waits for all requests else."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.closing.set()
        await super().shutdown(sockets)


def _is_terminal() -> bool:
    import sys

    return sys.stderr.isatty()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends small parts at once then
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"Port {port} on {host} cannot be listened on: {error.strerror}.",
            remedy="Stop the process that has it, or move all ports with AE_PORT_OFFSET.",
            port=port,
        ) from error
    listener.listen(2048)
    listener.set_inheritable(True)
    return listener
