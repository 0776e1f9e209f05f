"""Periods cut time without gap or overlap, in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.time import (
    Calendar,
    CustomGrain,
    Grain,
    Weekday,
    Window,
    floor,
    following,
    is_whole,
    moved,
    period_at,
    periods,
    shortest,
    span,
)

CHANGEFUL = [
    "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata",
    "Africa/Casablanca", "Pacific/Apia", "Pacific/Kwajalein", "Antarctica/Vostok", "Asia/Gaza", "Europe/Dublin",
]  # fmt: skip
ZONES = st.sampled_from(CHANGEFUL) | st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
MOMENTS = st.datetimes(min_value=datetime(1960, 1, 1), max_value=datetime(2040, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
FORTNIGHT = CustomGrain("fortnight", tuple(date(1940, 1, 1) + timedelta(days=14 * turn) for turn in range(3000)))
GRAINS = st.sampled_from([*(grain.value for grain in Grain), "fortnight"])
SPANS = {
    "second": timedelta(minutes=3), "minute": timedelta(hours=3), "hour": timedelta(days=3), "day": timedelta(days=40),
    "week": timedelta(days=90), "month": timedelta(days=800), "quarter": timedelta(days=1200),
    "year": timedelta(days=3000), "fiscal_quarter": timedelta(days=1200), "fiscal_year": timedelta(days=3000),
    "fortnight": timedelta(days=200),
}  # fmt: skip
CALENDARS = st.builds(Calendar, ZONES, st.sampled_from(Weekday), st.integers(1, 12), st.just((FORTNIGHT,)))
NEW_YORK = Calendar("America/New_York")
LORD_HOWE = Calendar("Australia/Lord_Howe")
APIA = Calendar("Pacific/Apia")


def near_a_change(zone: str, moment: datetime) -> datetime:
    """The first local time, at or after a moment, of a day on which the zone changes its clocks; else the moment."""
    calendar = Calendar(zone)
    for day in range(400):
        start = moment + timedelta(days=day)
        if calendar.instant(start + timedelta(days=1)) - calendar.instant(start) != timedelta(days=1):
            return start
    return moment


def check_cut(calendar: Calendar, start: datetime, grain: str) -> None:
    window = Window(start, start + SPANS[grain])
    assume(calendar.instant(window.start) < calendar.instant(window.end))
    cut = periods(window, grain, calendar)
    assert cut[0].start == calendar.instant(window.start)
    assert cut[-1].end == calendar.instant(window.end)
    for before, after in pairwise(cut):
        assert before.end == after.start
    assert all(period.start < period.end for period in cut)
    assert all(calendar.instant(period.local_start) == period.start for period in cut)
    assert all(calendar.instant(period.local_end) == period.end for period in cut)
    assert all(is_whole(period, grain, calendar) for period in cut[1:-1])


@given(CALENDARS, MOMENTS, GRAINS)
@example(Calendar("America/St_Johns"), datetime(2006, 10, 28, 23, 30), "day")
@example(Calendar("Pacific/Apia"), datetime(2011, 12, 28), "day")
@example(Calendar("Pacific/Apia"), datetime(2011, 12, 30, 5), "hour")
@example(Calendar("Pacific/Kwajalein"), datetime(1969, 9, 29, 23), "hour")
@example(Calendar("Australia/Lord_Howe"), datetime(2026, 4, 4, 22, 10), "hour")
def test_periods_meet_and_fill_the_window(calendar: Calendar, start: datetime, grain: str) -> None:
    """Whatever the zone and its clock changes, each instant of the window is in exactly one period."""
    check_cut(calendar, start, grain)


@given(CALENDARS, MOMENTS, GRAINS)
def test_clock_changes_leave_no_gap(calendar: Calendar, start: datetime, grain: str) -> None:
    """The same on days on which the clocks change."""
    check_cut(calendar, near_a_change(calendar.zone, start), grain)


@given(CALENDARS, MOMENTS, GRAINS, st.integers(0, 86_400_000_000))
def test_every_instant_is_in_the_one_period_that_is_cut_there(
    calendar: Calendar, start: datetime, grain: str, microseconds: int
) -> None:
    """Asking for the period of an instant, and cutting a window around it, give the same period."""
    instant = calendar.instant(near_a_change(calendar.zone, start)) + timedelta(microseconds=microseconds)
    found = period_at(instant, grain, calendar)
    assert found.start <= instant < found.end
    local = calendar.local(instant)
    around = Window(calendar.local(instant - SPANS[grain] / 2), calendar.local(instant + SPANS[grain] / 2))
    cut = periods(around, grain, calendar)
    holding = [period for period in cut if period.start <= instant < period.end]
    assert len(holding) == 1
    if holding[0] not in (cut[0], cut[-1]):
        assert (holding[0].start, holding[0].end) == (found.start, found.end)
    assert is_whole(found, grain, calendar)
    assert not is_whole(span(local, calendar.local(found.end + timedelta(days=1)), calendar), grain, calendar)


@given(CALENDARS, MOMENTS, GRAINS)
def test_the_floor_starts_the_period_and_the_next_follows_it(calendar: Calendar, local: datetime, grain: str) -> None:
    start = floor(local, grain, calendar)
    end = following(start, grain, calendar)
    assert start <= local < end or calendar.instant(start) <= calendar.instant(local) <= calendar.instant(end)
    assert floor(start, grain, calendar) == start


@given(ZONES, MOMENTS)
def test_instants_and_local_times_convert_both_ways(zone: str, moment: datetime) -> None:
    calendar = Calendar(zone)
    instant = calendar.instant(near_a_change(zone, moment))
    for minutes in range(0, 1500, 30):
        there = instant + timedelta(minutes=minutes)
        assert calendar.instant(calendar.local(there)) == there


@given(ZONES, MOMENTS, st.integers(0, 3000))
def test_later_local_times_are_not_earlier_instants(zone: str, moment: datetime, minutes: int) -> None:
    calendar = Calendar(zone)
    start = near_a_change(zone, moment)
    assert calendar.instant(start) <= calendar.instant(start + timedelta(minutes=minutes))


def test_a_day_of_spring_has_23_hours_and_is_one_day() -> None:
    window = Window(datetime(2026, 3, 8), datetime(2026, 3, 9))
    (day,) = periods(window, "day", NEW_YORK)
    assert day.end - day.start == timedelta(hours=23)
    assert day.days == 1
    assert len(periods(window, "hour", NEW_YORK)) == 23


def test_a_day_of_autumn_has_25_hours() -> None:
    """The repeated hour is two periods, told apart by the fold of their local start."""
    cut = periods(Window(datetime(2026, 11, 1), datetime(2026, 11, 2)), "hour", NEW_YORK)
    assert len(cut) == 25
    assert [(hour.local_start.hour, hour.local_start.fold) for hour in cut[:4]] == [(0, 0), (1, 0), (1, 1), (2, 0)]
    assert len(periods(Window(datetime(2026, 11, 1), datetime(2026, 11, 2)), "minute", NEW_YORK)) == 25 * 60


def test_where_clocks_change_by_half_an_hour_an_hour_ends_early() -> None:
    """Hours start on the local clock again afterwards, so a window asked later is cut at the same instants."""
    spring = periods(Window(datetime(2026, 10, 4), datetime(2026, 10, 4, 5)), "hour", LORD_HOWE)
    assert [(hour.end - hour.start) // timedelta(minutes=1) for hour in spring] == [60, 60, 30, 60, 60]
    assert all(is_whole(hour, "hour", LORD_HOWE) for hour in spring)
    autumn = periods(Window(datetime(2026, 4, 5), datetime(2026, 4, 5, 4)), "hour", LORD_HOWE)
    assert [(hour.end - hour.start) // timedelta(minutes=1) for hour in autumn] == [60, 60, 30, 60, 60]
    assert autumn[3] in periods(Window(datetime(2026, 4, 5, 2), datetime(2026, 4, 6)), "hour", LORD_HOWE)


def test_where_midnight_occurs_twice_the_day_begins_the_first_time() -> None:
    """In St John's the clocks went from 00:01 back to 23:01 of the day before: the new day holds that hour."""
    calendar = Calendar("America/St_Johns")
    midnight = calendar.instant(datetime(2006, 10, 29))
    minute = period_at(midnight + timedelta(seconds=30), "hour", calendar)
    assert (minute.start, minute.end) == (midnight, midnight + timedelta(minutes=1))
    again = calendar.instant(datetime(2006, 10, 28, 23, 30, fold=1))
    day = period_at(again, "day", calendar)
    assert (day.local_start, day.start) == (datetime(2006, 10, 29), midnight)
    assert day.end - day.start == timedelta(hours=25)


@pytest.mark.parametrize("fold", [0, 1])
def test_any_skipped_local_time_is_the_jump(fold: int) -> None:
    assert NEW_YORK.instant(datetime(2026, 3, 8, 2, 30, 5, fold=fold)) == datetime(2026, 3, 8, 7, tzinfo=UTC)


def test_a_skipped_local_time_begins_when_the_clocks_jump() -> None:
    """In Sao Paulo midnight itself was skipped in 2018, so that day began at 01:00."""
    calendar = Calendar("America/Sao_Paulo")
    assert calendar.instant(datetime(2018, 11, 4)) == datetime(2018, 11, 4, 3, tzinfo=UTC)
    (day,) = periods(Window(datetime(2018, 11, 4, 1), datetime(2018, 11, 5)), "day", calendar)
    assert is_whole(day, "day", calendar)
    assert day.end - day.start == timedelta(hours=23)


def test_a_day_that_the_zone_skipped_is_no_period() -> None:
    """Samoa went from the 29th to the 31st of December 2011."""
    cut = periods(Window(datetime(2011, 12, 28), datetime(2012, 1, 1)), "day", APIA)
    assert [day.local_start.day for day in cut] == [28, 29, 31]
    assert all(is_whole(day, "day", APIA) for day in cut)
    (month,) = periods(Window(datetime(2011, 12, 1), datetime(2012, 1, 1)), "month", APIA)
    assert month.days == 30


def test_a_range_of_skipped_time_is_refused() -> None:
    with pytest.raises(QueryError, match="holds no time in Pacific/Apia"):
        periods(Window(datetime(2011, 12, 30), datetime(2011, 12, 31)), "day", APIA)
    with pytest.raises(QueryError, match="holds no time"):
        periods(Window(datetime(2011, 12, 30), datetime(2011, 12, 30)), None, NEW_YORK)


def test_days_of_a_zone_with_half_an_hour_start_at_its_midnight() -> None:
    (day,) = periods(Window(datetime(2026, 5, 1), datetime(2026, 5, 2)), "day", Calendar("Asia/Kolkata"))
    assert day.start == datetime(2026, 4, 30, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize("week_start", list(Weekday))
def test_weeks_start_on_the_clients_day(week_start: Weekday) -> None:
    calendar = Calendar("UTC", week_start)
    cut = periods(Window(datetime(2026, 2, 1), datetime(2026, 3, 20)), "week", calendar)
    whole = [period for period in cut if is_whole(period, "week", calendar)]
    assert {period.local_start.weekday() for period in whole} == {week_start}
    assert {period.days for period in whole} == {7}


@pytest.mark.parametrize(("year", "week"), [(2020, 53), (2021, 52), (2024, 1), (2026, 53)])
def test_a_week_goes_over_new_year(year: int, week: int) -> None:
    """Weeks from Monday are those of ISO 8601, whichever year they are counted to."""
    new_years_eve = datetime(year, 12, 31)
    assert floor(new_years_eve, "week", Calendar()).isocalendar()[1:] == (week, 1)
    assert floor(new_years_eve, "week", Calendar()).date() == date.fromisocalendar(*new_years_eve.isocalendar()[:2], 1)


def test_months_of_a_leap_year() -> None:
    cut = periods(Window(datetime(2028, 1, 1), datetime(2028, 4, 1)), "month", Calendar())
    assert [period.days for period in cut] == [31, 29, 31]


def test_a_fiscal_year_starts_with_the_clients_month() -> None:
    calendar = Calendar(fiscal_year_start_month=4)
    years = periods(Window(datetime(2024, 4, 1), datetime(2026, 4, 1)), "fiscal_year", calendar)
    assert [year.local_start.date() for year in years] == [date(2024, 4, 1), date(2025, 4, 1)]
    assert floor(datetime(2026, 3, 31, 23), "fiscal_year", calendar) == datetime(2025, 4, 1)
    assert floor(datetime(2026, 3, 31, 23), "fiscal_quarter", calendar) == datetime(2026, 1, 1)
    assert floor(datetime(2026, 1, 5), "fiscal_quarter", Calendar(fiscal_year_start_month=12)) == datetime(2025, 12, 1)


@given(st.integers(1, 12), MOMENTS)
def test_four_fiscal_quarters_are_a_fiscal_year(month: int, moment: datetime) -> None:
    calendar = Calendar(fiscal_year_start_month=month)
    start = floor(moment, "fiscal_year", calendar)
    assert start.month == month
    year = Window(start, following(start, "fiscal_year", calendar))
    quarters = periods(year, "fiscal_quarter", calendar)
    assert len(quarters) == 4
    assert all(is_whole(quarter, "fiscal_quarter", calendar) for quarter in quarters)


def test_a_clipped_period_is_not_whole() -> None:
    for grain in Grain:
        cut = periods(Window(datetime(2026, 2, 3, 4, 5, 6, 7), datetime(2026, 2, 3, 4, 5, 6, 9)), grain, NEW_YORK)
        assert [is_whole(period, grain, NEW_YORK) for period in cut] == [False]
        assert is_whole(cut[0], None, NEW_YORK)


def test_a_custom_grain_says_what_it_knows() -> None:
    """Outside of its dates nothing is guessed."""
    calendar = Calendar(custom=(CustomGrain("season", (date(2025, 3, 1), date(2025, 9, 1), date(2026, 3, 1))),))
    cut = periods(Window(datetime(2025, 3, 1), datetime(2026, 3, 1)), "season", calendar)
    assert [season.days for season in cut] == [184, 181]
    for window in (
        Window(datetime(2025, 2, 28), datetime(2025, 4, 1)),
        Window(datetime(2026, 2, 1), datetime(2026, 3, 2)),
        Window(datetime(2026, 3, 1), datetime(2026, 3, 2)),
    ):
        with pytest.raises(QueryError, match="knows the dates from 2025-03-01 to 2026-02-28") as refused:
            periods(window, "season", calendar)
        assert "add the years" in refused.value.remedy


def test_moving_by_a_custom_grain_keeps_the_day_of_the_period() -> None:
    """As many days into the period, at most to its last day; a period's end moves to a period's end."""
    grain = CustomGrain("slot", (date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 16), date(2026, 1, 30)))
    calendar = Calendar(custom=(grain,))
    assert moved(datetime(2026, 1, 3, 12), "slot", 1, calendar) == datetime(2026, 1, 13, 12)
    assert moved(datetime(2026, 1, 9, 12), "slot", 1, calendar) == datetime(2026, 1, 15, 12)
    assert moved(datetime(2026, 1, 30), "slot", -2, calendar) == datetime(2026, 1, 11)
    assert moved(datetime(2026, 1, 1), "slot", 3, calendar) == datetime(2026, 1, 30)
    for local, count in ((datetime(2026, 1, 3), 3), (datetime(2026, 1, 3), -1), (datetime(2026, 1, 30, 1), -1)):
        with pytest.raises(QueryError, match="knows the dates from 2026-01-01 to 2026-01-29"):
            moved(local, "slot", count, calendar)


@pytest.mark.parametrize("starts", [(), (date(2026, 1, 1),), (date(2026, 1, 1), date(2026, 1, 1))])
def test_a_custom_grain_ascends(starts: tuple[date, ...]) -> None:
    with pytest.raises(ValueError, match=r"the grain slot|of the grain slot"):
        CustomGrain("slot", starts)


def test_an_unknown_grain_names_the_nearest() -> None:
    for ask in (
        lambda: floor(datetime(2026, 1, 1), "fortnigth", Calendar(custom=(FORTNIGHT,))),
        lambda: periods(Window(datetime(2026, 1, 1), datetime(2026, 2, 1)), "fortnigth", Calendar(custom=(FORTNIGHT,))),
    ):
        with pytest.raises(QueryError, match="no grain 'fortnigth'") as refused:
            ask()
        assert refused.value.remedy == "Did you mean fortnight?"


@pytest.mark.parametrize("grain", list(Grain))
def test_moving_out_of_the_calendar_is_refused(grain: Grain) -> None:
    for count in (-(10**12), 10**12, 10**30):
        with pytest.raises(QueryError, match="leaves the years of the calendar"):
            moved(datetime(2026, 1, 1), grain, count, NEW_YORK)


def test_a_range_at_the_end_of_time_is_refused() -> None:
    with pytest.raises(QueryError, match="at the end of the calendar"):
        periods(Window(datetime(2026, 1, 1), datetime(9999, 12, 31)), "year", NEW_YORK)
    assert periods(Window(datetime(9997, 1, 1), datetime(9998, 12, 31)), "year", NEW_YORK)[-1].days == 364


@pytest.mark.parametrize("grain", [*Grain, "fortnight"])
def test_the_shortest_period_bounds_how_many_there_are(grain: str) -> None:
    """Where the clocks change by an hour, no period is shorter, and the bound is near."""
    calendar = Calendar("America/New_York", fiscal_year_start_month=2, custom=(FORTNIGHT,))
    window = Window(datetime(2023, 1, 1), datetime(2023, 1, 1) + 2 * SPANS[grain])
    whole = [period.end - period.start for period in periods(window, grain, calendar)[1:-1]]
    assert shortest(grain, calendar) <= min(whole) <= shortest(grain, calendar) + timedelta(days=2)


def test_calendars_are_equal_by_what_they_say() -> None:
    again = CustomGrain("fortnight", tuple(FORTNIGHT.starts))
    assert Calendar(custom=(again,)) == Calendar(custom=(FORTNIGHT,))
    assert hash(Calendar(custom=(again,))) == hash(Calendar(custom=(FORTNIGHT,)))
