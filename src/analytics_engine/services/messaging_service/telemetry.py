from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from prometheus_client import Counter, Gauge

from analytics_engine.kernel.ports.streams import StreamStatus
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
        by_group = ["type", "group"]
        self._pending = Gauge(
            "messaging_group_pending_events", "Events given to a group, not acknowledged", by_group, registry=registry
        )
        self._lag = Gauge("messaging_group_lag_events", "Events not given to a group yet", by_group, registry=registry)
        self._oldest_waiting = Gauge(
            "messaging_group_oldest_waiting_seconds",
            "Age of the oldest event that a group has not acknowledged",
            by_group,
            registry=registry,
        )

    def tell(self, streams: Sequence[StreamStatus]) -> None:
        """Show how far each group is, and nothing of groups that are no more."""
        now = datetime.now(UTC)
        for gauge in (self._pending, self._lag, self._oldest_waiting):
            gauge.clear()
        for stream in streams:
            for group in stream.groups:
                oldest = group.oldest_waiting_at or now
                self._pending.labels(stream.type, group.group).set(group.pending)
                self._lag.labels(stream.type, group.group).set(group.lag or 0)
                self._oldest_waiting.labels(stream.type, group.group).set(max(0.0, (now - oldest).total_seconds()))
