"""Messages that leave the house, wired: channels, subscriptions, and the worker that delivers to both."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter

from analytics_engine.adapters.network.guard import MESSAGES, HostGuard, networks
from analytics_engine.adapters.network.http import GuardedHttp
from analytics_engine.adapters.notifications.email import EmailNotifier
from analytics_engine.adapters.notifications.pagerduty import PagerDutyNotifier
from analytics_engine.adapters.notifications.slack import SlackNotifier
from analytics_engine.adapters.notifications.sms import SmsGatewayNotifier, TwilioNotifier
from analytics_engine.adapters.notifications.teams import TeamsNotifier
from analytics_engine.adapters.notifications.webhook import WebhookNotifier
from analytics_engine.adapters.secrets import CHANNELS, ReferencedSecrets
from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.kernel.ports.lifecycle import Resource
from analytics_engine.kernel.ports.notifier import Notifier, OpenNotifier
from analytics_engine.kernel.security.sealing import Sealer
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.kernel.turns import HandlesInTurn
from analytics_engine.services.messaging_service.delivering.backoff import Backoff
from analytics_engine.services.messaging_service.delivering.housekeeping import DeliveryHousekeeper
from analytics_engine.services.messaging_service.delivering.schemas import Purpose
from analytics_engine.services.messaging_service.delivering.service import DeliveryLog
from analytics_engine.services.messaging_service.delivering.telemetry import DeliveryTelemetry
from analytics_engine.services.messaging_service.delivering.worker import Deliverer, Route
from analytics_engine.services.messaging_service.notifications import endpoints as notifications
from analytics_engine.services.messaging_service.notifications import notifying
from analytics_engine.services.messaging_service.notifications.kinds import ChannelKind
from analytics_engine.services.messaging_service.notifications.secrets import ChannelSecrets
from analytics_engine.services.messaging_service.notifications.sending import ChannelSender
from analytics_engine.services.messaging_service.notifications.service import ChannelService
from analytics_engine.services.messaging_service.subscriptions import endpoints as subscriptions
from analytics_engine.services.messaging_service.subscriptions import sending as webhooks
from analytics_engine.services.messaging_service.subscriptions.service import SubscriptionService


class MessagesOut:
    """What messaging_service has beside its events: routes, what they are answered with, and background tasks."""

    routers: tuple[APIRouter, ...] = (notifications.router, subscriptions.router)

    def __init__(self, platform: Platform, settings: Settings) -> None:
        database = platform.database
        guard = HostGuard(MESSAGES, allowed=networks(settings.ae_message_allowed_networks, setting=MESSAGES.setting))
        self._platform, self._settings = platform, settings
        self._http = GuardedHttp(guard)
        self._telemetry = DeliveryTelemetry(platform.telemetry)
        secrets = ChannelSecrets(
            store=ReferencedSecrets(
                CHANNELS,
                environment=os.environ,
                folder=settings.ae_channel_secrets_dir or settings.ae_home / "channel-secrets",
            ),
            sealer=Sealer(secret_key=settings.need_secret_key(), purpose="channel-secrets"),
        )
        sealer = Sealer(secret_key=settings.need_secret_key(), purpose="webhook-secrets")
        self._channels = ChannelSender(database, _notifiers(self._http, guard), secrets)
        self._webhooks = webhooks.SubscriptionSender(
            database,
            self._http,
            sealer,
            platform.clock,
            long=timedelta(seconds=settings.ae_webhook_disabled_after_s),
        )
        self.state = {
            "channels": ChannelService(database, self._channels, secrets),
            "notifications": notifying.Notifications(database),
            "subscriptions": SubscriptionService(
                database, self._http, sealer, grace=timedelta(seconds=settings.ae_webhook_secret_grace_s)
            ),
            "deliveries": DeliveryLog(database),
        }

    def resources(self) -> Iterator[Resource]:
        """Yield what runs beside the service; the database and the stream have started before."""
        database, settings = self._platform.database, self._settings
        housekeeper = DeliveryHousekeeper(database, self._telemetry)
        deliverer = Deliverer(
            database,
            routes={
                Purpose.NOTIFICATION: Route(self._channels, Backoff(settings.ae_notification_pauses_s)),
                Purpose.WEBHOOK: Route(self._webhooks, Backoff(settings.ae_webhook_pauses_s)),
            },
            telemetry=self._telemetry,
            lease=timedelta(seconds=settings.ae_delivery_lease_s),
        )
        yield self._http
        yield BackgroundTask("deliveries", deliverer.run, silent_for_s=60.0)
        yield BackgroundTask("delivery-measures", housekeeper.measure)
        yield BackgroundTask("delivery-housekeeping", housekeeper.clean)
        yield from self._consumers()

    def _consumers(self) -> Iterator[BackgroundTask]:
        platform = self._platform
        window = timedelta(seconds=self._settings.ae_notification_window_s)
        consumer = f"{socket.gethostname()}-{os.getpid()}"
        alerts = HandlesInTurn(
            platform.database, platform.inbox, notifying.GROUP, notifying.AlertNotifications(window).tell
        )
        fan_out = webhooks.FanOut(platform.database, platform.inbox)

        async def tell() -> None:
            await platform.stream.consume(
                group=notifying.GROUP, consumer=consumer, types=notifying.TYPES, handler=alerts
            )

        async def spread() -> None:
            await platform.stream.consume(
                group=webhooks.GROUP, consumer=consumer, types=webhooks.TYPES, handler=fan_out
            )

        yield BackgroundTask("alerts-told", tell)
        yield BackgroundTask("events-to-webhooks", spread)


def _notifiers(http: GuardedHttp, guard: HostGuard) -> Mapping[ChannelKind, OpenNotifier]:
    def email(options: Mapping[str, Any], secrets: Mapping[str, str]) -> Notifier:
        return EmailNotifier(guard=guard, password=secrets.get("password", ""), **options)

    def sms_gateway(options: Mapping[str, Any], secrets: Mapping[str, str]) -> Notifier:
        return SmsGatewayNotifier(http=http, token=secrets.get("token", ""), **options)

    return {
        ChannelKind.EMAIL: email,
        ChannelKind.SLACK: lambda options, secrets: SlackNotifier(http=http, **options, **secrets),
        ChannelKind.TEAMS: lambda options, secrets: TeamsNotifier(http=http, **options, **secrets),
        ChannelKind.PAGERDUTY: lambda options, secrets: PagerDutyNotifier(http=http, **options, **secrets),
        ChannelKind.TWILIO: lambda options, secrets: TwilioNotifier(http=http, **options, **secrets),
        ChannelKind.SMS_GATEWAY: sms_gateway,
        ChannelKind.WEBHOOK: lambda options, secrets: WebhookNotifier(http=http, **options, **secrets),
    }
