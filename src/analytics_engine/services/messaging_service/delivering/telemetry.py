from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from analytics_engine.kernel.telemetry import Telemetry


class DeliveryTelemetry:
    """The measures of what leaves the house."""

    def __init__(self, telemetry: Telemetry) -> None:
        registry = telemetry.registry
        self.attempts = Counter(
            "messaging_delivery_attempts_total",
            "Attempts to deliver, by what became of the delivery",
            ["purpose", "state"],
            registry=registry,
        )
        self.duration = Histogram(
            "messaging_delivery_duration_seconds", "How long receivers took", ["purpose"], registry=registry
        )
        self.waiting = Gauge("messaging_waiting_deliveries", "Deliveries that wait", ["purpose"], registry=registry)
        self.oldest = Gauge(
            "messaging_oldest_waiting_delivery_seconds", "Age of the oldest that waits", ["purpose"], registry=registry
        )
