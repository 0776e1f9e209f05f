"""Receivers of messages in tests: an HTTP server and a mail server that keep what they are sent."""

from __future__ import annotations

import email
import email.policy
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from support.waiting import eventually


@dataclass(frozen=True)
class Received:
    """A request as it came: ``body`` is what was signed."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), strict_parsing=True))


@dataclass
class HttpSink:
    """Keeps what it is sent, and answers with the first of ``answers`` while there are any, then with ``answer``.

    ``hold`` is awaited before an answer; ``cuts`` is how many connections end without one. With ``echo`` the answer is
    the request, under this status.
    """

    answer: Callable[[], web.Response] = lambda: web.Response(text="ok")
    answers: list[Callable[[], web.Response]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    hold: Callable[[], Awaitable[object]] | None = None
    cuts: int = 0
    echo: int = 0
    port: int = 0
    tls: ssl.SSLContext | None = None
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen, at the same port as before where it did so before."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self.tls).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def got(self, count: int, *, within_s: float = 10.0) -> list[Received]:
        """Return everything that was received once there is so much of it."""

        async def enough() -> bool:
            return len(self.received) >= count

        await eventually(enough, within_s=within_s)
        return self.received

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.received.append(Received(request.method, request.path_qs, dict(request.headers), body))
        if self.hold is not None:
            await self.hold()
        if self.cuts and request.transport is not None:
            self.cuts -= 1
            request.transport.abort()
        if self.echo:
            return web.Response(status=self.echo, text=f"{request.path_qs} {dict(request.headers)} {body.decode()}")
        return self.answers.pop(0)() if self.answers else self.answer()


@asynccontextmanager
async def http_sink(*, tls: ssl.SSLContext | None = None) -> AsyncIterator[HttpSink]:
    sink = HttpSink(tls=tls)
    await sink.start()
    try:
        yield sink
    finally:
        await sink.stop()


@dataclass
class MailSink:
    """A mail server that keeps the mails it takes, parsed; ``refusal`` is what it answers instead, where set."""

    refusal: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name there
        if self.refusal:
            return self.refusal
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, policy=email.policy.default)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 Message accepted for delivery"

    async def got(self, count: int) -> list[EmailMessage]:
        async def enough() -> bool:
            return len(self.mails) >= count

        await eventually(enough)
        return self.mails


@asynccontextmanager
async def mail_sink(*, tls: ssl.SSLContext | None = None, password: str = "") -> AsyncIterator[MailSink]:
    """A mail server; with ``tls`` it wants STARTTLS and a user with this password."""
    sink = MailSink()

    def sign_in(*asked: Any) -> AuthResult:
        given = asked[-1]
        knows = isinstance(given, LoginPassword) and given.password == password.encode()
        return AuthResult(success=knows, handled=False)

    secured = {"tls_context": tls, "require_starttls": True, "auth_required": True, "authenticator": sign_in}
    controller = _OnAnyPort(sink, hostname="127.0.0.1", port=0, **(secured if tls else {}))
    controller.start()
    assert controller.server is not None
    sink.port = controller.server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        controller.stop(no_assert=True)


class _OnAnyPort(Controller):
    """A mail server at a port that is free: the library's own asks whether it answers at the one it was given."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
