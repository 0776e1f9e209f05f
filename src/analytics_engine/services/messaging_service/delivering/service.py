from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from analytics_engine.errors import Conflict, NotFound
from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Database
from analytics_engine.services.messaging_service.delivering.repository import DeliveryRepository
from analytics_engine.services.messaging_service.delivering.schemas import (
    Delivery,
    DeliveryState,
    DeliveryWithContent,
    Purpose,
)


@dataclass
class DeliveryLog:
    """What was brought, or is to be brought, to a client's receivers."""

    database: Database
    repository: DeliveryRepository = field(default_factory=DeliveryRepository)

    async def page(
        self,
        *,
        client_id: str,
        purpose: Purpose,
        target_id: UUID | None,
        state: DeliveryState | None,
        message_id: str | None,
        page: PageRequest,
    ) -> Page[Delivery]:
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            items, total = await self.repository.page(
                connection,
                client_id=client_id,
                purpose=purpose,
                target_id=target_id,
                state=state,
                message_id=message_id,
                page=page,
            )
        return Page(items=items, total=total, limit=page.limit, offset=page.offset)

    async def delivery(
        self, delivery_id: UUID, *, client_id: str, purpose: Purpose, target_id: UUID | None = None
    ) -> DeliveryWithContent:
        """Return a delivery and what it brings.

        Raises:
            NotFound: there is no such delivery.
        """
        async with self.database.transaction(client_id=client_id, read_only=True) as connection:
            found = await self.repository.delivery(
                connection, delivery_id, client_id=client_id, purpose=purpose, target_id=target_id
            )
        if found is None:
            raise _not_found(delivery_id)
        return found

    async def again(
        self, delivery_id: UUID, *, client_id: str, purpose: Purpose, target_id: UUID | None = None
    ) -> Delivery:
        """Have a finished delivery tried anew, with all its attempts.

        Raises:
            NotFound: there is no such delivery.
            Conflict: it waits for an attempt already.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            present = await self.repository.delivery(
                connection, delivery_id, client_id=client_id, purpose=purpose, target_id=target_id
            )
            if present is None:
                raise _not_found(delivery_id)
            again = await self.repository.again(
                connection, delivery_id, client_id=client_id, target_id=present.target_id
            )
        if again is None:
            raise Conflict(
                "The delivery waits for an attempt already.", remedy="Its due_at says when; wait for what comes of it."
            )
        return again


def _not_found(delivery_id: UUID) -> NotFound:
    return NotFound(f"There is no delivery {delivery_id}.", remedy="List those there are at /deliveries.")
