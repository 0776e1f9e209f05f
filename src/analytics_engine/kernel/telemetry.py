"""Metrics of a service, in Prometheus text under OpenTelemetry's names. One registry per process, passed along."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from analytics_engine.kernel.pools import PoolTelemetry
from analytics_engine.kernel.resources import memory_limit_bytes

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_STREAM_BUCKETS_S = (1, 10, 60, 300, 1_800, 3_600, 21_600, 86_400)


class Telemetry:
    """The measures every service has; rooms add theirs on ``registry``."""

    def __init__(self, service: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # a series beside each other one, which nobody asks for
        self.service = service
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.request_duration = Histogram(
            "http_server_request_duration_seconds",
            "How long requests took, to the first bytes of their answers",
            ["service", "http_request_method", "http_route", "http_response_status_code"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.active_requests = Gauge(
            "http_server_active_requests", "Requests being served", ["service"], registry=self.registry
        )
        self.active_streams = Gauge(
            "http_server_active_streams",
            "Answers without an end that are being given: server-sent events and WebSockets",
            ["service", "http_route"],
            registry=self.registry,
        )
        self.stream_duration = Histogram(
            "http_server_stream_duration_seconds",
            "How long answers without an end went on",
            ["service", "http_route"],
            buckets=_STREAM_BUCKETS_S,
            registry=self.registry,
        )
        self.unexpected_errors = Counter(
            "unexpected_errors_total", "Errors nobody foresaw", ["service"], registry=self.registry
        )
        self.dependency_up = Gauge(
            "dependency_up",
            "1 while a dependency answers",
            ["service", "dependency"],
            registry=self.registry,
        )
        memory_limit = Gauge(
            "process_memory_limit_bytes",
            "The most memory the process may take: its container's, else the machine's",
            ["service"],
            registry=self.registry,
        )
        memory_limit.labels(service).set(memory_limit_bytes())
        self.pools = PoolTelemetry(service, self.registry)
