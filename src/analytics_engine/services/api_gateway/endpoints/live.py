from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from itertools import zip_longest
from typing import Annotated

from fastapi import APIRouter

from analytics_engine.contracts.live import EXPIRED, UNCHANGED, UPDATE, LiveRequest
from analytics_engine.errors import Forbidden, RateLimited, Unauthenticated
from analytics_engine.kernel.http.built import built
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.http.server_sent import HEARTBEAT, EventStreamResponse, ServerSentEvent, event_stream
from analytics_engine.services.api_gateway.callers import Caller
from analytics_engine.services.api_gateway.deps import CurrentCaller
from analytics_engine.services.api_gateway.live.sessions import LiveSessions, Told
from analytics_engine.services.api_gateway.proxy.routes import API

router = APIRouter(tags=["live"])

Sessions = Annotated[LiveSessions, built("live_sessions")]
Closing = Annotated[asyncio.Event, built("closing")]
CONNECT_AGAIN = "Connect again with a new access token."


@router.post(
    API + "/live", response_class=EventStreamResponse, responses=problems(Unauthenticated, Forbidden, RateLimited)
)
async def follow_live(
    request: LiveRequest, caller: CurrentCaller, sessions: Sessions, closing: Closing
) -> EventStreamResponse:
    """Return the answers of queries as server-sent events: each at once, and again whenever it has changed.

    The stream goes on until the credentials are no longer good; its last event then is ``expired``. Whoever connects
    again is given the newest answers, those it has missed included, and may give the versions it has: of answers that
    are still these it is told ``unchanged``.
    """
    return event_stream(await _begun(_events(sessions, caller, request, closing)))


async def _begun(events: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """Return events of which the first is there: what refuses a session is told before there is a status."""
    first = await anext(events)

    async def all_of_them() -> AsyncGenerator[bytes, None]:
        try:
            yield first
            async for event in events:
                yield event
        finally:
            await events.aclose()

    return all_of_them()


async def _events(
    sessions: LiveSessions, caller: Caller, request: LiveRequest, closing: asyncio.Event
) -> AsyncGenerator[bytes, None]:
    async with sessions.opened(caller, closing=closing) as session:
        yield HEARTBEAT
        for number, (query, version) in enumerate(zip_longest(request.queries, request.versions)):
            await session.follow(str(number), query, version=version)
        while (found := await session.next()) is not None:
            for told in found:
                yield _event(told).encode()
            if not found:
                yield HEARTBEAT
        if session.expired:
            yield ServerSentEvent(EXPIRED, json.dumps({"remedy": CONNECT_AGAIN})).encode()


def _event(told: Told) -> ServerSentEvent:
    number, update = int(told.name), told.update
    if told.is_known:
        return ServerSentEvent(UNCHANGED, json.dumps({"query": number, "version": update.version}), update.version)
    return ServerSentEvent(UPDATE, update.numbered(number), update.version)
