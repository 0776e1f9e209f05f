"""From an event to the subscriptions that want it, and from there to their receivers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlsplit

from analytics_engine.contracts.events import EventType
from analytics_engine.errors import NotFound
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.outbox import Inbox
from analytics_engine.kernel.ports.outgoing import Outgoing, ReceiverAnswer
from analytics_engine.kernel.security.sealing import Sealer
from analytics_engine.kernel.security.webhook_signatures import signed_headers
from analytics_engine.services.messaging_service.delivering.repository import DeliveryRepository
from analytics_engine.services.messaging_service.delivering.schemas import (
    Attempt,
    Claimed,
    DeliveryState,
    NewDelivery,
    Purpose,
)
from analytics_engine.services.messaging_service.subscriptions.matching import wants
from analytics_engine.services.messaging_service.subscriptions.repository import SubscriptionRepository

log = get_logger(__name__)

GROUP = "webhooks"
TYPES = tuple(EventType)

_EVENT = "event"
_GONE = 410


@dataclass
class FanOut:
    """Handles every event: a delivery for each of its client's subscriptions that wants it, with the inbox.

    Events that belong to no client are nobody's to be sent.
    """

    database: Database
    inbox: Inbox
    repository: SubscriptionRepository = field(default_factory=SubscriptionRepository)
    deliveries: DeliveryRepository = field(default_factory=DeliveryRepository)

    async def __call__(self, event: Event) -> None:
        if not event.clientid:
            return
        async with self.database.transaction(client_id=event.clientid) as connection:
            enabled = await self.repository.enabled(connection)
            wanting = [one for one in enabled if wants(one.types, one.filters, event)]
            if not wanting or not await self.inbox.first_time(connection, group=GROUP, event=event):
                return
            for one in wanting:
                new = NewDelivery(
                    client_id=event.clientid,
                    purpose=Purpose.WEBHOOK,
                    target_id=one.id,
                    target=urlsplit(one.url).hostname or "",
                    message_id=event.id,
                    content={_EVENT: event.model_dump(mode="json")},
                )
                await self.deliveries.add(connection, new)


@dataclass
class SubscriptionSender:
    """Sends an event to a subscription's URL, signed; ``delivering.worker.Target`` for webhooks.

    Whatever a receiver answers but 2xx is tried again: its next version may take what this one refuses. 410 says that
    nobody is there any more, and switches the subscription off, as does failing for ``long``.
    """

    database: Database
    http: Outgoing
    sealer: Sealer
    clock: Clock
    long: timedelta
    repository: SubscriptionRepository = field(default_factory=SubscriptionRepository)
    deliveries: DeliveryRepository = field(default_factory=DeliveryRepository)

    async def send(self, claimed: Claimed) -> ReceiverAnswer:
        async with self.database.transaction(client_id=claimed.client_id, read_only=True) as connection:
            stored = await self.repository.subscription(connection, claimed.target_id)
        if stored is None:
            raise NotFound("The subscription was deleted.")
        if not stored.subscription.enabled:
            return ReceiverAnswer(taken=False, status=None, text="The subscription is switched off.", final=True)
        body = json.dumps(claimed.content[_EVENT]).encode()
        signed = signed_headers(
            [self.sealer.open(sealed, owner=claimed.client_id) for sealed in stored.sealed],
            message_id=claimed.message_id,
            timestamp_s=int(self.clock.now().timestamp()),
            body=body,
        )
        headers = {"Content-Type": "application/cloudevents+json; charset=utf-8", **signed}
        answer = await self.http.post(stored.subscription.url, body=body, headers=headers)
        return replace(answer, final=answer.status == _GONE)

    async def settle(self, connection: Connection, claimed: Claimed, attempt: Attempt) -> None:
        if attempt.state is DeliveryState.DELIVERED:
            await self.repository.works(connection, claimed.target_id)
            return
        failing = await self.repository.fails(connection, claimed.target_id, long=self.long)
        if failing is None:
            return
        if attempt.status == _GONE:
            await self._disable(connection, claimed, "The receiver answered 410 Gone: nobody is there any more.")
        elif attempt.state is DeliveryState.FAILED and failing.for_long:
            since = f"{failing.since:%Y-%m-%d %H:%M} UTC"
            last = f"{attempt.status} {attempt.answer}".strip() if attempt.status else attempt.answer
            await self._disable(connection, claimed, f"Nothing was taken since {since}; the last answer: {last}")

    async def _disable(self, connection: Connection, claimed: Claimed, reason: str) -> None:
        if await self.repository.disable(connection, claimed.target_id, reason=reason):
            await self.deliveries.give_up(connection, claimed.target_id, reason="The subscription was switched off.")
            log.warning("subscription_disabled", client_id=claimed.client_id, subscription=str(claimed.target_id))
