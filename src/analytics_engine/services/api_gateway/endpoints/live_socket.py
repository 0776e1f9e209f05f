"""Live answers over a WebSocket: queries come and go by name while it is open."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from analytics_engine.contracts.live import EXPIRED, LIVE_COMMAND, UNCHANGED, Subscribe
from analytics_engine.errors import AnalyticsEngineError, InvalidInput
from analytics_engine.kernel.http.problems import error_response, problem_of
from analytics_engine.services.api_gateway.callers import Caller
from analytics_engine.services.api_gateway.deps import admitted
from analytics_engine.services.api_gateway.endpoints.live import CONNECT_AGAIN
from analytics_engine.services.api_gateway.live.sessions import LiveSession, LiveSessions, Told
from analytics_engine.services.api_gateway.proxy.policy import rule_for
from analytics_engine.services.api_gateway.proxy.routes import API

router = APIRouter()

PROTOCOL = "analytics-engine.live"
_BEARER = "bearer."
_HANDSHAKE = "GET"
_SERVICE_RESTART, _EXPIRED = 1012, 4401
_PAUSE_S = 0.05
"""Between two commands: who sends more waits, and is told nothing of it."""


@router.websocket(API + "/live")
async def follow_live(socket: WebSocket) -> None:
    """Tell of queries that are subscribed to, until the client goes or its credentials are no longer good."""
    sessions: LiveSessions = socket.app.state.live_sessions
    closing: asyncio.Event = socket.app.state.closing
    try:
        caller = await _caller(socket)
        async with sessions.opened(caller, closing=closing) as session:
            offered = socket.scope["subprotocols"]
            await socket.accept(subprotocol=PROTOCOL if PROTOCOL in offered else None)
            await _Conversation(socket, session).hold()
    except AnalyticsEngineError as error:
        await socket.send_denial_response(error_response(error, instance=socket.scope["path"]))


async def _caller(socket: WebSocket) -> Caller:
    """Return who connects: by the headers of any request, or as browsers can, by a token among the protocols."""
    credentials = dict(socket.headers)
    for offered in socket.scope["subprotocols"]:
        if offered.startswith(_BEARER):
            credentials["authorization"] = f"Bearer {offered.removeprefix(_BEARER)}"
    rule = rule_for(_HANDSHAKE, socket.scope["path"])
    assert rule is not None
    return await admitted(socket, rule, credentials, method=_HANDSHAKE)


class _Conversation:
    """What is heard and told over one socket, side by side."""

    def __init__(self, socket: WebSocket, session: LiveSession) -> None:
        self._socket = socket
        self._session = session
        self._sending = asyncio.Lock()

    async def hold(self) -> None:
        """Go on until one of both sides ends it."""
        sides = [asyncio.create_task(self._hear()), asyncio.create_task(self._tell())]
        try:
            done, _ = await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)
        for side in done:
            if not isinstance(side.exception(), WebSocketDisconnect):
                side.result()

    async def _tell(self) -> None:
        while (found := await self._session.next()) is not None:
            for told in found:
                await self._send(_message(told))
        if self._session.expired:
            await self._send({"type": EXPIRED, "remedy": CONNECT_AGAIN})
        await self._socket.close(_EXPIRED if self._session.expired else _SERVICE_RESTART)

    async def _hear(self) -> None:
        while True:
            text = await self._socket.receive_text()
            try:
                await self._follow(text)
            except AnalyticsEngineError as error:
                await self._send({"type": "problem", "problem": problem_of(error).model_dump(mode="json")})
            await asyncio.sleep(_PAUSE_S)

    async def _follow(self, text: str) -> None:
        try:
            command = LIVE_COMMAND.validate_json(text)
        except ValidationError as error:
            raise _not_understood(error) from error
        if isinstance(command, Subscribe):
            for name, query in command.queries.items():
                await self._session.follow(name, query, version=command.versions.get(name))
        else:
            for name in command.names:
                await self._session.leave(name)

    async def _send(self, message: str | dict[str, Any]) -> None:
        async with self._sending:
            await self._socket.send_text(message if isinstance(message, str) else json.dumps(message))


def _message(told: Told) -> str | dict[str, Any]:
    if told.is_known:
        return {"type": UNCHANGED, "name": told.name, "version": told.update.version}
    return told.update.named(told.name)


def _not_understood(error: ValidationError) -> InvalidInput:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"])) or "message"
    return InvalidInput(
        f"{place}: {first['msg']}",
        remedy='Send {"type": "subscribe", "queries": {"a name": {...}}} or {"type": "unsubscribe", "names": [...]}.',
    )
