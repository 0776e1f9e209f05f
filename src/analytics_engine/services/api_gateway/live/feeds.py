"""Live answers from the calculation engine: one stream for each query, however many sessions follow it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.contracts.live import UPDATE, LiveApi, LiveUpdate
from analytics_engine.errors import AnalyticsEngineError, RateLimited
from analytics_engine.kernel.feeds import Feeds
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kernel.logging import get_logger

log = get_logger(__name__)

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_PATIENCE = 4
"""After so many failures in a row those who follow are told that there are no new answers."""
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

    def named(self, name: str) -> str:
        """Return it as a message about the query of a name."""
        return f'{{"type":"{UPDATE}","name":{json.dumps(name)},{self.rest}'


class LiveFeeds:
    """Follows queries at the calculation engine, and follows them again at another replica when one goes away."""

    MOST = 2_000
    """So many different queries may be followed at once, each by a connection of its own."""

    def __init__(self, calculation: LiveApi, *, most: int = MOST) -> None:
        self._calculation = calculation
        self._feeds: Feeds[Followed, Update] = Feeds(self._produce, most=most)

    def __len__(self) -> int:
        return len(self._feeds)

    async def follow(self, client_id: str, query: KpiQuery) -> AsyncGenerator[Update, None]:
        """Yield the newest answer of a query, and every newer one; a problem while too many are followed here."""
        followed = (client_id, query.model_dump_json(by_alias=True, exclude_defaults=True))
        is_told = False
        while True:
            try:
                async with aclosing(self._feeds.follow(followed)) as updates:
                    async for update in updates:
                        yield update
            except RateLimited as error:
                if not is_told:
                    is_told = True
                    yield _told(error)
            await asyncio.sleep(_LONGEST_PAUSE_S)

    async def _produce(self, followed: Followed) -> AsyncGenerator[Update, None]:
        client_id, query = followed
        given, failures, pause_s = "", 0, _FIRST_PAUSE_S
        while True:
            try:
                async with aclosing(self._calculation.updates(client_id, query)) as updates:
                    async for version, text in updates:
                        failures, pause_s = 0, _FIRST_PAUSE_S
                        if version != given:
                            given = version
                            yield Update.of(version, text)
            except AnalyticsEngineError as error:
                failures += 1
                log.debug("live_stream_lost", client_id=client_id, failures=failures, reason=error.detail)
                if failures == _PATIENCE:
                    given = ""
                    yield _told(error)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


def _told(error: AnalyticsEngineError) -> Update:
    """Return a problem in an answer's place."""
    problem = problem_of(error).model_dump(mode="json", exclude={"request_id"})
    return Update.of("", LiveUpdate(query=0, version="", problem=problem).model_dump_json())
