"""From the outbox to the streams: each committed event at least once, in order, by one relay at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from analytics_engine.errors import AnalyticsEngineError, DependencyTimeout, DependencyUnavailable
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import EventStream
from analytics_engine.kernel.ports.streams import StreamAdministration
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.messaging_service.repository import OutboxRepository, UnsentEvent
from analytics_engine.services.messaging_service.telemetry import MessagingTelemetry

log = get_logger(__name__)

_BATCH = 500
_POLL_S = 0.1
_AWAY_PAUSE_S = 0.3
_CHECK_MEMORY_S = 1.0
_RESEND_WINDOW = timedelta(hours=1)
"""What a server that was started again may have lost at its end; of one that was emptied all is sent again."""
_STALLED_S = 10.0


@dataclass
class Relay:
    """Polls the outbox every 100 ms; the index of unsent rows makes an empty poll cost next to nothing.

    The lock of the relay is held by the transaction that sends. It ends before any other relay's may begin, also when
    a process is killed, and nothing is left to release.
    """

    database: Database
    stream: EventStream
    administration: StreamAdministration
    telemetry: MessagingTelemetry
    repository: OutboxRepository = field(default_factory=OutboxRepository)
    _trouble: AnalyticsEngineError | None = None
    _well_at: float = 0.0
    _memory_checked_at: float = 0.0

    async def run(self) -> None:
        while is_wanted():
            try:
                moved = await self.send_batch()
            except (DependencyUnavailable, DependencyTimeout) as error:
                self._note_trouble(error)
                await asyncio.sleep(_AWAY_PAUSE_S)
                continue
            self._note_well()
            if not moved:
                await asyncio.sleep(_POLL_S)

    async def send_batch(self) -> int:
        """Send the next events, number those after them, and return how many; none where another relay is at it.

        Events are marked sent in the transaction that read them: when anything fails between, they are sent again.
        A position is committed before its event is sent, so that an event has the same one however often it is sent.
        """
        async with self.database.transaction() as connection:
            if not await self.repository.lead(connection):
                return 0
            unsent = await self.repository.unsent(connection, limit=_BATCH)
            if (unsent or self._memory_check_is_due()) and await self._resend_if_forgotten(connection):
                unsent = await self.repository.unsent(connection, limit=_BATCH)
            if unsent:
                await self.stream.append([one.event for one in unsent])
                await self.repository.mark_sent(connection, [one.row_id for one in unsent])
            numbered = await self.repository.number(connection, limit=_BATCH)
        self._count(unsent)
        return len(unsent) + numbered

    async def ping(self) -> None:
        """Return while events are being sent, by this relay or another.

        Raises:
            DependencyUnavailable: this relay has not worked for a while, and why.
        """
        if self._well_at and _now() - self._well_at > _STALLED_S:
            reason = self._trouble.detail if self._trouble else "it does not come to an end."
            raise DependencyUnavailable(f"Events have not been sent for {_now() - self._well_at:.0f} s: {reason}")

    async def _resend_if_forgotten(self, connection: Connection) -> bool:
        """Take back the mark of what was sent lately when the event server may have forgotten it."""
        continuity = await self.administration.continuity()
        self._memory_checked_at = _now()
        remembered = await self.repository.continuity(connection)
        if continuity == remembered:
            return False
        emptied = remembered is None or _memory(continuity) != _memory(remembered)
        await self.repository.send_again(connection, sent_within=None if emptied else _RESEND_WINDOW)
        await self.repository.remember(connection, continuity)
        if remembered is not None:
            self.telemetry.resends.inc()
            log.warning("events_sent_again", reason="the event server was emptied or started again")
        return True

    def _memory_check_is_due(self) -> bool:
        return _now() - self._memory_checked_at >= _CHECK_MEMORY_S

    def _count(self, sent: Sequence[UnsentEvent]) -> None:
        for one in sent:
            self.telemetry.relayed.labels(one.event.type).inc()

    def _note_trouble(self, error: AnalyticsEngineError) -> None:
        self._well_at = self._well_at or _now()
        if self._trouble is None:
            log.warning("relay_interrupted", reason=error.detail)
        self._trouble = error

    def _note_well(self) -> None:
        self._well_at = _now()
        if self._trouble is not None:
            log.info("relay_resumed")
            self._trouble = None


def _memory(continuity: str) -> str:
    return continuity.rpartition(":")[2]


def _now() -> float:
    return asyncio.get_running_loop().time()
