from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from analytics_engine.adapters.memory.cache import MemoryCache
from analytics_engine.contracts.events import DataIngested, EventType
from analytics_engine.errors import QueryError
from analytics_engine.kernel.clock import ManualClock
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kpi.model.time import Calendar, Grain, Window, periods
from analytics_engine.services.calculation_engine_service.answers import (
    LONGEST_S,
    AnswerCache,
    data_version,
    data_versions,
    keep_for_s,
)
from analytics_engine.services.calculation_engine_service.consumers import AnswerInvalidation

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Computation:
    """Counts how often it is made, and waits for a signal when asked to."""

    def __init__(self, *, gate: asyncio.Event | None = None, error: Exception | None = None) -> None:
        self.made = 0
        self.begun = asyncio.Event()
        self._gate = gate
        self._error = error

    async def __call__(self) -> tuple[bytes, bytes]:
        self.made += 1
        self.begun.set()
        if self._gate is not None:
            await self._gate.wait()
        if self._error is not None:
            raise self._error
        return f"fresh {self.made}".encode(), f"kept {self.made}".encode()


async def ask(answers: AnswerCache, compute: Computation, *, model: str = "order", ttl_s: float = 60) -> bytes:
    return await answers.get(
        prefix="kpis:SHOP:month:shop",
        parts=["query", "version"],
        depends_on=data_versions("shop", [model]),
        ttl_s=ttl_s,
        compute=compute,
    )


async def test_who_asks_again_gets_the_kept_answer() -> None:
    answers, compute = AnswerCache(MemoryCache()), Computation()
    assert [await ask(answers, compute), await ask(answers, compute)] == [b"fresh 1", b"kept 1"]
    assert compute.made == 1


@pytest.mark.parametrize("client_id", ["shop", ""])
async def test_rows_that_were_written_make_kept_answers_unreachable(client_id: str) -> None:
    """The event of an ingest, or of who wrote for anybody, raises the data's version; other object models' stay."""
    cache = MemoryCache()
    answers, compute, other = AnswerCache(cache), Computation(), Computation()
    await ask(answers, compute)
    await ask(answers, other, model="shift")
    ingested = DataIngested(object_model="order", rows=1)
    event = Event(
        type=EventType.DATA_INGESTED, source="test", time=NOW, clientid=client_id, data=ingested.model_dump(mode="json")
    )
    await AnswerInvalidation(cache)(event)
    assert await ask(answers, compute) == b"fresh 2"
    assert await ask(answers, other, model="shift") == b"kept 1"


async def test_an_answer_overtaken_by_a_change_is_not_given_again() -> None:
    """A computation that began before the change ends after it: it serves who asked, and nobody later."""
    cache, gate = MemoryCache(), asyncio.Event()
    answers, compute = AnswerCache(cache), Computation(gate=gate)
    early = asyncio.create_task(ask(answers, compute))
    await compute.begun.wait()
    await cache.raise_versions([data_version("shop", "order")])
    gate.set()
    assert await early == b"fresh 1"
    assert await ask(answers, compute) == b"fresh 2"


async def test_one_computation_serves_all_who_ask_at_once() -> None:
    gate = asyncio.Event()
    answers, compute = AnswerCache(MemoryCache()), Computation(gate=gate)
    asking = [asyncio.create_task(ask(answers, compute)) for _ in range(20)]
    await compute.begun.wait()
    asking[0].cancel()
    gate.set()
    got = await asyncio.gather(*asking, return_exceptions=True)
    assert compute.made == 1
    assert isinstance(got[0], asyncio.CancelledError)
    assert set(got[1:]) <= {b"fresh 1", b"kept 1"}


async def test_a_failure_is_not_kept() -> None:
    answers = AnswerCache(MemoryCache())
    with pytest.raises(QueryError):
        await ask(answers, Computation(error=QueryError("no")))
    assert await ask(answers, Computation()) == b"fresh 1"


async def test_an_answer_is_dropped_when_its_time_is_over() -> None:
    clock = ManualClock(NOW)
    answers, compute = AnswerCache(MemoryCache(clock)), Computation()
    await ask(answers, compute, ttl_s=60)
    clock.advance(timedelta(seconds=61))
    assert await ask(answers, compute, ttl_s=60) == b"fresh 2"


def test_an_answer_is_kept_until_its_current_period_ends() -> None:
    """Then the period becomes complete, and the answer would say it is not."""
    cut = periods(Window(datetime(2026, 3, 10), datetime(2026, 3, 11)), Grain.HOUR, Calendar())
    assert keep_for_s(cut, datetime(2026, 3, 10, 12, 59, 30, tzinfo=UTC)) == 30
    assert keep_for_s(cut, datetime(2026, 3, 12, tzinfo=UTC)) == LONGEST_S
