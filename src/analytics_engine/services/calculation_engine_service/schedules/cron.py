"""Cron expressions in a time zone: which instants they mean, also where clocks are changed.

The expressions are read by ``cronsim``. The instants are worked out here: a tick of an expression with a star in its
minutes or hours is each minute whose local time matches; one at fixed times is each matching local time of the
calendar, once, and where clocks pass over it the moment they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from analytics_engine.errors import InvalidInput
from analytics_engine.kpi.model.suggest import did_you_mean
from analytics_engine.kpi.model.zones import instant_of, zone_named, zone_names

_FIELDS = 5
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_MOST_DAYS = 50 * 366
"""How far ahead a tick is looked for."""


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone.

    Raises:
        InvalidInput: there is none of this name.
    """
    if name not in zone_names():
        raise InvalidInput(
            f"There is no time zone {name!r}.",
            remedy=did_you_mean(name, zone_names()) or "Give an IANA zone, such as America/New_York.",
        )
    return zone_named(name)


class Cron:
    """A cron expression of five fields, read in a time zone.

    Raises:
        InvalidInput: the expression or the zone is none, or no day ever matches.
    """

    def __init__(self, expression: str, zone: str) -> None:
        self._zone = zone_of(zone)
        self._parsed = _parsed(expression)
        minutes, hours = expression.split()[:2]
        self.fixed = not minutes.startswith("*") and not hours.startswith("*")
        """Whether it names times of the day, rather than times that repeat within it."""
        self._walls = [time(hour, minute) for hour in sorted(self._parsed.hours) for minute in self._sorted_minutes()]
        if next(self._days(date(2000, 1, 1)), None) is None:
            raise InvalidInput(f"No day is ever such as {expression!r} asks.", remedy="Correct its days or months.")

    @property
    def description(self) -> str:
        """What the expression means, in English."""
        return self._parsed.explain()

    def local(self, tick: datetime) -> datetime:
        """Return an instant in the expression's time zone."""
        return tick.astimezone(self._zone)

    def ticks(self, after: datetime) -> Iterator[datetime]:
        """Yield all ticks after an instant, in UTC and in order; each instant once."""
        last = after.astimezone(UTC)
        for day in self._days(self.local(after).date() - _DAY):
            for tick in self._fixed(day) if self.fixed else self._repeated(day, last):
                if tick > last:
                    yield tick
                    last = tick

    def next(self, after: datetime) -> datetime | None:
        """Return the first tick after an instant; None where there is none within fifty years."""
        return next(self.ticks(after), None)

    def _days(self, first: date) -> Iterator[date]:
        for number in range(_MOST_DAYS):
            day = first + number * _DAY
            if day.month in self._parsed.months and self._parsed.match_day(day):
                yield day

    def _fixed(self, day: date) -> Iterator[datetime]:
        return (instant_of(datetime.combine(day, wall), self._zone) for wall in self._walls)

    def _repeated(self, day: date, after: datetime) -> Iterator[datetime]:
        tick = instant_of(datetime.combine(day, time()), self._zone)
        end = instant_of(datetime.combine(day + _DAY, time()), self._zone)
        if after >= tick:
            tick += ((after - tick) // _MINUTE + 1) * _MINUTE
        while tick < end:
            local = self.local(tick)
            if local.hour in self._parsed.hours and local.minute in self._parsed.minutes:
                yield tick
            tick += _MINUTE

    def _sorted_minutes(self) -> list[int]:
        return sorted(self._parsed.minutes)


def _parsed(expression: str) -> CronSim:
    fields = expression.split()
    remedy = "Write minute, hour, day of the month, month and day of the week, such as 30 6 * * MON-FRI."
    if len(fields) != _FIELDS:
        raise InvalidInput(f"A cron expression has five fields; {expression!r} has {len(fields)}.", remedy=remedy)
    try:
        return CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise InvalidInput(f"{expression!r} is no cron expression: {str(error).lower()}.", remedy=remedy) from error
