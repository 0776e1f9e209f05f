"""Brings what waits to its receivers: at least once, with pauses between attempts, up to a limit."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from analytics_engine.errors import AnalyticsEngineError, DependencyTimeout, DependencyUnavailable, ErrorKind
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.outgoing import ReceiverAnswer
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.messaging_service.delivering.backoff import Backoff
from analytics_engine.services.messaging_service.delivering.repository import ALL_CLIENTS, DeliveryRepository
from analytics_engine.services.messaging_service.delivering.schemas import Attempt, Claimed, DeliveryState, Purpose
from analytics_engine.services.messaging_service.delivering.telemetry import DeliveryTelemetry

log = get_logger(__name__)

_POLL_S = 0.2
_AWAY_PAUSE_S = 0.5
_AT_ONCE = 16
_CLAIM = 4
_OF_ONE_TARGET = 4
_GRACE_S = 5.0
_PASSES = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.TIMEOUT, ErrorKind.STORAGE})


class Target(Protocol):
    """A kind of receivers."""

    async def send(self, claimed: Claimed) -> ReceiverAnswer:
        """Send once and return what the receiver said.

        Raises:
            AnalyticsEngineError: it was not reached; only what is unavailable or too slow is tried again.
        """
        ...

    async def settle(self, connection: Connection, claimed: Claimed, attempt: Attempt) -> None:
        """Do what an attempt means for the receiver, in the transaction that records it."""
        ...


@dataclass(frozen=True)
class Route:
    """Who sends the deliveries of one purpose, and how patiently."""

    target: Target
    backoff: Backoff


@dataclass
class Deliverer:
    """Claims due deliveries, a few at a time, and sends them side by side.

    A claim is a short transaction that makes the row due again after ``lease``, longer than any attempt takes. So
    nothing is held while a receiver is waited for, replicas share the work, and what a killed process had is tried
    again. No receiver has more than a few attempts at once, so that a slow one does not hold up the others.
    """

    database: Database
    routes: Mapping[Purpose, Route]
    telemetry: DeliveryTelemetry
    lease: timedelta
    repository: DeliveryRepository = field(default_factory=DeliveryRepository)
    _running: dict[asyncio.Task[None], UUID] = field(default_factory=dict)

    async def run(self) -> None:
        try:
            while is_wanted():
                try:
                    claimed = await self._claim()
                except (DependencyUnavailable, DependencyTimeout) as error:
                    log.debug("deliveries_not_claimed", reason=error.detail)  # health tells of the outage
                    await asyncio.sleep(_AWAY_PAUSE_S)
                    continue
                for one in claimed:
                    self._begin(one)
                if not claimed:
                    await self._pause()
        finally:
            await self._finish()

    async def _claim(self) -> list[Claimed]:
        room = min(_CLAIM, _AT_ONCE - len(self._running))
        if room <= 0:
            return []
        busy = [target for target, count in Counter(self._running.values()).items() if count >= _OF_ONE_TARGET]
        async with self.database.transaction(client_id=ALL_CLIENTS) as connection:
            return await self.repository.claim(connection, limit=room, busy=busy, lease=self.lease)

    def _begin(self, claimed: Claimed) -> None:
        task = asyncio.create_task(self._deliver(claimed), name=f"deliver {claimed.id}")
        self._running[task] = claimed.target_id
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        if not task.cancelled() and (failure := task.exception()) is not None:
            log.error("delivery_interrupted", task=task.get_name(), error=f"{type(failure).__name__}: {failure}")

    async def _pause(self) -> None:
        """Return after a while, or as soon as an attempt has ended: there may be room for another one then."""
        if self._running:
            await asyncio.wait(self._running, timeout=_POLL_S, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(_POLL_S)

    async def _finish(self) -> None:
        """Let what is under way end when the service stops; what does not is due again after its lease."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=_GRACE_S)
            for task in late:
                task.cancel()

    async def _deliver(self, claimed: Claimed) -> None:
        attempt = await self._attempt(claimed)
        target = self.routes[claimed.purpose].target
        async with self.database.transaction(client_id=claimed.client_id) as connection:
            if not await self.repository.record(connection, claimed, attempt):
                return
            await target.settle(connection, claimed, attempt)
        self.telemetry.attempts.labels(claimed.purpose.value, attempt.state.value).inc()
        self.telemetry.duration.labels(claimed.purpose.value).observe(attempt.duration_ms / 1000)
        if attempt.state is not DeliveryState.DELIVERED:
            log.warning(
                "delivery_failed",
                purpose=claimed.purpose.value,
                delivery=str(claimed.id),
                attempt=claimed.attempts,
                final=attempt.state is DeliveryState.FAILED,
                status=attempt.status,
            )

    async def _attempt(self, claimed: Claimed) -> Attempt:
        route = self.routes[claimed.purpose]
        if claimed.attempts > route.backoff.attempts:
            reason = f"It was begun {route.backoff.attempts} times and never finished."
            return Attempt(DeliveryState.FAILED, status=None, answer=reason, duration_ms=0.0)
        began = time.perf_counter()
        status: int | None = None
        try:
            answer = await route.target.send(claimed)
        except AnalyticsEngineError as error:
            taken, final, later_s = False, error.kind not in _PASSES, 0.0
            text = f"{error.detail} {error.remedy}".strip()
        else:
            taken, final, later_s = answer.taken, answer.final, answer.later_s
            status, text = answer.status, answer.text
        duration_ms = round((time.perf_counter() - began) * 1000, 1)
        if taken:
            return Attempt(DeliveryState.DELIVERED, status, text, duration_ms)
        if final or claimed.attempts == route.backoff.attempts:
            return Attempt(DeliveryState.FAILED, status, text, duration_ms)
        pause_s = route.backoff.pause_s(claimed.attempts, at_least_s=later_s)
        return Attempt(DeliveryState.WAITING, status, text, duration_ms, pause_s)
