from __future__ import annotations

from collections.abc import Sequence

from analytics_engine.adapters.redis.connection import RedisServer
from analytics_engine.adapters.redis.group_log import RedisGroupLog
from analytics_engine.adapters.redis.names import stream_key
from analytics_engine.adapters.redis.stream_administration import RedisStreamAdministration
from analytics_engine.adapters.redis.telemetry import RedisTelemetry
from analytics_engine.kernel.consuming import ConsumePolicy, GroupConsumer
from analytics_engine.kernel.ports.events import Event, EventHandler

_ANSWER_WITHIN_S = 4.0
"""Longer than a consumer waits for new events, so that an empty stream is not taken for a lost server."""
_MOST_EVENTS = 1_000_000
"""What one stream keeps at most, so that a reader that never comes cannot fill the server's memory."""


class RedisEventStream:
    """Events as Redis Streams: one stream a type, ``ae:events:<type>``; dead letters in ``ae:dlq:<group>``."""

    def __init__(
        self, url: str, *, policy: ConsumePolicy | None = None, telemetry: RedisTelemetry | None = None
    ) -> None:
        # No retries below us: a read whose answer was lost must begin again at what is pending, and a repeated append
        # is a doubled event. Consumers and the relay try again themselves.
        self._server = RedisServer(url, answer_within_s=_ANSWER_WITHIN_S, retries=0, telemetry=telemetry)
        self._policy = policy or ConsumePolicy()
        self.administration = RedisStreamAdministration(self._server)

    async def append(self, events: Sequence[Event]) -> None:
        if not events:
            return
        with self._server.talking():
            async with self._server.client.pipeline(transaction=False) as pipeline:
                for event in events:
                    pipeline.xadd(stream_key(event.type), {"event": event.model_dump_json()}, maxlen=_MOST_EVENTS)
                await pipeline.execute()

    async def consume(self, *, group: str, consumer: str, types: Sequence[str], handler: EventHandler) -> None:
        group_log = RedisGroupLog(
            self._server, group=group, consumer=consumer, types=types, abandoned_after_s=self._policy.abandoned_after_s
        )
        await GroupConsumer(group_log, group=group, handler=handler, policy=self._policy).run()

    async def start(self) -> None:
        """Nothing to do: connections are made when they are needed."""

    async def stop(self) -> None:
        await self._server.stop()

    async def ping(self) -> None:
        await self._server.ping()
