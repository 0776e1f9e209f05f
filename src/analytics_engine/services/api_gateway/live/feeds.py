"""Live answers from the calculation engine: one stream for each query, however many sessions follow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from analytics_engine.clients.http import ServiceClient
from analytics_engine.clients.problems import error_of
from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.contracts.live import UPDATE, LiveUpdate
from analytics_engine.contracts.services import Service
from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.feeds import Feeds
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kernel.http.server_sent import HEARTBEAT_S, events_of
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.security.principal import Principal, Role

log = get_logger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_PATIENCE = 4
"""After so many failures in a row those who follow are told that there are no new answers."""
_FIRST_ERROR = 400
_BEFORE = '{"query":0,'

Followed = tuple[str, str]
"""A client and a query, as JSON."""


@dataclass(frozen=True)
class Update:
    """A newest answer as text, of which only the query's number is told to each session differently."""

    version: str
    rest: str

    @classmethod
    def of(cls, version: str, text: str) -> Update:
        assert text.startswith(_BEFORE)
        return cls(version, text.removeprefix(_BEFORE))

    def numbered(self, query: int) -> str:
        """Return the ``LiveUpdate`` with the query's number in the session."""
        return f'{{"query":{query},{self.rest}'


class LiveFeeds:
    """Follows queries at the calculation engine, and follows them again at another replica when one goes away."""

    MOST = 2_000
    """So many different queries may be followed at once, each by a connection of its own."""

    def __init__(self, calculation: ServiceClient) -> None:
        self._calculation = calculation
        self._feeds: Feeds[Followed, Update] = Feeds(self._produce, most=self.MOST)

    def follow(self, client_id: str, query: KpiQuery) -> AsyncGenerator[Update, None]:
        """Yield the newest answer of a query, and every newer one.

        Raises:
            RateLimited: too many different queries are followed here.
        """
        return self._feeds.follow((client_id, query.model_dump_json(by_alias=True, exclude_defaults=True)))

    async def _produce(self, followed: Followed) -> AsyncGenerator[Update, None]:
        client_id, query = followed
        given, failures, pause_s = "", 0, _FIRST_PAUSE_S
        while True:
            try:
                async with aclosing(self._updates(client_id, query)) as updates:
                    async for update in updates:
                        failures, pause_s = 0, _FIRST_PAUSE_S
                        if update.version != given:
                            given = update.version
                            yield update
            except AnalyticsEngineError as error:
                failures += 1
                log.debug("live_stream_lost", client_id=client_id, failures=failures, reason=error.detail)
                if failures == _PATIENCE:
                    given = ""
                    problem = problem_of(error).model_dump(mode="json", exclude={"request_id"})
                    yield Update.of("", LiveUpdate(query=0, version="", problem=problem).model_dump_json())
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _updates(self, client_id: str, query: str) -> AsyncGenerator[Update, None]:
        """Yield what the calculation engine tells of a query, until the connection ends."""
        principal = Principal(
            subject=f"service:{Service.GATEWAY}", client_id=client_id, role=Role.SERVICE, name=Service.GATEWAY.value
        )
        async with self._calculation.stream(
            "POST",
            "/follow",
            principal=principal,
            body=f'{{"queries":[{query}]}}'.encode(),
            headers={"Content-Type": "application/json"},
            timeout_s=2 * HEARTBEAT_S,
        ) as response:
            if response.status >= _FIRST_ERROR:
                raise error_of(response.status, await response.json(), service=Service.CALCULATION.value)
            async for event in events_of(response.content.iter_any()):
                if event.name == UPDATE:
                    yield Update.of(event.id, event.data)
