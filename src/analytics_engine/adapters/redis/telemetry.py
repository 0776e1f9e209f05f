"""How long the server's commands take: ``redis.client.operation.duration``, by command and outcome."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Histogram
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_PIPELINE = "pipeline"


class RedisTelemetry:
    """The instrument of all connections of one service; without a registry nobody reads it."""

    def __init__(self, service: str, registry: CollectorRegistry | None = None) -> None:
        self._service = service
        self._duration = Histogram(
            "redis_client_operation_duration_seconds",
            "How long commands took, the wait for new events of a blocking read among it",
            ["service", "db_operation_name", "outcome"],
            buckets=_BUCKETS_S,
            registry=registry,
        )

    @contextmanager
    def timing(self, operation: str) -> Iterator[None]:
        """Keep how long a command took and whether it came to an end; of one that was cancelled nothing."""
        began, outcome = time.perf_counter(), "ok"
        try:
            yield
        except asyncio.CancelledError:
            outcome = ""
            raise
        except BaseException:
            outcome = "error"
            raise
        finally:
            if outcome:
                seconds = time.perf_counter() - began
                self._duration.labels(self._service, operation.lower(), outcome).observe(seconds)


class MeasuredRedis(Redis):
    """The driver's client, whose commands and pipelines are measured; set ``telemetry`` before the first command."""

    telemetry: RedisTelemetry

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        with self.telemetry.timing(str(args[0])):
            return await super().execute_command(*args, **options)  # type: ignore[no-untyped-call] # of the driver

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        pipeline = _MeasuredPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipeline.telemetry = self.telemetry
        return pipeline


class _MeasuredPipeline(Pipeline):
    telemetry: RedisTelemetry

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        with self.telemetry.timing(_PIPELINE):
            return await super().execute(raise_on_error)
