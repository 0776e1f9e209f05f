"""One consumer of the group as a process of its own: ``python -m integration.messaging.kills.consumer '<JSON>'``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresInbox
from analytics_engine.adapters.redis.event_stream import RedisEventStream
from analytics_engine.kernel.consuming import ConsumePolicy
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.turns import HandlesInTurn

GROUP = "effects"
TYPES = ("data.ingested", "catalog.changed")
POISON = "poison"
REASON = "ValueError: this event cannot be handled"
_POLICY = ConsumePolicy(
    attempts=10,
    first_pause_s=0.01,
    longest_pause_s=0.05,
    abandoned_after_s=1.0,
    handler_timeout_s=30,
    wait_s=0.2,
)


@dataclass(frozen=True)
class Orders:
    name: str
    database_url: str
    redis_url: str


async def effect(connection: Connection, event: Event) -> None:
    """Write down that the event was handled; one that is poison fails after that."""
    await connection.execute(
        "INSERT INTO public.effects (type, client_id, subject, event_id, n, consumer) VALUES ($1, $2, $3, $4, $5, $6)",
        event.type,
        event.clientid,
        event.subject,
        event.id,
        event.data["n"],
        os.getpid(),
    )
    if event.data["name"] == POISON:
        raise ValueError(REASON.partition(": ")[2])


async def consume(orders: Orders) -> None:
    database = PostgresDatabase(orders.database_url, pool_size=2, lock_timeout_s=3.0, application_name="consumer")
    stream = RedisEventStream(orders.redis_url, policy=_POLICY)
    handler = HandlesInTurn(database, PostgresInbox(), GROUP, effect)
    await stream.consume(group=GROUP, consumer=f"{orders.name}-{os.getpid()}", types=TYPES, handler=handler)


if __name__ == "__main__":
    asyncio.run(consume(Orders(**json.loads(sys.argv[1]))))
