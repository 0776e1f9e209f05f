from __future__ import annotations

from analytics_engine.adapters.redis.connection import RedisServer
from analytics_engine.adapters.redis.telemetry import RedisTelemetry
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.rate_limiter import Limit, RateLimiter

log = get_logger(__name__)

_ANSWER_WITHIN_S = 0.8

# One step at the server, by its clock: replicas agree, and two requests cannot both take the last place.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('ZADD', KEYS[1], now, ARGV[3])
    redis.call('PEXPIRE', KEYS[1], window)
    return 0
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(1, oldest[2] + window - now)
"""


class RedisRateLimiter:
    """The rate limiter that all replicas share.

    Args:
        without_it: counts while the server is away.
    """

    def __init__(self, url: str, *, without_it: RateLimiter, telemetry: RedisTelemetry | None = None) -> None:
        self._server = RedisServer(url, answer_within_s=_ANSWER_WITHIN_S, telemetry=telemetry)
        self._take = self._server.client.register_script(_TAKE)
        self._without_it = without_it

    async def take(self, key: str, limit: Limit) -> float:
        try:
            with self._server.talking():
                wait_ms = await self._take(
                    keys=[_entry(key)], args=[limit.count, round(limit.window_s * 1000), new_id()]
                )
        except DependencyUnavailable as error:
            log.warning("rate_limit_counts_in_process", reason=error.detail)
            return await self._without_it.take(key, limit)
        return float(wait_ms) / 1000

    async def give_back(self, key: str) -> None:
        await self._without_it.give_back(key)
        try:
            with self._server.talking():
                await self._server.client.zpopmax(_entry(key))
        except DependencyUnavailable:
            log.warning("rate_limit_not_given_back")

    async def start(self) -> None:
        """Nothing to do: connections are made when they are needed."""

    async def stop(self) -> None:
        await self._server.stop()


def _entry(key: str) -> str:
    return f"ae:rate:{key}"
