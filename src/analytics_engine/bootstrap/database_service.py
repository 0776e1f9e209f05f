from __future__ import annotations

import os
import socket
from collections.abc import Iterator

from fastapi import FastAPI

from analytics_engine.bootstrap.archive import archive_of
from analytics_engine.bootstrap.connection_budget import connection_shares
from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.clients.clients import HttpClients
from analytics_engine.clients.metadata import HttpMetadata
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.health import Check, Status
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.services.database_service.browsing import Browsing
from analytics_engine.services.database_service.changing.applying import Applying
from analytics_engine.services.database_service.changing.filling import Filling
from analytics_engine.services.database_service.changing.planning import Planning
from analytics_engine.services.database_service.changing.service import TableChanging
from analytics_engine.services.database_service.changing.undoing import Undoing
from analytics_engine.services.database_service.consumers import GROUP, TYPES, TablesFollowCatalog
from analytics_engine.services.database_service.definitions import ObjectModels
from analytics_engine.services.database_service.endpoints import ROUTERS
from analytics_engine.services.database_service.history import HistoryPartitions
from analytics_engine.services.database_service.ingest.canary_receipts import CanaryReceipts
from analytics_engine.services.database_service.ingest.loads import Loads
from analytics_engine.services.database_service.ingest.service import IngestLimits, IngestService
from analytics_engine.services.database_service.ingest.slots import LoadSlots
from analytics_engine.services.database_service.lifecycle.archiving import Archiving
from analytics_engine.services.database_service.lifecycle.policies import Policies
from analytics_engine.services.database_service.monitoring.activity import Activity
from analytics_engine.services.database_service.monitoring.connections import Connections
from analytics_engine.services.database_service.monitoring.sampling import Sampling
from analytics_engine.services.database_service.monitoring.statements import Statements
from analytics_engine.services.database_service.monitoring.storage import Storage
from analytics_engine.services.database_service.rollups.advising import Advising
from analytics_engine.services.database_service.rollups.maintenance import Maintenance
from analytics_engine.services.database_service.rollups.overseeing import Overseeing
from analytics_engine.services.database_service.rollups.reading import RollupsOfColumns
from analytics_engine.services.database_service.rollups.service import Rollups
from analytics_engine.services.database_service.rollups.verifying import Verification
from analytics_engine.services.database_service.rollups.zones import GROUP as ZONES_GROUP
from analytics_engine.services.database_service.rollups.zones import TYPES as ZONES_TYPES
from analytics_engine.services.database_service.rollups.zones import ZonesFollowClients
from analytics_engine.services.database_service.tables.edition import KnownServer
from analytics_engine.services.database_service.tables.measuring import Measuring
from analytics_engine.services.database_service.tables.service import FactTables


def build(settings: Settings) -> FastAPI:
    """Return the database service, wired but not started."""
    platform = Platform(Service.DATABASE, settings)
    database, clock = platform.database, platform.clock
    catalog = platform.http.client(Service.METADATA, settings.url(Service.METADATA))
    demo_config = platform.http.client(Service.DEMO_CONFIG, settings.url(Service.DEMO_CONFIG))
    metadata = HttpMetadata(catalog, caller=Service.DATABASE)
    models, readers = ObjectModels(metadata), RollupsOfColumns(platform.outbox, clock)
    tables = FactTables(database, clock, readers)
    connections = Connections(
        database, shares=connection_shares(settings), others=settings.ae_database_other_connections
    )
    overseeing = Overseeing(database, Verification(database, platform.outbox, clock), clock)
    undoing = Undoing(database=database, metadata=metadata, readers=readers)
    store = archive_of(settings)
    archiving = Archiving(database, store, clock) if store is not None else None
    server = KnownServer(database)
    measuring = Measuring(database)
    tasks = [
        BackgroundTask("database-server", server.keep),
        *_followers(
            platform,
            TablesFollowCatalog(metadata=metadata, tables=tables, rollups=Rollups(database, tables)),
            ZonesFollowClients(database, HttpClients(demo_config, caller=Service.DATABASE)),
        ),
        BackgroundTask("connection-budget", connections.watch),
        BackgroundTask("database-measures", Sampling(database, platform.telemetry).keep),
        BackgroundTask("table-statistics", measuring.keep),
        BackgroundTask("rollup-maintenance", Maintenance(database).keep),
        BackgroundTask("rollup-verification", overseeing.keep_verifying),
        BackgroundTask("table-changes", Filling(database=database, models=models, tables=tables, undoing=undoing).keep),
        *([BackgroundTask("archiving", archiving.keep)] if archiving is not None else []),
        BackgroundTask("history-partitions", HistoryPartitions(database).keep),
        BackgroundTask("canary-receipts", CanaryReceipts(database).keep),
    ]
    return platform.app(
        description="Keeps the fact tables of object models, and loads rows into them: all of a load, or none.",
        routers=ROUTERS,
        checks=[
            platform.needs_database(server.about),
            Check(Service.METADATA.value, catalog, without_it=Status.DEGRADED),
            Check(Service.DEMO_CONFIG.value, demo_config, without_it=Status.DEGRADED),
            platform.needs_stream(without_it=Status.DEGRADED),
        ],
        resources=[database, platform.stream, platform.http, *tasks],
        ingest=_ingest(settings, platform, models=models, tables=tables, measuring=measuring),
        loads=Loads(database),
        overseeing=overseeing,
        advising=Advising(database, metadata),
        changing=TableChanging(
            database=database,
            planning=Planning(database=database, metadata=metadata, readers=readers),
            applying=Applying(database=database, metadata=metadata, tables=tables, readers=readers),
            undoing=undoing,
        ),
        policies=Policies(database, archiving),
        browsing=Browsing(database=database, models=models, tables=tables),
        activity=Activity(database),
        statements=Statements(database),
        connections=connections,
        storage=Storage(database),
    )


def _followers(
    platform: Platform, catalog: TablesFollowCatalog, clients: ZonesFollowClients
) -> Iterator[BackgroundTask]:
    """Yield what keeps tables and rollups as definitions and clients want them: at the start, and by events."""
    consumer = f"{socket.gethostname()}-{os.getpid()}"

    async def follow() -> None:
        await platform.stream.consume(group=GROUP, consumer=consumer, types=TYPES, handler=catalog)

    async def follow_clients() -> None:
        await platform.stream.consume(group=ZONES_GROUP, consumer=consumer, types=ZONES_TYPES, handler=clients)

    yield BackgroundTask("present-catalog", catalog.keep)
    yield BackgroundTask("catalog-changes", follow)
    yield BackgroundTask("client-changes", follow_clients)
    yield BackgroundTask("present-clients", clients.keep)


def _ingest(
    settings: Settings, platform: Platform, *, models: ObjectModels, tables: FactTables, measuring: Measuring
) -> IngestService:
    return IngestService(
        database=platform.database,
        models=models,
        tables=tables,
        outbox=platform.outbox,
        clock=platform.clock,
        measuring=measuring,
        slots=LoadSlots(at_once=settings.ae_max_loads, per_client=settings.ae_max_loads_per_client),
        limits=IngestLimits(
            upload_bytes=settings.ae_max_upload_bytes,
            decompressed_bytes=settings.ae_max_decompressed_bytes,
            timeout_s=settings.ae_load_timeout_s,
        ),
    )
