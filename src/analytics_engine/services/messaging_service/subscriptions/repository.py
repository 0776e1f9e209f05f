from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection, Row
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.messaging_service.subscriptions.schemas import (
    EventFilters,
    Subscription,
    SubscriptionSettings,
)


@dataclass(frozen=True)
class StoredSubscription:
    """A subscription, and the sealed secrets that are valid at present, the newest first."""

    subscription: Subscription
    sealed: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Wanted:
    """What a subscription wants."""

    id: UUID
    url: str
    types: list[str]
    filters: EventFilters


@dataclass(frozen=True)
class Failing:
    since: datetime
    for_long: bool


class SubscriptionRepository:
    """Subscriptions in PostgreSQL; every method works in the caller's transaction, which says whose client it is."""

    def __init__(self) -> None:
        self._sql = load_queries(__package__)

    async def page(self, connection: Connection, page: PageRequest) -> tuple[list[Subscription], int]:
        rows = await connection.fetch(self._sql["subscriptions"], page.limit, page.offset)
        total = await connection.fetch_value(self._sql["count_subscriptions"])
        return [_stored(row).subscription for row in rows], total

    async def subscription(self, connection: Connection, subscription_id: UUID) -> StoredSubscription | None:
        row = await connection.fetch_one(self._sql["subscription"], subscription_id)
        return _stored(row) if row else None

    async def enabled(self, connection: Connection) -> list[Wanted]:
        rows = await connection.fetch(self._sql["enabled_subscriptions"])
        return [Wanted(**{**row, "filters": EventFilters.model_validate(row["filters"])}) for row in rows]

    async def add(
        self, connection: Connection, settings: SubscriptionSettings, *, client_id: str, sealed: str, author: str
    ) -> Subscription:
        row = await connection.fetch_one(
            self._sql["add_subscription"],
            new_id(),
            client_id,
            settings.url,
            settings.types,
            settings.filters.model_dump(mode="json"),
            settings.description,
            settings.enabled,
            sealed,
            author,
        )
        assert row is not None
        return _stored(row).subscription

    async def change(
        self, connection: Connection, subscription_id: UUID, settings: SubscriptionSettings, *, expected: int
    ) -> Subscription | None:
        """Return the changed subscription; None where there is none at the expected version."""
        row = await connection.fetch_one(
            self._sql["change_subscription"],
            subscription_id,
            settings.url,
            settings.types,
            settings.filters.model_dump(mode="json"),
            settings.description,
            settings.enabled,
            expected,
        )
        return _stored(row).subscription if row else None

    async def rotate(
        self, connection: Connection, subscription_id: UUID, *, sealed: str, grace: timedelta
    ) -> Subscription | None:
        """Give a new secret; the one before stays valid for ``grace``."""
        row = await connection.fetch_one(self._sql["rotate_secret"], subscription_id, sealed, grace)
        return _stored(row).subscription if row else None

    async def delete(self, connection: Connection, subscription_id: UUID, *, expected: int) -> bool:
        return await connection.fetch_value(self._sql["delete_subscription"], subscription_id, expected) is not None

    async def works(self, connection: Connection, subscription_id: UUID) -> None:
        await connection.execute(self._sql["works"], subscription_id)

    async def fails(self, connection: Connection, subscription_id: UUID, *, long: timedelta) -> Failing | None:
        """Note that an attempt failed, and return since when that is so; None where it is switched off."""
        row = await connection.fetch_one(self._sql["fails"], subscription_id, long)
        return Failing(since=row["failing_since"], for_long=row["for_long"]) if row else None

    async def disable(self, connection: Connection, subscription_id: UUID, *, reason: str) -> bool:
        return await connection.fetch_value(self._sql["disable"], subscription_id, reason) is not None


def _stored(row: Row) -> StoredSubscription:
    previous = (row["previous_secret"],) if row["previous_secret_until"] is not None else ()
    return StoredSubscription(Subscription.model_validate(dict(row)), (row["secret"], *previous))
