"""Alerts are checked soon after what they read has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from analytics_engine.contracts.events import DataIngested, EventType
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.services.calculation_engine_service.alerts.repository import SQL

GROUP = "calculation-alerts"
TYPES = (EventType.DATA_INGESTED, EventType.CATALOG_CHANGED, EventType.CLIENT_CHANGED)

DEBOUNCE = timedelta(seconds=0.5)
"""How long a change waits for others that come with it."""
APART_S = 2.0
"""How far apart checks of an alert are, however often its rows change."""


@dataclass
class ChecksFollowChanges:
    """Brings checks forward. Handling an event twice does no harm: it only brings them forward again."""

    database: Database
    clock: Clock

    async def __call__(self, event: Event) -> None:
        due = self.clock.now() + DEBOUNCE
        async with self.database.transaction() as connection:
            if event.type == EventType.DATA_INGESTED.value:
                models = [DataIngested.model_validate(event.data).object_model]
                await connection.execute(SQL["bring_forward"], event.clientid, models, due, APART_S)
            else:
                await connection.execute(SQL["bring_all_forward"], event.clientid, due)
