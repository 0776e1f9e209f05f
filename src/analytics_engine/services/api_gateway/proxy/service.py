from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import quote

import aiohttp
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from analytics_engine.errors import AnalyticsEngineError, DependencyUnavailable, NotFound
from analytics_engine.kernel.http.edge import ROUTE
from analytics_engine.kernel.http.problems import STATUS_OF_KIND
from analytics_engine.kernel.logging import get_logger
from analytics_engine.services.api_gateway.audit.schemas import Deed, DeedOutcome
from analytics_engine.services.api_gateway.audit.service import AuditTrail
from analytics_engine.services.api_gateway.callers import Caller
from analytics_engine.services.api_gateway.proxy import headers
from analytics_engine.services.api_gateway.proxy.body import BoundedBody
from analytics_engine.services.api_gateway.proxy.policy import rule_for
from analytics_engine.services.api_gateway.proxy.routes import Destination, destination
from analytics_engine.services.api_gateway.upstreams import Upstreams

log = get_logger(__name__)

_CHUNK_BYTES = 64 * 1024
_UNAUTHENTICATED = 401
_FORBIDDEN = 403
_FIRST_ERROR = 400


@dataclass(frozen=True)
class BodyLimits:
    """How large a request may be: of data files, and of all others."""

    upload_bytes: int
    other_bytes: int


class Proxy:
    """Takes a request to the service its path leads to, in the name of its caller, and the answer back."""

    def __init__(self, *, upstreams: Upstreams, audit: AuditTrail, limits: BodyLimits) -> None:
        self._upstreams = upstreams
        self._audit = audit
        self._limits = limits

    async def forward(self, request: Request, caller: Caller) -> Forwarded:
        """Return the service's answer, streaming.

        Raises:
            NotFound: the path leads nowhere.
            TooLarge: the body is larger than allowed.
            DependencyUnavailable: the service cannot be reached.
            DependencyTimeout: it did not answer in time.
        """
        path = request.scope["path"]
        towards = destination(path)
        if towards is None:
            raise NotFound(f"Nothing answers {request.method} {path}.", remedy="See /docs for what there is.")
        request.scope[ROUTE] = f"{towards.route.public}/{{path}}"
        rule = rule_for(request.method, path)
        if rule is None or not rule.changes:
            return await self._send(request, caller, towards, repeatable=True)
        try:
            keyed = towards.route.keyed and "idempotency-key" in request.headers
            answer = await self._send(request, caller, towards, repeatable=keyed)
        except AnalyticsEngineError as error:
            await self._record(request, caller, status=STATUS_OF_KIND[error.kind])
            raise
        await self._record(request, caller, status=answer.status_code)
        return answer

    async def _send(self, request: Request, caller: Caller, towards: Destination, *, repeatable: bool) -> Forwarded:
        """Send a request on; a small body of one that may be sent again is held, and all others stream."""
        route = towards.route
        body = BoundedBody(request, limit_bytes=self._limits.upload_bytes if route.upload else self._limits.other_bytes)
        held = await body.whole() if repeatable and body.is_small else None
        async with AsyncExitStack() as stack:
            try:
                response = await stack.enter_async_context(
                    self._upstreams[route.service].stream(
                        request.method,
                        quote(towards.path, safe="/:@!$&'()*+,;=~-._"),
                        principal=caller.principal,
                        body=None if body.is_empty else held or body.chunks(),
                        query=request.scope["query_string"].decode("latin-1"),
                        headers=headers.inward(request.headers),
                        timeout_s=route.timeout_s,
                        repeatable=repeatable,
                    )
                )
            except DependencyUnavailable as error:
                raise body.failure or error from error
            if response.status == _UNAUTHENTICATED:
                raise DependencyUnavailable(
                    f"{route.service} does not accept the gateway's token.",
                    remedy="Give all services the same SECRET_KEY, and machines the same time.",
                    service=route.service.value,
                )
            return Forwarded(response, kept=headers.outward(response.headers, route=route), opened=stack.pop_all())

    async def _record(self, request: Request, caller: Caller, *, status: int) -> None:
        outcome = DeedOutcome.SUCCEEDED if status < _FIRST_ERROR else DeedOutcome.FAILED
        deed = Deed(
            actor=caller.name,
            client_id=caller.principal.client_id,
            action=request.method,
            target=request.scope["path"],
            outcome=DeedOutcome.REFUSED if status == _FORBIDDEN else outcome,
            details={"status": status},
        )
        try:
            await self._audit.record(deed)
        except AnalyticsEngineError as error:
            # What was done is done, so the caller gets its answer; the log line keeps the deed.
            log.exception("audit_not_written", reason=error.detail, deed=deed.model_dump(mode="json"))


class Forwarded(StreamingResponse):
    """A service's answer, passed on as it comes; the connection it comes on is given back at its end."""

    def __init__(self, response: aiohttp.ClientResponse, *, kept: dict[str, str], opened: AsyncExitStack) -> None:
        super().__init__(_chunks(response), status_code=response.status, headers=kept)
        self._opened = opened
        self.background: BackgroundTask | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._opened:
            await super().__call__(scope, receive, send)


async def _chunks(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        yield chunk
