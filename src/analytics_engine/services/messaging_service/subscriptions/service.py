from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from analytics_engine.errors import Conflict, NotFound
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.outgoing import Outgoing
from analytics_engine.kernel.security.sealing import Sealer
from analytics_engine.kernel.security.webhook_signatures import new_secret
from analytics_engine.services.messaging_service.delivering.repository import DeliveryRepository
from analytics_engine.services.messaging_service.subscriptions.matching import check_types
from analytics_engine.services.messaging_service.subscriptions.repository import SubscriptionRepository
from analytics_engine.services.messaging_service.subscriptions.schemas import (
    SecretShown,
    Subscription,
    SubscriptionSettings,
)


@dataclass
class SubscriptionService:
    """The subscriptions of a client. ``grace``: how long a secret is used beside the one that replaced it."""

    database: Database
    http: Outgoing
    sealer: Sealer
    grace: timedelta
    repository: SubscriptionRepository = field(default_factory=SubscriptionRepository)
    deliveries: DeliveryRepository = field(default_factory=DeliveryRepository)

    async def subscriptions(self, *, client_id: str, page: PageRequest) -> Page[Subscription]:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            items, total = await self.repository.page(connection, page)
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def subscription(self, subscription_id: UUID, *, client_id: str) -> Subscription:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            return await self._present(connection, subscription_id)

    async def create(self, settings: SubscriptionSettings, *, client_id: str, author: str) -> SecretShown:
        """Return the new subscription with its secret; events from now on are sent.

        Raises:
            InvalidInput: no event is of its types, or its URL is none.
            Forbidden: its URL leads to an address that messages may not use.
            DependencyUnavailable, DependencyTimeout: where it leads to cannot be found out.
        """
        await self._check(settings)
        secret = new_secret()
        async with self.database.transaction(client_id=client_id) as connection:
            subscription = await self.repository.add(
                connection,
                settings,
                client_id=client_id,
                sealed=self.sealer.seal(secret, owner=client_id),
                author=author,
            )
        return SecretShown(secret=secret, details=subscription)

    async def change(
        self, subscription_id: UUID, settings: SubscriptionSettings, *, client_id: str, expected: int | None
    ) -> Subscription:
        """Give a subscription other settings and a new version; what waits is sent by these.

        Raises:
            NotFound: there is no such subscription.
            InvalidInput, Forbidden, DependencyUnavailable, DependencyTimeout: as ``create``.
            Conflict: it is not at the expected version.
        """
        await self._check(settings)
        async with self.database.transaction(client_id=client_id) as connection:
            present = await self._present(connection, subscription_id)
            _check_version(present, expected)
            changed = await self.repository.change(connection, subscription_id, settings, expected=present.version)
        if changed is None:
            raise Conflict("Another change came in between.", remedy="Read the subscription again and redo yours.")
        return changed

    async def rotate(self, subscription_id: UUID, *, client_id: str) -> SecretShown:
        """Return a new secret; for a while every delivery is signed with the one before, too.

        Raises:
            NotFound: there is no such subscription.
        """
        secret = new_secret()
        async with self.database.transaction(client_id=client_id) as connection:
            sealed = self.sealer.seal(secret, owner=client_id)
            rotated = await self.repository.rotate(connection, subscription_id, sealed=sealed, grace=self.grace)
        if rotated is None:
            raise _not_found(subscription_id)
        return SecretShown(secret=secret, details=rotated)

    async def delete(self, subscription_id: UUID, *, client_id: str, expected: int | None) -> None:
        """Delete a subscription; what waits for it fails.

        Raises:
            NotFound: there is no such subscription.
            Conflict: it is not at the expected version.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            present = await self._present(connection, subscription_id)
            _check_version(present, expected)
            if not await self.repository.delete(connection, subscription_id, expected=present.version):
                raise Conflict("Another change came in between.", remedy="Read the subscription again, then decide.")
            await self.deliveries.give_up(connection, subscription_id, reason="The subscription was deleted.")

    async def _present(self, connection: Connection, subscription_id: UUID) -> Subscription:
        stored = await self.repository.subscription(connection, subscription_id)
        if stored is None:
            raise _not_found(subscription_id)
        return stored.subscription

    async def _check(self, settings: SubscriptionSettings) -> None:
        check_types(settings.types)
        await self.http.check(settings.url)


def _check_version(present: Subscription, expected: int | None) -> None:
    if expected is not None and expected != present.version:
        raise Conflict(
            f"The subscription is at version {present.version}; your change was made to version {expected}.",
            remedy="Read it again, redo your change on what you find, and send its ETag in If-Match.",
            present_version=present.version,
        )


def _not_found(subscription_id: UUID) -> NotFound:
    return NotFound(f"There is no subscription {subscription_id}.", remedy="List those there are at /subscriptions.")
