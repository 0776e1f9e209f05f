"""Calls from one service to another over HTTP: one pool of connections a process, one client a service called."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import aiohttp
from opentelemetry.trace import SpanKind
from yarl import URL

from analytics_engine.clients.patience import Patience
from analytics_engine.clients.problems import error_of
from analytics_engine.contracts.services import Service
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable
from analytics_engine.kernel.http import request_id
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.kernel.security.tokens import InternalTokens
from analytics_engine.kernel.tracing import hand_on, part_of_trace

_TIMEOUT_S = 10.0
_UPLOAD_TIMEOUT_S = 600.0
_CONNECT_TIMEOUT_S = 2.0
_PING_TIMEOUT_S = 0.9
_ATTEMPTS = 3
_RETRY_AFTER_S = 2
_PAUSE_S = 0.1
_CONNECTIONS = 256
_NOT_MODIFIED = 304
_FIRST_ERROR = 400
_ONLY_ASK = frozenset({"GET", "HEAD"})

Body = bytes | AsyncIterable[bytes]
QueryValue = str | int | bool | None


@dataclass(frozen=True)
class Answer:
    """What a service answered: its JSON and its ETag; ``not_modified`` when the known ETag is still right."""

    status: int
    data: Any
    etag: str = ""

    @property
    def not_modified(self) -> bool:
        return self.status == _NOT_MODIFIED


class _Streamed:
    """A body that is read while it is sent, and whether any of it was."""

    def __init__(self, source: AsyncIterable[bytes]) -> None:
        self._source = source
        self.is_begun = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.is_begun = True
        async for chunk in self._source:
            yield chunk


class HttpPool:
    """The connections of one service to all others; opened at its start.

    Args:
        connections: how many there may be at once.
        patience_s: how long a service that cannot be reached is waited for, as it may be just replaced.
    """

    def __init__(
        self,
        *,
        tokens: InternalTokens,
        caller: Service,
        connections: int = _CONNECTIONS,
        patience_s: float = 0.0,
    ) -> None:
        self.tokens = tokens
        self.caller = caller
        self.patience_s = patience_s
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise DependencyUnavailable(
                f"{self.caller} has not started its HTTP client.", remedy="Try again in a moment."
            )
        return self._session

    def client(self, service: Service, base_url: str) -> ServiceClient:
        return ServiceClient(pool=self, service=service, base_url=base_url)

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=4),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"User-Agent": f"analytics-engine/{self.caller}", "Accept-Encoding": "identity"},
        )

    async def stop(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


class ServiceClient:
    """One other service, as seen from this one. Every call is made for a principal.

    A service that acts by itself uses ``Principal(subject="service:<name>", client_id=..., role=Role.SERVICE)``.

    Raises (all methods):
        DependencyUnavailable: the service cannot be reached.
        DependencyTimeout: it did not answer in time.
        AnalyticsEngineError: the error it answered with, of its own class.
    """

    def __init__(self, *, pool: HttpPool, service: Service, base_url: str) -> None:
        self._pool = pool
        self._service = service
        self._base_url = base_url.rstrip("/")
        self._patience = Patience(pool.patience_s)

    async def get(
        self,
        path: str,
        *,
        principal: Principal,
        params: Mapping[str, QueryValue] | None = None,
        etag: str = "",
        timeout_s: float = _TIMEOUT_S,
    ) -> Answer:
        """GET JSON, trying again when the connection fails; with ``etag`` the answer may be ``not_modified``."""
        headers = {"If-None-Match": etag} if etag else {}
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self.send(
                    "GET", path, principal=principal, params=params, headers=headers, timeout_s=timeout_s
                )
            except DependencyUnavailable as error:
                if attempt == _ATTEMPTS or not isinstance(error.__cause__, aiohttp.ClientError):
                    raise
                await asyncio.sleep(_PAUSE_S * attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def post(
        self,
        path: str,
        *,
        principal: Principal,
        data: object = None,
        params: Mapping[str, QueryValue] | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> Answer:
        """POST a JSON-serialisable value; never sent twice."""
        return await self.send("POST", path, principal=principal, data=data, params=params, timeout_s=timeout_s)

    async def send(
        self,
        method: str,
        path: str,
        *,
        principal: Principal,
        data: object = None,
        params: Mapping[str, QueryValue] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> Answer:
        """Send one JSON request of any method, once."""
        sent = dict(headers or {})
        body: bytes | None = None
        if data is not None:
            body = json.dumps(data).encode()
            sent.setdefault("Content-Type", "application/json")
        async with self.stream(
            method,
            path,
            principal=principal,
            body=body,
            query=_query(params),
            headers=sent,
            timeout_s=timeout_s,
            total_s=timeout_s,
        ) as response:
            return await self._answer(response)

    async def upload(
        self,
        path: str,
        *,
        principal: Principal,
        body: Body,
        params: Mapping[str, QueryValue] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = _UPLOAD_TIMEOUT_S,
    ) -> Answer:
        """POST bytes, which may stream, and return the JSON answer; the content type is in ``headers``."""
        async with self.stream(
            "POST",
            path,
            principal=principal,
            body=body,
            query=_query(params),
            headers=headers or {},
            timeout_s=timeout_s,
        ) as response:
            return await self._answer(response)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        principal: Principal | None,
        body: Body | None = None,
        query: str = "",
        headers: Mapping[str, str],
        timeout_s: float,
        total_s: float | None = None,
        repeatable: bool = False,
        patient: bool = True,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Open one request and yield its response as it is, whatever its status; the body may be streamed.

        ``path`` and ``query`` are sent as they are, already encoded. ``timeout_s`` bounds each wait for bytes and
        ``total_s`` the whole: an upload of any size may take its time. A service that takes no connection is waited
        for, unless one is not ``patient``. A connection that breaks before an answer begins is made again for a
        request that only asks, or is said to be ``repeatable``: being handled twice does no harm.
        """
        sent = dict(headers)
        if principal is not None:
            token = self._pool.tokens.mint(principal, audience=self._service.value)
            sent["Authorization"] = f"Bearer {token}"
        if identity := request_id.current_request_id():
            sent[request_id.HEADER] = identity
        given = body if body is None or isinstance(body, bytes) else _Streamed(body)

        async def once() -> aiohttp.ClientResponse:
            return await self._pool.session.request(
                method,
                URL(f"{self._base_url}{path}{'?' * bool(query)}{query}", encoded=True),
                data=given,
                headers=sent,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=total_s, sock_connect=_CONNECT_TIMEOUT_S, sock_read=timeout_s),
            )

        def may_be_sent_again() -> bool:
            is_begun = isinstance(given, _Streamed) and given.is_begun
            return (repeatable or method in _ONLY_ASK) and not is_begun

        try:
            async with (
                self._traced(method, sent),
                await self._opened(once, may_be_sent_again, patient=patient) as response,
            ):
                yield response
        except TimeoutError as error:
            raise DependencyTimeout(
                f"{self._service} did not answer within {timeout_s:g} s.",
                remedy="Try again; ask for less at once if it stays.",
                service=self._service.value,
            ) from error
        except aiohttp.ClientError as error:
            raise self._unavailable() from error

    @asynccontextmanager
    async def _traced(self, method: str, headers: dict[str, str]) -> AsyncIterator[None]:
        """Trace the call where it is part of a trace, and hand the trace on."""
        with part_of_trace(f"{method} {self._service}", kind=SpanKind.CLIENT, http_request_method=method):
            hand_on(headers)
            yield

    async def _opened(
        self,
        once: Callable[[], Awaitable[aiohttp.ClientResponse]],
        may_be_sent_again: Callable[[], bool],
        *,
        patient: bool,
    ) -> aiohttp.ClientResponse:
        for attempt in itertools.count():
            try:
                response = await once()
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                self._patience.failed()
                if not patient or self._patience.is_over():
                    raise
            except aiohttp.ServerTimeoutError:
                raise
            except aiohttp.ClientConnectionError:
                self._patience.failed()
                if not patient or not may_be_sent_again() or self._patience.is_over():
                    raise
            else:
                self._patience.succeeded()
                return response
            await self._patience.pause(attempt)
        raise AssertionError("unreachable: the count does not end")

    async def ping(self) -> None:
        """Return when the service's process answers."""
        async with self.stream(
            "GET", "/live", principal=None, headers={}, timeout_s=_PING_TIMEOUT_S, patient=False
        ) as response:
            if response.status >= _FIRST_ERROR:
                raise self._unavailable()

    async def _answer(self, response: aiohttp.ClientResponse) -> Answer:
        await self.check(response)
        return Answer(response.status, _parsed(await response.read()), response.headers.get("ETag", ""))

    async def check(self, response: aiohttp.ClientResponse) -> None:
        """Return where a response is a good one.

        Raises:
            AnalyticsEngineError: the error it tells, of its own class.
        """
        if response.status >= _FIRST_ERROR:
            raise error_of(response.status, _parsed(await response.read()), service=self._service.value)

    def _unavailable(self) -> DependencyUnavailable:
        return DependencyUnavailable(
            f"{self._service} cannot be reached at {self._base_url}.",
            remedy=f"Try again in a moment; if it stays, start it with `analytics-engine serve {self._service}`.",
            service=self._service.value,
            retry_after_s=_RETRY_AFTER_S,
        )


def _query(params: Mapping[str, QueryValue] | None) -> str:
    given = {name: value for name, value in (params or {}).items() if value is not None}
    return urlencode({name: str(value).lower() if isinstance(value, bool) else value for name, value in given.items()})


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode(errors="replace")
