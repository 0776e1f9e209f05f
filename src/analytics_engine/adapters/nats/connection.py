from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import Error
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError, NotFoundError

from analytics_engine.adapters.nats.names import (
    ATTEMPTS,
    CONTINUITY,
    CONTINUITY_SUBJECT,
    DEAD_LETTERS,
    stream_name,
    subject,
)
from analytics_engine.errors import DependencyUnavailable, InvalidSetting

_CONNECT_TIMEOUT_S = 2
_REFUSED = "authorization violation"
_MOST_EVENTS = 1_000_000
_MOST_DEAD_LETTERS = 100_000
_ATTEMPTS_KEPT_S = 24 * 3600.0


class NatsServer:
    """One server, or cluster: a connection that is made when it is needed, and its failures told as ours."""

    def __init__(self, url: str, *, answer_within_s: float) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"nats", "tls"} or not parts.hostname:
            raise InvalidSetting(
                "AE_EVENTS_URL is not the URL of a NATS server.",
                remedy="Write it as nats://user:password@host:4222 (tls:// with TLS); without it events go by Redis.",
                setting="AE_EVENTS_URL",
            )
        self.place = f"{parts.hostname}:{parts.port or 4222}"
        self._url = url
        self._answer_within_s = answer_within_s
        self._client: Client | None = None
        self._making = asyncio.Lock()
        self._made: set[str] = set()

    async def client(self) -> Client:
        """Return the connection, a new one where the last has ended. What was subscribed on that is gone."""
        async with self._making:
            if self._client is None or not self._client.is_connected:
                await self._end()
                self._made.clear()
                self._client = await self._connected()
            return self._client

    async def _connected(self) -> Client:
        """Return a new connection; of an attempt that failed nothing is left open, as the driver would leave it."""
        client = Client()
        try:
            await client.connect(
                self._url,
                allow_reconnect=False,
                max_reconnect_attempts=1,  # it tries so often to connect at all, though it is not to reconnect
                reconnect_time_wait=0,
                connect_timeout=_CONNECT_TIMEOUT_S,
                ping_interval=5,
                error_cb=_say_nothing,
            )
        except BaseException:
            await _closed(client)
            raise
        return client

    async def jetstream(self) -> JetStreamContext:
        client = await self.client()
        return client.jetstream(timeout=self._answer_within_s, publish_async_max_pending=4000)

    @contextmanager
    def talking(self) -> Iterator[None]:
        """Turn whatever the driver raises into DependencyUnavailable."""
        try:
            yield
        except (Error, OSError, TimeoutError) as error:
            if _REFUSED in str(error).lower():
                raise DependencyUnavailable(
                    f"NATS at {self.place} refuses our login.",
                    remedy="Correct the user and password in AE_EVENTS_URL.",
                    dependency="nats",
                ) from error
            raise DependencyUnavailable(
                f"NATS cannot be used at {self.place}: {str(error) or type(error).__name__}",
                remedy="Start it with JetStream (-js), or correct AE_EVENTS_URL; the service connects again by itself.",
                dependency="nats",
            ) from error

    async def need_events(self, event_type: str) -> None:
        """Make the stream of an event type where it is missing."""
        await self._need(stream_name(event_type), subject(event_type), max_msgs=_MOST_EVENTS)

    async def need_dead_letters(self) -> None:
        await self._need(DEAD_LETTERS, "ae.dlq.*", max_msgs=_MOST_DEAD_LETTERS)

    async def need_continuity(self) -> None:
        await self._need(CONTINUITY, CONTINUITY_SUBJECT, max_msgs=1)

    async def need_attempts(self) -> None:
        await self._need(ATTEMPTS, "ae.attempts.>", max_msgs=_MOST_EVENTS, per_subject=1, max_age_s=_ATTEMPTS_KEPT_S)

    def forget_made(self) -> None:
        """Look again whether streams are there: one that was is not."""
        self._made.clear()

    async def ping(self) -> None:
        with self.talking():
            await (await self.jetstream()).account_info()

    async def stop(self) -> None:
        async with self._making:
            await self._end()

    async def _need(
        self, name: str, of_subject: str, *, max_msgs: int, per_subject: int = -1, max_age_s: float = 0
    ) -> None:
        jetstream = await self.jetstream()
        if name in self._made:
            return
        try:
            await jetstream.stream_info(name)
        except NotFoundError:
            with suppress(BadRequestError):  # another process made it in this moment
                await jetstream.add_stream(
                    StreamConfig(
                        name=name,
                        subjects=[of_subject],
                        storage=StorageType.FILE,
                        discard=DiscardPolicy.OLD,
                        max_msgs=max_msgs,
                        max_msgs_per_subject=per_subject,
                        max_age=max_age_s,
                        allow_direct=True,
                    )
                )
        self._made.add(name)

    async def _end(self) -> None:
        if self._client is not None:
            await _closed(self._client)
            self._client = None


async def _closed(client: Client) -> None:
    """Close a connection, and let the loop close its socket, whoever has begun with it."""
    with suppress(Error, OSError):
        await client.close()
    await asyncio.sleep(0)


async def _say_nothing(error: Exception) -> None:
    """Whoever talks is told by an exception."""
