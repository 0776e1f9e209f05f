from __future__ import annotations

from fastapi import FastAPI

from analytics_engine.bootstrap.messages_out import MessagesOut
from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.health import Check, Status
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.services.messaging_service.endpoints import ROUTERS
from analytics_engine.services.messaging_service.housekeeping import Housekeeper
from analytics_engine.services.messaging_service.relay import Relay
from analytics_engine.services.messaging_service.service import MessagingService
from analytics_engine.services.messaging_service.telemetry import MessagingTelemetry


def build(settings: Settings) -> FastAPI:
    platform = Platform(Service.MESSAGING, settings)
    database, stream = platform.database, platform.stream
    administration = stream.administration
    telemetry = MessagingTelemetry(platform.telemetry)
    relay = Relay(database=database, stream=stream, administration=administration, telemetry=telemetry)
    housekeeper = Housekeeper(database=database, administration=administration, telemetry=telemetry)
    messages_out = MessagesOut(platform, settings)
    return platform.app(
        description="Events: their registered types, the relay that sends them, their streams and dead letters; "
        "and what leaves the house: notifications and webhooks.",
        routers=[*ROUTERS, *messages_out.routers],
        checks=[
            platform.needs_database(),
            platform.needs_stream(),
            Check("relay", relay, without_it=Status.DEGRADED),
        ],
        resources=[
            database,
            stream,
            BackgroundTask("relay", relay.run, silent_for_s=120.0),
            BackgroundTask("measures", housekeeper.measure),
            BackgroundTask("housekeeping", housekeeper.clean),
            *messages_out.resources(),
        ],
        messaging=MessagingService(database=database, administration=administration, version=platform.version),
        **messages_out.state,
    )
