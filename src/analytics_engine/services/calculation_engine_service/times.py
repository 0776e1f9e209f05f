"""When a query is about: its zone and calendar, its ranges as they are at the time of asking, and their periods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from analytics_engine.contracts.calculation import KpiQuery, RelativeRange, TimeRange
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.calendars import CalendarDefinition, custom_grains
from analytics_engine.kpi.model.frames import parse_duration, shift
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.time import (
    Calendar,
    CustomGrain,
    Grain,
    Period,
    Window,
    local_midnight,
    period_at,
    periods,
    shortest,
)
from analytics_engine.kpi.model.zones import zone_names

MOST_PERIODS = 50_000
"""The most periods of one answer: about a month of minutes."""
_MOMENT = timedelta(microseconds=1)
_FIRST_YEAR, _LAST_YEAR = 2, 9998


@dataclass(frozen=True)
class TimeCut:
    """The periods of one range by one grain; without a grain the whole range is one."""

    range: int
    grain: str | None
    periods: tuple[Period, ...]


@dataclass(frozen=True)
class Times:
    """A query's times: how they are counted, its ranges in local time, and each by each grain."""

    calendar: Calendar
    now: datetime
    windows: tuple[Window, ...]
    grains: tuple[str | None, ...]
    cuts: tuple[TimeCut, ...]

    @property
    def periods(self) -> tuple[Period, ...]:
        """All periods of the answer."""
        return tuple(period for cut in self.cuts for period in cut.periods)


def times_of(query: KpiQuery, client: ClientProfile, now: datetime) -> Times:
    """Return a query's times, in its own zone or the client's.

    Raises:
        QueryError: the zone or a grain is unknown, a range is empty, or there are too many periods.
    """
    calendar = calendar_of(client, query.time_zone)
    grains = _grains_of(query)
    windows = tuple(window_of(given, calendar, now) for given in _ranges_of(query))
    _check_length(windows, grains, calendar)
    cuts = tuple(
        TimeCut(number, grain, periods(window, grain, calendar))
        for number, window in enumerate(windows)
        for grain in grains
    )
    return Times(calendar, now, windows, grains, cuts)


def _ranges_of(query: KpiQuery) -> tuple[TimeRange | RelativeRange, ...]:
    if (query.range is None) == (not query.ranges):
        raise QueryError(
            "A query has a range, or several ranges.",
            remedy='Give range or ranges, such as {"from": "2026-01-01", "to": "2026-02-01"} or {"last": "28 days"}.',
        )
    return query.ranges if query.range is None else (query.range,)


def _grains_of(query: KpiQuery) -> tuple[str | None, ...]:
    if not query.grains:
        return (query.grain,)
    if query.grain is not None:
        raise QueryError("Both grain and grains are given.", remedy="Give one of them.")
    if len(set(query.grains)) < len(query.grains):
        raise QueryError("A grain is asked twice.", remedy="Name each grain once.")
    return query.grains


def calendar_of(client: ClientProfile, zone: str | None) -> Calendar:
    """Return how a client counts time, in a zone or its own.

    Raises:
        QueryError: the zone is unknown.
    """
    zone = zone or client.time_zone
    if zone not in zone_names():
        raise QueryError(
            f"There is no time zone {zone!r}.",
            remedy=did_you_mean(zone, zone_names()) or "Give an IANA zone, such as America/New_York.",
        )
    custom = tuple(grain for calendar in client.calendars for grain in _grains(calendar.model_dump_json()))
    return Calendar(zone, client.week_start, client.fiscal_year_start_month, custom)


@lru_cache(maxsize=256)
def _grains(calendar: str) -> tuple[CustomGrain, ...]:
    """Return the grains of a custom calendar, worked out once."""
    return custom_grains(CalendarDefinition.model_validate_json(calendar))


def window_of(given: TimeRange | RelativeRange, calendar: Calendar, now: datetime) -> Window:
    """Return a range in local time, as it is at a moment.

    Raises:
        QueryError: it is empty, or names what is no grain or no length of time.
    """
    if isinstance(given, RelativeRange):
        return _relative(given, calendar, now)
    window = Window(_local(given.from_, calendar), _local(given.to, calendar))
    if calendar.instant(window.start) >= calendar.instant(window.end):
        raise QueryError(
            f"The range from {window.start.isoformat()} to {window.end.isoformat()} is empty.",
            remedy="Let it end after it starts; the end itself is not part of it.",
        )
    return window


def _local(moment: date | datetime, calendar: Calendar) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise QueryError(
            f"{moment.isoformat()} is at the end of the calendar.",
            remedy=f"Ask years from {_FIRST_YEAR} to {_LAST_YEAR}.",
        )
    if not isinstance(moment, datetime):
        return local_midnight(moment)
    return moment if moment.tzinfo is None else calendar.local(moment)


def _relative(given: RelativeRange, calendar: Calendar, now: datetime) -> Window:
    if given.last is not None:
        return _last(given.last, calendar, now, include_current=given.include_current)
    if given.current is not None:
        return _whole(period_at(now, given.current, calendar))
    if given.previous is not None:
        present = period_at(now, given.previous, calendar)
        return _whole(period_at(present.start - _MOMENT, given.previous, calendar))
    assert given.to_date is not None
    grain = calendar.grain(given.to_date)
    fine = isinstance(grain, Grain) and grain.finer_than_day
    end = period_at(now, Grain.SECOND if fine else Grain.DAY, calendar)
    return Window(period_at(now, given.to_date, calendar).local_start, end.local_end)


def _last(text: str, calendar: Calendar, now: datetime, *, include_current: bool) -> Window:
    duration = parse_duration(text, tuple(grain.name for grain in calendar.custom))
    present = period_at(now, duration.unit, calendar)
    end = present.local_end if include_current else present.local_start
    return Window(shift(end, duration, calendar), end)


def _whole(period: Period) -> Window:
    return Window(period.local_start, period.local_end)


def _check_length(windows: tuple[Window, ...], grains: tuple[str | None, ...], calendar: Calendar) -> None:
    counts = dict(_counts(windows, grains, calendar))
    if sum(counts.values()) > MOST_PERIODS:
        grain = max(counts, key=lambda grain: counts[grain])
        raise QueryError(
            f"The range has about {counts[grain]:,.0f} periods by {grain}; {MOST_PERIODS:,} are the most.",
            remedy="Ask a coarser grain or a shorter range.",
        )


def _counts(
    windows: tuple[Window, ...], grains: tuple[str | None, ...], calendar: Calendar
) -> Iterator[tuple[str, float]]:
    for grain in grains:
        if grain is not None:
            step = shortest(grain, calendar)
            yield grain, sum((window.end - window.start) / step for window in windows)
