"""Grains, periods and windows. A period is half-open, ``[start, end)``, in a zone, and right across DST."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum
from zoneinfo import ZoneInfo


class Grain(StrEnum):
    """The length of the periods a result is cut into."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def finer_than_day(self) -> bool:
        return self in {Grain.MINUTE, Grain.HOUR}


class Weekday(IntEnum):
    """A day of the week, counted as ``date.weekday()`` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True)
class Calendar:
    """How a client cuts time: its zone and the first day of its week."""

    zone: str = "UTC"
    week_start: Weekday = Weekday.MONDAY

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def instant(self, local: datetime) -> datetime:
        """Return the UTC instant at which this local time begins.

        A local time that the zone skips (spring) maps to the instant the clocks jump to; one that occurs twice
        (autumn) maps to its first occurrence. So consecutive local periods meet without gap or overlap.
        """
        aware = local.replace(tzinfo=self.tz, fold=0)
        instant = aware.astimezone(UTC)
        if instant.astimezone(self.tz).replace(tzinfo=None) == local:
            return instant
        # a skipped time: with fold=0 Python applies the offset before the jump, which lands behind it
        return _transition(instant, self.tz)


def _transition(after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of the offset change in the day before an instant, to the second (by bisection)."""
    low, high = after - timedelta(days=1), after
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


@dataclass(frozen=True)
class Period:
    """One half-open span ``[start, end)``: local times in the calendar's zone, and the instants they are."""

    local_start: datetime
    local_end: datetime
    start: datetime
    end: datetime

    @property
    def days(self) -> int:
        """Calendar days of the zone, so a day with 23 or 25 hours is one day."""
        return (self.local_end.date() - self.local_start.date()).days


@dataclass(frozen=True)
class Window:
    """The asked range, half-open, in local time of the query's zone."""

    start: datetime
    end: datetime


def floor(local: datetime, grain: Grain, calendar: Calendar) -> datetime:
    """Return the local start of the period of this grain that holds a local time."""
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    match grain:
        case Grain.MINUTE:
            return local.replace(second=0, microsecond=0)
        case Grain.HOUR:
            return local.replace(minute=0, second=0, microsecond=0)
        case Grain.DAY:
            return midnight
        case Grain.WEEK:
            return midnight - timedelta(days=(local.weekday() - calendar.week_start) % 7)
        case Grain.MONTH:
            return midnight.replace(day=1)
        case Grain.QUARTER:
            return midnight.replace(month=3 * ((local.month - 1) // 3) + 1, day=1)
        case Grain.YEAR:
            return midnight.replace(month=1, day=1)


def following(local_start: datetime, grain: Grain) -> datetime:
    """Return the local start of the next period after one that starts here (a day grain or coarser)."""
    match grain:
        case Grain.DAY:
            return local_start + timedelta(days=1)
        case Grain.WEEK:
            return local_start + timedelta(days=7)
        case Grain.MONTH:
            return _add_months(local_start, 1)
        case Grain.QUARTER:
            return _add_months(local_start, 3)
        case Grain.YEAR:
            return _add_months(local_start, 12)
        case _:
            raise ValueError(f"{grain} periods are counted in elapsed time")


def _add_months(first_of_month: datetime, months: int) -> datetime:
    index = first_of_month.year * 12 + first_of_month.month - 1 + months
    return first_of_month.replace(year=index // 12, month=index % 12 + 1)


def periods(window: Window, grain: Grain | None, calendar: Calendar) -> tuple[Period, ...]:
    """Return the periods that a window touches, clipped to it; without a grain, the window as one period."""
    if grain is None:
        return (_period(window.start, window.end, calendar),)
    if grain.finer_than_day:
        return tuple(_elapsed_periods(window, grain, calendar))
    return tuple(_calendar_periods(window, grain, calendar))


def _period(start: datetime, end: datetime, calendar: Calendar) -> Period:
    return Period(start, end, calendar.instant(start), calendar.instant(end))


def _calendar_periods(window: Window, grain: Grain, calendar: Calendar) -> Iterator[Period]:
    start = floor(window.start, grain, calendar)
    while start < window.end:
        end = following(start, grain)
        yield _period(max(start, window.start), min(end, window.end), calendar)
        start = end


def _elapsed_periods(window: Window, grain: Grain, calendar: Calendar) -> Iterator[Period]:
    """Cut hours and minutes in elapsed time: a repeated local hour is two periods, a skipped one none."""
    step = timedelta(hours=1) if grain is Grain.HOUR else timedelta(minutes=1)
    first, last = calendar.instant(window.start), calendar.instant(window.end)
    start = calendar.instant(floor(window.start, grain, calendar))
    while start < last:
        end = start + step
        clipped_start, clipped_end = max(start, first), min(end, last)
        yield Period(
            clipped_start.astimezone(calendar.tz).replace(tzinfo=None),
            clipped_end.astimezone(calendar.tz).replace(tzinfo=None),
            clipped_start,
            clipped_end,
        )
        start = end


def local_midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local time, the zone is the calendar's


def is_whole(period: Period, grain: Grain | None, calendar: Calendar) -> bool:
    """Return whether a period was not cut short by the window it was asked in."""
    match grain:
        case None:
            return True
        case Grain.MINUTE:
            return period.end - period.start == timedelta(minutes=1)
        case Grain.HOUR:
            return period.end - period.start == timedelta(hours=1)
        case _:
            start = floor(period.local_start, grain, calendar)
            return start == period.local_start and following(start, grain) == period.local_end
