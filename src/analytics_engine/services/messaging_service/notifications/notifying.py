"""What is told on channels: messages that somebody sends, and alerts that changed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from analytics_engine.contracts.events import AlertChanged, EventType
from analytics_engine.errors import IdempotencyConflict, InvalidInput
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.notifier import Severity
from analytics_engine.services.messaging_service.delivering.repository import DeliveryRepository
from analytics_engine.services.messaging_service.delivering.schemas import NewDelivery, Purpose
from analytics_engine.services.messaging_service.notifications.composing import (
    ALERTS,
    MESSAGE,
    OVER,
    TEST,
    incident_of,
    severity_of,
)
from analytics_engine.services.messaging_service.notifications.kinds import SMS, ChannelKind
from analytics_engine.services.messaging_service.notifications.repository import ChannelRepository
from analytics_engine.services.messaging_service.notifications.schemas import Accepted, Channel, NewNotification

log = get_logger(__name__)

GROUP = "notifications"
TYPES = (EventType.ALERT_CHANGED,)


@dataclass
class Notifications:
    """Messages that somebody sends: accepted means that they are kept until they are delivered or have failed."""

    database: Database
    repository: ChannelRepository = field(default_factory=ChannelRepository)
    deliveries: DeliveryRepository = field(default_factory=DeliveryRepository)

    async def notify(self, new: NewNotification, *, client_id: str, key: str | None, author: str) -> Accepted:
        """Return the notification and its deliveries; the same again under its key are those there are.

        Raises:
            InvalidInput: a channel is not there, is switched off, or is for critical messages only.
            IdempotencyConflict: the key was used for another notification.
        """
        async with self.database.transaction(client_id=client_id) as connection:
            channels = await self._channels(connection, new)
            added = await self.repository.add_notification(connection, new, client_id=client_id, key=key, author=author)
            if added is None:
                added = await self._present(connection, new, key or "")
                return Accepted(
                    id=added, deliveries=await self.repository.deliveries_of(connection, added, client_id=client_id)
                )
            deliveries = [
                await self.deliveries.add(connection, _delivery(new, channel, added, client_id)) for channel in channels
            ]
        return Accepted(id=added, deliveries=[one for one in deliveries if one is not None])

    async def _channels(self, connection: Connection, new: NewNotification) -> list[Channel]:
        found = await self.repository.of_names(connection, new.channels)
        channels = []
        for place, name in enumerate(dict.fromkeys(new.channels)):
            channel = found.get(name)
            if channel is None or not channel.enabled:
                raise InvalidInput(
                    f"channels.{place}: there is no channel {name!r}."
                    if channel is None
                    else f"channels.{place}: the channel {name!r} is switched off.",
                    remedy="List those there are at /notifications/channels.",
                )
            if channel.kind in SMS and new.severity is not Severity.CRITICAL:
                raise InvalidInput(
                    f"channels.{place}: {name!r} sends text messages, which are for critical ones only; "
                    f"this one is {new.severity}.",
                    remedy="Leave the channel out, or say severity critical if it is.",
                )
            channels.append(channel)
        return channels

    async def _present(self, connection: Connection, new: NewNotification, key: str) -> UUID:
        present = await self.repository.notification_of(connection, key)
        if present is None or present[1] != new.model_dump(mode="json"):
            raise IdempotencyConflict(
                f"The Idempotency-Key {key!r} was used for another notification.",
                remedy="Take a new key for each notification; repeat one only to send the same again.",
            )
        return present[0]


@dataclass
class AlertNotifications:
    """What ``alert.changed`` effects: a delivery to each of the alert's channels.

    Within ``window`` the alerts of one group come to a channel as one message. PagerDuty has each by itself, as it has
    an incident of each, and in their order, so that one is not opened after it was closed.
    """

    window: timedelta
    repository: ChannelRepository = field(default_factory=ChannelRepository)
    deliveries: DeliveryRepository = field(default_factory=DeliveryRepository)

    async def tell(self, connection: Connection, event: Event) -> None:
        """Add the deliveries of an event, in a transaction of its client, and in its turn among those of its alert."""
        alert = AlertChanged.model_validate(event.data)
        channels = await self.repository.of_names(connection, alert.channels)
        for name in dict.fromkeys(alert.channels):
            channel = channels.get(name)
            if channel is None or not channel.enabled:
                log.warning("alert_not_told", client_id=event.clientid, alert=alert.alert_id, channel=name)
                missed, why = _missed(event, alert, name, channel)
                await self.deliveries.add_failed(connection, missed, why=why)
            elif channel.kind is ChannelKind.PAGERDUTY:
                await self._add_to_incident(connection, event, alert, channel)
            elif channel.kind not in SMS or severity_of(alert.severity) is Severity.CRITICAL:
                new = _of_alert(event, alert, channel)
                await self.deliveries.gather(connection, new, group=alert.group, entry=ALERTS, window=self.window)

    async def _add_to_incident(
        self, connection: Connection, event: Event, alert: AlertChanged, channel: Channel
    ) -> None:
        """Add a delivery in the order of its incident; a test has one of its own, which is closed at once."""
        if alert.state == TEST:
            alert = alert.model_copy(update={"alert_id": f"{alert.alert_id}:{TEST}"})
        new = replace(_of_alert(event, alert, channel), lane=incident_of(alert))
        await self.deliveries.add(connection, new)
        if alert.state == TEST:
            over = alert.model_copy(update={"state": min(OVER)})
            end = replace(new, message_id=f"{event.id}:end", content=_content(over))
            await self.deliveries.add(connection, end)


def _of_alert(event: Event, alert: AlertChanged, channel: Channel) -> NewDelivery:
    return NewDelivery(
        client_id=event.clientid,
        purpose=Purpose.NOTIFICATION,
        target_id=channel.id,
        target=channel.name,
        message_id=event.id,
        content=_content(alert),
    )


def _missed(event: Event, alert: AlertChanged, name: str, channel: Channel | None) -> tuple[NewDelivery, str]:
    """Return the delivery that there cannot be, and why: somebody who should have been told was not."""
    if channel is not None:
        return _of_alert(event, alert, channel), "The channel is switched off."
    missed = NewDelivery(
        client_id=event.clientid,
        purpose=Purpose.NOTIFICATION,
        target_id=uuid5(NAMESPACE_OID, f"{event.clientid} {name}"),
        target=name,
        message_id=event.id,
        content=_content(alert),
    )
    return missed, "There is no channel of this name."


def _content(alert: AlertChanged) -> dict[str, Any]:
    return {ALERTS: [alert.model_dump(mode="json")]}


def _delivery(new: NewNotification, channel: Channel, notification_id: UUID, client_id: str) -> NewDelivery:
    has_order = channel.kind is ChannelKind.PAGERDUTY and bool(new.dedup_key)
    return NewDelivery(
        client_id=client_id,
        purpose=Purpose.NOTIFICATION,
        target_id=channel.id,
        target=channel.name,
        message_id=str(notification_id),
        content={MESSAGE: new.model_dump(mode="json")},
        lane=new.dedup_key if has_order else None,
    )
