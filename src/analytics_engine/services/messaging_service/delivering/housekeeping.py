from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from analytics_engine.errors import DependencyTimeout, DependencyUnavailable
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.messaging_service.delivering.repository import ALL_CLIENTS, DeliveryRepository
from analytics_engine.services.messaging_service.delivering.schemas import Purpose
from analytics_engine.services.messaging_service.delivering.telemetry import DeliveryTelemetry

log = get_logger(__name__)

_MEASURE_EVERY_S = 5.0
_CLEAN_EVERY_S = 300.0
_BATCH = 2_000

FINISHED_KEPT = timedelta(days=30)
"""How long the log of deliveries goes back."""


@dataclass
class DeliveryHousekeeper:
    """Measures what waits, and forgets what was finished long ago; several at once do no harm."""

    database: Database
    telemetry: DeliveryTelemetry
    repository: DeliveryRepository = field(default_factory=DeliveryRepository)

    async def measure(self) -> None:
        while is_wanted():
            try:
                await self.measure_once()
            except (DependencyUnavailable, DependencyTimeout) as error:
                log.debug("measures_skipped", reason=error.detail)  # health tells of the outage
            await asyncio.sleep(_MEASURE_EVERY_S)

    async def clean(self) -> None:
        while is_wanted():
            await self.clean_once()
            await asyncio.sleep(_CLEAN_EVERY_S)

    async def measure_once(self) -> None:
        async with self.database.transaction(client_id=ALL_CLIENTS, read_only=True) as connection:
            backlog = await self.repository.backlog(connection)
        for purpose in Purpose:
            found = backlog.get(purpose)
            self.telemetry.waiting.labels(purpose.value).set(found.waiting if found else 0)
            self.telemetry.oldest.labels(purpose.value).set(found.oldest_s if found else 0)

    async def clean_once(self) -> None:
        forgotten = _BATCH
        while forgotten == _BATCH:
            async with self.database.transaction(client_id=ALL_CLIENTS) as connection:
                forgotten = await self.repository.forget(connection, older_than=FINISHED_KEPT, limit=_BATCH)
