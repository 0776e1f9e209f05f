"""Live answers: each query that is followed is answered once for all, and again when what it reads has changed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter

from prometheus_client import Gauge, Histogram

from analytics_engine.contracts.calculation import KpiQuery, KpiResult
from analytics_engine.errors import AnalyticsEngineError, DependencyTimeout, DependencyUnavailable, RateLimited
from analytics_engine.kernel.feeds import Feeds
from analytics_engine.kernel.http.problems import problem_of
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.services.calculation_engine_service.answers import data_versions, keep_for_s
from analytics_engine.services.calculation_engine_service.live.changes import Changes, Versions
from analytics_engine.services.calculation_engine_service.service import CalculationService

COALESCE_S = 0.2
"""An answer is computed at most this often, however often its data changes."""
LOOK_AGAIN_S = 5.0
"""An answer is looked at again after so long, whoever may have forgotten to say that something changed."""
_AWAY_S = 1.0
_AT_ONCE = 4
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


@dataclass(frozen=True)
class _Computed:
    """An answer, and what it depends on: versions as they were before, and how long it is good in any case."""

    answer: LiveAnswer
    names: tuple[str, ...]
    seen: Versions | None
    good_for_s: float


class LiveAnswers:
    """Follows queries. What is given last, after all has become quiet, is what ``calculate`` answers.

    An answer comes from the cache of answers, where another replica has computed it for the same data.
    """

    def __init__(self, service: CalculationService, changes: Changes, telemetry: Telemetry) -> None:
        self._service = service
        self._changes = changes
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._feeds: Feeds[Followed, LiveAnswer] = Feeds(self._produce, most=_MOST)
        queries = Gauge("live_queries", "Different queries that are followed", registry=telemetry.registry)
        queries.set_function(lambda: len(self._feeds))
        self._seconds = Histogram(
            "live_answer_seconds", "How long followed queries took to be answered", registry=telemetry.registry
        )

    async def follow(self, client_id: str, query: KpiQuery) -> AsyncGenerator[LiveAnswer, None]:
        """Yield the answer of a query, and every newer one that is another; a problem while too many are followed."""
        followed = (client_id, query.model_dump_json(by_alias=True))
        while True:
            try:
                async with aclosing(self._feeds.follow(followed)) as answers:
                    async for answer in answers:
                        yield answer
            except RateLimited as error:
                yield _failed(error).answer
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _produce(self, followed: Followed) -> AsyncGenerator[LiveAnswer, None]:
        clock = asyncio.get_running_loop()
        client_id, query = followed[0], KpiQuery.model_validate_json(followed[1])
        given = ""
        while True:
            began = clock.time()
            computed = await self._compute(client_id, query)
            if computed.answer.version != given:
                given = computed.answer.version
                yield computed.answer
            await self._changes.beyond(computed.names, computed.seen, within_s=computed.good_for_s)
            await asyncio.sleep(max(0.0, began + COALESCE_S - clock.time()))

    async def _compute(self, client_id: str, query: KpiQuery) -> _Computed:
        """Answer a query; the versions are taken before, so that whatever is changed meanwhile is seen."""
        async with self._gate:
            began = perf_counter()
            try:
                prepared = await self._service.prepare(client_id, query)
                names = tuple(data_versions(client_id, prepared.reads))
                seen = await self._changes.versions(names)
                result = KpiResult.model_validate_json(await self._service.calculate(client_id, query))
            except AnalyticsEngineError as error:
                return _failed(error)
            self._seconds.observe(perf_counter() - began)
        good_for_s = min(LOOK_AGAIN_S, keep_for_s(prepared.times.periods, prepared.times.now))
        lasting = result.model_dump_json(exclude=_OF_THE_MOMENT)
        return _Computed(LiveAnswer(_digest(lasting), result=result), names, seen, good_for_s)


def _failed(error: AnalyticsEngineError) -> _Computed:
    """Return a problem; what is away may be back soon, and what is wrong may be mended."""
    problem = problem_of(error).model_dump(mode="json", exclude={"request_id"})
    passes = isinstance(error, DependencyUnavailable | DependencyTimeout)
    answer = LiveAnswer(_digest(repr(sorted(problem.items()))), problem=problem)
    return _Computed(answer, (), (), _AWAY_S if passes else LOOK_AGAIN_S)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
