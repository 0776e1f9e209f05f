"""HTTP requests to addresses that clients name, led by the guard."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from analytics_engine.adapters.network.guard import HostGuard
from analytics_engine.adapters.network.reasons import reason_of
from analytics_engine.errors import AnalyticsEngineError, DependencyTimeout, DependencyUnavailable, InvalidInput
from analytics_engine.kernel.ports.outgoing import ReceiverAnswer

_TIMEOUT_S = 15.0
_CONNECT_S = 5.0
_READ_BYTES = 4096
_SHOWN_CHARACTERS = 500
_FIRST_GOOD, _FIRST_NOT_GOOD = 200, 300
_FIRST_FINAL, _FIRST_SERVER_ERROR = 400, 500
_PASSING = frozenset({408, 409, 423, 425, 429})
"""What a receiver answers that may take the same request later."""
_LONGEST_LATER_S = 3600.0


class GuardedHttp:
    """``kernel.ports.outgoing.Outgoing``. Connections are not kept: each request is checked as it is made.

    The name is resolved once, by the guard, at the moment of connecting; TLS and ``Host`` have the name still. So a
    name server that answers differently a second time is never asked a second time. No proxy of the environment is
    used: it would resolve by itself.
    """

    def __init__(self, guard: HostGuard, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._guard = guard
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=_GuardedResolver(self._guard),
                ssl=ssl.create_default_context(),
                use_dns_cache=False,
                force_close=True,
                limit=0,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=_CONNECT_S),
            headers={"User-Agent": "analytics-engine/messages", "Accept-Encoding": "identity"},
            auto_decompress=False,
            trust_env=False,
        )

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def check(self, url: str) -> None:
        parsed = _parsed(url)
        await self._may_go(parsed, await self._guard.address(_host(parsed), parsed.port or 0))

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> ReceiverAnswer:
        if self._session is None:
            raise DependencyUnavailable("Messages are not sent yet.", remedy="Try again in a moment.")
        parsed = _parsed(url)
        host = _host(parsed)
        if parsed.scheme == "http" or _is_address(host):  # addresses are not asked of a resolver
            await self._may_go(parsed, await self._guard.address(host, parsed.port or 0))
        try:
            async with self._session.post(
                parsed, data=body, headers=headers, allow_redirects=False, raise_for_status=False
            ) as response:
                return await _answer(response)
        except TimeoutError as error:
            raise DependencyTimeout(
                f"{host} did not answer within {self._timeout_s:g} s.",
                remedy="Let the receiver answer first and work afterwards.",
            ) from error
        except aiohttp.ClientError as error:
            raise _refusal_of(error) or DependencyUnavailable(
                f"{host} cannot be reached: {_reason(error)}.",
                remedy="Check host and port, that the receiver runs, and its certificate.",
            ) from None  # the cause may hold the whole URL, which may be a secret

    async def _may_go(self, url: URL, address: str) -> None:
        if url.scheme == "http" and not self._guard.allowed_by_operator(address):
            raise InvalidInput(
                "The URL is http, which anybody on the way can read and change.",
                remedy="Use https; plain http is for hosts in AE_MESSAGE_ALLOWED_NETWORKS.",
            )


class _GuardedResolver(AbstractResolver):
    """Resolves to the addresses that the guard has checked."""

    def __init__(self, guard: HostGuard) -> None:
        self._guard = guard

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - the guard takes either
    ) -> list[ResolveResult]:
        try:
            addresses = await self._guard.addresses(host, port)
        except AnalyticsEngineError as error:
            raise OSError(None, error.detail) from error
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _parsed(url: str) -> URL:
    parsed = None
    with suppress(ValueError):
        parsed = URL(url)
    if parsed is None or parsed.scheme not in {"http", "https"} or not parsed.host or parsed.user or parsed.password:
        raise InvalidInput(
            "The URL is none that a message can be sent to.",
            remedy="Write https://host/path, without a user or password in it.",
        )
    return parsed


def _host(url: URL) -> str:
    return url.host or ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _answer(response: aiohttp.ClientResponse) -> ReceiverAnswer:
    content = b""
    with suppress(aiohttp.ClientError, TimeoutError):  # the status is there; the text is an addition
        content = await response.content.read(_READ_BYTES)
    text = content.decode("utf-8", errors="replace").replace("\0", "")
    return ReceiverAnswer(
        taken=_FIRST_GOOD <= response.status < _FIRST_NOT_GOOD,
        status=response.status,
        text=text.strip()[:_SHOWN_CHARACTERS],
        final=_FIRST_FINAL <= response.status < _FIRST_SERVER_ERROR and response.status not in _PASSING,
        later_s=_later_s(response.headers.get("Retry-After", "")),
    )


def _later_s(header: str) -> float:
    return min(float(header), _LONGEST_LATER_S) if header.isascii() and header.isdigit() else 0.0


def _refusal_of(error: BaseException) -> AnalyticsEngineError | None:
    """Return the guard's own error where it was the guard that refused."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, AnalyticsEngineError):
            return cause
        cause = cause.__cause__
    return None


def _reason(error: aiohttp.ClientError) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError) and isinstance(error.certificate_error, OSError):
        return reason_of(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return reason_of(error.os_error)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "it closed the connection without an answer"
    return type(error).__name__
