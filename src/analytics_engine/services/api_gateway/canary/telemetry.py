from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from analytics_engine.kernel.telemetry import Telemetry

_BUCKETS_S = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30)


class CanaryTelemetry:
    """The measures of the canary: how its runs end, and how soon what is committed is answered."""

    def __init__(self, telemetry: Telemetry) -> None:
        registry = telemetry.registry
        self.runs = Counter(
            "canary_runs_total", "Runs of the canary here: ok, wrong or failed", ["outcome"], registry=registry
        )
        self.last_success = Gauge(
            "canary_last_success_timestamp_seconds",
            "When the canary last had the right answers, in any replica; 0 before the first time",
            registry=registry,
        )
        self.commit_to_answer = Histogram(
            "canary_commit_to_answer_seconds",
            "From the commit of a row to the first answers that know it",
            buckets=_BUCKETS_S,
            registry=registry,
        )
