from __future__ import annotations

import os
import socket

from fastapi import FastAPI

from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.clients.metadata import HttpMetadata
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.health import Check, Status
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.services.database_service.browsing import Browsing
from analytics_engine.services.database_service.consumers import GROUP, TYPES, TablesFollowCatalog
from analytics_engine.services.database_service.definitions import ObjectModels
from analytics_engine.services.database_service.endpoints import ROUTERS
from analytics_engine.services.database_service.history import HistoryPartitions
from analytics_engine.services.database_service.ingest.loads import Loads
from analytics_engine.services.database_service.ingest.service import IngestLimits, IngestService
from analytics_engine.services.database_service.ingest.slots import LoadSlots
from analytics_engine.services.database_service.monitoring.service import Monitoring
from analytics_engine.services.database_service.tables.service import FactTables

_LOAD_TIMEOUT_S = 600.0


def build(settings: Settings) -> FastAPI:
    """Return the database service, wired but not started."""
    platform = Platform(Service.DATABASE, settings)
    client = platform.http.client(Service.METADATA, settings.url(Service.METADATA))
    metadata = HttpMetadata(client, caller=Service.DATABASE)
    models = ObjectModels(metadata)
    tables = FactTables(platform.database, platform.clock)
    follower = TablesFollowCatalog(metadata=metadata, tables=tables)

    async def follow() -> None:
        await platform.stream.consume(
            group=GROUP,
            consumer=f"{socket.gethostname()}-{os.getpid()}",
            types=TYPES,
            handler=follower,
        )

    return platform.app(
        description="Keeps the fact tables of object models, and loads rows into them: all of a load, or none.",
        routers=ROUTERS,
        checks=[
            platform.needs_database(),
            Check(Service.METADATA.value, client, without_it=Status.DEGRADED),
            Check("redis", platform.stream, without_it=Status.DEGRADED),
        ],
        resources=[
            platform.database,
            platform.stream,
            platform.http,
            BackgroundTask("present-catalog", follower.keep),
            BackgroundTask("catalog-changes", follow),
            BackgroundTask("history-partitions", HistoryPartitions(platform.database).keep),
        ],
        ingest=IngestService(
            database=platform.database,
            models=models,
            tables=tables,
            outbox=platform.outbox,
            clock=platform.clock,
            slots=LoadSlots(at_once=settings.ae_max_loads, per_client=settings.ae_max_loads_per_client),
            limits=IngestLimits(
                upload_bytes=settings.ae_max_upload_bytes,
                decompressed_bytes=settings.ae_max_decompressed_bytes,
                timeout_s=_LOAD_TIMEOUT_S,
            ),
        ),
        loads=Loads(platform.database),
        browsing=Browsing(database=platform.database, models=models, tables=tables),
        monitoring=Monitoring(platform.database),
    )
