from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter

from analytics_engine.contracts.live import UPDATE, LiveRequest, LiveUpdate
from analytics_engine.kernel.feeds import Newest
from analytics_engine.kernel.http.authentication import CurrentPrincipal
from analytics_engine.kernel.http.built import built
from analytics_engine.kernel.http.server_sent import (
    HEARTBEAT,
    HEARTBEAT_S,
    EventStreamResponse,
    ServerSentEvent,
    event_stream,
)
from analytics_engine.services.calculation_engine_service.live.answers import LiveAnswer, LiveAnswers

router = APIRouter(tags=["live"])

Live = Annotated[LiveAnswers, built("live")]
Closing = Annotated[asyncio.Event, built("closing")]


@router.post("/follow", response_class=EventStreamResponse)
async def follow_live(
    request: LiveRequest, principal: CurrentPrincipal, live: Live, closing: Closing
) -> EventStreamResponse:
    """Return the answers of queries as server-sent events, each answer again whenever it changes."""
    return event_stream(_events(live, principal.client_id, request, closing))


async def _events(
    live: LiveAnswers, client_id: str, request: LiveRequest, closing: asyncio.Event
) -> AsyncGenerator[bytes, None]:
    async with Newest[int, LiveAnswer](until=closing) as newest:
        for number, query in enumerate(request.queries):
            await newest.add(number, live.follow(client_id, query))
        while (found := await newest.next(within_s=HEARTBEAT_S)) is not None:
            for number, answer in found:
                yield _event(number, answer)
            if not found:
                yield HEARTBEAT


def _event(query: int, answer: LiveAnswer) -> bytes:
    update = LiveUpdate(query=query, version=answer.version, result=answer.result, problem=answer.problem)
    return ServerSentEvent(UPDATE, update.model_dump_json(), answer.version).encode()
