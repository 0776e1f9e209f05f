"""Metrics of a service, in Prometheus text under OpenTelemetry's names. One registry per process, passed along."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from analytics_engine.kernel.pools import PoolTelemetry

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Telemetry:
    """The measures every service has; rooms add theirs on ``registry``."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.request_duration = Histogram(
            "http_server_request_duration_seconds",
            "How long requests took",
            ["service", "http_request_method", "http_route", "http_response_status_code"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.active_requests = Gauge(
            "http_server_active_requests", "Requests being served", ["service"], registry=self.registry
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
        self.pools = PoolTelemetry(service, self.registry)
