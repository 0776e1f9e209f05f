from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from analytics_engine.adapters.memory.event_stream import MemoryEventStream
from analytics_engine.adapters.redis.event_stream import RedisEventStream
from analytics_engine.kernel.consuming import ConsumePolicy

HASTY = ConsumePolicy(
    attempts=3,
    first_pause_s=0.02,
    longest_pause_s=0.05,
    abandoned_after_s=0.5,
    handler_timeout_s=5,
    wait_s=0.1,
)

Stream = MemoryEventStream | RedisEventStream


@pytest.fixture(params=["memory", "redis"])
def unopened_stream(request: pytest.FixtureRequest) -> Stream:
    if request.param == "memory":
        return MemoryEventStream(policy=HASTY)
    return RedisEventStream(request.getfixturevalue("redis_url"), policy=HASTY)


@pytest.fixture
async def stream(unopened_stream: Stream) -> AsyncIterator[Stream]:
    await unopened_stream.start()
    yield unopened_stream
    await unopened_stream.stop()
