"""What is measured of the commands that a service gives to Redis."""

from __future__ import annotations

import pytest
import redis
from prometheus_client import CollectorRegistry, generate_latest

from analytics_engine.adapters.memory.rate_limiter import MemoryRateLimiter
from analytics_engine.adapters.redis.cache import RedisCache
from analytics_engine.adapters.redis.rate_limiter import RedisRateLimiter
from analytics_engine.adapters.redis.telemetry import RedisTelemetry
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.ports.rate_limiter import Limit
from support.metrics import Metrics

COUNT = "redis_client_operation_duration_seconds_count"


async def test_commands_are_measured_by_name_and_outcome(redis_url: str) -> None:
    """Single commands, scripts, and pipelines as one; all clients of a service share the instrument."""
    with redis.Redis.from_url(redis_url) as server:
        server.script_flush()
    registry = CollectorRegistry()
    telemetry = RedisTelemetry("tested", registry)
    cache = RedisCache(redis_url, telemetry=telemetry)
    limiter = RedisRateLimiter(redis_url, without_it=MemoryRateLimiter(), telemetry=telemetry)
    await cache.set("key", b"value", ttl_s=60)
    await cache.get("key")
    await cache.get("key")
    await cache.raise_versions(["name"])
    await limiter.take("caller", Limit(1, window_s=60))
    await cache.stop()
    await limiter.stop()
    found = Metrics.of(generate_latest(registry).decode())
    assert found.value(COUNT, service="tested", db_operation_name="set", outcome="ok") == 1
    assert found.value(COUNT, service="tested", db_operation_name="get", outcome="ok") == 2
    assert found.value(COUNT, service="tested", db_operation_name="pipeline", outcome="ok") == 1
    assert found.value(COUNT, service="tested", db_operation_name="evalsha") == 2  # the script was not there at first
    assert found.value(COUNT, outcome="error") == 1


async def test_commands_that_fail_are_measured_too() -> None:
    registry = CollectorRegistry()
    cache = RedisCache("redis://127.0.0.1:1", telemetry=RedisTelemetry("tested", registry))
    with pytest.raises(DependencyUnavailable):
        await cache.ping()
    await cache.stop()
    found = Metrics.of(generate_latest(registry).decode())
    assert found.value(COUNT, db_operation_name="ping", outcome="error") == 1
