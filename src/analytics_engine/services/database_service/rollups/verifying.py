"""Rollups compared with the rows they are of: what differs is read from the rows at once, rebuilt, and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics_engine.contracts.engine import BARRIER
from analytics_engine.contracts.events import EventType, RollupCorrupted
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.ports.outbox import Outbox
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.values.kept import Between, Buckets, difference, intersection, union
from analytics_engine.services.database_service.rollups import repository
from analytics_engine.services.database_service.rollups.rebuilding import buckets_of, floor_of, instant, remark
from analytics_engine.services.database_service.rollups.repository import HeldRollup
from analytics_engine.services.database_service.tables.service import become_ingest, become_service

log = get_logger(__name__)

SOURCE = "database_service"
_TIMEOUT_S = 600.0


@dataclass(frozen=True)
class WrongBucket:
    """A bucket that is not what its rows are, and how many of its cells are not."""

    level: Level
    start: datetime
    end: datetime
    cells: int


@dataclass(frozen=True)
class Verified:
    """What was compared: the spans whose buckets were to be read, and which of these were wrong."""

    spans: tuple[tuple[datetime, datetime], ...]
    wrong: tuple[WrongBucket, ...]


class Verification:
    """Compares rollups with rows."""

    def __init__(self, database: Database, outbox: Outbox, clock: Clock) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock

    async def verify(
        self, rollup: HeldRollup, client_id: str, *, within: tuple[datetime, datetime] | None = None
    ) -> Verified:
        """Compare a client's unmarked buckets of a span, by default of all time, with the rows of one snapshot.

        Buckets that differ are marked, so that they are read from the rows from then on until they are rebuilt.
        """
        async with self._database.transaction(
            isolation="repeatable_read", read_only=True, timeout_s=_TIMEOUT_S, analytical=True, behind=BARRIER
        ) as connection:
            await become_ingest(connection)
            cut = await buckets_of(connection, rollup, client_id)
            comparing = _Comparing(connection, rollup, client_id, cut)
            spans = await comparing.spans(cut.of_span(*within) if within is not None else None)
            wrong = [bucket for level, of_level in spans.items() for bucket in await comparing.wrong(level, of_level)]
        if wrong:
            await self._quarantine(rollup, client_id, wrong)
        finest = spans[rollup.kept.levels[0]]
        return Verified(tuple((instant(start), instant(end)) for start, end in finest), tuple(wrong))

    async def _quarantine(self, rollup: HeldRollup, client_id: str, wrong: Sequence[WrongBucket]) -> None:
        spans = union((bucket.start, bucket.end) for bucket in wrong)
        async with self._database.transaction(client_id=client_id) as connection:
            await become_ingest(connection)
            await remark(connection, rollup.id, client_id, spans, reason="corrupted")
            await become_service(connection)
            for start, end in spans:
                await self._outbox.add(
                    connection, self._event(rollup, client_id, (instant(start), instant(end)), wrong)
                )
        log.error(
            "rollup_corrupted",
            rollup=rollup.code,
            id=rollup.id,
            client_id=client_id,
            buckets=len(wrong),
            cells=sum(bucket.cells for bucket in wrong),
            first=min(bucket.start for bucket in wrong).isoformat(),
            last=max(bucket.end for bucket in wrong).isoformat(),
        )

    def _event(
        self, rollup: HeldRollup, client_id: str, span: tuple[datetime, datetime], wrong: Sequence[WrongBucket]
    ) -> Event:
        start, end = span
        data = RollupCorrupted(
            rollup=rollup.code,
            object_model=rollup.object_model,
            starts=start.isoformat(),
            ends=end.isoformat(),
            cells=sum(bucket.cells for bucket in wrong if start <= bucket.start < end),
        )
        return Event(
            type=EventType.ROLLUP_CORRUPTED.value,
            source=SOURCE,
            time=self._clock.now(),
            subject=rollup.code,
            clientid=client_id,
            data=data.model_dump(mode="json"),
        )


@dataclass(frozen=True)
class _Comparing:
    """One snapshot of a client's rows and cells."""

    connection: Connection
    rollup: HeldRollup
    client_id: str
    cut: Buckets

    async def spans(self, within: Between | None) -> dict[Level, list[Between]]:
        """Return for each level the spans of whole buckets that touch no mark, and whose rows are all there."""
        row = await self.connection.fetch_one(self.rollup.sql.hull(), self.client_id)
        assert row is not None
        if row["first"] is None:
            return {level: [] for level in self.rollup.kept.levels}
        held = await repository.marks(self.connection, self.rollup.id, client_id=self.client_id)
        marked = [self.cut.of_mark(mark.mark) for mark in held]
        found = {}
        for level in self.rollup.kept.levels:
            floor = await floor_of(self.connection, self.rollup, self.cut, level)
            hull = self.cut.bucket(row["first"], level)[0], self.cut.bucket(row["last"], level)[1]
            wanted = intersection([hull], [(floor, self.cut.latest)])
            if within is not None:
                wanted = intersection(wanted, [self.cut.widened(within, level)])
            found[level] = difference(wanted, union(self.cut.widened(mark, level) for mark in marked))
        return found

    async def wrong(self, level: Level, spans: Sequence[Between]) -> list[WrongBucket]:
        """Return the buckets of a level that differ."""
        found: list[WrongBucket] = []
        for part in self.rollup.sql.parts:
            for span in spans:
                for row in await self.connection.fetch(part.verify(level), self.client_id, *span):
                    start, end = self.cut.bucket(row["bucket"], level)
                    found.append(WrongBucket(level, instant(start), instant(end), row["cells"]))
        return found
