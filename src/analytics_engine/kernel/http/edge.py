"""The outermost layer of every service: request id, log line, metrics, and the answer to what nobody foresaw."""

from __future__ import annotations

import time

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics_engine.kernel.http import request_id
from analytics_engine.kernel.http.problems import problem_response
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.telemetry import Telemetry

log = get_logger("request")

_CLIENT_GONE = 499
"""What is noted of a request whose client has gone: nobody was answered."""

_QUIET_PATHS = frozenset({"/live", "/ready", "/health", "/metrics"})


class Edge:
    """ASGI middleware around a whole service."""

    def __init__(self, app: ASGIApp, *, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        identity = request_id.accept_request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        token = request_id.set_request_id(identity)
        structlog.contextvars.bind_contextvars(request_id=identity)
        status = 500
        began = time.perf_counter()

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-request-id", identity.encode()))
            await send(message)

        with self._telemetry.active_requests.labels(self._telemetry.service).track_inprogress():
            try:
                await self._answer(scope, receive, tagged)
            except ClientDisconnect:
                status = _CLIENT_GONE
            finally:
                self._record(scope, status, time.perf_counter() - began)
                structlog.contextvars.unbind_contextvars("request_id")
                request_id.reset_request_id(token)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            raise
        except Exception:
            self._telemetry.unexpected_errors.labels(self._telemetry.service).inc()
            log.exception("unexpected_error", path=scope["path"], method=scope["method"])
            if begun:
                raise
            response = problem_response(
                status=500,
                code="internal",
                title="Something failed that nobody foresaw",
                detail="The service could not finish this request; nothing more is known to the caller.",
                remedy="Try again; if it stays, give the operator the request id.",
                instance=scope["path"],
            )
            await response(scope, receive, send)

    def _record(self, scope: Scope, status: int, duration_s: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self._telemetry.request_duration.labels(self._telemetry.service, scope["method"], route, str(status)).observe(
            duration_s
        )
        level = log.debug if scope["path"] in _QUIET_PATHS else log.info
        level(
            "request",
            method=scope["method"],
            path=scope["path"],
            status=status,
            duration_ms=round(duration_s * 1000, 2),
        )
