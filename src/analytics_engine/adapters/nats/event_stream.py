from __future__ import annotations

import asyncio
from collections.abc import Sequence

from nats.errors import NoRespondersError

from analytics_engine.adapters.nats.connection import NatsServer
from analytics_engine.adapters.nats.group_log import NatsGroupLog
from analytics_engine.adapters.nats.names import subject
from analytics_engine.adapters.nats.stream_administration import NatsStreamAdministration
from analytics_engine.kernel.consuming import ConsumePolicy, GroupConsumer
from analytics_engine.kernel.ports.events import Event, EventHandler

_ANSWER_WITHIN_S = 4.0


class NatsEventStream:
    """Events in NATS JetStream: one stream a type, one durable consumer a group; dead letters in ``ae-dlq``.

    Nothing appended is deduplicated: what the relay sends again is to arrive, whatever the server remembers.
    """

    def __init__(self, url: str, *, policy: ConsumePolicy | None = None) -> None:
        self._server = NatsServer(url, answer_within_s=_ANSWER_WITHIN_S)
        self._policy = policy or ConsumePolicy()
        self.administration = NatsStreamAdministration(self._server)

    async def append(self, events: Sequence[Event]) -> None:
        if not events:
            return
        with self._server.talking():
            for event_type in {event.type for event in events}:
                await self._server.need_events(event_type)
            jetstream = await self._server.jetstream()
            answers = [
                await jetstream.publish_async(subject(event.type), event.model_dump_json().encode()) for event in events
            ]
            try:
                async with asyncio.timeout(_ANSWER_WITHIN_S):
                    await asyncio.gather(*answers)
            except NoRespondersError:
                self._server.forget_made()
                raise
            finally:
                for answer in answers:
                    answer.cancel()

    async def consume(
        self,
        *,
        group: str,
        consumer: str,  # noqa: ARG002 - the server knows groups only
        types: Sequence[str],
        handler: EventHandler,
    ) -> None:
        group_log = NatsGroupLog(
            self._server, group=group, types=types, abandoned_after_s=self._policy.abandoned_after_s
        )
        try:
            await GroupConsumer(group_log, group=group, handler=handler, policy=self._policy).run()
        finally:
            await group_log.give_back()

    async def start(self) -> None:
        """Nothing to do: a connection is made when it is needed."""

    async def stop(self) -> None:
        await self._server.stop()

    async def ping(self) -> None:
        await self._server.ping()
