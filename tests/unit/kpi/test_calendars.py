"""Custom calendars: years of whole weeks, and grains given by their dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.calendars import CalendarDefinition, WeekPattern, YearEnd, custom_grains
from analytics_engine.kpi.model.time import Calendar, Weekday, Window, floor, is_whole, moved, periods

NRF = CalendarDefinition(
    code="nrf",
    name="Retail calendar 4-5-4",
    pattern=WeekPattern.FOUR_FIVE_FOUR,
    year_ends=Weekday.SATURDAY,
    rule=YearEnd.NEAREST,
    month=1,
    first_year=2007,
    last_year=2027,
)
NRF_CALENDAR = Calendar("America/New_York", Weekday.SUNDAY, custom=custom_grains(NRF))
RULED = {"pattern": "4-4-5", "year_ends": "saturday", "rule": "last", "month": 9, "first_year": 2023, "last_year": 2025}


def defined(**fields: Any) -> CalendarDefinition:
    return CalendarDefinition.model_validate({"code": "own", "name": "Own", **fields})


def starts(definition: CalendarDefinition, grain: str) -> tuple[date, ...]:
    return next(found.starts for found in custom_grains(definition) if found.name == f"{definition.code}_{grain}")


@pytest.mark.parametrize(
    ("first_day", "weeks"),
    [
        ("2006-01-29", 53), ("2007-02-04", 52), ("2012-01-29", 53), ("2013-02-03", 52), ("2017-01-29", 53),
        ("2018-02-04", 52), ("2019-02-03", 52), ("2020-02-02", 52), ("2021-01-31", 52), ("2022-01-30", 52),
        ("2023-01-29", 53), ("2024-02-04", 52), ("2025-02-02", 52), ("2026-02-01", 52),
    ],
)  # fmt: skip
def test_the_retail_calendar_is_as_published(first_day: str, weeks: int) -> None:
    """The fiscal years of the National Retail Federation's 4-5-4 calendar, those of 53 weeks among them."""
    day = date.fromisoformat(first_day)
    years = starts(NRF, "year")
    assert day in years
    assert years[years.index(day) + 1] - day == timedelta(weeks=weeks)


def test_the_53rd_week_belongs_to_the_last_period() -> None:
    year = Window(datetime(2023, 1, 29), datetime(2024, 2, 4))
    months = periods(year, "nrf_month", NRF_CALENDAR)
    assert [month.days // 7 for month in months] == [4, 5, 4] * 3 + [4, 5, 5]
    assert [quarter.days // 7 for quarter in periods(year, "nrf_quarter", NRF_CALENDAR)] == [13, 13, 13, 14]
    assert len(periods(year, "nrf_week", NRF_CALENDAR)) == 53
    assert [whole.days for whole in periods(year, "nrf_year", NRF_CALENDAR)] == [371]


def test_retail_months_are_as_published() -> None:
    """Fiscal 2024: February has 4 weeks, March 5, April 4."""
    assert floor(datetime(2024, 3, 2, 23), "nrf_month", NRF_CALENDAR) == datetime(2024, 2, 4)
    assert floor(datetime(2024, 3, 3), "nrf_month", NRF_CALENDAR) == datetime(2024, 3, 3)
    assert floor(datetime(2024, 4, 7), "nrf_month", NRF_CALENDAR) == datetime(2024, 4, 7)
    assert floor(datetime(2024, 5, 5), "nrf_quarter", NRF_CALENDAR) == datetime(2024, 5, 5)


def test_a_year_ends_on_the_last_such_weekday_of_its_month() -> None:
    """The fiscal years of 2022 to 2025 of a company whose year ends on the last Saturday of September."""
    expected = ["2022-09-25", "2023-10-01", "2024-09-29", "2025-09-28"]
    assert [day.isoformat() for day in starts(defined(**RULED), "year")] == expected


def test_a_year_before_a_53rd_week_moves_to_the_last_day() -> None:
    """The day of the 53rd week has no counterpart in a year of 52; the last day stands for it."""
    assert moved(datetime(2024, 2, 1), "nrf_year", -1, NRF_CALENDAR) == datetime(2023, 1, 28)
    assert moved(datetime(2024, 2, 4), "nrf_year", -1, NRF_CALENDAR) == datetime(2023, 1, 29)
    assert moved(datetime(2024, 2, 5), "nrf_year", -1, NRF_CALENDAR) == datetime(2023, 1, 30)


@given(
    pattern=st.sampled_from(WeekPattern),
    weekday=st.sampled_from(Weekday),
    rule=st.sampled_from(YearEnd),
    month=st.integers(1, 12),
    first=st.integers(1900, 2150),
    more=st.integers(0, 40),
)
def test_years_are_whole_weeks_and_nest(
    *, pattern: WeekPattern, weekday: Weekday, rule: YearEnd, month: int, first: int, more: int
) -> None:
    """Every year has 52 or 53 weeks, ends on its weekday near its month's end, and is cut without rest."""
    definition = defined(
        pattern=pattern, year_ends=weekday, rule=rule, month=month, first_year=first, last_year=first + more
    )
    week, period, quarter, year = (set(grain.starts) for grain in custom_grains(definition))
    assert year <= quarter <= period <= week
    assert len(year) == more + 2
    assert len(quarter) == 4 * (more + 1) + 1
    assert len(period) == 12 * (more + 1) + 1
    assert {after - before for before, after in pairwise(sorted(week))} == {timedelta(weeks=1)}
    lengths = {(after - before).days // 7 for before, after in pairwise(sorted(year))}
    assert lengths <= {52, 53}
    for number, start in zip(range(first - 1, first + more + 1), sorted(year), strict=True):
        last_day = start - timedelta(days=1)
        month_end = date(number + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        assert last_day.weekday() == weekday
        assert abs((month_end - last_day).days) <= 3 or (rule is YearEnd.LAST and last_day.month == month)
    for before, after in pairwise(sorted(quarter)):
        inside = [day for day in sorted(period) if before <= day <= after]
        cut = [(later - earlier).days // 7 for earlier, later in pairwise(inside)]
        assert tuple(cut) in {pattern.weeks, (*pattern.weeks[:2], pattern.weeks[2] + 1)}


def test_grains_may_be_given_by_their_dates() -> None:
    definition = defined(
        grains={"season": ["2025-03-01", "2025-09-01", "2026-03-01"], "term": ["2025-01-01", "2026-01-01"]}
    )
    season, term = custom_grains(definition)
    assert (season.name, season.starts[-1]) == ("season", date(2026, 3, 1))
    assert term.name == "term"
    calendar = Calendar(custom=(season, term))
    (whole,) = periods(Window(datetime(2025, 9, 1), datetime(2026, 3, 1)), "season", calendar)
    assert is_whole(whole, "season", calendar)


def test_dates_outside_of_a_calendar_are_refused() -> None:
    with pytest.raises(QueryError, match="nrf_month knows the dates from 2006-01-29 to 2027-01-30, not 2027-01-31"):
        floor(datetime(2027, 1, 31), "nrf_month", NRF_CALENDAR)


@pytest.mark.parametrize(
    ("fields", "cause"),
    [
        ({}, "either a pattern or grains"),
        ({**RULED, "grains": {"season": ["2025-03-01", "2025-09-01"]}}, "either a pattern or grains"),
        ({"grains": {"season": ["2025-03-01", "2025-09-01"]}, "month": 1}, "only a calendar with a pattern has month"),
        ({"pattern": "4-4-5", "month": 1}, "needs year_ends, rule, first_year, last_year"),
        ({**RULED, "first_year": 2026}, "last_year must be at or after first_year"),
        ({**RULED, "first_year": 1900, "last_year": 2200}, "within 200 years"),
        ({**RULED, "pattern": "5-5-3"}, "4-4-5"),
        ({**RULED, "year_ends": "caturday"}, "year_ends"),
        ({"grains": {"season": ["2025-09-01", "2025-03-01"]}}, "must ascend"),
        ({"grains": {"season": ["2025-09-01"]}}, "start of a period and its end"),
        ({"grains": {"months": ["2025-03-01", "2025-09-01"]}}, "give it another name"),
    ],
)
def test_a_calendar_that_is_not_whole_is_refused(fields: dict[str, Any], cause: str) -> None:
    with pytest.raises(ValidationError, match=cause):
        defined(**fields)


def test_a_definition_survives_json() -> None:
    assert CalendarDefinition.model_validate_json(NRF.model_dump_json()) == NRF
    assert defined(**RULED).year_ends is Weekday.SATURDAY
