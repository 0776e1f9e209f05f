"""What the gateway follows live answers with."""

from __future__ import annotations

from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.clients.http import HttpPool
from analytics_engine.clients.live import HttpLive
from analytics_engine.contracts.services import Service
from analytics_engine.services.api_gateway.live.feeds import LiveFeeds
from analytics_engine.services.api_gateway.live.sessions import LiveSessions
from analytics_engine.services.api_gateway.live.telemetry import measure


class Live:
    """Sessions, and connections of their own: streams without an end must not keep those of requests."""

    def __init__(self, platform: Platform, settings: Settings) -> None:
        self.connections = HttpPool(tokens=platform.tokens, caller=Service.GATEWAY, connections=LiveFeeds.MOST)
        calculation = self.connections.client(Service.CALCULATION, settings.url(Service.CALCULATION))
        feeds = LiveFeeds(HttpLive(calculation, caller=Service.GATEWAY))
        self.sessions = LiveSessions(feeds, clock=platform.clock, most=settings.ae_live_sessions)
        measure(platform.telemetry, self.sessions, feeds)
