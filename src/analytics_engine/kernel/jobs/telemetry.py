from __future__ import annotations

from prometheus_client import Counter, Gauge

from analytics_engine.kernel.ports.jobs import JobCounts
from analytics_engine.kernel.telemetry import Telemetry


class JobTelemetry:
    """The measures of jobs: what waits and runs in all processes together, and what this one did."""

    def __init__(self, telemetry: Telemetry) -> None:
        registry = telemetry.registry
        self._waiting = Gauge("jobs_waiting", "Jobs that wait to be run", ["kind"], registry=registry)
        self._running = Gauge("jobs_running", "Jobs that are being run", ["kind"], registry=registry)
        self._oldest = Gauge(
            "jobs_oldest_waiting_seconds",
            "For how long the oldest waiting job has been ready to run",
            registry=registry,
        )
        self.ended = Counter(
            "jobs_ended_total", "Jobs that ended here, by their state", ["kind", "state"], registry=registry
        )
        self.rescued = Counter(
            "jobs_rescued_total", "Jobs taken from workers that were not heard of any more", registry=registry
        )
        self._kinds: set[str] = set()

    def show(self, counts: JobCounts) -> None:
        """Set the gauges; of kinds of which there are none any more to 0."""
        self._kinds |= counts.waiting.keys() | counts.running.keys()
        for kind in self._kinds:
            self._waiting.labels(kind).set(counts.waiting.get(kind, 0))
            self._running.labels(kind).set(counts.running.get(kind, 0))
        self._oldest.set(counts.oldest_waiting_s)
