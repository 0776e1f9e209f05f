from __future__ import annotations

from prometheus_client import Counter, Gauge

from analytics_engine.kernel.telemetry import Telemetry


class MessagingTelemetry:
    """The measures of the relay and of what consumers gave up on."""

    def __init__(self, telemetry: Telemetry) -> None:
        registry = telemetry.registry
        self.relayed = Counter(
            "messaging_events_relayed_total", "Events sent from the outbox to the streams", ["type"], registry=registry
        )
        self.unsent = Gauge("messaging_unsent_events", "Committed events not sent yet", registry=registry)
        self.oldest_unsent = Gauge(
            "messaging_oldest_unsent_event_seconds", "Age of the oldest event not sent yet", registry=registry
        )
        self.resends = Counter(
            "messaging_resends_total",
            "Times the recent events were sent again because the event server lost its memory",
            registry=registry,
        )
        self.dead_letters = Gauge(
            "messaging_dead_letters", "Events a consumer group gave up on", ["group"], registry=registry
        )
