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
from analytics_engine.services.database_service.tables.service import become_ingest

_MARKS_AT_ONCE = 1_000
_STEP = timedelta(days=31)


@dataclass(frozen=True)
class Rebuilt:
    """What a step did: the span it computed, None where another process was at it; whether marks are left."""

    span: Between | None
    left: int


async def rebuild_step(
    database: Database, rollup: HeldRollup, client_id: str, *, most: timedelta = _STEP, timeout_s: float = 600.0
) -> Rebuilt:
    """Compute one span of a client's marked buckets anew, of no more than ``most``, and take its marks away."""
    async with database.transaction(timeout_s=timeout_s) as connection:
        await become_ingest(connection)
        if not await connection.fetch_value(SQL["lock_cells"], rollup.id, client_id):
            return Rebuilt(None, 1)
        await connection.execute(SQL["read_once"])
        cut = await buckets_of(connection, rollup, client_id)
        return await _Rebuilding(connection, rollup, client_id, cut).step(most)


async def buckets_of(connection: Connection, rollup: HeldRollup, client_id: str) -> Buckets:
    """Return how a rollup's time is cut for a client."""
    if rollup.kept.anchor_type is DataType.DATE:
        return Days()
    return Instants(zone_named(await connection.fetch_value(SQL["zone"], client_id)))


async def remark(
    connection: Connection, rollup_id: int, client_id: str, spans: Sequence[Between], *, reason: str
) -> None:
    """Mark spans of a client."""
    if spans:
        starts, ends = ([instant(moment) for moment in side] for side in zip(*spans, strict=True))
        await connection.execute(SQL["mark"], rollup_id, client_id, starts, ends, reason)


@dataclass(frozen=True)
class _Rebuilding:
    """One transaction that computes cells of a client anew."""

    connection: Connection
    rollup: HeldRollup
    client_id: str
    cut: Buckets

    async def step(self, most: timedelta) -> Rebuilt:
        held = await repository.marks(self.connection, self.rollup.id, client_id=self.client_id, most=_MARKS_AT_ONCE)
        own = [mark for mark in held if mark.client_id == self.client_id]
        if not own:
            return Rebuilt(None, 0)
        span = await self._next_span(own, most)
        if span is None:
            await self.connection.execute(SQL["unmark"], [mark.id for mark in own])
            return Rebuilt(None, 0)
        touched = [mark for mark in own if _touches(self.cut.of_mark(mark.mark), span)]
        await self._rebuild(span, [mark.id for mark in touched])
        left = difference(union(self.cut.of_mark(mark.mark) for mark in touched), [span])
        await remark(self.connection, self.rollup.id, self.client_id, left, reason=touched[0].reason)
        return Rebuilt(span, len(left) + len(own) - len(touched))

    async def _next_span(self, marks: Sequence[HeldMark], most: timedelta) -> Between | None:
        """Return the latest marked span that holds anything, in whole buckets of days; None where none does.

        What is newest is asked for most, so that is computed first.
        """
        row = await self.connection.fetch_one(self.rollup.sql.hull(), self.client_id)
        assert row is not None
        if row["first"] is None:
            return None
        levels = self.rollup.kept.levels
        whole = Level.DAY if Level.DAY in levels else levels[-1]
        hull = self.cut.bucket(row["first"], whole)[0], self.cut.bucket(row["last"], whole)[1]
        spans = intersection(union(self.cut.widened(self.cut.of_mark(mark.mark), whole) for mark in marks), [hull])
        if not spans:
            return None
        start, end = spans[-1]
        return max(start, self.cut.bucket(end - most, whole)[0]), end

    async def _rebuild(self, span: Between, marks: list[int]) -> None:
        """Compute the buckets of a span at every level."""
        levels = self.rollup.kept.levels
        by_level = [self.cut.widened(span, level) for level in levels]
        fine = [wide for wide, level in zip(by_level, levels, strict=True) if level is not Level.MONTH]
        rows = min(start for start, _ in fine), max(end for _, end in fine)
        bounds = [moment for wide in (rows, *by_level) for moment in wide]
        await self.connection.execute(self.rollup.sql.rebuild(), self.client_id, *bounds, marks)


def _touches(span: Between, other: Between) -> bool:
    return span[0] < other[1] and other[0] < span[1]


def instant(moment: Moment) -> datetime:
    """Return a moment as marks have it: a day begins with its midnight in UTC."""
    if isinstance(moment, datetime):
        return moment
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


EVER = Mark(EARLIEST, LATEST)
