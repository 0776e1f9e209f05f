from __future__ import annotations

import os
import socket

from fastapi import FastAPI

from analytics_engine.adapters.engines.archive import Archive
from analytics_engine.bootstrap.alerts import Alerting
from analytics_engine.bootstrap.archive import archive_of
from analytics_engine.bootstrap.engines import engine_at
from analytics_engine.bootstrap.jobs import wired_jobs
from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.clients.clients import HttpClients
from analytics_engine.clients.metadata import HttpMetadata
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.health import Check, Status
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.services.calculation_engine_service.alerts import endpoints as alerts
from analytics_engine.services.calculation_engine_service.answers import AnswerCache
from analytics_engine.services.calculation_engine_service.catalogs import Catalogs
from analytics_engine.services.calculation_engine_service.consumers import GROUP, TYPES, AnswerInvalidation
from analytics_engine.services.calculation_engine_service.endpoints import router
from analytics_engine.services.calculation_engine_service.explaining import Explainer
from analytics_engine.services.calculation_engine_service.jobs import endpoints as jobs_endpoints
from analytics_engine.services.calculation_engine_service.live import endpoints as live
from analytics_engine.services.calculation_engine_service.live.answers import LiveAnswers
from analytics_engine.services.calculation_engine_service.live.changes import Changes
from analytics_engine.services.calculation_engine_service.schedules import endpoints as schedules_endpoints
from analytics_engine.services.calculation_engine_service.service import CalculationService
from analytics_engine.services.calculation_engine_service.usage import UsageLog


def build(settings: Settings) -> FastAPI:
    """Return the calculation engine, wired but not started."""
    platform = Platform(Service.CALCULATION, settings)
    metadata = platform.http.client(Service.METADATA, settings.url(Service.METADATA))
    demo_config = platform.http.client(Service.DEMO_CONFIG, settings.url(Service.DEMO_CONFIG))
    url = settings.ae_engine_url.get_secret_value() if settings.ae_engine_url else None
    store = archive_of(settings)
    archive = Archive(store, settings.ae_archive_max_rows) if store is not None else None
    engine = engine_at(url, platform.database, timeout_s=settings.ae_statement_timeout_s, archive=archive)
    usage = UsageLog(platform.database)
    clients = HttpClients(demo_config, caller=Service.CALCULATION)
    catalogs = Catalogs(
        metadata=HttpMetadata(metadata, caller=Service.CALCULATION),
        clients=clients,
        rollups=engine,
    )
    service = CalculationService(
        engine=engine,
        catalogs=catalogs,
        answers=AnswerCache(platform.cache),
        clock=platform.clock,
        usage=usage,
    )
    jobs = wired_jobs(settings, platform, service, clients)
    invalidation = AnswerInvalidation(platform.cache)
    changes = Changes(platform.cache)
    consumer = f"{socket.gethostname()}-{os.getpid()}"
    alerting = Alerting(
        service,
        catalogs,
        database=platform.database,
        outbox=platform.outbox,
        clock=platform.clock,
        telemetry=platform.telemetry,
    )

    async def consume() -> None:
        await platform.stream.consume(
            group=GROUP,
            consumer=consumer,
            types=TYPES,
            handler=invalidation,
        )

    return platform.app(
        description="Computes KPI values on demand, live and by schedules, explains them, and watches them for alerts.",
        routers=[router, live.router, alerts.router, jobs_endpoints.router, schedules_endpoints.router],
        checks=[
            platform.needs_database(),
            platform.needs_cache(),
            Check(Service.METADATA.value, metadata, without_it=Status.DEGRADED),
            Check(Service.DEMO_CONFIG.value, demo_config, without_it=Status.DEGRADED),
        ],
        resources=[
            platform.database,
            platform.cache,
            BackgroundTask("usage", usage.keep),
            platform.stream,
            platform.http,
            BackgroundTask("answers-follow-changes", consume),
            BackgroundTask("changes", changes.keep),
            *alerting.tasks(platform.stream, consumer),
            *jobs.tasks,
        ],
        calculation=service,
        live=LiveAnswers(service, changes, platform.telemetry),
        jobs=jobs.service,
        schedules=jobs.schedules,
        explainer=Explainer(service=service, clock=platform.clock),
        alerts=alerting.alerts,
        silences=alerting.silences,
    )
