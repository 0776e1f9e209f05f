"""What every event stream promises; the same tests run on memory and on the real server."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from analytics_engine.errors import DependencyUnavailable, InsufficientStorage, Locked, OutOfTurn
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.events import Event, EventHandler, EventStream

_DEADLINE_S = 10.0


class Recorder:
    """A handler that remembers what it was given, and fails where it is told to."""

    def __init__(self, fails: Callable[[Event], Exception | None] = lambda _: None) -> None:
        self.begun: list[str] = []
        self.handled: list[str] = []
        self._fails = fails

    async def __call__(self, event: Event) -> None:
        name = event.data["name"]
        self.begun.append(name)
        if failure := self._fails(event):
            raise failure
        self.handled.append(name)


@pytest.fixture
def event_type() -> str:
    return f"test.{new_id()}"


def event(event_type: str, name: str, *, subject: str = "flight", client: str = "acme") -> Event:
    return Event(
        type=event_type, source="/tests", time=datetime.now(UTC), subject=subject, clientid=client, data={"name": name}
    )


@asynccontextmanager
async def consuming(
    stream: EventStream, event_type: str, handler: EventHandler, *, group: str = "readers", consumer: str = "one"
) -> AsyncIterator[None]:
    task = asyncio.create_task(stream.consume(group=group, consumer=consumer, types=[event_type], handler=handler))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "not within the deadline"
        await asyncio.sleep(0.01)


async def test_events_are_delivered_in_order(stream: EventStream, event_type: str) -> None:
    """Events of one subject reach a consumer in the order they were appended, those from before it came first."""
    names = [str(number) for number in range(200)]
    recorder = Recorder()
    await stream.append([event(event_type, name) for name in names[:100]])

    async with consuming(stream, event_type, recorder):
        await stream.append([event(event_type, name) for name in names[100:]])
        await until(lambda: len(recorder.handled) == 200)

    assert recorder.handled == names


async def test_an_event_arrives_as_it_was_appended(stream: EventStream, event_type: str) -> None:
    """The envelope and the data of an event are the same on both sides."""
    sent = event(event_type, 'é\n"quoted"', subject="s/1")
    received: list[Event] = []

    async def keep(arrived: Event) -> None:
        received.append(arrived)

    await stream.append([sent])
    async with consuming(stream, event_type, keep):
        await until(lambda: bool(received))

    assert received == [sent]


async def test_an_event_is_delivered_again_after_its_handler_raised(stream: EventStream, event_type: str) -> None:
    """A handler that fails twice sees the event a third time, and no more once it succeeded."""
    failures = iter([RuntimeError("first"), RuntimeError("second")])
    recorder = Recorder(lambda _: next(failures, None))
    await stream.append([event(event_type, "a")])

    async with consuming(stream, event_type, recorder):
        await until(lambda: recorder.handled == ["a"])
    await stream.append([event(event_type, "b")])
    async with consuming(stream, event_type, recorder):
        await until(lambda: "b" in recorder.handled)

    assert recorder.begun == ["a", "a", "a", "b"]


async def test_a_failing_event_holds_its_own_subject_and_no_other(stream: EventStream, event_type: str) -> None:
    """While an event is tried again, later events of its subject wait for it and other subjects pass."""
    failures = iter([RuntimeError("once"), RuntimeError("twice")])
    recorder = Recorder(lambda handled: next(failures, None) if handled.data["name"] == "a1" else None)
    await stream.append(
        [
            event(event_type, "a1", subject="a"),
            event(event_type, "a2", subject="a"),
            event(event_type, "b1", subject="b"),
            event(event_type, "other a", subject="a", client="another"),
        ]
    )

    async with consuming(stream, event_type, recorder):
        await until(lambda: len(recorder.handled) == 4)

    assert recorder.handled == ["b1", "other a", "a1", "a2"]


async def test_consumers_of_a_group_share_its_events(stream: EventStream, event_type: str) -> None:
    """Each event is handled by one consumer of a group, and none is left out."""
    first, second = Recorder(), Recorder()
    async with (
        consuming(stream, event_type, first, consumer="one"),
        consuming(stream, event_type, second, consumer="two"),
    ):
        for number in range(60):
            await stream.append([event(event_type, str(number), subject=str(number))])
        await until(lambda: len(first.handled) + len(second.handled) >= 60)

    assert sorted(first.handled + second.handled, key=int) == [str(number) for number in range(60)]


async def test_every_group_gets_every_event(stream: EventStream, event_type: str) -> None:
    """Groups do not take events from each other; one that comes later begins at the oldest event kept."""
    first, second = Recorder(), Recorder()
    await stream.append([event(event_type, "a"), event(event_type, "b")])

    async with consuming(stream, event_type, first, group="first"):
        await until(lambda: first.handled == ["a", "b"])
    async with consuming(stream, event_type, second, group="second"):
        await until(lambda: second.handled == ["a", "b"])


async def test_events_of_a_dead_consumer_are_taken_over(stream: EventStream, event_type: str) -> None:
    """What a consumer was given and did not finish is handled by another one, in order, once it is silent."""
    stuck = asyncio.Event()

    async def never(_: Event) -> None:
        stuck.set()
        await asyncio.Event().wait()

    await stream.append([event(event_type, name) for name in "abc"])
    async with consuming(stream, event_type, never, consumer="dead"):
        await stuck.wait()

    heir = Recorder()
    async with consuming(stream, event_type, heir, consumer="heir"):
        await until(lambda: len(heir.handled) == 3)

    assert heir.handled == ["a", "b", "c"]


async def test_an_event_that_is_taken_over_goes_before_those_behind_it(stream: EventStream, event_type: str) -> None:
    """Whoever waits for another consumer's event handles it first when it is taken over, and then its own."""
    stuck = asyncio.Event()

    async def never(_: Event) -> None:
        stuck.set()
        await asyncio.Event().wait()

    heir = Recorder(lambda handled: OutOfTurn("Wait.") if handled.data["name"] == "b" and not heir.handled else None)
    await stream.append([event(event_type, "a")])
    async with consuming(stream, event_type, never, consumer="dead"):
        await stuck.wait()
    async with consuming(stream, event_type, heir, consumer="heir"):
        await stream.append([event(event_type, "b")])
        await until(lambda: len(heir.handled) == 2)

    assert heir.handled == ["a", "b"]


async def test_a_consumer_that_comes_back_finishes_what_it_was_given(stream: EventStream, event_type: str) -> None:
    """A consumer of the same name does not wait to be taken over: it goes on where its earlier life ended."""
    stuck = asyncio.Event()

    async def never(_: Event) -> None:
        stuck.set()
        await asyncio.Event().wait()

    await stream.append([event(event_type, name) for name in "abc"])
    async with consuming(stream, event_type, never):
        await stuck.wait()

    recorder = Recorder()
    began = time.monotonic()
    async with consuming(stream, event_type, recorder):
        await until(lambda: recorder.handled == ["a", "b", "c"])

    assert time.monotonic() - began < 0.5, "it waited until it was taken for dead"


async def test_a_slow_consumer_keeps_its_events(stream: EventStream, event_type: str) -> None:
    """A handler that works longer than the silence allowed is not robbed of its event, nor of those behind it."""
    handled: list[str] = []

    async def slow(arrived: Event) -> None:
        await asyncio.sleep(1.2)
        handled.append(arrived.data["name"])

    thief = Recorder()
    await stream.append([event(event_type, name) for name in "ab"])
    async with consuming(stream, event_type, slow, consumer="slow"):
        await asyncio.sleep(0.2)
        async with consuming(stream, event_type, thief, consumer="thief"):
            await until(lambda: len(handled) == 2)

    assert (handled, thief.handled) == (["a", "b"], [])


async def test_a_poisoned_event_becomes_a_dead_letter_and_blocks_nothing(stream: EventStream, event_type: str) -> None:
    """After the last attempt the event is kept aside with its reason, and the rest of its subject goes on."""
    group = new_id()
    recorder = Recorder(lambda handled: ValueError("no such model") if handled.data["name"] == "bad" else None)
    await stream.append([event(event_type, name) for name in ("a", "bad", "b")])

    async with consuming(stream, event_type, recorder, group=group):
        await until(lambda: recorder.handled == ["a", "b"])

    letters = [letter for letter in await stream.administration.dead_letters() if letter.group == group]
    assert [(letter.type, letter.reason, letter.attempts) for letter in letters] == [
        (event_type, "ValueError: no such model", 3)
    ]
    assert letters[0].event is not None
    assert letters[0].event.data == {"name": "bad"}
    assert recorder.begun.count("bad") == 3
    assert (await stream.administration.dead_letter_counts())[group] == 1


async def test_a_handler_whose_server_is_away_is_tried_for_as_long_as_that_lasts(
    stream: EventStream, event_type: str
) -> None:
    """An event is not given up because something was away, held or full for more attempts than others are allowed."""
    failures = iter([DependencyUnavailable("Away."), Locked("Held."), InsufficientStorage("Full.")] * 2)
    recorder = Recorder(lambda _: next(failures, None))
    await stream.append([event(event_type, "a")])

    async with consuming(stream, event_type, recorder):
        await until(lambda: recorder.handled == ["a"])

    assert len(recorder.begun) == 7


async def test_a_replayed_dead_letter_is_handled_again(stream: EventStream, event_type: str) -> None:
    """Replay appends the event to its stream once; the dead letter is gone, and cannot be replayed twice."""
    group = new_id()
    broken = True
    recorder = Recorder(lambda _: ValueError("broken") if broken else None)
    await stream.append([event(event_type, "a")])

    async with consuming(stream, event_type, recorder, group=group):
        await until(lambda: len(recorder.begun) == 3)
        deadline = time.monotonic() + _DEADLINE_S
        while not (found := [one for one in await stream.administration.dead_letters() if one.group == group]):
            assert time.monotonic() < deadline
        broken = False
        assert await stream.administration.replay(found[0])
        await until(lambda: recorder.handled == ["a"])

    assert not await stream.administration.replay(found[0])
    assert (await stream.administration.dead_letter_counts()).get(group, 0) == 0


async def test_discarded_dead_letters_are_gone(stream: EventStream, event_type: str) -> None:
    """What is discarded is neither listed nor counted, and only what was there counts as discarded."""
    group = new_id()
    recorder = Recorder(lambda _: ValueError("broken"))
    await stream.append([event(event_type, name, subject=name) for name in "abc"])
    async with consuming(stream, event_type, recorder, group=group):
        await until(lambda: len(recorder.begun) == 9)
        deadline = time.monotonic() + _DEADLINE_S
        while len(found := [one for one in await stream.administration.dead_letters() if one.group == group]) < 3:
            assert time.monotonic() < deadline

    first = await stream.administration.discard(found[:1])
    again = await stream.administration.discard(found)

    assert (first, again) == (1, 2)
    assert [one for one in await stream.administration.dead_letters() if one.group == group] == []
    assert (await stream.administration.dead_letter_counts()).get(group, 0) == 0


async def test_the_state_of_a_stream_tells_what_waits(stream: EventStream, event_type: str) -> None:
    """Length, last event, and for each group what is pending and what it has not been given yet."""
    recorder = Recorder()
    before = datetime.now(UTC) - timedelta(seconds=1)
    await stream.append([event(event_type, "a"), event(event_type, "b")])
    async with consuming(stream, event_type, recorder, group="readers"):
        await until(lambda: len(recorder.handled) == 2)
        await asyncio.sleep(0.05)
    await stream.append([event(event_type, "c")])

    (status,) = await stream.administration.status([event_type])

    assert status.length == 3
    assert status.last_event_at is not None
    assert status.last_event_at > before
    assert [(group.group, group.pending, group.lag) for group in status.groups] == [("readers", 0, 1)]


async def test_a_stream_nobody_wrote_to_is_empty(stream: EventStream, event_type: str) -> None:
    """A registered type without events has a state too."""
    (status,) = await stream.administration.status([event_type])

    assert (status.length, status.last_event_at, status.groups) == (0, None, [])


async def test_trimming_forgets_only_what_every_group_has_acknowledged(stream: EventStream, event_type: str) -> None:
    """Events that a group still has before it stay, however old they are."""
    recorder = Recorder()
    await stream.append([event(event_type, str(number)) for number in range(300)])
    async with consuming(stream, event_type, recorder, group="first"):
        await until(lambda: len(recorder.handled) == 300)
    await stream.append([event(event_type, str(number)) for number in range(300, 310)])
    await asyncio.sleep(0.05)

    await stream.administration.trim([event_type], older_than=timedelta(0))

    (status,) = await stream.administration.status([event_type])
    assert 10 <= status.length < 300
    second = Recorder()
    async with consuming(stream, event_type, second, group="first"):
        await until(lambda: len(second.handled) == 10)
    assert second.handled == [str(number) for number in range(300, 310)]
