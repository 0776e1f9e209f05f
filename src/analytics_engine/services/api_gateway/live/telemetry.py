from __future__ import annotations

from prometheus_client import Gauge

from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.services.api_gateway.live.feeds import LiveFeeds
from analytics_engine.services.api_gateway.live.sessions import LiveSessions


def measure(telemetry: Telemetry, sessions: LiveSessions, feeds: LiveFeeds) -> None:
    """Have it told how many follow live answers, and how many different ones."""
    open_now = Gauge("live_sessions", "Sessions that follow live answers", registry=telemetry.registry)
    open_now.set_function(lambda: len(sessions))
    queries = Gauge("live_queries", "Different queries that are followed", registry=telemetry.registry)
    queries.set_function(lambda: len(feeds))
