from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError
from pydantic import ValidationError

from analytics_engine.adapters.nats.connection import NatsServer
from analytics_engine.adapters.nats.names import ATTEMPTS, DEAD_LETTERS, dead_letters_subject, stream_name, token
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.consuming import Delivery
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.streams import DeadLetter

_MOST_UNACKNOWLEDGED = 100_000
_ASKED_FOR_S = 5.0
_PATIENCE_S = 1.0
_FIRST = 1
_GIVEN_BACK_AFTER_S = 0.05


@dataclass
class _Asked:
    """A request for messages of one type: how many may still come, and until when."""

    left: int = 0
    until: float = 0.0


class NatsGroupLog:
    """The streams of some types as one of a group's consumers sees them, through the group's durable consumers.

    The server gives what was not acknowledged to whoever asks, when nobody said for a while that he is at it; so there
    is nothing to take over. It counts deliveries, which are not attempts: from the second attempt on those are kept in
    ``ae-attempts``.
    """

    def __init__(self, server: NatsServer, *, group: str, types: Sequence[str], abandoned_after_s: float) -> None:
        self._server = server
        self._group = group
        self._types = types
        self._abandoned_after_s = abandoned_after_s
        self._given: dict[tuple[str, str], tuple[Msg, Delivery]] = {}
        self._arrived: asyncio.Queue[tuple[str, Msg]] = asyncio.Queue()
        self._asked: dict[str, _Asked] = {}
        self._inbox = ""
        self._subscriptions: list[Subscription] = []
        self._on: Client | None = None
        self._made: dict[str, datetime | None] = {}

    async def prepare(self) -> None:
        with self._server.talking():
            client, jetstream = await self._server.client(), await self._server.jetstream()
            await self._server.need_dead_letters()
            await self._server.need_attempts()
            for event_type in self._types:
                await self._server.need_events(event_type)
                made = await jetstream.add_consumer(
                    stream_name(event_type),
                    ConsumerConfig(
                        durable_name=token(self._group),
                        deliver_policy=DeliverPolicy.ALL,
                        ack_policy=AckPolicy.EXPLICIT,
                        ack_wait=self._abandoned_after_s,
                        max_deliver=-1,
                        max_ack_pending=_MOST_UNACKNOWLEDGED,
                    ),
                )
                if self._made.get(event_type, made.created) != made.created:
                    self._given.clear()
                self._made[event_type] = made.created
            if client is not self._on:
                await self._listen(client)

    async def unfinished(self) -> Sequence[Delivery]:
        return [delivery for _, delivery in self._given.values()]

    async def abandoned(self) -> Sequence[Delivery]:
        """Return nothing, and see whether the group is still known.

        Raises:
            DependencyUnavailable: it is not: what is held is of a stream that is no more.
        """
        with self._server.talking():
            jetstream = await self._server.jetstream()
            for event_type in self._types:
                try:
                    known = await jetstream.consumer_info(stream_name(event_type), token(self._group))
                except NotFoundError:
                    known = None
                if known is None or known.created != self._made.get(event_type):
                    self._server.forget_made()
                    self._given.clear()
                    raise DependencyUnavailable(
                        f"NATS at {self._server.place} has forgotten the group {self._group}; it is made again.",
                        dependency="nats",
                    )
        return []

    async def fresh(self, *, limit: int, wait_s: float) -> Sequence[Delivery]:
        with self._server.talking():
            await self._ask(limit)
            arrived = self._taken()
            if not arrived and wait_s:
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        arrived = [await self._arrived.get()]
                arrived += self._taken()
            return [one for event_type, message in arrived if (one := await self._readable(event_type, message))]

    async def begin(self, delivery: Delivery) -> bool:
        if delivery.attempts:
            with self._server.talking():
                count = str(delivery.attempts + 1).encode()
                await (await self._server.jetstream()).publish(self._attempts_subject(delivery.key), count)
        return True

    async def keep(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        lost = [delivery for delivery in deliveries if delivery.key not in self._given]
        with self._server.talking():
            for delivery in deliveries:
                if given := self._given.get(delivery.key):
                    await given[0].in_progress()
        return lost

    async def done(self, delivery: Delivery) -> None:
        given = self._given.pop(delivery.key, None)
        if given is not None:
            with self._server.talking():
                await given[0].ack()

    async def bury(self, delivery: Delivery, reason: str) -> None:
        letter = self._letter(delivery.type, reason, attempts=delivery.attempts, event=delivery.event)
        await self._bury(letter, identity=delivery.id)
        await self.done(delivery)

    async def give_back(self) -> None:
        """Give what is not finished to whoever asks next, once it cannot come back to us."""
        with suppress(Error, OSError):
            for subscription in self._subscriptions:
                await subscription.unsubscribe()
            for message, _ in self._given.values():
                await message.nak(delay=_GIVEN_BACK_AFTER_S)  # without, their order is lost
        self._given.clear()

    async def _listen(self, client: Client) -> None:
        """Have messages come into the queue; what was asked for on an earlier connection does not come any more."""
        self._inbox = client.new_inbox()
        self._asked = {event_type: _Asked() for event_type in self._types}
        self._subscriptions = []
        for number, event_type in enumerate(self._types):

            async def arrive(message: Msg, event_type: str = event_type) -> None:
                asked = self._asked[event_type]
                if message.headers and "Status" in message.headers and not message.data:
                    asked.left = 0
                else:
                    asked.left -= 1
                    self._arrived.put_nowait((event_type, message))

            self._subscriptions.append(await client.subscribe(f"{self._inbox}.{number}", cb=arrive))
        self._on = client

    async def _ask(self, limit: int) -> None:
        client = await self._server.client()
        if client is not self._on:
            raise DependencyUnavailable(
                f"The connection to NATS at {self._server.place} was lost; it is made again.", dependency="nats"
            )
        now = asyncio.get_running_loop().time()
        for number, event_type in enumerate(self._types):
            asked = self._asked[event_type]
            if asked.left > 0 and now < asked.until:
                continue
            asked.left, asked.until = limit, now + _ASKED_FOR_S + _PATIENCE_S
            await client.publish(
                f"$JS.API.CONSUMER.MSG.NEXT.{stream_name(event_type)}.{token(self._group)}",
                f'{{"batch": {limit}, "expires": {round(_ASKED_FOR_S * 1e9)}}}'.encode(),
                reply=f"{self._inbox}.{number}",
            )

    def _taken(self) -> list[tuple[str, Msg]]:
        return [self._arrived.get_nowait() for _ in range(self._arrived.qsize())]

    async def _readable(self, event_type: str, message: Msg) -> Delivery | None:
        """Return a message as a delivery; what is no event becomes a dead letter at once."""
        identity = str(message.metadata.sequence.stream)
        try:
            event = Event.model_validate_json(message.data)
        except ValidationError as error:
            reason = f"is not an event: {error.errors()[0]['msg']}"
            await self._bury(self._letter(event_type, reason, attempts=0, event=None), identity=identity)
            await message.ack()
            return None
        known = self._given.get((event_type, identity))
        delivery = known[1] if known else Delivery(event_type, identity, event)
        if known is None and message.metadata.num_delivered > _FIRST:
            delivery.attempts = await self._attempts_of(delivery)
        self._given[delivery.key] = (message, delivery)
        return delivery

    async def _attempts_of(self, delivery: Delivery) -> int:
        """Return how many attempts were begun in earlier lives; the first is not written down."""
        try:
            found = await (await self._server.jetstream()).get_msg(
                ATTEMPTS, subject=self._attempts_subject(delivery.key), direct=True
            )
        except NotFoundError:
            return _FIRST
        return int(found.data or b"1")

    def _attempts_subject(self, key: tuple[str, str]) -> str:
        return f"ae.attempts.{token(self._group)}.{token(key[0])}.{key[1]}"

    def _letter(self, event_type: str, reason: str, *, attempts: int, event: Event | None) -> DeadLetter:
        return DeadLetter(
            group=self._group,
            id="",
            type=event_type,
            reason=reason,
            attempts=attempts,
            failed_at=datetime.now(UTC),
            event=event,
        )

    async def _bury(self, letter: DeadLetter, *, identity: str) -> None:
        """Write a dead letter; when its acknowledgement fails and it is written again soon, the server knows it."""
        known_as = {"Nats-Msg-Id": f"{letter.group} {letter.type} {identity} {self._made.get(letter.type)}"}
        with self._server.talking():
            await (await self._server.jetstream()).publish(
                dead_letters_subject(letter.group),
                letter.model_dump_json().encode(),
                stream=DEAD_LETTERS,
                headers=known_as,
            )
