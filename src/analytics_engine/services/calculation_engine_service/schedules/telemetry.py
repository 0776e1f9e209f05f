from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from analytics_engine.kernel.telemetry import Telemetry

_BUCKETS_S = (0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 86_400)


class ScheduleTelemetry:
    """The measures of ticks."""

    def __init__(self, telemetry: Telemetry) -> None:
        self.heartbeat = Gauge(
            "schedule_heartbeat_timestamp_seconds",
            "When schedules were last looked through here",
            registry=telemetry.registry,
        )
        self.lateness = Histogram(
            "schedule_tick_lateness_seconds",
            "How long after its time a tick's job was enqueued",
            buckets=_BUCKETS_S,
            registry=telemetry.registry,
        )
        self.skipped = Counter(
            "schedule_ticks_skipped_total",
            "Ticks that have no job, by the reason",
            ["reason"],
            registry=telemetry.registry,
        )
