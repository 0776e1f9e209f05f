"""Grains, periods and windows. A period is half-open, ``[start, end)``, in a zone, and right across DST.

Grains of a day and more are cut in local time. Hours, minutes and seconds are cut in elapsed time: an hour that the
clocks repeat is two periods, one that they skip is none, and where they change by half an hour it ends early.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum, StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.zones import instant_of, local_of, offset_at, transition, zone_named

_DAY = timedelta(days=1)
_MIDNIGHT = time()


class Grain(StrEnum):
    """The length of the periods a result is cut into, apart from the grains of custom calendars."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    FISCAL_QUARTER = "fiscal_quarter"
    FISCAL_YEAR = "fiscal_year"

    @property
    def finer_than_day(self) -> bool:
        return self in _ELAPSED


_ELAPSED = {Grain.SECOND: timedelta(seconds=1), Grain.MINUTE: timedelta(minutes=1), Grain.HOUR: timedelta(hours=1)}
_DAYS = {Grain.DAY: 1, Grain.WEEK: 7}
MONTHS: Mapping[str, int] = {
    Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12, Grain.FISCAL_QUARTER: 3, Grain.FISCAL_YEAR: 12
}  # fmt: skip
"""The grains that are whole months, and how many."""

_FISCAL = frozenset({Grain.FISCAL_QUARTER, Grain.FISCAL_YEAR})
_SHORTEST_DAYS = {
    Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 28, Grain.QUARTER: 90, Grain.YEAR: 365,
    Grain.FISCAL_QUARTER: 89, Grain.FISCAL_YEAR: 365,
}  # fmt: skip


class Weekday(IntEnum):
    """A day of the week, counted as ``date.weekday()`` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True, repr=False)
class CustomGrain:
    """A grain of a custom calendar: the days on which its periods start, and last the day after its last period."""

    name: str
    starts: tuple[date, ...]

    def __post_init__(self) -> None:
        if len(self.starts) < 2:  # noqa: PLR2004 - one period has a start and an end
            raise ValueError(f"the grain {self.name} needs the start of a period and its end")
        if any(before >= after for before, after in pairwise(self.starts)):
            raise ValueError(f"the starts of the grain {self.name} must ascend")

    def __hash__(self) -> int:
        """Look at the ends only: equal grains have equal ones, and calendars are hashed often."""
        return hash((self.name, len(self.starts), self.starts[0], self.starts[-1]))

    def __repr__(self) -> str:
        """Leave the dates between the ends out: there may be thousands."""
        return f"CustomGrain({self.name!r}, {len(self.starts) - 1} periods from {self.starts[0]} to {self.starts[-1]})"

    def position(self, local: datetime) -> int:
        """Return which period, counted from 0, holds a local time.

        Raises:
            QueryError: none does.
        """
        index = bisect_right(self.starts, local.date()) - 1
        if not 0 <= index < len(self.starts) - 1:
            raise self._unknown(f"not {local.date()}")
        return index

    def moved(self, local: datetime, count: int) -> datetime:
        """Return a local time moved by whole periods: as many days into its period, at most to the last day there.

        Raises:
            QueryError: the calendar does not know the period it is in, or the one it would be in.
        """
        last = len(self.starts) - 1
        at_end = local == local_midnight(self.starts[last])
        index = last if at_end else self.position(local)
        target = index + count
        days = (local.date() - self.starts[index]).days
        if target == last and days == 0 and local.time() == _MIDNIGHT:
            return local_midnight(self.starts[last])
        if not 0 <= target < last:
            raise self._unknown(f"not those {count:+,} periods from {local.date()}")
        longest = (self.starts[target + 1] - self.starts[target]).days - 1
        day = self.starts[target] + timedelta(days=min(days, longest))
        return datetime.combine(day, local.time().replace(fold=0))

    def _unknown(self, what: str) -> QueryError:
        first, last = self.starts[0], self.starts[-1] - _DAY
        return QueryError(
            f"The grain {self.name} knows the dates from {first} to {last}, {what}.",
            remedy="Ask within these dates, or add the years that are missing to its calendar.",
            grain=self.name,
        )


@dataclass(frozen=True)
class Calendar:
    """How a client cuts time: its zone, the first day of its week, its fiscal year and its custom grains."""

    zone: str = "UTC"
    week_start: Weekday = Weekday.MONDAY
    fiscal_year_start_month: int = 1
    custom: tuple[CustomGrain, ...] = ()

    @property
    def tz(self) -> ZoneInfo:
        return zone_named(self.zone)

    @property
    def grains(self) -> tuple[str, ...]:
        """The names of all grains there are, those of custom calendars last."""
        return (*(grain.value for grain in Grain), *(grain.name for grain in self.custom))

    def instant(self, local: datetime) -> datetime:
        """Return the UTC instant at which this local time begins.

        A local time that the zone skips (spring) maps to the instant the clocks jump to; one that occurs twice
        (autumn) maps to its first occurrence, unless its ``fold`` is 1. So consecutive local periods meet without
        gap or overlap.
        """
        return instant_of(local, self.tz)

    def local(self, instant: datetime) -> datetime:
        """Return the local time at an instant; its ``fold`` is 1 when it occurs for the second time."""
        return local_of(instant, self.tz)

    def grain(self, name: str) -> Grain | CustomGrain:
        """Return the grain of a name; for a custom calendar's, as in ``2 retail_months``, the plural is understood.

        Raises:
            QueryError: there is none; the nearest names are given.
        """
        custom = {grain.name: grain for grain in self.custom}
        known = _GRAINS.get(name) or custom.get(name) or custom.get(name.removesuffix("s"))
        if known is None:
            near = did_you_mean(name, self.grains)
            raise QueryError(
                f"There is no grain {name!r}.",
                remedy=near or f"The grains are {', '.join(self.grains)}.",
                grain=name,
            )
        return known


_GRAINS: dict[str, Grain] = {grain.value: grain for grain in Grain}


@dataclass(frozen=True, slots=True)
class Period:
    """One half-open span ``[start, end)``: local times in the calendar's zone, and the instants they are."""

    local_start: datetime
    local_end: datetime
    start: datetime
    end: datetime

    @property
    def days(self) -> int:
        """How many local days begin in it: one of 23 or 25 hours is one, one that the zone skipped is none."""
        days = (_next_midnight(self.local_end) - _next_midnight(self.local_start)).days
        skipped = (self.local_end - self.local_start) - (self.end - self.start)
        return days - max(0, round(skipped / _DAY))


@dataclass(frozen=True)
class Window:
    """The asked range, half-open, in local time of the query's zone."""

    start: datetime
    end: datetime


def local_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local time, the zone is the calendar's


def _next_midnight(local: datetime) -> datetime:
    midnight = local_midnight(local)
    return midnight if midnight == local else midnight + _DAY


def floor(local: datetime, grain: str, calendar: Calendar) -> datetime:
    """Return the local start of the period of this grain that holds a local time.

    Raises:
        QueryError: there is no such grain, or its calendar does not know the date.
    """
    return _floor(local, calendar.grain(grain), calendar)


def _floor(local: datetime, grain: Grain | CustomGrain, calendar: Calendar) -> datetime:
    if isinstance(grain, CustomGrain):
        return local_midnight(grain.starts[grain.position(local)])
    if grain in _ELAPSED:
        return calendar.local(_elapsed_bounds(calendar.instant(local), _ELAPSED[grain], calendar.tz)[0])
    midnight = local_midnight(local)
    if grain is Grain.DAY:
        return midnight
    if grain is Grain.WEEK:
        return midnight - timedelta(days=(local.weekday() - calendar.week_start) % 7)
    first = calendar.fiscal_year_start_month - 1 if grain in _FISCAL else 0
    return _add_months(midnight.replace(day=1), -((local.month - 1 - first) % MONTHS[grain]))


def following(local_start: datetime, grain: str, calendar: Calendar | None = None) -> datetime:
    """Return the local start of the next period after one that starts here.

    Raises:
        QueryError: there is no such grain, or its calendar does not know the date.
    """
    calendar = calendar or Calendar()
    return _following(local_start, calendar.grain(grain), calendar)


def _following(local_start: datetime, grain: Grain | CustomGrain, calendar: Calendar) -> datetime:
    if isinstance(grain, CustomGrain):
        return local_midnight(grain.starts[grain.position(local_start) + 1])
    if grain in _ELAPSED:
        return calendar.local(_elapsed_bounds(calendar.instant(local_start), _ELAPSED[grain], calendar.tz)[1])
    return _moved(local_start, grain, 1, calendar)


def moved(local: datetime, grain: str, count: int, calendar: Calendar) -> datetime:
    """Return a local time moved by so many units of a grain.

    Days and more move on the calendar: the time of day stays, and a day that the month lacks becomes its last.
    Hours, minutes and seconds move in elapsed time, through the zone.

    Raises:
        QueryError: there is no such grain, or the result is outside of what its calendar, or any calendar, knows.
    """
    try:
        there = _moved(local, calendar.grain(grain), count, calendar)
    except OverflowError:
        there = None
    if there is None or not _within_years(there):
        raise QueryError(
            f"Moving {local.date()} by {count:+,} {grain} leaves the years of the calendar.",
            remedy="Ask for a shorter time.",
        )
    return there


def _moved(local: datetime, grain: Grain | CustomGrain, count: int, calendar: Calendar) -> datetime:
    if isinstance(grain, CustomGrain):
        return grain.moved(local, count)
    if grain in _ELAPSED:
        return calendar.local(calendar.instant(local) + count * _ELAPSED[grain])
    if grain in _DAYS:
        return local + timedelta(days=count * _DAYS[grain])
    return _add_months(local, count * MONTHS[grain])


def _add_months(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise OverflowError
    day = local.day if local.day <= 28 else min(local.day, _days_of_month(year, month + 1))  # noqa: PLR2004
    return local.replace(year=year, month=month + 1, day=day, fold=0)


def _days_of_month(year: int, month: int) -> int:
    first = date(year, month, 1)
    return ((first + timedelta(days=31)).replace(day=1) - first).days


def _within_years(*moments: datetime) -> bool:
    """Return whether what is computed from these, a year away, is still a date of the calendar."""
    return all(date.min.year < moment.year < date.max.year for moment in moments)


def span(local_start: datetime, local_end: datetime, calendar: Calendar) -> Period:
    """Return the period between two local times."""
    return Period(local_start, local_end, calendar.instant(local_start), calendar.instant(local_end))


def period_at(instant: datetime, grain: str, calendar: Calendar) -> Period:
    """Return the whole period of a grain that holds an instant.

    Raises:
        QueryError: there is no such grain, or its calendar does not know the date.
    """
    known = calendar.grain(grain)
    if known in _ELAPSED:
        start, end = _elapsed_bounds(instant, _ELAPSED[known], calendar.tz)
        return Period(calendar.local(start), calendar.local(end), start, end)
    zone = calendar.tz
    local_start = _floor(local_of(instant, zone), known, calendar)
    local_end = _following(local_start, known, calendar)
    end = instant_of(local_end, zone)
    while end <= instant:  # clocks were put back over midnight: the next day has begun
        local_start, local_end = local_end, _following(local_end, known, calendar)
        end = instant_of(local_end, zone)
    return Period(local_start, local_end, instant_of(local_start, zone), end)


def _elapsed_bounds(instant: datetime, step: timedelta, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the whole local step that holds an instant, cut where the zone's offset changes within it."""
    offset = offset_at(instant, zone)
    start = instant - _past(local_of(instant, zone), step)
    end = start + step
    if offset_at(start, zone) != offset:
        start = transition(start, instant, zone)
    if offset_at(end, zone) != offset:
        end = transition(instant, end, zone)
    return start, end


def _past(local: datetime, step: timedelta) -> timedelta:
    return (local - local_midnight(local)) % step


def periods(window: Window, grain: str | None, calendar: Calendar) -> tuple[Period, ...]:
    """Return the periods that a window touches, clipped to it; without a grain, the window as one period.

    Raises:
        QueryError: the window holds no time, there is no such grain, or its calendar does not know the dates.
    """
    whole = _window_period(window, calendar)
    if grain is None:
        return (whole,)
    known = calendar.grain(grain)
    if known in _ELAPSED:
        return tuple(_elapsed_periods(whole, _ELAPSED[known], calendar.tz))
    return tuple(_calendar_periods(whole, known, calendar))


def _window_period(window: Window, calendar: Calendar) -> Period:
    if not _within_years(window.start, window.end):
        raise QueryError(
            f"The range from {window.start.isoformat()} to {window.end.isoformat()} is at the end of the calendar.",
            remedy="Ask years from 2 to 9998.",
        )
    whole = span(window.start, window.end, calendar)
    if whole.start >= whole.end:
        raise QueryError(
            f"The range from {window.start.isoformat()} to {window.end.isoformat()} holds no time in {calendar.zone}.",
            remedy="Let it end after it starts, and not only span hours that the zone's clocks skipped.",
        )
    return whole


def _calendar_periods(window: Period, grain: Grain | CustomGrain, calendar: Calendar) -> Iterator[Period]:
    """Cut days and more at local midnights; a day that the zone skipped is passed over."""
    zone = calendar.tz
    local_start, start = window.local_start, window.start
    for local_end in _starts_after(_floor(window.local_start, grain, calendar), grain, calendar):
        end = instant_of(local_end, zone)
        if end >= window.end:
            yield Period(local_start, window.local_end, start, window.end)
            return
        if end > start:
            yield Period(local_start, local_end, start, end)
        if end >= start:
            local_start, start = local_end, end


def _starts_after(local: datetime, grain: Grain | CustomGrain, calendar: Calendar) -> Iterator[datetime]:
    """Go through the local starts of the periods after one; a custom grain fails where it ends."""
    if grain in _DAYS:
        step = timedelta(days=_DAYS[grain])
        while True:
            local += step
            yield local
    while True:
        local = _following(local, grain, calendar)
        yield local


def _elapsed_periods(window: Period, step: timedelta, zone: ZoneInfo) -> Iterator[Period]:
    """Cut hours, minutes and seconds at whole local steps, and where the zone's offset changes."""
    start = window.start
    local_start = local_of(start, zone)
    past = _past(local_start, step)
    while start < window.end:
        end = start + (step - past)
        local_end = local_of(end, zone)
        past = timedelta(0)
        if local_end - local_start != end - start:
            end = transition(start, end, zone)
            local_end = local_of(end, zone)
            past = _past(local_end, step)
        if end >= window.end:
            end, local_end = window.end, window.local_end
        yield Period(local_start, local_end, start, end)
        start, local_start = end, local_end


def is_whole(period: Period, grain: str | None, calendar: Calendar) -> bool:
    """Return whether a period is one of the grain's, and was not cut short by the window it was asked in."""
    if grain is None:
        return True
    if period.start >= period.end:
        return False
    whole = period_at(period.start, grain, calendar)
    return whole.start == period.start and whole.end == period.end


def shortest(grain: str, calendar: Calendar) -> timedelta:
    """Return about the shortest that a period of a grain can be, an hour lost to daylight saving included.

    It bounds how many periods a window has; the odd day that a zone skipped, or a half-hour, is left out of account.
    """
    known = calendar.grain(grain)
    if isinstance(known, CustomGrain):
        return min(after - before for before, after in pairwise(known.starts)) - timedelta(hours=1)
    return _ELAPSED.get(known) or timedelta(days=_SHORTEST_DAYS[known], hours=-1)
