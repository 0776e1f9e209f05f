"""Measures of connection pools, under OpenTelemetry's names for them: ``db.client.connection.*``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_POOL = ("service", "db_client_connection_pool_name")
_STATE = "db_client_connection_state"


class PoolTelemetry:
    """The instruments of all pools of one service; without a registry nobody reads them."""

    def __init__(self, service: str, registry: CollectorRegistry | None = None) -> None:
        self.service = service
        self.count = Gauge(
            "db_client_connection_count", "Open connections by state", [*_POOL, _STATE], registry=registry
        )
        self.max = Gauge("db_client_connection_max", "The most connections a pool opens", _POOL, registry=registry)
        self.pending_requests = Gauge(
            "db_client_connection_pending_requests", "Requests waiting for a connection", _POOL, registry=registry
        )
        self.timeouts = Counter(
            "db_client_connection_timeouts", "Requests that got no connection in time", _POOL, registry=registry
        )
        self.wait_time = Histogram(
            "db_client_connection_wait_time_seconds",
            "How long requests waited for a connection",
            _POOL,
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self.use_time = Histogram(
            "db_client_connection_use_time_seconds",
            "How long connections were in use, from taken to given back",
            _POOL,
            buckets=_BUCKETS_S,
            registry=registry,
        )

    def pool(self, name: str, *, size: int, used: Callable[[], int], idle: Callable[[], int]) -> PoolMeasures:
        """Return the measures of one pool; how many are used and idle is asked when the metrics are read."""
        return PoolMeasures(self, name, size=size, used=used, idle=idle)


class PoolMeasures:
    """What happens at one pool."""

    def __init__(
        self, telemetry: PoolTelemetry, name: str, *, size: int, used: Callable[[], int], idle: Callable[[], int]
    ) -> None:
        labels = (telemetry.service, name)
        telemetry.max.labels(*labels).set(size)
        telemetry.count.labels(*labels, "used").set_function(used)
        telemetry.count.labels(*labels, "idle").set_function(idle)
        self._pending = telemetry.pending_requests.labels(*labels)
        self._timeouts = telemetry.timeouts.labels(*labels)
        self._wait_time = telemetry.wait_time.labels(*labels)
        self._use_time = telemetry.use_time.labels(*labels)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count a request as pending inside; how long it waited is kept when it got its connection."""
        began = time.perf_counter()
        with self._pending.track_inprogress():
            try:
                yield
            except TimeoutError:
                self._timeouts.inc()
                raise
        self._wait_time.observe(time.perf_counter() - began)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep how long a connection is in use."""
        with self._use_time.time():
            yield
