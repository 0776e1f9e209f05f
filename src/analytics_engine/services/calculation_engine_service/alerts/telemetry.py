from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from analytics_engine.kernel.telemetry import Telemetry


class AlertTelemetry:
    """The measures of alerts: how their cells stand, and how checks go."""

    def __init__(self, telemetry: Telemetry) -> None:
        registry = telemetry.registry
        self.cells = Gauge("alert_cells", "Cells of alerts by their state", ["state"], registry=registry)
        self.evaluations = Counter(
            "alert_evaluations_total", "Checks of alerts: judged, or failed", ["outcome"], registry=registry
        )
        self.changes = Counter(
            "alert_changes_total", "Changes of cells by their new state", ["state"], registry=registry
        )
        self.seconds = Histogram("alert_evaluation_seconds", "How long questions of alerts took", registry=registry)
        self.overdue = Gauge(
            "alert_check_overdue_seconds", "How long the check that is due longest has been due", registry=registry
        )
