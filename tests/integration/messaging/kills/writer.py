"""Whoever changes something and tells of it: events of many subjects, in transactions of which some are rolled back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.ids import new_id
from analytics_engine.kernel.ports.events import Event
from integration.messaging.kills.consumer import POISON, TYPES
from support.waiting import eventually

_SUBJECTS = 40
_LARGEST = 40
_ROLLED_BACK = 0.05
_POISONED = 0.01
_WITHIN_S = 60.0

Key = tuple[str, str, str]


class _RolledBackError(Exception):
    pass


@dataclass
class Writer:
    """Writes numbered events of its own client's subjects; some subjects have many, most have few."""

    database: PostgresDatabase
    client_id: str
    random: Random
    written: int = 0
    rolled_back: int = 0
    committed: dict[str, tuple[Key, int, bool]] = field(default_factory=dict)
    """By event id: the key, the number within it, and whether it is poison."""
    _numbers: Counter[Key] = field(default_factory=Counter)

    async def write(self, wanted: int, ready: Callable[[], Awaitable[bool]]) -> None:
        """Write so many events, each transaction when the readers are ready for more."""
        while self.written < wanted:
            await eventually(ready, within_s=10 * _WITHIN_S)
            await self._write_some()

    async def _write_some(self) -> None:
        events = self._events()
        if self.random.random() < _ROLLED_BACK:
            await self._undo(events)
            self.rolled_back += len(events)
        await eventually(lambda: self._commit(events), within_s=_WITHIN_S)
        for event in events:
            key = (event.type, event.clientid, event.subject)
            self._numbers[key] = event.data["n"]
            self.committed[event.id] = (key, event.data["n"], event.data["name"] == POISON)
        self.written += len(events)

    def _events(self) -> list[Event]:
        numbers = self._numbers.copy()
        events = []
        for _ in range(self.random.randint(1, _LARGEST)):
            subject = f"subject {int(_SUBJECTS * self.random.random() ** 2)}"
            key = (self.random.choice(TYPES), self.client_id, subject)
            numbers[key] += 1
            name = POISON if self.random.random() < _POISONED else "sound"
            events.append(
                Event(
                    type=key[0],
                    source="/tests",
                    time=datetime.now(UTC),
                    subject=subject,
                    clientid=self.client_id,
                    data={"n": numbers[key], "name": name},
                )
            )
        return events

    async def _undo(self, events: list[Event]) -> None:
        with suppress(_RolledBackError, DependencyUnavailable):
            async with self.database.transaction() as connection:
                for event in events:
                    await PostgresOutbox().add(connection, event.model_copy(update={"id": new_id()}))
                raise _RolledBackError

    async def _commit(self, events: list[Event]) -> bool:
        """Return whether the events are there; a commit whose answer was lost is looked for."""
        try:
            async with self.database.transaction() as connection:
                for event in events:
                    await PostgresOutbox().add(connection, event)
        except DependencyUnavailable:
            return await eventually(lambda: self._looked_for(events), within_s=_WITHIN_S) == "there"
        return True

    async def _looked_for(self, events: list[Event]) -> str:
        with suppress(DependencyUnavailable):
            async with self.database.transaction() as connection:
                count = await connection.fetch_value(
                    "SELECT count(*) FROM messaging.outbox WHERE event_id = ANY ($1)", [event.id for event in events]
                )
            assert count in {0, len(events)}
            return "there" if count else "not there"
        return ""
