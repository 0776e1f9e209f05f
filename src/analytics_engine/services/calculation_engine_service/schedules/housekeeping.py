from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.calculation_engine_service.schedules.repository import ScheduleRepository

_EVERY_S = 600.0
_BATCH = 5_000

DECIDED_KEPT = timedelta(days=30)
"""How long it is known what became of a tick; no tick that old is decided on again."""


@dataclass
class TickHousekeeper:
    """Forgets old ticks; several at once do no harm."""

    database: Database
    repository: ScheduleRepository = field(default_factory=ScheduleRepository)

    async def clean(self) -> None:
        while is_wanted():
            await self.clean_once()
            await asyncio.sleep(_EVERY_S)

    async def clean_once(self) -> None:
        forgotten = _BATCH
        while forgotten == _BATCH:
            async with self.database.transaction() as connection:
                await self.repository.become_runner(connection)
                forgotten = await self.repository.forget_ticks(connection, older_than=DECIDED_KEPT, limit=_BATCH)
