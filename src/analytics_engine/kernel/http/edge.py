"""The outermost layer of every service: request id, log line, metrics, and the answer to what nobody foresaw."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Self

from opentelemetry.trace import SpanKind
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics_engine.kernel.http import request_id, server_sent
from analytics_engine.kernel.http.problems import problem_response
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.kernel.tracing import span_of

log = get_logger("request")

ROUTE = "analytics_engine.route"
"""Where in the scope an endpoint of many paths names the template of the one that was asked for."""

_CLIENT_GONE = 499
"""What is noted of a request whose client has gone: nobody was answered."""

_METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
_QUIET_PATHS = frozenset({"/live", "/ready", "/health", "/metrics"})


class Edge:
    """ASGI middleware around a whole service."""

    def __init__(self, app: ASGIApp, *, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        identity = request_id.accept_request_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        token = request_id.set_request_id(identity)
        try:
            if scope["path"] in _QUIET_PATHS:
                await self._measured(scope, receive, send, identity)
            else:
                await self._traced(scope, receive, send, identity)
        finally:
            request_id.reset_request_id(token)

    async def _traced(self, scope: Scope, receive: Receive, send: Send, identity: str) -> None:
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method = _method(scope)
        with span_of(method, kind=SpanKind.SERVER, carrier=carrier, http_request_method=method) as span:
            answer = await self._measured(scope, receive, send, identity)
            if span.is_recording():
                span.update_name(f"{method} {answer.route}")
                span.set_attribute("http.route", answer.route)
                span.set_attribute("http.response.status_code", answer.status)
                span.set_attribute("analytics_engine.request_id", identity)

    async def _measured(self, scope: Scope, receive: Receive, send: Send, identity: str) -> _Answer:
        with _Answer(self._telemetry, scope) as answer:
            await self._serve(scope, receive, _tagged(send, answer, identity), answer)
        return answer

    async def _serve(self, scope: Scope, receive: Receive, send: Send, answer: _Answer) -> None:
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        try:
            await self._answer(scope, receive, send)
        except ClientDisconnect:
            answer.status = _CLIENT_GONE

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


def _tagged(send: Send, answer: _Answer, identity: str) -> Send:
    """Return ``send`` that names the request in the answer, and has it measured."""

    async def tagged(message: Message) -> None:
        if message["type"] == "http.response.start":
            message.setdefault("headers", []).append((b"x-request-id", identity.encode()))
        answer.note(message)
        await send(message)

    return tagged


class _Answer:
    """What is measured of one answer: until its first bytes, and of one without an end for how long it goes on.

    How long a reader takes for the rest says nothing about the service.
    """

    def __init__(self, telemetry: Telemetry, scope: Scope) -> None:
        self._telemetry = telemetry
        self._scope = scope
        self._began = time.perf_counter()
        self._is_timed = scope["type"] != "http"
        self._stream: ExitStack | None = None
        self._active = ExitStack()
        self.status = 500

    def __enter__(self) -> Self:
        if self._scope["type"] == "http":
            active = self._telemetry.active_requests.labels(self._telemetry.service)
            self._active.enter_context(active.track_inprogress())
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
        self._time()
        self._active.close()
        self._log()

    def note(self, message: Message) -> None:
        """Take notice of a message on its way to the client."""
        match message["type"]:
            case "http.response.start":
                self.status = message["status"]
                if _is_event_stream(message):
                    self._begin_stream()
            case "http.response.body" if message.get("body"):
                self._time()
            case "websocket.accept":
                self.status = 101
                self._begin_stream()
            case "websocket.http.response.start":
                self.status = message["status"]
            case _:
                pass

    @property
    def route(self) -> str:
        template: str | None = self._scope.get(ROUTE) or getattr(self._scope.get("route"), "path", None)
        return template or "unmatched"

    def _begin_stream(self) -> None:
        self._time()
        self._active.close()
        labels = (self._telemetry.service, self.route)
        self._stream = ExitStack()
        self._stream.enter_context(self._telemetry.stream_duration.labels(*labels).time())
        self._stream.enter_context(self._telemetry.active_streams.labels(*labels).track_inprogress())

    def _time(self) -> None:
        """Keep how long the answer took, once; a WebSocket is none."""
        if not self._is_timed:
            self._is_timed = True
            labels = (self._telemetry.service, _method(self._scope), self.route, str(self.status))
            self._telemetry.request_duration.labels(*labels).observe(time.perf_counter() - self._began)

    def _log(self) -> None:
        level = log.debug if self._scope["path"] in _QUIET_PATHS else log.info
        level(
            "request",
            method=self._scope.get("method", "WEBSOCKET"),
            path=self._scope["path"],
            status=self.status,
            duration_ms=round((time.perf_counter() - self._began) * 1000, 2),
        )


def _method(scope: Scope) -> str:
    """Return the method as a label; whatever else people make up is one."""
    method: str = scope.get("method", "GET")
    return method if method in _METHODS else "_OTHER"


def _is_event_stream(message: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(server_sent.MEDIA_TYPE.encode())
        for name, value in message.get("headers", [])
    )
