"""A service as a process: its sockets, its logs, and a graceful end on SIGTERM and SIGINT."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics_engine.bootstrap.registry import build
from analytics_engine.bootstrap.settings import Environment, Settings
from analytics_engine.bootstrap.traces import traces_sent
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.activation import ServiceManager, inherited_sockets, listen
from analytics_engine.kernel.health import HealthBoard, Status
from analytics_engine.kernel.logging import configure_logging

GRACE_S = 20
"""How long requests under way may take once the service is told to stop; whoever stops it waits for longer."""

_KEEP_ALIVE_S = 5
_LINGER_S = _KEEP_ALIVE_S + 1.0
"""By then a connection that nobody uses has been closed as an idle one, as at any other time."""
DRAINED_WITHIN_S = _LINGER_S + GRACE_S
"""At most, from SIGTERM until no request is under way; what background tasks hold is handed back after that."""
_POLL_S = 0.05
_LARGEST_MESSAGE = 1 << 20
"""Of those that come over a WebSocket, in bytes."""


def run_service(service: Service, settings: Settings, *, host: str | None = None, port: int | None = None) -> None:
    """Serve until told to stop, on the sockets that were handed to this process, else on its own.

    After SIGTERM requests under way are finished (up to 20 s), and connections that are kept alive may send one more,
    so that nobody's request meets a closed door; SIGINT waits for requests under way only.

    Raises:
        PortTaken: another process listens on a port this service needs.
    """
    configure_logging(
        service=service.value,
        level=settings.log_level,
        secrets=settings.secrets(),
        human=settings.environment is Environment.DEVELOPMENT and _is_terminal(),
    )
    sockets = inherited_sockets()
    is_shared = bool(sockets)
    if not sockets:
        ports = [port or settings.port(service)]
        if service is Service.GATEWAY and port is None:
            ports.append(settings.ui_port)
        sockets = [listen(host or settings.ae_bind_host, number) for number in ports]
    app = build(service, settings)
    manager = ServiceManager()
    server = Server(app, manager, closing_s=0.0 if is_shared else settings.ae_closing_s)
    with traces_sent(service, settings):
        server.run(sockets=sockets)


class Server(uvicorn.Server):
    """A server that takes no connection before it is ready where a manager waits for that, and drains at its end.

    Args:
        closing_s: how long it goes on to take connections when it is told to stop, saying at /ready that it closes.
    """

    def __init__(self, app: FastAPI, manager: ServiceManager, *, closing_s: float) -> None:
        super().__init__(
            uvicorn.Config(
                _once_ready(app, self._until_ready) if manager.listens else app,
                log_config=None,
                access_log=False,
                lifespan="on",
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=GRACE_S,
                server_header=False,
                proxy_headers=False,
                ws="websockets-sansio",
                ws_max_size=_LARGEST_MESSAGE,
                ws_per_message_deflate=False,  # its buffers are larger than all else that a connection takes
            )
        )
        self._app = app
        self._manager = manager
        self._closing_s = closing_s
        self._hurried = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note how we are told to stop; unlike uvicorn's own, the process then ends with exit code 0."""
        del frame
        self.should_exit = True
        self._hurried = self._hurried or sig == signal.SIGINT

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._manager.tell(READY="1", STATUS="ready")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._manager.tell(STOPPING="1")
        self._app.state.closing.set()
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        await self._while_patient(lambda: True, self._closing_s)
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        await self._while_patient(lambda: bool(self.server_state.connections), _LINGER_S)
        await super().shutdown(sockets)

    async def _while_patient(self, condition: Callable[[], bool], limit_s: float) -> None:
        """Wait while something is so, for a time, unless somebody is in a hurry."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limit_s
        while condition() and not self._hurried and loop.time() < deadline:  # noqa: ASYNC110 - uvicorn has no event of it
            await asyncio.sleep(_POLL_S)

    async def _until_ready(self) -> None:
        """Return when the service can take requests, or is told to stop; until then the manager is told why not."""
        board: HealthBoard = self._app.state.health
        while not self.should_exit and (report := await board.report()).status is Status.UNHEALTHY:
            self._manager.tell(
                STATUS="; ".join(one.detail for one in report.dependencies.values() if one.detail) or "not ready"
            )
            await asyncio.sleep(_POLL_S)


def _once_ready(app: ASGIApp, until_ready: Callable[[], Awaitable[None]]) -> ASGIApp:
    """Return an application whose start is complete when it is ready: nothing is accepted before."""

    async def held(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_when_ready(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                await until_ready()
            await send(message)

        await app(scope, receive, send_when_ready if scope["type"] == "lifespan" else send)

    return held


def _is_terminal() -> bool:
    import sys

    return sys.stderr.isatty()
