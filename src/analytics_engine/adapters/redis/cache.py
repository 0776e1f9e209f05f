from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from analytics_engine.adapters.redis.connection import RedisServer
from analytics_engine.adapters.redis.telemetry import RedisTelemetry
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.logging import get_logger

log = get_logger(__name__)

_ANSWER_WITHIN_S = 0.8
_REST_S = 0.5
"""How long a lost server is left alone: a cache must not make each read wait for a connection that fails."""


class RedisCache:
    """The cache on Redis. A lost server is a miss, logged once when it goes and once when it is back."""

    def __init__(self, url: str, *, telemetry: RedisTelemetry | None = None) -> None:
        self._server = RedisServer(url, answer_within_s=_ANSWER_WITHIN_S, telemetry=telemetry)
        self._away = False
        self._rests_until = 0.0

    async def get(self, key: str) -> bytes | None:
        value: bytes | None = await self._attempt(lambda: self._server.client.get(_entry(key)), otherwise=None)
        return value

    async def set(self, key: str, value: bytes, *, ttl_s: float) -> None:
        milliseconds = max(1, round(ttl_s * 1000))
        await self._attempt(lambda: self._server.client.set(_entry(key), value, px=milliseconds), otherwise=None)

    async def delete(self, *keys: str) -> None:
        if keys:
            await self._attempt(lambda: self._server.client.unlink(*map(_entry, keys)), otherwise=0)

    async def versions(self, names: Sequence[str]) -> tuple[int, ...] | None:
        if not names:
            return ()
        values = await self._attempt(
            lambda: self._server.client.mget([_version(name) for name in names]), otherwise=None
        )
        return None if values is None else tuple(int(value or 0) for value in values)

    async def raise_versions(self, names: Sequence[str]) -> None:
        # A version begins at the present millisecond: after the server lost its memory, no number comes twice.
        beginning = time.time_ns() // 1_000_000
        with self._server.talking():
            async with self._server.client.pipeline(transaction=False) as pipeline:
                for name in names:
                    pipeline.set(_version(name), beginning, nx=True)
                    pipeline.incr(_version(name))
                await pipeline.execute()

    async def start(self) -> None:
        """Nothing to do: connections are made when they are needed."""

    async def stop(self) -> None:
        await self._server.stop()

    async def ping(self) -> None:
        await self._server.ping()

    async def _attempt(self, command: Callable[[], Awaitable[Any]], *, otherwise: Any) -> Any:
        if self._away and time.monotonic() < self._rests_until:
            return otherwise
        try:
            with self._server.talking():
                answer = await command()
        except DependencyUnavailable as error:
            if not self._away:
                log.warning("cache_lost", reason=error.detail)
            self._away, self._rests_until = True, time.monotonic() + _REST_S
            return otherwise
        if self._away:
            log.info("cache_back")
            self._away = False
        return answer


def _entry(key: str) -> str:
    return f"ae:cache:{key}"


def _version(name: str) -> str:
    return f"ae:version:{name}"
