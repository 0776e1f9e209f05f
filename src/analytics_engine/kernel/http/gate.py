"""Requests that come before a service may work are refused, and say why."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from analytics_engine.errors import AnalyticsEngineError, SchemaTooOld
from analytics_engine.kernel.http.problems import error_response

_PATIENCE_S = 1.0
_ABOUT_THE_SERVICE = ("/live", "/ready", "/health", "/metrics", "/docs", "/openapi.json")


class Gate:
    """ASGI middleware that lets requests through once ``look`` has returned.

    Where it is not known whether the schema is old, as the database does not answer, requests find out for themselves.
    """

    def __init__(self, app: ASGIApp, *, look: Callable[[], Awaitable[None]]) -> None:
        self._app = app
        self._look = look
        self._open = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._open and scope["type"] == "http" and not scope["path"].startswith(_ABOUT_THE_SERVICE):
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await self._look()
                self._open = True
            except SchemaTooOld as error:
                await error_response(error, instance=scope["path"])(scope, receive, send)
                return
            except (AnalyticsEngineError, TimeoutError):
                pass
        await self._app(scope, receive, send)
