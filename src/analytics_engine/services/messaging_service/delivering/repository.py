from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.messaging_service.delivering.schemas import (
    Attempt,
    Claimed,
    Delivery,
    DeliveryState,
    DeliveryWithContent,
    NewDelivery,
    Purpose,
)

ALL_CLIENTS = "*"
"""Whose transaction sees the deliveries of every client: the worker's and the housekeeper's."""


@dataclass(frozen=True)
class Backlog:
    waiting: int
    oldest_s: float


class DeliveryRepository:
    """Deliveries in PostgreSQL; every method works in the caller's transaction, which says whose client it is."""

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def add(self, connection: Connection, new: NewDelivery) -> UUID | None:
        """Return the new delivery's id; None where the receiver has one of this message already."""
        added: UUID | None = await connection.fetch_value(
            self._sql["add"],
            new_id(),
            new.client_id,
            new.purpose.value,
            new.target_id,
            new.target,
            new.message_id,
            new.lane,
            new.content,
        )
        return added

    async def add_failed(self, connection: Connection, new: NewDelivery, *, why: str) -> None:
        """Note that a message could not even be tried, where whoever misses it looks."""
        await connection.execute(
            self._sql["add_failed"],
            new_id(),
            new.client_id,
            new.purpose.value,
            new.target_id,
            new.target,
            new.message_id,
            new.content,
            why,
        )

    async def gather(
        self, connection: Connection, new: NewDelivery, *, group: str, entry: str, window: timedelta
    ) -> None:
        """Add what ``content[entry]`` lists to the delivery that gathers this group, or begin one."""
        await connection.execute(
            self._sql["gather"],
            new_id(),
            new.client_id,
            new.purpose.value,
            new.target_id,
            new.target,
            new.message_id,
            group,
            entry,
            new.content[entry],
            window,
        )

    async def claim(
        self, connection: Connection, *, limit: int, busy: Sequence[UUID], lease: timedelta
    ) -> list[Claimed]:
        rows = await connection.fetch(self._sql["claim"], limit, busy, lease)
        return [Claimed(**{**row, "purpose": Purpose(row["purpose"])}) for row in rows]

    async def record(self, connection: Connection, claimed: Claimed, attempt: Attempt) -> bool:
        """Keep how an attempt ended; False where it is not this process's any more."""
        recorded = await connection.fetch_value(
            self._sql["record"],
            claimed.id,
            claimed.attempts,
            attempt.state.value,
            timedelta(seconds=attempt.pause_s),
            attempt.status,
            attempt.answer,
            attempt.duration_ms,
        )
        return recorded is not None

    async def again(
        self, connection: Connection, delivery_id: UUID, *, client_id: str, target_id: UUID
    ) -> Delivery | None:
        """Have a finished delivery tried anew; None where there is none."""
        row = await connection.fetch_one(self._sql["again"], delivery_id, client_id, target_id)
        return Delivery.model_validate(_shown(row)) if row else None

    async def give_up(self, connection: Connection, target_id: UUID, *, reason: str) -> None:
        """Let everything that waits for a receiver fail."""
        await connection.execute(self._sql["give_up"], target_id, reason)

    async def delivery(
        self, connection: Connection, delivery_id: UUID, *, client_id: str, purpose: Purpose, target_id: UUID | None
    ) -> DeliveryWithContent | None:
        row = await connection.fetch_one(self._sql["delivery"], delivery_id, client_id, purpose.value, target_id)
        return DeliveryWithContent.model_validate(_shown(row)) if row else None

    async def page(
        self,
        connection: Connection,
        *,
        client_id: str,
        purpose: Purpose,
        target_id: UUID | None,
        state: DeliveryState | None,
        message_id: str | None,
        page: PageRequest,
    ) -> tuple[list[Delivery], int]:
        filters = (client_id, purpose.value, target_id, state, message_id)
        rows = await connection.fetch(self._sql["page"], *filters, page.limit, page.offset)
        total = await connection.fetch_value(self._sql["count"], *filters)
        return [Delivery.model_validate(_shown(row)) for row in rows], total

    async def backlog(self, connection: Connection) -> Mapping[Purpose, Backlog]:
        rows = await connection.fetch(self._sql["backlog"])
        return {Purpose(row["purpose"]): Backlog(waiting=row["waiting"], oldest_s=row["oldest_s"]) for row in rows}

    async def forget(self, connection: Connection, *, older_than: timedelta, limit: int) -> int:
        """Delete some of what was finished longer ago than this, and return how much of it there may be left."""
        forgotten = [
            int((await connection.execute(self._sql[statement], older_than, limit)).rpartition(" ")[2])
            for statement in ("forget_finished", "forget_notifications")
        ]
        return max(forgotten)


def _shown(row: Row) -> dict[str, Any]:
    return {**row, "due_at": row["due_at"] if row["state"] == DeliveryState.WAITING else None}
