"""Live answers at the gateway: one stream a query, connected again when it breaks, for as long as one may follow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from analytics_engine.clients.http import HttpPool
from analytics_engine.clients.live import HttpLive
from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.contracts.live import MOST_QUERIES, LiveRequest, LiveUpdate
from analytics_engine.contracts.services import Service
from analytics_engine.errors import RateLimited
from analytics_engine.kernel.clock import ManualClock, SystemClock
from analytics_engine.kernel.http.server_sent import ServerSentEvent
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kernel.security.tokens import InternalTokens
from analytics_engine.services.api_gateway.callers import Caller
from analytics_engine.services.api_gateway.live.feeds import LiveFeeds
from analytics_engine.services.api_gateway.live.sessions import LiveSession, LiveSessions
from integration.gateway.upstream import serving
from support.services import SECRET_KEY
from support.waiting import eventually

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SALES = KpiQuery.model_validate({"kpis": ["SALES"], "range": {"last": "7 days"}, "grain": "day"})
COSTS = KpiQuery.model_validate({"kpis": ["COSTS"], "parameters": {"a": 1}, "range": {"last": "7 days"}})


@dataclass
class Upstream:
    """A calculation engine that tells of versions, as many streams as there are."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    open: int = 0
    version: int = 1
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = False

    def application(self) -> FastAPI:
        app = FastAPI()
        tokens = InternalTokens(secret_key=SECRET_KEY, clock=SystemClock())

        @app.post("/follow")
        async def live(request: Request, body: LiveRequest) -> StreamingResponse:
            token = request.headers["authorization"].removeprefix("Bearer ")
            client_id = tokens.verify(token, audience=Service.CALCULATION.value).client_id
            (query,) = body.queries
            self.asked.append((client_id, query.kpis[0]))
            return StreamingResponse(self._events(), status_code=503 if self.away else 200)

        return app

    async def _events(self) -> AsyncIterator[bytes]:
        self.open += 1
        try:
            while not self.away:
                version = str(self.version)
                update = LiveUpdate(query=0, version=version, problem={"version": version})
                yield ServerSentEvent("update", update.model_dump_json(), version).encode()
                cut = self.cut
                waiting = {asyncio.create_task(event.wait()) for event in (self.changed, cut)}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in waiting:
                    task.cancel()
                if cut.is_set():
                    return
        finally:
            self.open -= 1

    def change(self) -> None:
        self.version += 1
        self.changed.set()
        self.changed = asyncio.Event()

    def break_off(self) -> None:
        self.cut.set()
        self.cut = asyncio.Event()


@dataclass(frozen=True)
class Door:
    """What is told upstream, and the sessions of a gateway that allows two of each client."""

    upstream: Upstream
    clock: ManualClock
    sessions: LiveSessions
    closing: asyncio.Event


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    upstream, clock = Upstream(), ManualClock(NOW)
    pool = HttpPool(tokens=InternalTokens(secret_key=SECRET_KEY, clock=SystemClock()), caller=Service.GATEWAY)
    await pool.start()
    async with serving(upstream.application()) as url:
        feeds = LiveFeeds(HttpLive(pool.client(Service.CALCULATION, url), caller=Service.GATEWAY), most=3)
        yield Door(upstream, clock, LiveSessions(feeds, clock=clock, most=2), asyncio.Event())
        upstream.break_off()
        await pool.stop()


def somebody(client_id: str = "acme", expires_at: datetime | None = None) -> Caller:
    return Caller(Principal(subject="user:1", client_id=client_id, role=Role.VIEWER), expires_at=expires_at)


async def versions(session: LiveSession) -> dict[str, str]:
    """Return the versions of the next updates, by the name of the query."""
    while not (found := await session.next()):
        assert found is not None
    return {told.name: told.update.version for told in found if not told.is_known}


async def test_all_who_follow_a_query_share_one_stream(door: Door) -> None:
    async with (
        door.sessions.opened(somebody(), closing=door.closing) as one,
        door.sessions.opened(somebody(), closing=door.closing) as other,
        door.sessions.opened(somebody("other"), closing=door.closing) as stranger,
    ):
        for session in (one, other, stranger):
            await session.follow("a", SALES)
            assert await versions(session) == {"a": "1"}
        assert door.upstream.asked == [("acme", "SALES"), ("other", "SALES")]
        door.upstream.change()
        for session in (one, other, stranger):
            assert await versions(session) == {"a": "2"}
        await one.follow("b", COSTS)
        assert await versions(one) == {"b": "2"}
        assert door.upstream.open == 3
        await one.leave("b")
        await eventually(lambda: _are_open(door, 2))
    await eventually(lambda: _are_open(door, 0))


async def _are_open(door: Door, count: int) -> bool:
    return door.upstream.open == count


async def test_a_stream_that_breaks_is_followed_again_and_only_news_is_told(door: Door) -> None:
    async with door.sessions.opened(somebody(), closing=door.closing) as session:
        await session.follow("a", SALES)
        assert await versions(session) == {"a": "1"}
        door.upstream.break_off()
        await eventually(lambda: _was_asked(door, 2))
        door.upstream.change()
        assert await versions(session) == {"a": "2"}


async def _was_asked(door: Door, times: int) -> bool:
    return len(door.upstream.asked) == times and door.upstream.open == 1


async def test_who_follows_is_told_when_there_are_no_answers_and_when_there_are_again(door: Door) -> None:
    async with door.sessions.opened(somebody(), closing=door.closing) as session:
        await session.follow("a", SALES)
        assert await versions(session) == {"a": "1"}
        door.upstream.away = True
        door.upstream.break_off()
        (told,) = await session.next() or []
        assert "cannot be reached" in told.update.rest or "503" in told.update.rest
        door.upstream.away = False
        assert await versions(session) == {"a": "1"}


async def test_a_query_too_many_has_its_problem_in_its_place(door: Door) -> None:
    """A gateway that follows as many queries as it may goes on with those it has."""
    async with door.sessions.opened(somebody(), closing=door.closing) as session:
        for number in range(4):
            await session.follow(str(number), SALES.model_copy(update={"limit": number + 1}))
        told: dict[str, str] = {}
        while len(told) < 4:
            told |= {each.name: each.update.rest for each in await session.next() or []}
        assert [name for name, rest in told.items() if "rate-limited" in rest] == ["3"]
        door.upstream.change()
        newest: dict[str, str] = {}
        while len(newest) < 3:
            newest |= await versions(session)
        assert newest == {str(number): "2" for number in range(3)}


async def test_who_has_an_answer_already_is_told_so_once(door: Door) -> None:
    """And of an answer that is another one meanwhile it is given the newest."""
    async with door.sessions.opened(somebody(), closing=door.closing) as session:
        await session.follow("a", SALES, version="1")
        await session.follow("b", COSTS, version="0")
        found: dict[str, tuple[str, bool]] = {}
        while len(found) < 2:
            found |= {each.name: (each.update.version, each.is_known) for each in await session.next() or []}
        assert found == {"a": ("1", True), "b": ("1", False)}
        door.upstream.change()
        door.upstream.version = 1
        await session.follow("a", SALES)
        assert await versions(session) == {"a": "1"}


async def test_a_session_follows_no_more_than_it_may(door: Door) -> None:
    async with door.sessions.opened(somebody(), closing=door.closing) as session:
        for number in range(MOST_QUERIES):
            await session.follow(str(number), SALES)
        with pytest.raises(RateLimited, match=f"follows {MOST_QUERIES} queries"):
            await session.follow("one more", SALES)
        await session.follow("0", COSTS)
        await session.leave("1")
        await session.follow("one more", SALES)
        assert len(session) == MOST_QUERIES


async def test_a_session_ends_with_its_credentials_and_with_the_gateway(door: Door) -> None:
    soon = somebody(expires_at=NOW + timedelta(minutes=1))
    async with door.sessions.opened(soon, closing=door.closing) as session:
        await session.follow("a", SALES)
        assert await versions(session) == {"a": "1"}
        door.clock.advance(timedelta(minutes=1))
        assert (await session.next(), session.expired) == (None, True)
    async with door.sessions.opened(somebody(), closing=door.closing) as session:
        door.closing.set()
        assert (await session.next(), session.expired) == (None, False)


async def test_a_client_has_no_more_sessions_than_it_may(door: Door) -> None:
    async with (
        door.sessions.opened(somebody(), closing=door.closing),
        door.sessions.opened(somebody(), closing=door.closing),
    ):
        with pytest.raises(RateLimited, match="2 sessions of this client"):
            async with door.sessions.opened(somebody(), closing=door.closing):
                pass
        async with door.sessions.opened(somebody("other"), closing=door.closing) as session:
            assert len(session) == 0
    async with door.sessions.opened(somebody(), closing=door.closing) as session:
        assert len(session) == 0
