"""Alerts of the calculation engine: their checks, what brings them forward, and what people do with them."""

from __future__ import annotations

from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.ports.events import EventStream
from analytics_engine.kernel.ports.outbox import Outbox
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.services.calculation_engine_service.alerts.asking import Questions
from analytics_engine.services.calculation_engine_service.alerts.checking import RuleChecker
from analytics_engine.services.calculation_engine_service.alerts.consumers import GROUP, TYPES, ChecksFollowChanges
from analytics_engine.services.calculation_engine_service.alerts.evaluating import AT_ONCE, Evaluator
from analytics_engine.services.calculation_engine_service.alerts.recording import Recorder
from analytics_engine.services.calculation_engine_service.alerts.replaying import Replayer
from analytics_engine.services.calculation_engine_service.alerts.scheduling import AlertChecks
from analytics_engine.services.calculation_engine_service.alerts.service import Alerts
from analytics_engine.services.calculation_engine_service.alerts.silences import Silences
from analytics_engine.services.calculation_engine_service.alerts.telemetry import AlertTelemetry
from analytics_engine.services.calculation_engine_service.catalogs import Catalogs
from analytics_engine.services.calculation_engine_service.service import CalculationService

_SILENT_S = 120.0
"""Longer than the statements of one question may take."""


class Alerting:
    """All parts of alerts, on what the calculation engine has already."""

    def __init__(
        self,
        service: CalculationService,
        catalogs: Catalogs,
        *,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self.telemetry = AlertTelemetry(telemetry)
        evaluator = Evaluator(Questions(service), clock, self.telemetry)
        recorder = Recorder(outbox)
        self.checks = AlertChecks(database, clock, evaluator, recorder, self.telemetry)
        self.follow = ChecksFollowChanges(database, clock)
        self.silences = Silences(database, clock)
        self.alerts = Alerts(database, clock, RuleChecker(service, catalogs), evaluator, recorder, Replayer(service))

    def tasks(self, stream: EventStream, consumer: str) -> list[BackgroundTask]:
        """Return what keeps alerts checked; ``consumer`` is this process's name in its group."""

        async def consume() -> None:
            await stream.consume(group=GROUP, consumer=consumer, types=TYPES, handler=self.follow)

        return [
            *(
                BackgroundTask(f"alert-checks-{number}", self.checks.run, silent_for_s=_SILENT_S)
                for number in range(AT_ONCE)
            ),
            BackgroundTask("alert-measures", self.checks.measure),
            BackgroundTask("alert-cleaning", self.checks.clean),
            BackgroundTask("alerts-follow-changes", consume),
        ]
