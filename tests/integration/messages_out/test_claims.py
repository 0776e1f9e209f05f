"""Who has which delivery: several workers share the work, and what a killed one had comes to another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.outgoing import ReceiverAnswer
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.services.messaging_service.delivering.backoff import Backoff
from analytics_engine.services.messaging_service.delivering.repository import ALL_CLIENTS, DeliveryRepository
from analytics_engine.services.messaging_service.delivering.schemas import (
    Attempt,
    Claimed,
    DeliveryState,
    NewDelivery,
    Purpose,
)
from analytics_engine.services.messaging_service.delivering.telemetry import DeliveryTelemetry
from analytics_engine.services.messaging_service.delivering.worker import Deliverer, Route
from support.servers import TestDatabase
from support.waiting import eventually


@dataclass
class Receivers:
    """Receivers that take everything, and remember who got what, and how many got something at once."""

    took: list[tuple[UUID, str]] = field(default_factory=list)
    at_once: Counter[UUID] = field(default_factory=Counter)
    most_at_once: int = 0
    slow: asyncio.Event | None = None

    async def send(self, claimed: Claimed) -> ReceiverAnswer:
        self.at_once[claimed.target_id] += 1
        self.most_at_once = max(self.most_at_once, self.at_once[claimed.target_id])
        if self.slow is not None and claimed.content.get("slow"):
            await self.slow.wait()
        self.took.append((claimed.target_id, claimed.message_id))
        self.at_once[claimed.target_id] -= 1
        return ReceiverAnswer(taken=True, status=200)

    async def settle(self, connection: Connection, claimed: Claimed, attempt: Attempt) -> None:
        pass


@pytest.fixture
async def database(database: TestDatabase) -> AsyncIterator[PostgresDatabase]:
    own = PostgresDatabase(database.service_url(Service.MESSAGING), application_name="workers", pool_size=6)
    yield own
    await own.stop()


def worker(database: PostgresDatabase, receivers: Receivers) -> BackgroundTask:
    route = Route(receivers, Backoff((0.1,)))
    telemetry = DeliveryTelemetry(Telemetry("test"))
    deliverer = Deliverer(database, dict.fromkeys(Purpose, route), telemetry, lease=timedelta(seconds=30))
    return BackgroundTask("worker", deliverer.run)


async def add(database: PostgresDatabase, count: int, target: UUID, *, slow: bool = False) -> None:
    async with database.transaction(client_id="acme") as connection:
        for number in range(count):
            new = NewDelivery("acme", Purpose.WEBHOOK, target, "target", str(number), {"slow": slow})
            await DeliveryRepository().add(connection, new)


async def test_workers_share_what_is_due(database: PostgresDatabase) -> None:
    """Three workers, 120 deliveries, each delivered once."""
    target, receivers = uuid4(), Receivers()
    workers = [worker(database, receivers) for _ in range(3)]
    await add(database, 120, target)
    for one in workers:
        await one.start()

    async def all_taken() -> bool:
        return len(receivers.took) >= 120

    await eventually(all_taken, within_s=30)
    for one in workers:
        await one.stop()

    assert sorted(receivers.took) == sorted((target, str(number)) for number in range(120))


async def test_a_slow_receiver_does_not_hold_up_the_others(database: PostgresDatabase) -> None:
    """It has a few attempts at once at most; what is for another goes out meanwhile."""
    slow, quick = uuid4(), uuid4()
    receivers = Receivers(slow=asyncio.Event())
    await add(database, 40, slow, slow=True)
    await add(database, 5, quick)
    running = worker(database, receivers)
    await running.start()

    async def quick_ones() -> bool:
        return len(receivers.took) >= 5

    await eventually(quick_ones)
    meanwhile = {target for target, _ in receivers.took}
    assert receivers.slow is not None
    receivers.slow.set()

    async def all_taken() -> bool:
        return len(receivers.took) >= 45

    await eventually(all_taken, within_s=30)
    await running.stop()

    assert meanwhile == {quick}
    assert receivers.most_at_once <= 7


async def test_what_a_killed_worker_had_claimed_comes_to_another(database: PostgresDatabase) -> None:
    """Claimed and never sent: due again after its lease, and what the first one records then is not taken."""
    target, receivers = uuid4(), Receivers()
    await add(database, 1, target)
    repository = DeliveryRepository()
    async with database.transaction(client_id=ALL_CLIENTS) as connection:
        (claimed,) = await repository.claim(connection, limit=5, busy=[], lease=timedelta(seconds=1))
        assert await repository.claim(connection, limit=5, busy=[], lease=timedelta(seconds=1)) == []
    running = worker(database, receivers)
    await running.start()

    async def taken() -> bool:
        return receivers.took == [(target, "0")]

    await eventually(taken)
    await running.stop()
    async with database.transaction(client_id="acme") as connection:
        late = await repository.record(connection, claimed, Attempt(DeliveryState.FAILED, None, "late", 1.0))

    assert claimed.attempts == 1
    assert late is False
