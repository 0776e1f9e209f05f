"""Sessions that follow live answers: how many there may be, what each follows, and how long it lasts."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.contracts.live import MOST_QUERIES
from analytics_engine.errors import RateLimited
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.feeds import Newest
from analytics_engine.kernel.http.server_sent import HEARTBEAT_S
from analytics_engine.services.api_gateway.callers import Caller
from analytics_engine.services.api_gateway.live.feeds import LiveFeeds, Update

_LONGEST = timedelta(minutes=15)
"""Whoever follows longer connects again: so a key that was revoked ends, too."""
_RETRY_AFTER_S = 30


@dataclass(frozen=True)
class Told:
    """A newest answer of a query, and whether it is the one that the caller said to have."""

    name: str
    update: Update
    is_known: bool


class LiveSession:
    """What one caller follows, each query under a name."""

    def __init__(
        self, client_id: str, feeds: LiveFeeds, newest: Newest[str, Update], *, clock: Clock, until: datetime
    ) -> None:
        self._client_id = client_id
        self._feeds = feeds
        self._newest = newest
        self._clock = clock
        self._until = until
        self._versions: dict[str, str] = {}
        self.expired = False

    def __len__(self) -> int:
        return len(self._newest)

    async def follow(self, name: str, query: KpiQuery, *, version: str | None = None) -> None:
        """Follow a query under a name, of which the caller may have the answer of a version.

        Raises:
            RateLimited: the session follows as many as it may.
        """
        if name not in self._newest and len(self._newest) >= MOST_QUERIES:
            raise RateLimited(
                f"This session follows {MOST_QUERIES} queries, which is as many as may be.",
                remedy="Unsubscribe from some, or ask several KPIs in one query.",
            )
        self._versions.pop(name, None)
        if version:
            self._versions[name] = version
        await self._newest.add(name, self._feeds.follow(self._client_id, query))

    async def leave(self, name: str) -> None:
        await self._newest.remove(name)

    async def next(self) -> list[Told] | None:
        """Return the newest answers that were not returned yet; nothing for a while, None at the end."""
        left_s = (self._until - self._clock.now()).total_seconds()
        if left_s <= 0:
            self.expired = True
            return None
        found = await self._newest.next(within_s=min(HEARTBEAT_S, left_s))
        if found is None:
            return None
        return [Told(name, update, self._versions.pop(name, None) == update.version) for name, update in found]


class LiveSessions:
    """Opens sessions, and counts those of each client.

    Args:
        most: how many sessions a client may have at this gateway.
    """

    def __init__(self, feeds: LiveFeeds, *, clock: Clock, most: int) -> None:
        self._feeds = feeds
        self._clock = clock
        self._most = most
        self._open: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._open.total()

    @asynccontextmanager
    async def opened(self, caller: Caller, *, closing: asyncio.Event) -> AsyncIterator[LiveSession]:
        """Open a session, which ends with the caller's credentials, or when the gateway closes.

        Raises:
            RateLimited: the client has as many sessions as it may.
        """
        client_id = caller.principal.client_id
        if self._open[client_id] >= self._most:
            raise RateLimited(
                f"{self._most} sessions of this client follow live answers, which is as many as may be.",
                remedy="Close some, or have the operator raise AE_LIVE_SESSIONS or start more gateways.",
                retry_after_s=_RETRY_AFTER_S,
            )
        latest = self._clock.now() + _LONGEST
        until = latest if caller.expires_at is None else min(caller.expires_at, latest)
        self._open[client_id] += 1
        try:
            async with Newest[str, Update](until=closing) as newest:
                yield LiveSession(client_id, self._feeds, newest, clock=self._clock, until=until)
        finally:
            self._open[client_id] -= 1
