"""Jobs and schedules of the calculation engine, wired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from analytics_engine.adapters.postgres.jobs import PostgresJobs
from analytics_engine.bootstrap.exports import exports_of
from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.clients import ClientsApi
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.jobs.runner import JobRunner
from analytics_engine.kernel.jobs.telemetry import JobTelemetry
from analytics_engine.kernel.ports.jobs import JobKind
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.services.calculation_engine_service.jobs.exporting import Export
from analytics_engine.services.calculation_engine_service.jobs.housekeeping import JobHousekeeper
from analytics_engine.services.calculation_engine_service.jobs.kinds import JobKinds
from analytics_engine.services.calculation_engine_service.jobs.recalculating import Recalculate
from analytics_engine.services.calculation_engine_service.jobs.service import JobService
from analytics_engine.services.calculation_engine_service.schedules.housekeeping import TickHousekeeper
from analytics_engine.services.calculation_engine_service.schedules.service import ScheduleService
from analytics_engine.services.calculation_engine_service.schedules.telemetry import ScheduleTelemetry
from analytics_engine.services.calculation_engine_service.schedules.ticking import Ticker
from analytics_engine.services.calculation_engine_service.service import CalculationService

_SILENT_S = 60.0
"""Longer than a round of any of these takes: a statement, and the wait for a connection."""


@dataclass(frozen=True)
class Jobs:
    """What the calculation engine's jobs are made of; the tasks are stopped in the order that ends jobs first."""

    service: JobService
    schedules: ScheduleService
    ticker: Ticker
    housekeeper: JobHousekeeper
    tasks: Sequence[BackgroundTask]


def wired_jobs(
    settings: Settings,
    platform: Platform,
    calculation: CalculationService,
    clients: ClientsApi,
    *,
    more_kinds: Sequence[JobKind[Any]] = (),
) -> Jobs:
    """Return the jobs of a calculation engine, not started; other rooms' kinds are given as ``more_kinds``."""
    exports = exports_of(settings)
    queue = PostgresJobs(platform.database)
    kinds = JobKinds([Recalculate(calculation), Export(calculation, exports), *more_kinds])
    runner = JobRunner(
        queue=queue,
        kinds=kinds,
        telemetry=JobTelemetry(platform.telemetry),
        worker=new_id(),
        service=platform.service.value,
        at_once=settings.ae_jobs_at_once,
        silent_for=timedelta(seconds=settings.ae_job_silent_s),
    )
    service = JobService(
        database=platform.database,
        queue=queue,
        kinds=kinds,
        runner=runner,
        exports=exports,
        clock=platform.clock,
        most_waiting=settings.ae_jobs_waiting_per_client,
    )
    ticker = Ticker(
        database=platform.database,
        queue=queue,
        runner=runner,
        clock=platform.clock,
        telemetry=ScheduleTelemetry(platform.telemetry),
        most_waiting=settings.ae_jobs_waiting_per_client,
    )
    housekeeper = JobHousekeeper(queue=queue, exports=exports)
    return Jobs(
        service=service,
        schedules=ScheduleService(
            database=platform.database,
            jobs=service,
            clients=clients,
            clock=platform.clock,
            most=settings.ae_schedules_per_client,
        ),
        ticker=ticker,
        housekeeper=housekeeper,
        tasks=[
            BackgroundTask("job-signs-of-life", runner.beat, silent_for_s=_SILENT_S),
            BackgroundTask("job-rescue", runner.oversee, silent_for_s=_SILENT_S),
            BackgroundTask("job-housekeeping", housekeeper.clean),
            BackgroundTask("tick-housekeeping", TickHousekeeper(platform.database).clean),
            BackgroundTask("schedules", ticker.keep, silent_for_s=_SILENT_S),
            BackgroundTask("jobs", runner.work, silent_for_s=_SILENT_S),
        ],
    )
