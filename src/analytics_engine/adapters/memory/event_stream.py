from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from analytics_engine.kernel.consuming import ConsumePolicy, Delivery, GroupConsumer
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.events import Event, EventHandler
from analytics_engine.kernel.ports.streams import DeadLetter, GroupStatus, StreamStatus


@dataclass
class _Entry:
    type: str
    number: int
    event: Event
    appended_at: datetime


@dataclass
class _Pending:
    """An entry given to a consumer and not acknowledged."""

    entry: _Entry
    consumer: str
    attempts: int
    kept_at: float


@dataclass
class _Group:
    read_until: dict[str, int] = field(default_factory=dict)
    pending: dict[tuple[str, str], _Pending] = field(default_factory=dict)


class MemoryEventStream:
    """Events in this process's memory; consumers in the process share them as over a server."""

    def __init__(self, *, policy: ConsumePolicy | None = None) -> None:
        self.policy = policy or ConsumePolicy()
        self.entries: dict[str, list[_Entry]] = defaultdict(list)
        self.groups: dict[str, _Group] = defaultdict(_Group)
        self.dead: dict[tuple[str, str], DeadLetter] = {}
        self.changed = asyncio.Event()
        self.administration = MemoryStreamAdministration(self)
        self._last_number = 0

    async def append(self, events: Sequence[Event]) -> None:
        for event in events:
            self._last_number += 1
            self.entries[event.type].append(_Entry(event.type, self._last_number, event, datetime.now(UTC)))
        self.changed.set()

    async def consume(self, *, group: str, consumer: str, types: Sequence[str], handler: EventHandler) -> None:
        group_log = _MemoryGroupLog(self, group=group, consumer=consumer, types=types)
        await GroupConsumer(group_log, group=group, handler=handler, policy=self.policy).run()

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def ping(self) -> None:
        """Memory is always there."""


class _MemoryGroupLog:
    def __init__(self, stream: MemoryEventStream, *, group: str, consumer: str, types: Sequence[str]) -> None:
        self._stream = stream
        self._name = group
        self._group = stream.groups[group]
        self._consumer = consumer
        self._types = types

    async def prepare(self) -> None:
        for event_type in self._types:
            self._group.read_until.setdefault(event_type, 0)

    async def unfinished(self) -> Sequence[Delivery]:
        return [_delivery(pending) for pending in self._pending() if pending.consumer == self._consumer]

    async def abandoned(self) -> Sequence[Delivery]:
        silent_since = _now() - self._stream.policy.abandoned_after_s
        taken = [pending for pending in self._pending() if pending.kept_at <= silent_since]
        for pending in taken:
            pending.consumer, pending.kept_at = self._consumer, _now()
        return [_delivery(pending) for pending in taken]

    async def fresh(self, *, limit: int, wait_s: float) -> Sequence[Delivery]:
        taken = self._take(limit)
        if not taken and wait_s:
            self._stream.changed.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._stream.changed.wait()
            except TimeoutError:
                return []
            taken = self._take(limit)
        return taken

    async def begin(self, delivery: Delivery) -> bool:
        pending = self._group.pending.get(delivery.key)
        if pending is None:
            return False
        pending.consumer, pending.attempts, pending.kept_at = self._consumer, delivery.attempts + 1, _now()
        return True

    async def keep(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        lost = []
        for delivery in deliveries:
            if pending := self._group.pending.get(delivery.key):
                pending.kept_at = _now()
            else:
                lost.append(delivery)
        return lost

    async def done(self, delivery: Delivery) -> None:
        self._group.pending.pop(delivery.key, None)

    async def bury(self, delivery: Delivery, reason: str) -> None:
        self._group.pending.pop(delivery.key, None)
        letter = DeadLetter(
            group=self._name,
            id=new_id(),
            type=delivery.type,
            reason=reason,
            attempts=delivery.attempts,
            failed_at=datetime.now(UTC),
            event=delivery.event,
        )
        self._stream.dead[letter.group, letter.id] = letter

    def _pending(self) -> list[_Pending]:
        mine = [pending for pending in self._group.pending.values() if pending.entry.type in self._types]
        return sorted(mine, key=lambda pending: pending.entry.number)

    def _take(self, limit: int) -> list[Delivery]:
        deliveries: list[Delivery] = []
        for event_type in self._types:
            read_until = self._group.read_until[event_type]
            entries = [entry for entry in self._stream.entries[event_type] if entry.number > read_until][:limit]
            for entry in entries:
                pending = _Pending(entry, self._consumer, attempts=0, kept_at=_now())
                delivery = _delivery(pending)
                self._group.pending[delivery.key] = pending
                deliveries.append(delivery)
            if entries:
                self._group.read_until[event_type] = entries[-1].number
        return deliveries


class MemoryStreamAdministration:
    """The state of the streams, and the dead letters, in memory."""

    def __init__(self, stream: MemoryEventStream) -> None:
        self._stream = stream

    async def continuity(self) -> str:
        return "memory"

    async def status(self, types: Sequence[str]) -> list[StreamStatus]:
        return [self._status(event_type) for event_type in types]

    async def trim(self, types: Sequence[str], *, older_than: timedelta) -> None:
        oldest_kept = datetime.now(UTC) - older_than
        for event_type in types:
            waiting = [self._first_unacknowledged(group, event_type) for group in self._stream.groups.values()]
            self._stream.entries[event_type] = [
                entry
                for entry in self._stream.entries[event_type]
                if entry.appended_at >= oldest_kept or any(entry.number >= number for number in waiting)
            ]

    async def dead_letters(self) -> list[DeadLetter]:
        return sorted(self._stream.dead.values(), key=lambda letter: letter.failed_at, reverse=True)

    async def dead_letter_counts(self) -> Mapping[str, int]:
        counts: dict[str, int] = defaultdict(int)
        for group, _ in self._stream.dead:
            counts[group] += 1
        return counts

    async def replay(self, letter: DeadLetter) -> bool:
        assert letter.event is not None
        if self._stream.dead.pop((letter.group, letter.id), None) is None:
            return False
        await self._stream.append([letter.event])
        return True

    async def discard(self, letters: Sequence[DeadLetter]) -> int:
        return sum(self._stream.dead.pop((letter.group, letter.id), None) is not None for letter in letters)

    def _status(self, event_type: str) -> StreamStatus:
        entries = self._stream.entries[event_type]
        return StreamStatus(
            type=event_type,
            length=len(entries),
            last_event_at=entries[-1].appended_at if entries else None,
            groups=[
                GroupStatus(
                    group=name,
                    consumers=len({pending.consumer for pending in group.pending.values()}),
                    pending=sum(pending.entry.type == event_type for pending in group.pending.values()),
                    lag=sum(entry.number > group.read_until[event_type] for entry in entries),
                    oldest_waiting_at=self._oldest_waiting(group, event_type),
                )
                for name, group in self._stream.groups.items()
                if event_type in group.read_until
            ],
        )

    def _oldest_waiting(self, group: _Group, event_type: str) -> datetime | None:
        pending = [kept.entry for kept in group.pending.values() if kept.entry.type == event_type]
        read_until = group.read_until[event_type]
        waiting = [entry for entry in self._stream.entries[event_type] if entry.number > read_until]
        return min((entry.appended_at for entry in [*pending, *waiting]), default=None)

    @staticmethod
    def _first_unacknowledged(group: _Group, event_type: str) -> int:
        pending = [kept.entry.number for kept in group.pending.values() if kept.entry.type == event_type]
        return min(pending, default=group.read_until.get(event_type, 0) + 1)


def _delivery(pending: _Pending) -> Delivery:
    return Delivery(pending.entry.type, str(pending.entry.number), pending.entry.event, pending.attempts)


def _now() -> float:
    return asyncio.get_running_loop().time()
