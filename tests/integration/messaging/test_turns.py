"""Whose turn it is: by what is committed, whoever else is at it, on the real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresInbox, PostgresOutbox
from analytics_engine.contracts.services import Service
from analytics_engine.errors import OutOfTurn
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.ports.events import Event, sequence_of
from analytics_engine.kernel.security.principal import Role
from analytics_engine.kernel.turns import HandlesInTurn
from analytics_engine.services.messaging_service.housekeeping import HANDLED_KEPT
from analytics_engine.services.messaging_service.repository import OutboxRepository
from support.events import Reader, Writer, consuming
from support.servers import TestDatabase
from support.services import internal_headers
from support.waiting import eventually

INBOX = PostgresInbox()
_POSITIONS = "SELECT event_id, position FROM messaging.outbox WHERE event_id = ANY ($1) AND position IS NOT NULL"


@dataclass
class World:
    """Events as the relay numbers them, and two consumers of a group."""

    messaging: PostgresDatabase
    one: PostgresDatabase
    other: PostgresDatabase
    handled: list[str] = field(default_factory=list)

    async def sent(self, *names: str, subject: str = "flight") -> list[Event]:
        """Return committed events as they would come out of the stream."""
        events = [_event(name, subject) for name in names]
        async with self.one.transaction() as connection:
            for event in events:
                await PostgresOutbox().add(connection, event)

        async def numbered() -> list[Event]:
            async with self.messaging.transaction() as connection:
                if await OutboxRepository().lead(connection):
                    await OutboxRepository().number(connection, limit=100)
            async with self.messaging.transaction() as connection:
                rows = await connection.fetch(_POSITIONS, [event.id for event in events])
            found = {row["event_id"]: sequence_of(row["position"]) for row in rows}
            return [event.model_copy(update={"sequence": found[event.id]}) for event in events if event.id in found]

        return await eventually(numbered)

    def handler(self, database: PostgresDatabase | None = None) -> HandlesInTurn:
        return HandlesInTurn(database or self.one, INBOX, "readers", self._effect)

    async def _effect(self, connection: Connection, event: Event) -> None:
        self.handled.append(event.data["object_model"])


@pytest.fixture
async def world(database: TestDatabase) -> AsyncIterator[World]:
    own = World(
        PostgresDatabase(database.service_url(Service.MESSAGING)),
        PostgresDatabase(database.service_url(Service.DATABASE)),
        PostgresDatabase(database.service_url(Service.DATABASE)),
    )
    yield own
    for pool in (own.messaging, own.one, own.other):
        await pool.stop()


async def test_an_event_waits_for_those_of_its_subject_that_were_sent_before(world: World) -> None:
    """Its successors are refused until it was handled; another subject's event is not."""
    a, b = await world.sent("a", "b")
    (c,) = await world.sent("c", subject="another")
    handle = world.handler()

    with pytest.raises(OutOfTurn, match="not through with the events before"):
        await handle(b)
    ready = await handle.whose_turn([a, b, c])
    for event in (c, a, b):
        await handle(event)

    assert ready == {a.id, c.id}
    assert world.handled == ["c", "a", "b"]


async def test_what_was_not_committed_was_not_handled(world: World) -> None:
    """While another consumer's transaction is open, and after it was undone, its event's successor waits."""
    a, b = await world.sent("a", "b")

    async def undone(connection: Connection, event: Event) -> None:
        with pytest.raises(OutOfTurn):
            await world.handler()(b)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await HandlesInTurn(world.other, INBOX, "readers", undone)(a)
    with pytest.raises(OutOfTurn):
        await world.handler()(b)

    assert world.handled == []


async def test_a_slow_consumer_and_the_one_who_took_over_do_it_once(world: World) -> None:
    """Whoever comes second to the same event waits for the first to commit, and then does nothing."""
    a, b = await world.sent("a", "b")
    async with world.other.transaction() as slow:
        assert await INBOX.in_turn(slow, group="readers", event=a)
        taking_over = asyncio.create_task(world.handler()(a))
        giving_up = asyncio.create_task(world.handler(world.messaging).give_up(a, reason="slow", attempts=10))
        await eventually(lambda: _waits_for_a_lock(world.other), every_s=0.02)
    await taking_over

    assert await giving_up is False
    assert world.handled == []
    await world.handler()(b)
    assert world.handled == ["b"]


async def test_an_event_that_is_sent_again_is_known_and_holds_nobody_up(world: World) -> None:
    """Old events come again behind newer ones without an effect, and without those behind them waiting."""
    a, b, c = await world.sent("a", "b", "c")
    handle = world.handler()
    assert await handle.through([a, b, c]) == frozenset()
    for event in (a, b, a, c, b, a):
        await handle(event)

    assert world.handled == ["a", "b", "c"]
    (d,) = await world.sent("d")
    assert await handle.through([a, b, c, d]) == {a.id, b.id, c.id}
    ahead = a.model_copy(update={"sequence": sequence_of((d.position or 0) + 1)})
    assert await handle.through([ahead]) == frozenset(), "its new place is still to be passed"


async def test_a_dead_letter_lets_those_behind_it_go_on(
    world: World, messaging: httpx.AsyncClient, database: TestDatabase
) -> None:
    """It has its reason, has no effect any more, and is its client's operators' to see."""
    a, b = await world.sent("a", "b")
    handle = world.handler()
    with pytest.raises(OutOfTurn):
        await handle.give_up(b, reason="first the other", attempts=10)

    assert await handle.give_up(a, reason="ValueError: no such model", attempts=10)
    assert not await handle.give_up(a, reason="again", attempts=10)
    for event in (a, b):
        await handle(event)

    assert world.handled == ["b"]
    (letter,) = (await messaging.get("/dlq")).json()["items"]
    assert (letter["group"], letter["id"], letter["type"]) == ("readers", a.id, "data.ingested")
    assert (letter["reason"], letter["attempts"]) == ("ValueError: no such model", 10)
    assert letter["event"]["data"]["object_model"] == "a"
    stranger = internal_headers(Service.MESSAGING, "another", Role.OPERATOR)
    assert (await messaging.get("/dlq", headers=stranger)).json()["total"] == 0

    async def counted() -> bool:
        return 'messaging_dead_letters{group="readers"} 1.0' in (await messaging.get("/metrics")).text

    await eventually(counted)


async def test_kept_dead_letters_are_replayed_one_by_one_or_all_of_a_group(
    world: World, messaging: httpx.AsyncClient, redis_url: str
) -> None:
    """A replayed event is handled by the group that gave it up, and by no other a second time."""
    broken = True

    async def effect(connection: Connection, event: Event) -> None:
        if broken:
            raise ValueError("broken")
        world.handled.append(event.data["object_model"])

    own, others = Reader(redis_url), World(world.messaging, world.other, world.other)
    readers = HandlesInTurn(world.one, INBOX, "readers", effect)
    other_group = HandlesInTurn(world.other, INBOX, "others", others._effect)
    writer = Writer("postgresql://nobody@127.0.0.1/none")
    writer.database = world.one
    await writer.commit("a", "b", "c")

    async def listed(count: int) -> bool:
        page = (await messaging.get("/dlq", params={"group": "readers", "limit": 2})).json()
        return bool(page["total"] == count and len(page["items"]) == min(count, 2))

    async def handled(*names: str) -> bool:
        return world.handled == [*names]

    async with consuming(own.stream, readers), consuming(own.stream, other_group, group="others"):
        await eventually(lambda: listed(3))
        broken = False
        newest = (await messaging.get("/dlq")).json()["items"][0]
        assert newest["event"]["data"]["object_model"] == "c"
        assert (await messaging.post(f"/dlq/readers/{newest['id']}/replay")).json() == {
            "event_id": newest["id"],
            "type": "data.ingested",
            "group": "readers",
        }
        await eventually(lambda: handled("c"))
        assert (await messaging.post(f"/dlq/readers/{newest['id']}/replay")).status_code == 404
        answer = await messaging.post("/dlq/readers/replay")
        assert answer.json() == {"group": "readers", "replayed": 2, "left": 0}
        await eventually(lambda: handled("c", "a", "b"))
        assert await listed(0)
        await writer.commit("d")
        await eventually(lambda: handled("c", "a", "b", "d"))
    await own.stream.stop()

    assert others.handled == ["a", "b", "c", "d"]


async def test_discarded_dead_letters_are_gone_for_good(world: World, messaging: httpx.AsyncClient) -> None:
    """One, or all of a group: they are the client's own, and the group is not given their events again."""
    events = await world.sent("a", "b", "c")
    handle = world.handler()
    for event in events:
        await handle.give_up(event, reason="broken", attempts=10)
    stranger = internal_headers(Service.MESSAGING, "another", Role.OPERATOR)
    viewer = internal_headers(Service.MESSAGING, "acme", Role.VIEWER)
    one = f"/dlq/readers/{events[0].id}"

    assert (await messaging.delete(one, headers=stranger)).status_code == 404
    assert (await messaging.delete("/dlq/readers", headers=stranger)).json()["discarded"] == 0
    for path in (one, "/dlq/readers"):
        assert (await messaging.delete(path, headers=viewer)).status_code == 403
    assert (await messaging.delete(one)).status_code == 204
    assert (await messaging.delete(one)).status_code == 404
    assert (await messaging.delete("/dlq/readers")).json() == {"group": "readers", "discarded": 2}

    assert (await messaging.get("/dlq")).json()["total"] == 0
    for event in events:
        await handle(event)
    assert world.handled == []


async def test_how_far_groups_are_is_forgotten_with_what_they_handled(world: World, database: TestDatabase) -> None:
    """A subject of which nothing was sent for long takes no room, and its next event has its turn."""
    (a,) = await world.sent("a")
    await world.handler()(a)
    owner = PostgresDatabase(database.owner_url)
    async with owner.transaction() as connection:
        await connection.execute("UPDATE messaging.turns SET changed_at = changed_at - $1::interval", 2 * HANDLED_KEPT)
        await connection.execute("DELETE FROM messaging.outbox")
    await owner.stop()

    async with world.messaging.transaction() as connection:
        forgotten = await OutboxRepository().forget_turns(connection, older_than=HANDLED_KEPT, limit=10)
    (b,) = await world.sent("b")
    await world.handler()(b)

    assert forgotten == 1
    assert world.handled == ["a", "b"]


def test_sequences_sort_as_text() -> None:
    """The order of sending is the order of the texts, and is read back from them."""
    assert sorted(sequence_of(number) for number in (10, 9, 2**62)) == [sequence_of(n) for n in (9, 10, 2**62)]
    assert _event("a", "s").model_copy(update={"sequence": sequence_of(17)}).position == 17
    assert _event("a", "s").position is None


async def _waits_for_a_lock(database: PostgresDatabase) -> bool:
    url: str = database._url
    connection = await asyncpg.connect(url)
    try:
        count = await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted")
    finally:
        await connection.close()
    return bool(count == 2)


def _event(name: str, subject: str) -> Event:
    return Event(
        type="data.ingested",
        source="/tests",
        time=datetime.now(UTC),
        subject=subject,
        clientid="acme",
        data={"object_model": name},
    )
