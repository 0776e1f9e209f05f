"""Frames: which span of time a term reads for the period of a cell. Previous, rolling and to date are frames."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.time import (
    MONTHS,
    Calendar,
    Grain,
    Period,
    Window,
    is_whole,
    moved,
    period_at,
    periods,
    span,
)

UNITS: Mapping[str, str] = MappingProxyType(
    {name: grain.value for grain in Grain for name in (grain.value, f"{grain.value}s")}
)
"""The units of durations, one and many: ``{"day": "day", "days": "day", ...}``."""

_DURATION = re.compile(r"\s*([0-9]{1,9})\s+([a-z][a-z0-9_]*)\s*", re.ASCII)
_MOMENT = timedelta(microseconds=1)
_FIXED = ("second", "minute", "hour", "day")
"""Grains that every longer unit is whole periods of, the shortest first."""
_ELAPSED = frozenset({"second", "minute", "hour"})
"""Units of elapsed time, which is not the calendar's where clocks change."""


class Edge(StrEnum):
    """One of the two ends of a period."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of calendar time, such as 28 days; ``unit`` is singular: a grain's name."""

    count: int
    unit: str

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'s' if self.count != 1 else ''}"


@dataclass(frozen=True, slots=True)
class Shift:
    """The period as it was a duration earlier: ``previous(x, 1 year)``."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class Rolling:
    """The window of a duration that ends with the period: ``rolling(x, 28 days)``."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class ToDate:
    """From the start of the enclosing period of a grain to the end of this one: ``to_date(x, year)``."""

    grain: str


@dataclass(frozen=True, slots=True)
class EdgeOf:
    """The first or last period, of the question's grain, in the enclosing period: ``at_period(x, end of year)``."""

    edge: Edge
    grain: str


@dataclass(frozen=True, slots=True)
class Daily:
    """Each local day of the period: ``time_avg(x)``."""


FrameStep = Shift | Rolling | ToDate | EdgeOf | Daily
Frame = tuple[FrameStep, ...]
"""Steps applied to a cell's period, the outermost function's first."""


@dataclass(frozen=True, slots=True)
class FrameContext:
    """What a frame's spans depend on besides the period.

    ``grain`` is the question's, none when the whole range is one period. ``elapsed_until`` is the instant up to which
    time is over and loaded: a period that holds it is compared with the same elapsed span.
    """

    calendar: Calendar
    grain: str | None = None
    elapsed_until: datetime | None = None


def parse_duration(text: str, custom: Collection[str] = ()) -> Duration:
    """Return the duration that a text such as ``7 days`` names; ``custom`` are units besides those of ``UNITS``.

    Raises:
        QueryError: it is not a count above 0 and a unit; the nearest units are named.
    """
    match = _DURATION.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise QueryError(
            f"{text!r} is not a duration.", remedy="Write a number above 0 and a unit, such as 7 days or 1 month."
        )
    units = {**UNITS, **{name: unit for unit in custom for name in (unit, f"{unit}s")}}
    unit = units.get(match[2])
    if unit is None:
        near = did_you_mean(match[2], units)
        raise QueryError(
            f"There is no unit {match[2]!r} of time.",
            remedy=near or f"The units are {', '.join(dict.fromkeys(units.values()))}.",
        )
    return Duration(int(match[1]), unit)


def shift(local: datetime, duration: Duration, calendar: Calendar, sign: Literal[-1, 1] = -1) -> datetime:
    """Return a local time a duration earlier, or later with ``sign`` 1.

    Days and more move on the calendar: the time of day stays, and a day that the month lacks becomes its last (a year
    before 29 February is 28 February). Hours, minutes and seconds move in elapsed time.

    Raises:
        QueryError: there is no such unit, or its calendar does not know the date.
    """
    return moved(local, duration.unit, sign * duration.count, calendar)


def days(period: Period) -> int:
    """Return how many local days begin in a period: one of 23 or 25 hours is one, a skipped one none.

    Unit: day.
    """
    return period.days


def spans(frame: Frame, period: Period, context: FrameContext) -> tuple[Period, ...]:
    """Return the spans that a term reads for a cell's period, the frame's first step applied first.

    Only ``Daily`` gives more than one; they belong to the same cell.

    Raises:
        QueryError: a grain or unit is unknown, or a calendar does not know the dates, or the question's grain does
            not fit a step.
    """
    found: tuple[Period, ...] = (period,)
    for step in frame:
        found = tuple(there for here in found for there in _apply(step, here, context))
    return found


def _apply(step: FrameStep, period: Period, context: FrameContext) -> tuple[Period, ...]:
    calendar = context.calendar
    match step:
        case Shift(duration):
            return (_shifted(period, duration, context),)
        case Rolling(duration):
            start = shift(period.local_end, duration, calendar)
            return (Period(start, period.local_end, calendar.instant(start), period.end),)
        case ToDate(grain):
            enclosing = _enclosing(period, grain, calendar)
            return (Period(enclosing.local_start, period.local_end, enclosing.start, period.end),)
        case EdgeOf():
            return (_edge_of(step, period, context),)
        case Daily():
            return periods(Window(period.local_start, period.local_end), Grain.DAY, calendar)


def _shifted(period: Period, duration: Duration, context: FrameContext) -> Period:
    calendar, until = context.calendar, context.elapsed_until
    full = _shifted_fully(period, duration, context)
    if until is None or not period.start < until < period.end:
        return full
    elapsed_end = shift(calendar.local(until), duration, calendar)
    elapsed = Period(full.local_start, elapsed_end, full.start, calendar.instant(elapsed_end))
    return elapsed if elapsed.end < full.end else full


def _shifted_fully(period: Period, duration: Duration, context: FrameContext) -> Period:
    """Move a whole period of the grain to one that begins where it would, and any other span by both its ends.

    Where no period begins there (a week of a year ago), a week stays as long as it is; months, and whatever is moved by
    elapsed time, are moved by both ends.
    """
    calendar, grain = context.calendar, context.grain
    start = shift(period.local_start, duration, calendar)
    as_long = start + (period.local_end - period.local_start)
    if grain is not None and is_whole(period, grain, calendar):
        begins = calendar.instant(start)
        there = period_at(begins, grain, calendar)
        if there.start == begins:
            return there
        if grain not in MONTHS and duration.unit not in _ELAPSED:
            return span(start, as_long, calendar)
    there = span(start, shift(period.local_end, duration, calendar), calendar)
    # Where both ends became the last day of a shorter month, as long a span from there is meant.
    return there if there.start < there.end else span(start, as_long, calendar)


def _enclosing(period: Period, grain: str, calendar: Calendar) -> Period:
    return period_at(period.end - _MOMENT, grain, calendar)


def _edge_of(step: EdgeOf, period: Period, context: FrameContext) -> Period:
    calendar, grain = context.calendar, context.grain
    if grain is None:
        raise QueryError(
            f"The {step.edge} of a {step.grain} is a period of the question's grain, and the question has none.",
            remedy="Ask by a grain, such as month.",
        )
    outer = _enclosing(period, step.grain, calendar)
    inner = period_at(outer.start if step.edge is Edge.START else outer.end - _MOMENT, grain, calendar)
    if inner.start <= outer.start and outer.end <= inner.end and inner != outer:
        raise QueryError(
            f"The {step.edge} of a {step.grain} is not a period by {grain}: a {grain} is longer than a {step.grain}.",
            remedy=f"Ask by {step.grain} or a finer grain.",
        )
    head = inner if inner.start > outer.start else outer
    tail = inner if inner.end < outer.end else outer
    return Period(head.local_start, tail.local_end, head.start, tail.end)


def keeps_bounds(frame: Frame, grain: str) -> bool:
    """Return whether a frame's spans begin and end where periods of a grain do, but for one that is not over."""
    return all(_keeps_bounds(step, grain) for step in frame)


def _keeps_bounds(step: FrameStep, grain: str) -> bool:
    match step:
        case Shift(duration) | Rolling(duration):
            return _is_multiple(duration.unit, grain)
        case ToDate(enclosing):
            return _is_multiple(enclosing, grain)
        case EdgeOf():
            return True
        case Daily():
            return False


def _is_multiple(unit: str, grain: str) -> bool:
    """Return whether a unit of time is whole periods of a grain."""
    if unit in MONTHS and grain in MONTHS:
        return MONTHS[unit] % MONTHS[grain] == 0
    return unit == grain or (grain in _FIXED and unit not in _FIXED[: _FIXED.index(grain)])


def frame_label(frame: Frame) -> str:
    """Return a frame in words, the innermost step first: ``28 days to its end, a year earlier``."""
    return ", ".join(_step_label(step) for step in reversed(frame)) or "the period itself"


def _step_label(step: FrameStep) -> str:
    match step:
        case Shift(duration):
            return f"{_words(duration)} earlier"
        case Rolling(duration):
            return f"{_words(duration)} to its end"
        case ToDate(grain):
            return f"from the start of its {_name(grain)} to its end"
        case EdgeOf(edge, grain):
            return f"the {'first' if edge is Edge.START else 'last'} period of its {_name(grain)}"
        case Daily():
            return "each of its days"


def _words(duration: Duration) -> str:
    if duration.count == 1:
        return f"{'an' if duration.unit == Grain.HOUR else 'a'} {_name(duration.unit)}"
    return f"{duration.count} {_name(duration.unit)}s"


def _name(grain: str) -> str:
    return grain.replace("_", " ") if grain in UNITS else grain
