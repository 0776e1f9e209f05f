"""Custom calendars: years of 52 or 53 whole weeks (4-4-5 and its like), or any grains given by their dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from analytics_engine.kpi.model.base import Definition, Name
from analytics_engine.kpi.model.frames import UNITS
from analytics_engine.kpi.model.time import CustomGrain, Weekday

_WEEK = timedelta(days=7)
_WEEKS_OF_QUARTER = 13
_MOST_YEARS = 200


class WeekPattern(StrEnum):
    """How many weeks the three periods of each quarter have."""

    FOUR_FOUR_FIVE = "4-4-5"
    FOUR_FIVE_FOUR = "4-5-4"
    FIVE_FOUR_FOUR = "5-4-4"

    @property
    def weeks(self) -> tuple[int, ...]:
        return tuple(int(weeks) for weeks in self.value.split("-"))


class YearEnd(StrEnum):
    """Which weekday ends the year: the last one of its month, or the one nearest to the month's end."""

    LAST = "last"
    NEAREST = "nearest"


def _weekday(value: object) -> object:
    if isinstance(value, str) and value.upper() in Weekday.__members__:
        return Weekday[value.upper()]
    return value


class CalendarDefinition(Definition):
    """A custom calendar: its grains by a pattern of weeks, or each grain by the days on which its periods start.

    By a pattern the grains are ``<code>_week``, ``<code>_month`` (the periods of 4 or 5 weeks), ``<code>_quarter`` and
    ``<code>_year``; a 53rd week belongs to the last period of its year. In ``grains`` the last day of each list is
    the day after the last period.
    """

    code: Name
    name: str = Field(min_length=1)
    description: str = ""
    pattern: WeekPattern | None = None
    year_ends: Annotated[Weekday, BeforeValidator(_weekday)] | None = Field(
        default=None, description="the last weekday of every year, such as saturday"
    )
    rule: YearEnd | None = None
    month: int | None = Field(default=None, ge=1, le=12, description="the month with whose end the year ends")
    first_year: int | None = Field(
        default=None, ge=1900, le=2200, description="the calendar year of the month with which the first year ends"
    )
    last_year: int | None = Field(default=None, ge=1900, le=2200, description="the same of the last year")
    grains: dict[Name, tuple[date, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        rules = {
            "year_ends": self.year_ends,
            "rule": self.rule,
            "month": self.month,
            "first_year": self.first_year,
            "last_year": self.last_year,
        }
        if (self.pattern is None) == (not self.grains):
            raise ValueError("a calendar has either a pattern or grains")
        if self.pattern is None:
            self._check_none(rules)
        else:
            self._check_rules(rules)
        self._check_names()
        return self

    def _check_none(self, rules: Mapping[str, object]) -> None:
        given = [name for name, value in rules.items() if value is not None]
        if given:
            raise ValueError(f"only a calendar with a pattern has {', '.join(given)}")

    def _check_rules(self, rules: Mapping[str, object]) -> None:
        missing = [name for name, value in rules.items() if value is None]
        if missing:
            raise ValueError(f"a calendar with a pattern needs {', '.join(missing)}")
        assert self.first_year is not None
        assert self.last_year is not None
        if not 0 <= self.last_year - self.first_year < _MOST_YEARS:
            raise ValueError(f"last_year must be at or after first_year, and within {_MOST_YEARS} years of it")

    def _check_names(self) -> None:
        for grain in custom_grains(self):
            if grain.name in UNITS:
                raise ValueError(f"{grain.name} is a grain of every calendar; give it another name")


def custom_grains(definition: CalendarDefinition) -> tuple[CustomGrain, ...]:
    """Return the grains of a custom calendar.

    Raises:
        ValueError: the dates of a grain do not ascend.
    """
    if definition.pattern is None:
        return tuple(CustomGrain(name, starts) for name, starts in definition.grains.items())
    years = tuple(_year_starts(definition))
    end = years[-1]
    cuts = {
        "week": [start for year in pairwise(years) for start in _weeks(*year)],
        "month": [start for year in years[:-1] for start in _cut(year, definition.pattern.weeks * 4)],
        "quarter": [start for year in years[:-1] for start in _cut(year, (_WEEKS_OF_QUARTER,) * 4)],
        "year": list(years[:-1]),
    }
    return tuple(CustomGrain(f"{definition.code}_{grain}", (*starts, end)) for grain, starts in cuts.items())


def _year_starts(definition: CalendarDefinition) -> Iterator[date]:
    assert definition.first_year is not None
    assert definition.last_year is not None
    for year in range(definition.first_year - 1, definition.last_year + 1):
        yield _last_day(year, definition) + timedelta(days=1)


def _last_day(year: int, definition: CalendarDefinition) -> date:
    """Return the last day of the year of a custom calendar that ends with its month in a calendar year."""
    assert definition.month is not None
    assert definition.year_ends is not None
    month_end = date(year + definition.month // 12, definition.month % 12 + 1, 1) - timedelta(days=1)
    since = (month_end.weekday() - definition.year_ends) % 7
    if definition.rule is YearEnd.NEAREST and since > 3:  # noqa: PLR2004 - half a week
        since -= 7
    return month_end - timedelta(days=since)


def _weeks(start: date, end: date) -> Iterator[date]:
    while start < end:
        yield start
        start += _WEEK


def _cut(start: date, weeks: tuple[int, ...]) -> Iterator[date]:
    """Go through the starts of the periods of a year; what is left of it belongs to the last."""
    for passed in accumulate(weeks[:-1], initial=0):
        yield start + passed * _WEEK
