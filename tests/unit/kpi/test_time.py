"""Periods cut time without gap or overlap, in every zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_engine.kpi.model.time import Calendar, Grain, Weekday, Window, is_whole, periods

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2037, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
SPANS = {
    Grain.MINUTE: timedelta(hours=3), Grain.HOUR: timedelta(days=3), Grain.DAY: timedelta(days=40),
    Grain.WEEK: timedelta(days=90), Grain.MONTH: timedelta(days=800), Grain.QUARTER: timedelta(days=1200),
    Grain.YEAR: timedelta(days=3000),
}  # fmt: skip


@given(ZONES, MOMENTS, st.sampled_from(list(Grain)), st.sampled_from(list(Weekday)))
def test_periods_meet_and_fill_the_window(zone: str, start: datetime, grain: Grain, week_start: Weekday) -> None:
    """Whatever the zone and its clock changes, each instant of the window is in exactly one period."""
    calendar = Calendar(zone, week_start)
    window = Window(start, start + SPANS[grain])
    cut = periods(window, grain, calendar)
    assert cut[0].start == calendar.instant(window.start)
    assert cut[-1].end == calendar.instant(window.end)
    for before, after in pairwise(cut):
        assert before.end == after.start
        assert before.start < before.end
    assert all(is_whole(period, grain, calendar) for period in cut[1:-1])


def test_a_day_of_spring_has_23_hours_and_is_one_day() -> None:
    window = Window(datetime(2026, 3, 8), datetime(2026, 3, 9))
    (day,) = periods(window, Grain.DAY, Calendar("America/New_York"))
    assert day.end - day.start == timedelta(hours=23)
    assert day.days == 1
    assert len(periods(window, Grain.HOUR, Calendar("America/New_York"))) == 23


def test_a_day_of_autumn_has_25_hours() -> None:
    window = Window(datetime(2026, 11, 1), datetime(2026, 11, 2))
    assert len(periods(window, Grain.HOUR, Calendar("America/New_York"))) == 25


def test_a_skipped_local_time_begins_when_the_clocks_jump() -> None:
    """In Sao Paulo midnight itself was skipped in 2018, so that day began at 01:00."""
    start = Calendar("America/Sao_Paulo").instant(datetime(2018, 11, 4))
    assert start == datetime(2018, 11, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize(("week_start", "first"), [(Weekday.MONDAY, "2026-02-02"), (Weekday.SUNDAY, "2026-02-01")])
def test_weeks_start_on_the_clients_day(week_start: Weekday, first: str) -> None:
    window = Window(datetime(2026, 2, 1), datetime(2026, 2, 20))
    cut = periods(window, Grain.WEEK, Calendar("UTC", week_start))
    whole = [period for period in cut if is_whole(period, Grain.WEEK, Calendar("UTC", week_start))]
    assert whole[0].local_start.date().isoformat() == first


def test_months_of_a_leap_year() -> None:
    cut = periods(Window(datetime(2028, 1, 1), datetime(2028, 4, 1)), Grain.MONTH, Calendar())
    assert [period.days for period in cut] == [31, 29, 31]
