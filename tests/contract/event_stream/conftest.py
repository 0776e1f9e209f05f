from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from analytics_engine.adapters.memory.event_stream import MemoryEventStream
from analytics_engine.adapters.nats.event_stream import NatsEventStream
from analytics_engine.adapters.redis.event_stream import RedisEventStream
from analytics_engine.kernel.consuming import ConsumePolicy
from support.nats import NOT_HERE, Nats, program
from support.servers import TestServers

HASTY = ConsumePolicy(
    attempts=3,
    first_pause_s=0.02,
    longest_pause_s=0.05,
    abandoned_after_s=0.5,
    handler_timeout_s=5,
    wait_s=0.1,
)

Stream = MemoryEventStream | RedisEventStream | NatsEventStream


@pytest.fixture(scope="session")
def nats_url(servers: TestServers) -> Iterator[str]:
    server = Nats(servers.home)
    server.start()
    yield server.url()
    server.stop()


@pytest.fixture(
    params=["memory", "redis", pytest.param("nats", marks=pytest.mark.skipif(program() is None, reason=NOT_HERE))]
)
def unopened_stream(request: pytest.FixtureRequest) -> Stream:
    if request.param == "memory":
        return MemoryEventStream(policy=HASTY)
    if request.param == "nats":
        return NatsEventStream(request.getfixturevalue("nats_url"), policy=HASTY)
    return RedisEventStream(request.getfixturevalue("redis_url"), policy=HASTY)


@pytest.fixture
async def stream(unopened_stream: Stream) -> AsyncIterator[Stream]:
    await unopened_stream.start()
    yield unopened_stream
    await unopened_stream.stop()
