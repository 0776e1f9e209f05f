"""How a consumer group handles events, whatever stream they come from: order, retries, dead letters."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from opentelemetry.trace import SpanKind

from analytics_engine.errors import AnalyticsEngineError, DependencyUnavailable, ErrorKind, Locked, OutOfTurn
from analytics_engine.kernel.http import request_id
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.events import Event, EventHandler, TakesTurns
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.kernel.tracing import span_of

log = get_logger(__name__)

_RECONNECT_S = 0.3
_TRANSIENT = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.TIMEOUT, ErrorKind.STORAGE})


@dataclass(frozen=True)
class ConsumePolicy:
    """How patient a consumer is.

    Args:
        attempts: handlings begun before an event becomes a dead letter. A handler that fails because something is
            away, full or held by another (``DependencyUnavailable``, ``DependencyTimeout``, ``InsufficientStorage``,
            ``Locked``) is tried again for as long as that lasts.
        first_pause_s: before the second attempt; doubled for each further one up to ``longest_pause_s``.
        turn_pause_s: how often it is asked whether an event's turn has come.
        abandoned_after_s: a consumer that was silent for so long is taken for dead and its events are taken over.
        handler_timeout_s: how long one handling may take.
        batch: how many events are fetched at once.
        hold: how many unfinished events a consumer may hold before it stops fetching new ones; more than may come
            before an earlier one when a relay sends again, lest all of them wait for one that is never fetched.
    """

    attempts: int = 10
    first_pause_s: float = 0.2
    longest_pause_s: float = 30.0
    abandoned_after_s: float = 10.0
    handler_timeout_s: float = 300.0
    wait_s: float = 1.0
    batch: int = 64
    hold: int = 2048
    turn_pause_s: float = 0.05

    def pause_s(self, setbacks: int) -> float:
        return float(min(self.longest_pause_s, self.first_pause_s * 2 ** min(setbacks - 1, 30)))


@dataclass(eq=False)
class Delivery:
    """One event on its way through one consumer; ``attempts`` counts the handlings begun, in earlier lives too."""

    type: str
    id: str
    event: Event
    attempts: int = 0
    setbacks: int = 0
    due: float = field(default=0.0, compare=False)

    @property
    def key(self) -> tuple[str, str]:
        return (self.type, self.id)

    @property
    def place(self) -> tuple[str, tuple[int, ...]]:
        """Where it comes in its lane: by the order of sending, and of what has none by its place in the stream."""
        return (self.event.sequence, tuple(int(part) for part in self.id.split("-")))

    @property
    def lane(self) -> tuple[str, ...]:
        """Events of one lane are handled in order; an event without a subject has a lane of its own."""
        if not self.event.subject:
            return self.key
        return (self.type, self.event.clientid, self.event.subject)


class GroupLog(Protocol):
    """The stream as one consumer of one group sees it; every method may raise DependencyUnavailable."""

    async def prepare(self) -> None:
        """Make the group where it is missing; it begins at the oldest event kept."""
        ...

    async def unfinished(self) -> Sequence[Delivery]:
        """Return what this consumer was given in an earlier life and never finished, oldest first."""
        ...

    async def abandoned(self) -> Sequence[Delivery]:
        """Take over what silent consumers of the group never finished, oldest first."""
        ...

    async def fresh(self, *, limit: int, wait_s: float) -> Sequence[Delivery]: ...

    async def begin(self, delivery: Delivery) -> bool:
        """Count an attempt; False when the event is no longer ours to handle."""
        ...

    async def keep(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """Say that these are still being worked on, so that nobody takes them over; return those that are not ours."""
        ...

    async def done(self, delivery: Delivery) -> None: ...

    async def bury(self, delivery: Delivery, reason: str) -> None:
        """Make it a dead letter and acknowledge it, both or neither."""
        ...


class GroupConsumer:
    """Handles a group's events one at a time, in the order of their lanes, until cancelled.

    An event is acknowledged after its handler returned. One that fails waits and is tried again; later events of its
    lane wait behind it, all others pass. After too many attempts it becomes a dead letter and its lane goes on.
    """

    def __init__(self, group_log: GroupLog, *, group: str, handler: EventHandler, policy: ConsumePolicy) -> None:
        self._log = group_log
        self._group = group
        self._handler = handler
        self._turns: TakesTurns | None = _as_turns(handler)
        self._policy = policy
        self._held: dict[tuple[str, str], Delivery] = {}
        self._away = False
        self._take_over_at = 0.0

    async def run(self) -> None:
        while is_wanted():
            try:
                await self._consume()
            except DependencyUnavailable as error:
                if not self._away:
                    log.warning("event_stream_lost", group=self._group, reason=error.detail)
                self._away = True
            await asyncio.sleep(_RECONNECT_S)

    async def _consume(self) -> None:
        self._held.clear()
        await self._log.prepare()
        if self._away:
            log.info("event_stream_back", group=self._group)
            self._away = False
        await self._hold(await self._log.unfinished())
        heartbeat = asyncio.create_task(self._keep_held())
        try:
            while is_wanted():
                await self._take_over()
                await self._handle_due()
                await self._fetch()
        finally:
            heartbeat.cancel()
            await asyncio.gather(heartbeat, return_exceptions=True)

    async def _hold(self, deliveries: Sequence[Delivery]) -> None:
        """Hold these too, in order: what is taken over, or was sent again, goes before what is held behind it."""
        if not deliveries:
            return
        through = await self._through(deliveries)
        for delivery in deliveries:
            if delivery.event.id in through:
                await self._log.done(delivery)
            else:
                self._held.setdefault(delivery.key, delivery)
        self._held = dict(sorted(self._held.items(), key=lambda held: held[1].place))

    async def _through(self, deliveries: Sequence[Delivery]) -> Collection[str]:
        """Return the ids of events that were sent again and handled before; one question tells it of all of them."""
        if self._turns is None:
            return ()
        try:
            return await self._turns.through([delivery.event for delivery in deliveries])
        except AnalyticsEngineError as error:
            log.debug("handled_not_known", group=self._group, reason=error.detail)
            return ()

    async def _take_over(self) -> None:
        if _now() >= self._take_over_at:
            await self._hold(await self._log.abandoned())
            self._take_over_at = _now() + self._policy.abandoned_after_s / 3

    async def _fetch(self) -> None:
        wakes_at = min((self._take_over_at, *(held.due for held in self._held.values() if held.due)))
        wait_s = max(0.0, min(self._policy.wait_s, wakes_at - _now()))
        if len(self._held) >= self._policy.hold:
            await asyncio.sleep(wait_s)
        else:
            await self._hold(await self._log.fresh(limit=self._policy.batch, wait_s=wait_s))

    async def _handle_due(self) -> None:
        blocked = await self._not_in_turn()
        for delivery in list(self._held.values()):
            if delivery.lane in blocked:
                continue
            if delivery.due > _now() or not await self._finish(delivery):
                blocked.add(delivery.lane)
                continue
            self._held.pop(delivery.key, None)

    async def _not_in_turn(self) -> set[tuple[str, ...]]:
        """Return the lanes whose first event is not to be begun yet; one question tells it of all of them."""
        heads: dict[tuple[str, ...], Delivery] = {}
        if self._turns is not None:
            for delivery in self._held.values():
                heads.setdefault(delivery.lane, delivery)
            heads = {lane: delivery for lane, delivery in heads.items() if delivery.due <= _now()}
        if self._turns is None or not heads:
            return set()
        try:
            ready = await self._turns.whose_turn([delivery.event for delivery in heads.values()])
        except AnalyticsEngineError as error:
            log.debug("turns_not_known", group=self._group, reason=error.detail)
            ready = ()
        waiting = {lane: delivery for lane, delivery in heads.items() if delivery.event.id not in ready}
        for delivery in waiting.values():
            delivery.due = _now() + self._policy.turn_pause_s
        return set(waiting)

    async def _finish(self, delivery: Delivery) -> bool:
        """Try once; return whether nothing is left to do for this delivery."""
        if delivery.attempts >= self._policy.attempts:
            return await self._bury(delivery, f"was begun {delivery.attempts} times and never finished")
        if not await self._log.begin(delivery):
            return True
        delivery.attempts += 1
        failure = await self._attempt(delivery, self._handler(delivery.event))
        if failure is None:
            await self._log.done(delivery)
            return True
        return await self._failed(delivery, failure)

    async def _attempt(self, delivery: Delivery, handling: Awaitable[object]) -> Exception | None:
        token = request_id.set_request_id(delivery.event.correlationid or delivery.event.id)
        carrier = {"traceparent": delivery.event.traceparent}
        try:
            with span_of(f"process {delivery.type}", kind=SpanKind.CONSUMER, carrier=carrier):
                async with asyncio.timeout(self._policy.handler_timeout_s):
                    await handling
        except Exception as error:  # noqa: BLE001 - the message edge: kept, retried, told of when given up
            return error
        finally:
            request_id.reset_request_id(token)
        return None

    async def _failed(self, delivery: Delivery, failure: Exception) -> bool:
        if isinstance(failure, AnalyticsEngineError) and _passes_by_itself(failure):
            delivery.attempts -= 1
        elif delivery.attempts >= self._policy.attempts:
            return await self._bury(delivery, _told(failure))
        return self._put_off(delivery, failure)

    def _put_off(self, delivery: Delivery, failure: Exception) -> bool:
        if isinstance(failure, OutOfTurn):
            delivery.due = _now() + self._policy.turn_pause_s
            return False
        delivery.setbacks += 1
        pause_s = self._policy.pause_s(delivery.setbacks)
        delivery.due = _now() + pause_s
        log.warning(
            "event_failed",
            group=self._group,
            event_type=delivery.type,
            event_id=delivery.event.id,
            attempt=delivery.attempts,
            next_attempt_in_s=round(pause_s, 3),
            reason=_told(failure),
        )
        return False

    async def _bury(self, delivery: Delivery, reason: str) -> bool:
        if self._turns is not None:
            giving_up = self._turns.give_up(delivery.event, reason=reason, attempts=delivery.attempts)
            if failure := await self._attempt(delivery, giving_up):
                return self._put_off(delivery, failure)
            await self._log.done(delivery)
        else:
            await self._log.bury(delivery, reason)
        log.error(
            "event_dead",
            group=self._group,
            event_type=delivery.type,
            event_id=delivery.event.id,
            attempts=delivery.attempts,
            reason=reason,
        )
        return True

    async def _keep_held(self) -> None:
        while is_wanted():
            await asyncio.sleep(self._policy.abandoned_after_s / 3)
            try:
                for lost in await self._log.keep(list(self._held.values())):
                    self._held.pop(lost.key, None)
            except DependencyUnavailable as error:
                log.debug("event_keep_failed", group=self._group, reason=error.detail)


def _now() -> float:
    return asyncio.get_running_loop().time()


def _as_turns(handler: object) -> TakesTurns | None:
    return handler if isinstance(handler, TakesTurns) else None


def _told(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"


def _passes_by_itself(failure: AnalyticsEngineError) -> bool:
    return failure.kind in _TRANSIENT or isinstance(failure, Locked)
