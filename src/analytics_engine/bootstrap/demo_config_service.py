from __future__ import annotations

from fastapi import FastAPI

from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.clients.data import HttpData
from analytics_engine.clients.metadata import HttpMetadata
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.health import Check, Status
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.services.demo_config_service.endpoints import ROUTERS
from analytics_engine.services.demo_config_service.samples import SampleLoader, SampleLoads
from analytics_engine.services.demo_config_service.service import ClientService


def build(settings: Settings) -> FastAPI:
    platform = Platform(Service.DEMO_CONFIG, settings)
    caller = Service.DEMO_CONFIG.value
    metadata = HttpMetadata(platform.http.client(Service.METADATA, settings.url(Service.METADATA)), caller=caller)
    data = HttpData(platform.http.client(Service.DATABASE, settings.url(Service.DATABASE)), caller=caller)
    clients = ClientService(database=platform.database, outbox=platform.outbox, clock=platform.clock)
    loads = SampleLoads(database=platform.database, clock=platform.clock)
    loader = SampleLoader(loads=loads, clients=clients, metadata=metadata, data=data)
    return platform.app(
        description="Clients and how they count, the objects their KPIs require, and sample data to start with.",
        routers=ROUTERS,
        checks=[
            platform.needs_database(),
            Check(Service.METADATA.value, metadata, without_it=Status.DEGRADED),
            Check(Service.DATABASE.value, data, without_it=Status.DEGRADED),
        ],
        resources=[platform.database, platform.http, BackgroundTask("sample-loads", loader.run)],
        clients=clients,
        metadata=metadata,
        sample_loads=loads,
    )
