"""Live answers: each query that is followed is answered once for all, and again when what it reads has changed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from prometheus_client import Gauge, Histogram

from analytics_engine.contracts.calculation import KpiQuery, KpiResult
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, RateLimited
from analytics_engine.kernel.feeds import Feeds
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.services.calculation_engine_service.answers import keep_for_s
from analytics_engine.services.calculation_engine_service.live.changes import Changes
from analytics_engine.services.calculation_engine_service.live.rounds import Reading, Rounds
from analytics_engine.services.calculation_engine_service.merging import Answered
from analytics_engine.services.calculation_engine_service.service import CalculationService

COALESCE_S = 0.2
"""A client's answers are computed at most this often, however often its data changes."""
_SLOW_S = 0.5
LOOK_AGAIN_S = 5.0
"""An answer is looked at again after so long, whoever may have forgotten to say that something changed."""
_AWAY_S = 1.0
_MOST = 1_000
_OF_THE_MOMENT = {"watermark", "asked_at", "cached"}
"""What of a result may differ although its values are the same."""

Followed = tuple[str, str]
"""A client and a query, as JSON."""


@dataclass(frozen=True)
class LiveAnswer:
    """An answer, or the problem that there is none; and what tells it from others."""

    version: str
    result: KpiResult | None = None
    problem: dict[str, object] | None = None

    @classmethod
    def of(cls, answered: Answered) -> LiveAnswer:
        if isinstance(answered, KpiResult):
            lasting = answered.model_dump_json(exclude=_OF_THE_MOMENT)
            return cls(_digest(lasting), result=answered)
        problem = problem_of(answered).model_dump(mode="json", exclude={"request_id"})
        return cls(_digest(repr(sorted(problem.items()))), problem=problem)


class LiveAnswers:
    """Follows queries. What is given last, after all has become quiet, is what ``calculate`` answers."""

    def __init__(self, service: CalculationService, changes: Changes, telemetry: Telemetry) -> None:
        self._changes = changes
        self._feeds: Feeds[Followed, LiveAnswer] = Feeds(self._produce, most=_MOST)
        queries = Gauge("live_queries", "Different queries that are followed", registry=telemetry.registry)
        queries.set_function(lambda: len(self._feeds))
        seconds = Histogram(
            "live_answer_seconds", "How long queries that are followed took to be read", registry=telemetry.registry
        )
        self._rounds = Rounds(service, changes, seconds, every_s=COALESCE_S)

    async def follow(self, client_id: str, query: KpiQuery) -> AsyncGenerator[LiveAnswer, None]:
        """Yield the answer of a query, and every newer one that is another; a problem while too many are followed."""
        followed = (client_id, query.model_dump_json(by_alias=True))
        while True:
            try:
                async with aclosing(self._feeds.follow(followed)) as answers:
                    async for answer in answers:
                        yield answer
            except RateLimited as error:
                yield LiveAnswer.of(error)
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _produce(self, followed: Followed) -> AsyncGenerator[LiveAnswer, None]:
        client_id, query = followed[0], KpiQuery.model_validate_json(followed[1])
        given, reading = "", None
        while True:
            before, reading = reading, await self._rounds.read(client_id, query, reading)
            if reading is not before:
                answer = LiveAnswer.of(reading.answered)
                if answer.version != given:
                    given = answer.version
                    yield answer
                await asyncio.sleep(_rest_s(reading))
            await self._changes.beyond(reading.names, reading.seen, within_s=_good_for_s(reading))


def _rest_s(reading: Reading) -> float:
    """Return how long a query that is slow to be read is left alone: it is read a fifth of the time."""
    return 0.0 if reading.took_s < _SLOW_S else 4 * reading.took_s


def _good_for_s(reading: Reading) -> float:
    """Return how long an answer is good at most; what is away may be back soon, and what is wrong may be mended."""
    if isinstance(reading.answered, DependencyUnavailable | DependencyTimeout):
        return _AWAY_S
    if reading.prepared is None:
        return LOOK_AGAIN_S
    times = reading.prepared.times
    return min(LOOK_AGAIN_S, keep_for_s(times.periods, times.now))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
