"""What the metrics tell of the database: asked now and then, never by who reads the metrics."""

from __future__ import annotations

import asyncio

from prometheus_client import Gauge

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.services.database_service.monitoring.monitor import SQL, as_monitor
from analytics_engine.services.database_service.tables.roles import become_ingest

log = get_logger(__name__)

_EVERY_S = 15.0


class Sampling:
    """Keeps the gauges of the server and of the rollups up to date; every replica has the same figures."""

    def __init__(self, database: Database, telemetry: Telemetry) -> None:
        registry = telemetry.registry
        self._database = database
        self._size = Gauge("database_size_bytes", "Size of the database", registry=registry)
        self._connections = Gauge("database_connections", "Sessions of clients at the server", registry=registry)
        self._most = Gauge("database_connections_max", "The most sessions the server admits", registry=registry)
        self._oldest = Gauge(
            "database_oldest_transaction_seconds", "For how long the oldest transaction is open", registry=registry
        )
        self._retained = Gauge(
            "database_replication_slot_retained_bytes",
            "Write-ahead log that is kept for a replication slot",
            ["slot"],
            registry=registry,
        )
        self._marked = Gauge(
            "rollup_marked_buckets", "Spans of a rollup that are to be computed anew", ["rollup"], registry=registry
        )
        self._oldest_mark = Gauge(
            "rollup_oldest_mark_seconds", "For how long the oldest of these spans has been waiting", registry=registry
        )

    async def keep(self) -> None:
        """Ask for ever; what cannot be asked keeps its last figures, and the database's health says why."""
        while is_wanted():
            try:
                await self.sample()
            except AnalyticsEngineError as error:
                log.debug("database_not_sampled", reason=error.detail)
            await asyncio.sleep(_EVERY_S)

    async def sample(self) -> None:
        """Ask once."""
        async with as_monitor(self._database) as connection:
            server = await connection.fetch_one(SQL["sample"])
            slots = await connection.fetch(SQL["replication_slots"])
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            rollups = await connection.fetch(SQL["waiting_marks"])
        assert server is not None
        self._size.set(server["size_bytes"])
        self._connections.set(server["connections"])
        self._most.set(server["max_connections"])
        self._oldest.set(server["oldest_transaction_s"])
        self._retained.clear()
        for slot in slots:
            self._retained.labels(slot["slot_name"]).set(slot["retained_bytes"])
        self._marked.clear()
        for rollup in rollups:
            self._marked.labels(rollup["code"]).set(rollup["marks"])
        self._oldest_mark.set(max((rollup["oldest_s"] for rollup in rollups), default=0.0))
