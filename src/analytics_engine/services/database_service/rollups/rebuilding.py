"""Marked buckets computed anew from the rows, in bounded steps; a new rollup is one that is all marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.model.zones import zone_named
from analytics_engine.kpi.values.kept import (
    EARLIEST,
    LATEST,
    Between,
    Buckets,
    Days,
    Instants,
    Mark,
    Moment,
    difference,
    intersection,
    union,
)
from analytics_engine.services.database_service.rollups import repository
from analytics_engine.services.database_service.rollups.repository import SQL, HeldMark, HeldRollup
from analytics_engine.services.database_service.tables import repository as tables
from analytics_engine.services.database_service.tables.ddl import fact_name
from analytics_engine.services.database_service.tables.service import become_ingest

_MARKS_AT_ONCE = 1_000
_STEP = timedelta(days=31)


@dataclass(frozen=True)
class Rebuilt:
    """What a step did: the span it computed, None where it is to be done again later; whether marks are left.

    That is where another process was at it, or where a table got a part meanwhile.
    """

    span: Between | None
    left: int


async def rebuild_step(
    database: Database, rollup: HeldRollup, client_id: str, *, most: timedelta = _STEP, timeout_s: float = 600.0
) -> Rebuilt:
    """Compute one span of a client's marked buckets anew, of no more than ``most``, and take its marks away."""
    try:
        async with database.transaction(timeout_s=timeout_s) as connection:
            await become_ingest(connection)
            if not await connection.fetch_value(SQL["lock_cells"], rollup.id, client_id):
                return Rebuilt(None, 1)
            cut = await buckets_of(connection, rollup, client_id)
            return await _Rebuilding(connection, rollup, client_id, cut).step(most)
    except _PartCame:
        return Rebuilt(None, 1)


async def buckets_of(connection: Connection, rollup: HeldRollup, client_id: str) -> Buckets:
    """Return how a rollup's time is cut for a client."""
    if rollup.kept.anchor_type is DataType.DATE:
        return Days()
    return Instants(zone_named(await connection.fetch_value(SQL["zone"], client_id)))


async def floor_of(connection: Connection, rollup: HeldRollup, cut: Buckets, level: Level) -> Moment:
    """Return where the first bucket of a level begins whose rows are all there; those before have some archived."""
    start = await tables.rows_from(connection, rollup.object_model)
    if start is None:
        return cut.earliest
    moment, _ = cut.of_span(start, start + timedelta(microseconds=1))
    bucket = cut.bucket(moment, level)
    return moment if bucket[0] == moment else bucket[1]


async def remark(
    connection: Connection, rollup_id: int, client_id: str, spans: Sequence[Between], *, reason: str
) -> None:
    """Mark spans of a client."""
    if spans:
        starts, ends = ([instant(moment) for moment in side] for side in zip(*spans, strict=True))
        await connection.execute(SQL["mark"], rollup_id, client_id, starts, ends, reason)


class _PartCame(Exception):
    """A table got a part while rows of it were read; only a transaction that begins anew is sure to read it."""


@dataclass(frozen=True)
class _Rebuilding:
    """One transaction that computes cells of a client anew."""

    connection: Connection
    rollup: HeldRollup
    client_id: str
    cut: Buckets

    async def step(self, most: timedelta) -> Rebuilt:
        """Rebuild the newest of what is marked and has its rows; marks of times whose rows are archived stay.

        From the lock on no rows leave the table until this is done.
        """
        await self.connection.execute(f"LOCK TABLE ONLY {fact_name(self.rollup.object_model)} IN ACCESS SHARE MODE")
        floor = await floor_of(self.connection, self.rollup, self.cut, self._whole)
        after = instant(floor) if floor != self.cut.earliest else None
        held = await repository.marks(
            self.connection, self.rollup.id, client_id=self.client_id, most=_MARKS_AT_ONCE, after=after
        )
        own = [mark for mark in held if mark.client_id == self.client_id]
        if not own:
            return Rebuilt(None, 0)
        span = await self._next_span(own, most, floor)
        if span is None:
            await self.connection.execute(SQL["unmark"], [mark.id for mark in own])
            await self._mark_again(own, floor, [])
            return Rebuilt(None, 0)
        touched = [mark for mark in own if _touches(self.cut.of_mark(mark.mark), span)]
        await self._rebuild(span, [mark.id for mark in touched])
        left = await self._mark_again(touched, floor, [span])
        unseen = len(held) == _MARKS_AT_ONCE
        return Rebuilt(span, left + len(own) - len(touched) + unseen)

    @property
    def _whole(self) -> Level:
        """The level whose buckets are rebuilt whole from rows; months are of days."""
        levels = self.rollup.kept.levels
        return Level.DAY if Level.DAY in levels else levels[-1]

    async def _mark_again(self, marks: Sequence[HeldMark], floor: Moment, done: Sequence[Between]) -> int:
        """Mark what is left of marks: what was not done, and what is archived; return how many can still be done."""
        spans = union(self.cut.of_mark(mark.mark) for mark in marks)
        archived = intersection(spans, [(self.cut.earliest, floor)]) if floor != self.cut.earliest else []
        left = difference(intersection(spans, [(floor, self.cut.latest)]), done) if done else []
        await remark(self.connection, self.rollup.id, self.client_id, [*archived, *left], reason=marks[0].reason)
        return len(left)

    async def _next_span(self, marks: Sequence[HeldMark], most: timedelta, floor: Moment) -> Between | None:
        """Return the latest marked span that holds anything, in whole buckets of days; None where none does.

        What is newest is asked for most, so that is computed first. A month may hold what its days hold no more: of a
        row that was deleted their cells go when they are merged, and the month keeps its least value until it is built.
        """
        row = await self.connection.fetch_one(self.rollup.sql.hull(), self.client_id)
        assert row is not None
        if row["first"] is None:
            return None
        whole, longest = self._whole, self.rollup.kept.levels[-1]
        hull = max(self.cut.bucket(row["first"], longest)[0], floor), self.cut.bucket(row["last"], longest)[1]
        if hull[0] >= hull[1]:
            return None
        spans = intersection(union(self.cut.widened(self.cut.of_mark(mark.mark), whole) for mark in marks), [hull])
        if not spans:
            return None
        start, end = spans[-1]
        return max(start, self.cut.bucket(end - most, whole)[0]), end

    async def _rebuild(self, span: Between, marks: list[int]) -> None:
        """Compute the buckets of a span at every level, and take away the marks that were seen before."""
        levels = self.rollup.kept.levels
        by_level = [self.cut.widened(span, level) for level in levels]
        fine = [wide for wide, level in zip(by_level, levels, strict=True) if level is not Level.MONTH]
        rows = min(start for start, _ in fine), max(end for _, end in fine)
        bounds = [moment for wide in (rows, *by_level) for moment in wide]
        before = await self._parts_of_tables()
        for part in self.rollup.sql.parts:
            await self.connection.execute(part.rebuild(), self.client_id, *bounds)
        if await self._parts_of_tables() != before:
            raise _PartCame
        await self.connection.execute(SQL["unmark"], marks)

    async def _parts_of_tables(self) -> list[int]:
        """Return all parts of the tables whose rows are read, as they are now.

        A statement reads the parts that there were when it was planned, and of the cells those that are there when it
        begins: of rows that came in between with a part of their own the cells would go missing.
        """
        kept = self.rollup.kept
        tables = [fact_name(model) for model in (kept.model, *(read.model for read in kept.reads))]
        found: list[int] = await self.connection.fetch_value(SQL["parts_of_tables"], tables)
        return found


def _touches(span: Between, other: Between) -> bool:
    return span[0] < other[1] and other[0] < span[1]


def instant(moment: Moment) -> datetime:
    """Return a moment as marks have it: a day begins with its midnight in UTC."""
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


EVER = Mark(EARLIEST, LATEST)
