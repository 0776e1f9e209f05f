"""A look at a Redis or Valkey server that may be ill: what it says of itself, and every way it can fail told apart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from socket import gaierror
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    MaxConnectionsError,
    NoPermissionError,
    RedisError,
    ResponseError,
)

from analytics_engine.adapters.redis.names import STREAM_PREFIX

_SETTINGS = ("maxmemory", "maxmemory-policy", "appendonly", "appendfsync", "maxclients")


class RedisRefusal(StrEnum):
    """Why it could not be looked at."""

    UNKNOWN_HOST = "unknown-host"
    REFUSED = "refused"
    SILENT = "silent"
    PASSWORD = "password"  # noqa: S105 - the name of a cause
    LOADING = "loading"
    FULL = "full"
    NOT_REDIS = "not-redis"
    OTHER = "other"


@dataclass(frozen=True)
class Group:
    """A consumer group of a stream: how far it is, and who reads for it."""

    stream: str
    name: str
    consumers: int
    pending: int
    lag: int
    idle_s: float


@dataclass(frozen=True)
class RedisLook:
    """What was seen; ``refusal`` is set where nothing was."""

    refusal: RedisRefusal | None = None
    detail: str = ""
    info: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[Group, ...] = ()


async def look_at_redis(url: str, *, within_s: float) -> RedisLook:
    """Return what the server says of itself, or why it does not."""
    client = Redis.from_url(
        url,
        protocol=2,
        decode_responses=True,
        socket_connect_timeout=within_s,
        socket_timeout=within_s,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        async with asyncio.timeout(within_s):
            return await _seen(client)
    except (RedisError, OSError, TimeoutError, ValueError) as error:
        return RedisLook(refusal=_refusal(error), detail=str(error) or type(error).__name__)
    finally:
        await client.aclose()


async def _seen(client: Redis) -> RedisLook:
    info = await client.info()
    try:
        told = await client.config_get(*_SETTINGS)
    except ResponseError:
        told = {}  # a hosted server does not tell
    settings = {str(name): str(value) for name, value in told.items()}
    return RedisLook(info=info, settings=settings, groups=tuple(await _groups(client)))


async def _groups(client: Redis) -> list[Group]:
    found: list[Group] = []
    async for key in client.scan_iter(match=f"{STREAM_PREFIX}*", count=1000, _type="stream"):
        for group in await client.xinfo_groups(key):
            consumers = await client.xinfo_consumers(key, group["name"])
            found.append(
                Group(
                    stream=key,
                    name=group["name"],
                    consumers=len(consumers),
                    pending=int(group["pending"]),
                    lag=int(group.get("lag") or 0),
                    idle_s=min((consumer["idle"] for consumer in consumers), default=0) / 1000,
                )
            )
    return found


def _refusal(error: Exception) -> RedisRefusal:
    cause = error.__cause__ or error
    match error:
        case AuthenticationError() | NoPermissionError():
            return RedisRefusal.PASSWORD
        case BusyLoadingError():
            return RedisRefusal.LOADING
        case MaxConnectionsError():
            return RedisRefusal.FULL
        case ResponseError():
            return RedisRefusal.PASSWORD if "NOAUTH" in str(error) else RedisRefusal.NOT_REDIS
        case _ if isinstance(cause, gaierror) or "Name or service not known" in str(error):
            return RedisRefusal.UNKNOWN_HOST
        case _ if isinstance(cause, ConnectionRefusedError) or "Connect call failed" in str(error):
            return RedisRefusal.REFUSED
        case _ if isinstance(error, TimeoutError) or "imeout" in str(error):
            return RedisRefusal.SILENT
        case _ if "Protocol" in str(error) or "closed" in str(error):
            return RedisRefusal.NOT_REDIS
        case _:
            return RedisRefusal.OTHER
