"""Which spans of time are read from which level of a rollup, and which from the rows: each instant from one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.rollup import SECONDS, Level
from analytics_engine.kpi.model.zones import instant_of, local_of, zone_named
from analytics_engine.kpi.states.kept import Kept

Moment = datetime | date
Between = tuple[Moment, Moment]
"""A half-open span."""

EARLIEST, LATEST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
"""The bounds of a span that is open: all time before, all time after, of what can be said in every zone."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Mark:
    """A span whose buckets may be wrong: all of their states, or those that rows cannot be taken out of again."""

    start: datetime
    end: datetime
    every_state: bool = True


@dataclass(frozen=True)
class Marks:
    """What is known of a rollup in one snapshot.

    Args:
        zone: the zone its days and months are of, for the client.
        marks: the spans to be read from the rows.
    """

    zone: str = "UTC"
    marks: tuple[Mark, ...] = ()


NOTHING_KEPT = Marks(marks=(Mark(EARLIEST, LATEST),))
"""What is known of a rollup that there is not: nothing of it is read."""


def spans_of(
    kept: Kept, marks: Marks, boundaries: Sequence[Moment], *, bounded: bool, subtracts: bool
) -> dict[Level | None, list[Between]]:
    """Return the spans that are read at each level, and under None those of the rows.

    Args:
        kept: the rollup.
        marks: its marks in the snapshot that is read.
        boundaries: the ascending boundaries that no bucket may contain; the last ends the window.
        bounded: the window begins with the first of them; else with all time.
        subtracts: only states are read that rows can be taken out of again.
    """
    found: dict[Level | None, list[Between]] = {level: [] for level in (*kept.levels, None)}
    if not boundaries:
        return found
    cut = Days() if kept.anchor_type is DataType.DATE else Instants(zone_named(marks.zone))
    marked = [cut.of_mark(mark) for mark in marks.marks if mark.every_state or not subtracts]
    rest = intersection([(boundaries[0] if bounded else cut.earliest, boundaries[-1])], [(cut.earliest, cut.latest)])
    for level in reversed(kept.levels):
        without = union([*_odd(cut, level, boundaries), *(cut.widened(span, level) for span in marked)])
        found[level] = difference(rest, without)
        rest = intersection(rest, without)
    found[None] = rest
    return found


def _odd(cut: Buckets, level: Level, boundaries: Sequence[Moment]) -> Iterator[Between]:
    """Yield the buckets that have a boundary inside, once for neighbours."""
    reached: Moment | None = None
    for boundary in boundaries:
        if reached is not None and boundary < reached:
            continue
        bucket = cut.bucket(boundary, level)
        if bucket[0] != boundary:
            reached = bucket[1]
            yield bucket


class Buckets(Protocol):
    """How time is cut into buckets."""

    @property
    def earliest(self) -> Moment: ...
    @property
    def latest(self) -> Moment: ...

    def of_span(self, start: datetime, end: datetime) -> Between:
        """Return a span as the buckets are told: of dates the days it touches in UTC."""
        ...

    def of_mark(self, mark: Mark) -> Between:
        """Return the span of a mark."""
        ...

    def bucket(self, moment: Moment, level: Level) -> Between:
        """Return the bucket that holds a moment."""
        ...

    def widened(self, span: Between, level: Level) -> Between:
        """Return the span of all buckets that a span touches."""
        ...


def _widened(cut: Buckets, span: Between, level: Level) -> Between:
    start, end = span
    if start != cut.earliest:
        start = cut.bucket(start, level)[0]
    if end != cut.latest:
        bucket = cut.bucket(end, level)
        end = end if bucket[0] == end else bucket[1]
    return start, end


@dataclass(frozen=True)
class Instants:
    """Buckets of instants: of equal length in UTC, or the days and months of a zone."""

    zone: ZoneInfo
    earliest = EARLIEST
    latest = LATEST

    def of_span(self, start: datetime, end: datetime) -> Between:
        return start, end

    def of_mark(self, mark: Mark) -> Between:
        return mark.start, mark.end

    def bucket(self, moment: Moment, level: Level) -> Between:
        assert isinstance(moment, datetime)
        length = SECONDS.get(level)
        if length is not None:
            start = moment - (moment - _EPOCH) % timedelta(seconds=length)
            return start, start + timedelta(seconds=length)
        day = local_of(moment, self.zone).date()
        first, after = _days_of(day, level)
        return self._start_of(first), self._start_of(after)

    def widened(self, span: Between, level: Level) -> Between:
        return _widened(self, span, level)

    def _start_of(self, day: date) -> datetime:
        return instant_of(datetime.combine(day, time()), self.zone)


@dataclass(frozen=True)
class Days:
    """Buckets of dates, which are in no zone."""

    earliest = EARLIEST.date()
    latest = LATEST.date()

    def of_span(self, start: datetime, end: datetime) -> Between:
        return start.date(), (end - timedelta(microseconds=1)).date() + _DAY

    def of_mark(self, mark: Mark) -> Between:
        return self.of_span(mark.start, mark.end)

    def bucket(self, moment: Moment, level: Level) -> Between:
        return _days_of(moment, level)

    def widened(self, span: Between, level: Level) -> Between:
        return _widened(self, span, level)


def _days_of(day: date, level: Level) -> tuple[date, date]:
    """Return the day, or the month it is in, as its first day and the one behind its last."""
    if level is Level.DAY:
        return day, day + _DAY
    first = day.replace(day=1)
    return first, (first + 31 * _DAY).replace(day=1)


def union(spans: Iterable[Between]) -> list[Between]:
    """Return spans as ascending ones that do not touch."""
    found: list[Between] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def intersection(spans: Sequence[Between], others: Sequence[Between]) -> list[Between]:
    """Return what is in both of two ascending sequences of spans."""
    found: list[Between] = []
    mine, theirs = 0, 0
    while mine < len(spans) and theirs < len(others):
        start = max(spans[mine][0], others[theirs][0])
        end = min(spans[mine][1], others[theirs][1])
        if start < end:
            found.append((start, end))
        if spans[mine][1] < others[theirs][1]:
            mine += 1
        else:
            theirs += 1
    return found


def difference(spans: Sequence[Between], without: Sequence[Between]) -> list[Between]:
    """Return what is in the first of two ascending sequences of spans and not in the second."""
    found: list[Between] = []
    place = 0
    for start, end in spans:
        at = start
        while place < len(without) and without[place][1] <= at:
            place += 1
        inside = place
        while inside < len(without) and without[inside][0] < end:
            if at < without[inside][0]:
                found.append((at, without[inside][0]))
            at = max(at, without[inside][1])
            inside += 1
        if at < end:
            found.append((at, end))
    return found
