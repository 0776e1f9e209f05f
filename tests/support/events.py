"""Writers and readers of events in tests, and an event server that may be killed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import psutil

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.adapters.redis.event_stream import RedisEventStream
from analytics_engine.contracts.events import EventType
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.valkey import EmbeddedValkey
from analytics_engine.kernel.consuming import ConsumePolicy
from analytics_engine.kernel.ports.events import Event, EventHandler, EventStream

HASTY = ConsumePolicy(attempts=3, first_pause_s=0.02, longest_pause_s=0.1, abandoned_after_s=1.0, wait_s=0.2)


class Writer:
    """A service that changes something and tells of it, as its own login role."""

    def __init__(self, url: str) -> None:
        self.database = PostgresDatabase(url, application_name="writer")
        self._outbox = PostgresOutbox()

    async def tell(self, connection: Any, name: str, *, client: str = "acme") -> Event:
        event = ingested(name, client=client)
        await self._outbox.add(connection, event)
        return event

    async def commit(self, *names: str, client: str = "acme") -> None:
        async with self.database.transaction() as connection:
            for name in names:
                await self.tell(connection, name, client=client)


class Reader:
    """A consumer group of one that remembers what it was given."""

    def __init__(self, url: str) -> None:
        self.stream = RedisEventStream(url, policy=HASTY)
        self.names: list[str] = []

    async def handle(self, event: Event) -> None:
        self.names.append(event.data["object_model"])

    async def has(self, *names: str) -> bool:
        return set(names) <= set(self.names)


class KillableValkey:
    """A server of the test's own, with its append-only file, that may be killed and emptied."""

    def __init__(self, server: EmbeddedValkey) -> None:
        self._server = server
        self.url = server.url()

    def kill(self) -> None:
        launcher = psutil.Process(self._server.child.launcher_pid)
        for process in launcher.children():
            process.kill()
        launcher.wait(10)

    def start(self) -> None:
        self._server.start()
        assert self._server.url() == self.url


def ingested(name: str, *, client: str = "acme") -> Event:
    return Event(
        type=EventType.DATA_INGESTED.value,
        source=Service.DATABASE.value,
        time=datetime.now(UTC),
        subject="flight",
        clientid=client,
        data={"object_model": name, "rows": 1},
    )


@asynccontextmanager
async def consuming(
    stream: EventStream, handler: EventHandler, *, group: str = "readers", consumer: str = "one"
) -> AsyncIterator[None]:
    task = asyncio.create_task(
        stream.consume(group=group, consumer=consumer, types=[EventType.DATA_INGESTED.value], handler=handler)
    )
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
