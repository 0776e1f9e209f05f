"""Rounds of live answers: an answer is taken to be the same for as long as the cache of answers would take it so."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import CollectorRegistry, Histogram

from analytics_engine.adapters.memory.cache import MemoryCache
from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.services.calculation_engine_service.answers import LONGEST_S, data_version
from analytics_engine.services.calculation_engine_service.live.changes import Changes
from analytics_engine.services.calculation_engine_service.live.rounds import Rounds
from golden.shop import CLIENT
from integration.calculation.serving import Shop

YEAR = {"from": "2026-01-01", "to": "2027-01-01"}


async def test_an_answer_is_not_read_again_until_it_may_be_another(shop: Shop) -> None:
    """Not even without a change is it kept for ever: a period that goes on may be compared with more of another."""
    cache = MemoryCache(shop.clock)
    seconds = Histogram("seconds", "of this test", registry=CollectorRegistry())
    rounds = Rounds(shop.service, Changes(cache), seconds, every_s=0)
    query = KpiQuery.model_validate({"kpis": ["ORDERS"], "range": YEAR})

    first = await rounds.read(CLIENT, query, None)
    assert first.answered == await shop.ask(kpis=["ORDERS"], range=YEAR)
    assert await rounds.read(CLIENT, query, first) is first
    shop.clock.advance(timedelta(seconds=LONGEST_S - 1))
    assert await rounds.read(CLIENT, query, first) is first
    shop.clock.advance(timedelta(seconds=1))
    second = await rounds.read(CLIENT, query, first)
    assert second is not first
    await cache.raise_versions([data_version(CLIENT, "order")])
    assert await rounds.read(CLIENT, query, second) is not second
