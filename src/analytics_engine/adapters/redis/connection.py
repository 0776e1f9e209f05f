from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import AuthenticationError, RedisError

from analytics_engine.adapters.redis.telemetry import MeasuredRedis, RedisTelemetry
from analytics_engine.errors import DependencyUnavailable, InvalidSetting

_CONNECT_TIMEOUT_S = 0.5
_HEALTH_CHECK_S = 15
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.2


class RedisServer:
    """One server: its pool of connections, and its failures told as ours, never with the password."""

    def __init__(
        self, url: str, *, answer_within_s: float, retries: int = 1, telemetry: RedisTelemetry | None = None
    ) -> None:
        parts = urlsplit(url)
        self.place = f"{parts.hostname}:{parts.port or 6379}"
        try:
            self.client: MeasuredRedis = MeasuredRedis.from_url(  # type: ignore[assignment] # it makes its own class
                url,
                protocol=2,
                socket_connect_timeout=_CONNECT_TIMEOUT_S,
                socket_timeout=answer_within_s,
                socket_keepalive=True,
                health_check_interval=_HEALTH_CHECK_S,
                retry=Retry(ExponentialWithJitterBackoff(_LONGEST_PAUSE_S, _FIRST_PAUSE_S), retries),
            )
        except ValueError as error:
            raise InvalidSetting(
                "REDIS_URL is not the URL of a Redis server.",
                remedy="Write it as redis://:password@host:6379/0 (rediss:// with TLS).",
                setting="REDIS_URL",
            ) from error
        self.client.telemetry = telemetry or RedisTelemetry("")

    @contextmanager
    def talking(self) -> Iterator[None]:
        """Turn whatever the driver raises into DependencyUnavailable."""
        try:
            yield
            _stay_cancelled()
        except AuthenticationError as error:
            raise DependencyUnavailable(
                f"Redis at {self.place} refuses our login.",
                remedy="Correct the user and password in REDIS_URL.",
                dependency="redis",
            ) from error
        except (RedisError, OSError) as error:
            raise DependencyUnavailable(
                f"Redis cannot be used at {self.place}: {error}",
                remedy="Start it, or correct REDIS_URL; the service connects again by itself.",
                dependency="redis",
            ) from error

    async def ping(self) -> None:
        with self.talking():
            await self.client.ping()

    async def stop(self) -> None:
        await self.client.aclose()


def _stay_cancelled() -> None:
    """Raise the cancellation that the driver swallowed: Python 3.11's ``wait_for`` loses one that comes as it ends."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
