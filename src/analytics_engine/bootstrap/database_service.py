from __future__ import annotations

import os
import socket

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
from analytics_engine.services.database_service.ingest.loads import Loads
from analytics_engine.services.database_service.ingest.service import IngestLimits, IngestService
from analytics_engine.services.database_service.ingest.slots import LoadSlots
from analytics_engine.services.database_service.lifecycle.archiving import Archiving
from analytics_engine.services.database_service.lifecycle.policies import Policies
from analytics_engine.services.database_service.monitoring.activity import Activity
from analytics_engine.services.database_service.monitoring.connections import Connections
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
from analytics_engine.services.database_service.tables.service import FactTables


def build(settings: Settings) -> FastAPI:
    """Return the database service, wired but not started."""
    platform = Platform(Service.DATABASE, settings)
    client = platform.http.client(Service.METADATA, settings.url(Service.METADATA))
    metadata = HttpMetadata(client, caller=Service.DATABASE)
    models = ObjectModels(metadata)
    readers = RollupsOfColumns(platform.outbox, platform.clock)
    tables = FactTables(platform.database, platform.clock, readers)
    connections = Connections(
        platform.database, shares=connection_shares(settings), others=settings.ae_database_other_connections
    )
    verification = Verification(platform.database, platform.outbox, platform.clock)
    overseeing = Overseeing(platform.database, verification, platform.clock)
    follower = TablesFollowCatalog(metadata=metadata, tables=tables, rollups=Rollups(platform.database, tables))
    undoing = Undoing(database=platform.database, metadata=metadata, readers=readers)
    changing = TableChanging(
        database=platform.database,
        planning=Planning(database=platform.database, metadata=metadata, readers=readers),
        applying=Applying(database=platform.database, metadata=metadata, tables=tables, readers=readers),
        undoing=undoing,
    )
    filling = Filling(database=platform.database, models=models, tables=tables, undoing=undoing)
    server = KnownServer(platform.database)
    demo_config = platform.http.client(Service.DEMO_CONFIG, settings.url(Service.DEMO_CONFIG))
    zones = ZonesFollowClients(platform.database, HttpClients(demo_config, caller=Service.DATABASE))

    store = archive_of(settings)
    archiving = Archiving(platform.database, store, platform.clock) if store is not None else None
    consumer = f"{socket.gethostname()}-{os.getpid()}"

    async def follow() -> None:
        await platform.stream.consume(group=GROUP, consumer=consumer, types=TYPES, handler=follower)

    async def follow_clients() -> None:
        await platform.stream.consume(group=ZONES_GROUP, consumer=consumer, types=ZONES_TYPES, handler=zones)

    return platform.app(
        description="Keeps the fact tables of object models, and loads rows into them: all of a load, or none.",
        routers=ROUTERS,
        checks=[
            platform.needs_database(server.about),
            Check(Service.METADATA.value, client, without_it=Status.DEGRADED),
            Check(Service.DEMO_CONFIG.value, demo_config, without_it=Status.DEGRADED),
            Check("redis", platform.stream, without_it=Status.DEGRADED),
        ],
        resources=[
            platform.database,
            platform.stream,
            platform.http,
            BackgroundTask("database-server", server.keep),
            BackgroundTask("present-catalog", follower.keep),
            BackgroundTask("catalog-changes", follow),
            BackgroundTask("client-changes", follow_clients),
            BackgroundTask("present-clients", zones.keep),
            BackgroundTask("connection-budget", connections.watch),
            BackgroundTask("rollup-maintenance", Maintenance(platform.database).keep),
            BackgroundTask("rollup-verification", overseeing.keep_verifying),
            BackgroundTask("table-changes", filling.keep),
            *([BackgroundTask("archiving", archiving.keep)] if archiving is not None else []),
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
                timeout_s=settings.ae_load_timeout_s,
            ),
        ),
        loads=Loads(platform.database),
        overseeing=overseeing,
        advising=Advising(platform.database, metadata),
        changing=changing,
        policies=Policies(platform.database, archiving),
        browsing=Browsing(database=platform.database, models=models, tables=tables),
        activity=Activity(platform.database),
        statements=Statements(platform.database),
        connections=connections,
        storage=Storage(platform.database),
    )
