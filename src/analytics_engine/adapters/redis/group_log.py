from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from pydantic import ValidationError
from redis.exceptions import ResponseError

from analytics_engine.adapters.redis.connection import RedisServer
from analytics_engine.adapters.redis.dead_letters import bury
from analytics_engine.adapters.redis.names import STREAM_PREFIX, stream_key
from analytics_engine.kernel.consuming import Delivery
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.streams import DeadLetter

_TAKEN_OVER_AT_ONCE = 256
_MOST_UNFINISHED = 10_000
_FORGOTTEN = ("NOGROUP", "UNBLOCKED")


class RedisGroupLog:
    """The streams of some types as one consumer of one group sees them.

    The server counts deliveries. Its count is set by us (``XCLAIM ... RETRYCOUNT``) to the attempts begun, so that
    taking events over, or reading them again after a lost connection, is not mistaken for an attempt.
    """

    def __init__(
        self, server: RedisServer, *, group: str, consumer: str, types: Sequence[str], abandoned_after_s: float
    ) -> None:
        self._server = server
        self._redis = server.client
        self._group = group
        self._consumer = consumer
        self._types = types
        self._abandoned_after_ms = round(abandoned_after_s * 1000)

    async def prepare(self) -> None:
        for event_type in self._types:
            with self._server.talking():
                try:
                    await self._redis.xgroup_create(stream_key(event_type), self._group, id="0", mkstream=True)
                except ResponseError as error:
                    if not str(error).startswith("BUSYGROUP"):
                        raise

    async def unfinished(self) -> Sequence[Delivery]:
        found: list[Delivery] = []
        for event_type in self._types:
            found += await self._pending(event_type, "-", "+")
        return found

    async def abandoned(self) -> Sequence[Delivery]:
        found: list[Delivery] = []
        for event_type in self._types:
            taken = await self._ask(
                self._redis.xautoclaim(
                    stream_key(event_type),
                    self._group,
                    self._consumer,
                    self._abandoned_after_ms,
                    count=_TAKEN_OVER_AT_ONCE,
                    justid=True,
                )
            )
            if taken:
                found += await self._pending(event_type, taken[0], taken[-1], only=frozenset(taken))
        return found

    async def fresh(self, *, limit: int, wait_s: float) -> Sequence[Delivery]:
        answer = await self._ask(
            self._redis.xreadgroup(
                self._group,
                self._consumer,
                {stream_key(event_type): ">" for event_type in self._types},
                count=limit,
                block=round(wait_s * 1000) or None,
            )
        )
        return [
            delivery
            for key, entries in answer or ()
            for delivery in await self._readable(key.decode().removeprefix(STREAM_PREFIX), entries, attempts={})
        ]

    async def begin(self, delivery: Delivery) -> bool:
        if not delivery.attempts:
            return True  # its first attempt was counted when it was delivered
        claimed = await self._ask(
            self._redis.xclaim(
                stream_key(delivery.type),
                self._group,
                self._consumer,
                0,
                [delivery.id],
                retrycount=delivery.attempts + 1,
                justid=True,
            )
        )
        return bool(claimed)

    async def keep(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        lost: list[Delivery] = []
        by_type = sorted(deliveries, key=lambda delivery: delivery.type)
        for event_type, of_type in groupby(by_type, key=lambda delivery: delivery.type):
            kept = list(of_type)
            claimed = await self._ask(
                self._redis.xclaim(
                    stream_key(event_type),
                    self._group,
                    self._consumer,
                    0,
                    [delivery.id for delivery in kept],
                    justid=True,
                )
            )
            still_ours = frozenset(claimed or ())
            lost += [delivery for delivery in kept if delivery.id.encode() not in still_ours]
        return lost

    async def done(self, delivery: Delivery) -> None:
        with self._server.talking():
            await self._redis.xack(stream_key(delivery.type), self._group, delivery.id)

    async def bury(self, delivery: Delivery, reason: str) -> None:
        await self._bury(
            event_type=delivery.type,
            entry_id=delivery.id,
            content=delivery.event.model_dump_json().encode(),
            reason=reason,
            attempts=delivery.attempts,
        )

    async def _ask(self, command: Awaitable[Any]) -> Any:
        """Return the server's answer; None, with the groups made again, when it has forgotten them."""
        with self._server.talking():
            try:
                return await command
            except ResponseError as error:
                if not str(error).startswith(_FORGOTTEN):
                    raise
        await self.prepare()
        return None

    async def _pending(
        self, event_type: str, first: str | bytes, last: str | bytes, *, only: frozenset[bytes] | None = None
    ) -> list[Delivery]:
        """Return what is pending for this consumer between two entries, with the attempts begun."""
        key = stream_key(event_type)
        pending = await self._ask(
            self._redis.xpending_range(key, self._group, first, last, _MOST_UNFINISHED, consumername=self._consumer)
        )
        attempts = {
            entry["message_id"]: entry["times_delivered"]
            for entry in pending or ()
            if only is None or entry["message_id"] in only
        }
        entries = await self._entries(key, attempts)
        trimmed = attempts.keys() - {identity for identity, _ in entries}
        if trimmed:
            with self._server.talking():
                await self._redis.xack(key, self._group, *trimmed)
        return await self._readable(event_type, entries, attempts=attempts)

    async def _entries(self, key: str, ids: Iterable[bytes]) -> list[tuple[bytes, Mapping[bytes, bytes]]]:
        with self._server.talking():
            async with self._redis.pipeline(transaction=False) as pipeline:
                for identity in ids:
                    pipeline.xrange(key, identity, identity)
                return [entry for found in await pipeline.execute() for entry in found]

    async def _readable(
        self,
        event_type: str,
        entries: Iterable[tuple[bytes, Mapping[bytes, bytes]]],
        *,
        attempts: Mapping[bytes, int],
    ) -> list[Delivery]:
        """Return the entries as deliveries; what is no event becomes a dead letter at once."""
        deliveries: list[Delivery] = []
        for identity, fields in entries:
            content = fields.get(b"event", b"")
            try:
                event = Event.model_validate_json(content)
            except ValidationError as error:
                await self._bury(
                    event_type=event_type,
                    entry_id=identity.decode(),
                    content=content,
                    reason=f"is not an event: {error.errors()[0]['msg']}",
                    attempts=0,
                )
            else:
                deliveries.append(Delivery(event_type, identity.decode(), event, attempts.get(identity, 0)))
        return deliveries

    async def _bury(self, *, event_type: str, entry_id: str, content: bytes, reason: str, attempts: int) -> None:
        letter = DeadLetter(
            group=self._group,
            id=entry_id,
            type=event_type,
            reason=reason,
            attempts=attempts,
            failed_at=datetime.now(UTC),
            event=None,
        )
        with self._server.talking():
            await bury(self._redis, letter, content=content, entry_id=entry_id)
