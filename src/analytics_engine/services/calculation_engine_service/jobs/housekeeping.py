from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from analytics_engine.kernel.ports.blobs import BlobStore
from analytics_engine.kernel.ports.jobs import JobQueue
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.calculation_engine_service.jobs.exporting import delete_files

_EVERY_S = 600.0
_BATCH = 200

ENDED_KEPT = timedelta(days=30)
"""How long jobs are kept after they ended, with their failures and files."""


@dataclass
class JobHousekeeper:
    """Forgets old jobs and their files; several at once do no harm."""

    queue: JobQueue
    exports: BlobStore

    async def clean(self) -> None:
        while is_wanted():
            await self.clean_once()
            await asyncio.sleep(_EVERY_S)

    async def clean_once(self) -> None:
        forgotten = _BATCH
        while forgotten == _BATCH:
            forgotten = await self.queue.forget_ended(
                older_than=ENDED_KEPT, limit=_BATCH, before=partial(delete_files, self.exports)
            )
