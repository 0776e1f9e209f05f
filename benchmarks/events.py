"""Events a second from the outbox to their handlers, beside the bare commands of the server that carries them."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import redis.asyncio
from reporting import Report, machine

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresInbox
from analytics_engine.adapters.redis.event_stream import RedisEventStream
from analytics_engine.contracts.events import DataIngested, EventType, with_data_schema
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event, EventHandler, sequence_of
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.kernel.turns import HandlesInTurn
from analytics_engine.services.messaging_service.relay import Relay
from analytics_engine.services.messaging_service.telemetry import MessagingTelemetry
from support.servers import TestDatabase, TestServers

_BATCH, _FETCHED = 500, 64
_SUBJECTS = 200
_GROUP = "bench"
_WRITE = """
    INSERT INTO messaging.outbox (event_id, type, client_id, subject, event)
    SELECT one ->> 'id', one ->> 'type', one ->> 'clientid', one ->> 'subject', one
    FROM unnest($1::jsonb[]) AS one
"""


def events_of(count: int) -> list[Event]:
    data = DataIngested(object_model="flight", rows=1000, first_time="2026-01-01T00:00:00Z",
                        last_time="2026-01-01T01:00:00Z").model_dump(mode="json")  # fmt: skip
    return [
        with_data_schema(
            Event(
                type=EventType.DATA_INGESTED.value,
                source=Service.DATABASE.value,
                time=datetime.now(UTC),
                subject=f"model {number % _SUBJECTS}",
                clientid="acme",
                data=data,
            )
        )
        for number in range(count)
    ]


class Bench:
    """The servers of the tests, and the same events each time."""

    def __init__(self, servers: TestServers, events: list[Event]) -> None:
        self._servers = servers
        self._events = events
        self._redis_url = servers.valkey.url(5)

    async def raw(self) -> float:
        """XADD by the batch the relay sends, XREADGROUP by the batch a consumer fetches, XACK one by one."""
        payloads = [
            event.model_copy(update={"sequence": sequence_of(number)}).model_dump_json()
            for number, event in enumerate(self._events)
        ]
        async with redis.asyncio.Redis.from_url(self._redis_url) as server:
            await server.flushdb()
            await server.xgroup_create("raw", _GROUP, id="0", mkstream=True)
            began = time.perf_counter()
            await asyncio.gather(self._add(server, payloads), self._take(server, len(payloads)))
            return time.perf_counter() - began

    async def relayed(self, *, consumers: int, in_turn: bool) -> float:
        """Return how long it takes until all that waits in the outbox was sent and handled."""
        database = self._servers.new_database()
        pools = [PostgresDatabase(database.service_url(Service.MESSAGING))]
        pools += [PostgresDatabase(database.service_url(Service.CALCULATION)) for _ in range(consumers)]
        streams = [RedisEventStream(self._redis_url) for _ in range(consumers + 1)]
        async with redis.asyncio.Redis.from_url(self._redis_url) as server:
            await server.flushdb()
        await self._fill(database)
        counter = _Counter(len(self._events))
        handlers: list[EventHandler] = [
            HandlesInTurn(pool, PostgresInbox(), _GROUP, counter.effect) if in_turn else counter for pool in pools[1:]
        ]
        relay = Relay(pools[0], streams[0], streams[0].administration, MessagingTelemetry(Telemetry("bench")))
        began = time.perf_counter()
        tasks = [asyncio.create_task(relay.run())]
        tasks += [
            asyncio.create_task(
                stream.consume(group=_GROUP, consumer=str(place), types=[EventType.DATA_INGESTED], handler=handler)
            )
            for place, (stream, handler) in enumerate(zip(streams[1:], handlers, strict=True))
        ]
        await counter.all_there.wait()
        took = time.perf_counter() - began
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for closing in (*streams, *pools):
            await closing.stop()
        self._servers.drop_database(database)
        return took

    async def _fill(self, database: TestDatabase) -> None:
        owner = PostgresDatabase(database.owner_url)
        async with owner.transaction() as connection:
            await connection.execute(_WRITE, [event.model_dump(mode="json") for event in self._events])
            await connection.execute("CREATE TABLE public.effects (event_id text)")
            await connection.execute("GRANT USAGE ON SCHEMA public TO ae_calculation_engine_service")
            await connection.execute("GRANT INSERT ON public.effects TO ae_calculation_engine_service")
        await owner.stop()

    @staticmethod
    async def _add(server: redis.asyncio.Redis, payloads: list[str]) -> None:
        for first in range(0, len(payloads), _BATCH):
            async with server.pipeline(transaction=False) as pipeline:
                for payload in payloads[first : first + _BATCH]:
                    pipeline.xadd("raw", {"event": payload})
                await pipeline.execute()

    @staticmethod
    async def _take(server: redis.asyncio.Redis, count: int) -> None:
        taken = 0
        while taken < count:
            answer = await server.xreadgroup(_GROUP, "one", {"raw": ">"}, count=_FETCHED, block=1000)
            for _, entries in answer:
                for identity, _ in entries:
                    await server.xack("raw", _GROUP, identity)
                taken += len(entries)


class _Counter:
    """A handler that counts, and an effect that is a row."""

    def __init__(self, wanted: int) -> None:
        self._left = wanted
        self.all_there = asyncio.Event()

    async def __call__(self, _: Event) -> None:
        self._left -= 1
        if self._left == 0:
            self.all_there.set()

    async def effect(self, connection: Connection, event: Event) -> None:
        await connection.execute("INSERT INTO public.effects VALUES ($1)", event.id)
        await self(event)


async def measure(given: argparse.Namespace, report: Report, servers: TestServers) -> None:
    bench = Bench(servers, events_of(given.events))
    ways: dict[str, Callable[[], Awaitable[float]]] = {
        "XADD, XREADGROUP, XACK": bench.raw,
        "outbox to handler": lambda: bench.relayed(consumers=1, in_turn=False),
        "outbox to effect, in turn": lambda: bench.relayed(consumers=1, in_turn=True),
        "outbox to effect, in turn, three consumers": lambda: bench.relayed(consumers=3, in_turn=True),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(given.rounds + 1):
        for name, way in ways.items():
            took = await way()
            if number:
                times[name].append(took)
    raw = times["XADD, XREADGROUP, XACK"]
    rows = []
    for name, taken in times.items():
        ratios = [bare / took for bare, took in zip(raw, taken, strict=True)]
        rate = given.events / statistics.median(taken)
        rows.append(
            [name, f"{rate:,.0f}", f"{statistics.median(ratios):.2f}", f"{min(ratios):.2f} to {max(ratios):.2f}"]
        )
        report.keep("events", name, figures={"a_second": rate, "ratio": statistics.median(ratios), "took_s": taken})
    report.table(["way", "events/s", "of the bare commands", "range"], rows)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=5_000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--record", action="store_true", help="write the figures to results/")
    given = arguments.parse_args()
    report = Report(
        "events",
        f"{given.events:,} events of {_SUBJECTS} subjects wait in the outbox; the clock stops when the last was "
        "handled. Relay and consumers share one process, the servers have no fsync. The bare commands carry the same "
        "payloads in the same batches, in the same rounds. An effect is a row, in one transaction with the inbox and "
        "the turn.",
        machine("redis", "asyncpg"),
    )
    servers = TestServers()
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(measure(given, report, servers))
    finally:
        servers.stop()
    if given.record:
        report.record()


if __name__ == "__main__":
    main()
