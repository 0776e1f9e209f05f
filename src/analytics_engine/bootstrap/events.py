"""Which server carries events: Redis, or another one by its URL."""

from __future__ import annotations

from analytics_engine.adapters.redis.event_stream import RedisEventStream
from analytics_engine.adapters.redis.telemetry import RedisTelemetry
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.errors import InvalidSetting
from analytics_engine.kernel.ports.streams import AdministeredStream


def events_by(settings: Settings) -> str:
    """Return what the server of events is called in reports of health."""
    return "nats" if settings.ae_events_url else "redis"


def event_stream_of(settings: Settings, telemetry: RedisTelemetry | None = None) -> AdministeredStream:
    """Return the stream that AE_EVENTS_URL names; without it, the one at REDIS_URL.

    Raises:
        InvalidSetting: it is no URL of a NATS server, or its driver is not installed.
    """
    if not settings.ae_events_url:
        return RedisEventStream(settings.need_redis_url(), telemetry=telemetry)
    try:
        from analytics_engine.adapters.nats.event_stream import NatsEventStream
    except ImportError as error:
        raise InvalidSetting(
            f"AE_EVENTS_URL is set, and the driver of NATS is not installed: {error.name}.",
            remedy="Install the extra it needs: analytics-engine[nats]; without AE_EVENTS_URL events go by Redis.",
            setting="AE_EVENTS_URL",
        ) from error
    return NatsEventStream(settings.ae_events_url.get_secret_value())
