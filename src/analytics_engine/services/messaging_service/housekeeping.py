from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from analytics_engine.contracts.events import EventType
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.streams import StreamAdministration
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.messaging_service.dead_letters import DeadLetterRepository
from analytics_engine.services.messaging_service.repository import OutboxRepository
from analytics_engine.services.messaging_service.telemetry import MessagingTelemetry

log = get_logger(__name__)

_MEASURE_EVERY_S = 2.0
_CLEAN_EVERY_S = 60.0
_BATCH = 5_000

SENT_KEPT = timedelta(hours=24)
"""How long sent events are kept in the outbox and in the streams: longer than the relay may have to send again."""
HANDLED_KEPT = timedelta(days=14)
"""How long a group remembers what it handled: longer than an event can come again by itself."""


@dataclass
class Housekeeper:
    """Measures what waits, and forgets what nobody needs any more; several at once do no harm."""

    database: Database
    administration: StreamAdministration
    telemetry: MessagingTelemetry
    repository: OutboxRepository = field(default_factory=OutboxRepository)
    dead_letters: DeadLetterRepository = field(default_factory=DeadLetterRepository)
    _groups_seen: set[str] = field(default_factory=set)

    async def measure(self) -> None:
        """Keep the gauges of waiting events, groups and dead letters up to date."""
        while is_wanted():
            try:
                await self._measure_once()
            except (DependencyUnavailable, DependencyTimeout) as error:
                log.debug("measures_skipped", reason=error.detail)  # the relay tells of the outage
            await asyncio.sleep(_MEASURE_EVERY_S)

    async def clean(self) -> None:
        """Keep outbox, inbox and streams bounded."""
        while is_wanted():
            await self.clean_once()
            await asyncio.sleep(_CLEAN_EVERY_S)

    async def clean_once(self) -> None:
        await self._in_batches(
            lambda connection: self.repository.forget_sent(connection, older_than=SENT_KEPT, limit=_BATCH)
        )
        await self._in_batches(
            lambda connection: self.repository.forget_handled(connection, older_than=HANDLED_KEPT, limit=_BATCH)
        )
        await self._in_batches(
            lambda connection: self.repository.forget_turns(connection, older_than=HANDLED_KEPT, limit=_BATCH)
        )
        await self.administration.trim([*EventType], older_than=SENT_KEPT)

    async def _measure_once(self) -> None:
        async with self.database.transaction(read_only=True) as connection:
            backlog = await self.repository.backlog(connection)
            kept = await self.dead_letters.counts(connection)
        self.telemetry.unsent.set(backlog.events)
        self.telemetry.oldest_unsent.set(backlog.oldest_s)
        counts = Counter(await self.administration.dead_letter_counts())
        counts.update(kept)
        self._groups_seen |= counts.keys()
        for group in self._groups_seen:
            self.telemetry.dead_letters.labels(group).set(counts[group])
        self.telemetry.tell(await self.administration.status([*EventType]))

    async def _in_batches(self, forget: Callable[[Connection], Awaitable[int]]) -> None:
        forgotten = _BATCH
        while forgotten == _BATCH:
            async with self.database.transaction() as connection:
                forgotten = await forget(connection)
