"""Frames: which span of time a term reads for the period of a cell."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.frames import (
    UNITS,
    Daily,
    Duration,
    Edge,
    EdgeOf,
    Frame,
    FrameContext,
    Rolling,
    Shift,
    ToDate,
    days,
    frame_label,
    parse_duration,
    shift,
    spans,
)
from analytics_engine.kpi.model.time import (
    Calendar,
    CustomGrain,
    Grain,
    Period,
    Weekday,
    floor,
    is_whole,
    period_at,
    span,
)

UTC_CALENDAR = Calendar()
NEW_YORK = Calendar("America/New_York")
ZONES = st.sampled_from(
    ["UTC", "America/New_York", "America/Sao_Paulo", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata",
     "Pacific/Apia", "Africa/Casablanca"]
)  # fmt: skip
WEEKS = CustomGrain("fortnight", tuple(date(1980, 1, 7) + timedelta(days=14 * turn) for turn in range(2000)))
CALENDARS = st.builds(Calendar, ZONES, st.sampled_from(Weekday), st.integers(1, 12), st.just((WEEKS,)))
MOMENTS = st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2035, 1, 1))
CALENDAR_GRAINS = st.sampled_from(
    ["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year", "fortnight"]
)
A_YEAR = Duration(1, "year")
A_MONTH = Duration(1, "month")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def between(start: str, end: str, calendar: Calendar = UTC_CALENDAR) -> Period:
    return span(local(start), local(end), calendar)


def read(frame: Frame, period: Period, context: FrameContext) -> tuple[str, str]:
    """The one span of a frame, as the texts of its local start and end."""
    (there,) = spans(frame, period, context)
    assert there.start == context.calendar.instant(there.local_start)
    assert there.end == context.calendar.instant(there.local_end)
    return _text(there.local_start), _text(there.local_end)


def _text(moment: datetime) -> str:
    return moment.isoformat(sep=" ").removesuffix(" 00:00:00").removesuffix(":00")


MONTHLY = FrameContext(UTC_CALENDAR, "month")
DAILY = FrameContext(UTC_CALENDAR, "day")
WEEKLY = FrameContext(UTC_CALENDAR, "week")
NO_GRAIN = FrameContext(UTC_CALENDAR)


def test_no_step_reads_the_period_itself() -> None:
    march = between("2026-03-01", "2026-04-01")
    assert spans((), march, MONTHLY) == (march,)


# --- shift -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "duration", "there"),
    [
        ("2024-02-29 10:00", "1 year", "2023-02-28 10:00"),
        ("2024-02-29", "4 years", "2020-02-29"),
        ("2026-03-31", "1 month", "2026-02-28"),
        ("2026-05-31", "3 months", "2026-02-28"),
        ("2024-05-31", "1 quarter", "2024-02-29"),
        ("2026-01-15", "1 fiscal_quarter", "2025-10-15"),
        ("2026-01-15", "2 fiscal_years", "2024-01-15"),
        ("2026-01-15", "28 days", "2025-12-18"),
        ("2026-01-15", "2 weeks", "2026-01-01"),
        ("2026-03-08 12:00", "1 day", "2026-03-07 12:00"),
        ("2026-03-08 12:00", "24 hours", "2026-03-07 11:00"),
        ("2026-03-08 03:30", "1 hour", "2026-03-08 01:30"),
        ("2026-03-08 03:00", "90 minutes", "2026-03-08 00:30"),
        ("2026-03-08 03:00:10", "11 seconds", "2026-03-08 01:59:59"),
    ],
)
def test_days_and_more_move_on_the_calendar_and_hours_in_elapsed_time(at: str, duration: str, there: str) -> None:
    """In New York, where 02:00 to 03:00 on 8 March 2026 was skipped."""
    assert _text(shift(local(at), parse_duration(duration), NEW_YORK)) == there


def test_an_hour_before_the_second_half_past_one_is_the_first() -> None:
    second = local("2026-11-01 01:30").replace(fold=1)
    first = shift(second, Duration(1, "hour"), NEW_YORK)
    assert (_text(first), first.fold) == ("2026-11-01 01:30", 0)
    again = shift(first, Duration(1, "hour"), NEW_YORK, sign=1)
    assert (_text(again), again.fold) == ("2026-11-01 01:30", 1)


@given(CALENDARS, MOMENTS, st.integers(0, 400), st.sampled_from([*(grain.value for grain in Grain), "fortnight"]))
def test_there_and_back_is_the_same_where_nothing_clamps(
    calendar: Calendar, moment: datetime, count: int, unit: str
) -> None:
    assume(moment.day <= 28)
    assume(not (unit in {"year", "quarter", "fiscal_year", "fiscal_quarter", "month"} and count > 180))
    duration = Duration(min(count, 20 if "year" in unit else 60 if "quarter" in unit else count), unit)
    there = shift(moment, duration, calendar, sign=1)
    back = shift(there, duration, calendar)
    assert calendar.instant(back) == calendar.instant(moment)


@given(CALENDARS, MOMENTS, CALENDAR_GRAINS)
def test_the_previous_period_is_the_one_that_ends_where_this_starts(
    calendar: Calendar, moment: datetime, grain: str
) -> None:
    """Previous by one of the question's own grain, whatever the zone does, never leaves a gap."""
    period = period_at(calendar.instant(moment), grain, calendar)
    (before,) = spans((Shift(Duration(1, grain)),), period, FrameContext(calendar, grain))
    skipped = calendar.zone == "Pacific/Apia" and before.local_start.year in {2011, 2012} and grain == "day"
    assert before.end == period.start or skipped
    assert is_whole(before, grain, calendar)


@pytest.mark.parametrize(
    ("context", "period", "duration", "there"),
    [
        (MONTHLY, ("2026-03-01", "2026-04-01"), "1 month", ("2026-02-01", "2026-03-01")),
        (MONTHLY, ("2026-03-01", "2026-04-01"), "1 year", ("2025-03-01", "2025-04-01")),
        (MONTHLY, ("2024-02-01", "2024-03-01"), "1 year", ("2023-02-01", "2023-03-01")),
        (MONTHLY, ("2026-03-01", "2026-04-01"), "10 days", ("2026-02-19", "2026-03-22")),
        (FrameContext(UTC_CALENDAR, "quarter"), ("2026-04-01", "2026-07-01"), "1 month", ("2026-03-01", "2026-06-01")),
        (DAILY, ("2024-02-29", "2024-03-01"), "1 year", ("2023-02-28", "2023-03-01")),
        (DAILY, ("2026-03-30", "2026-03-31"), "1 month", ("2026-02-28", "2026-03-01")),
        (DAILY, ("2026-03-31", "2026-04-01"), "1 month", ("2026-02-28", "2026-03-01")),
        (WEEKLY, ("2026-03-02", "2026-03-09"), "1 week", ("2026-02-23", "2026-03-02")),
        (WEEKLY, ("2026-03-02", "2026-03-09"), "1 year", ("2025-03-02", "2025-03-09")),
        (WEEKLY, ("2024-02-26", "2024-03-04"), "1 year", ("2023-02-26", "2023-03-05")),
        (MONTHLY, ("2026-03-10", "2026-04-01"), "1 month", ("2026-02-10", "2026-03-01")),
        (MONTHLY, ("2026-03-01", "2026-03-11"), "1 year", ("2025-03-01", "2025-03-11")),
        (NO_GRAIN, ("2026-03-01", "2026-04-01"), "1 month", ("2026-02-01", "2026-03-01")),
        (NO_GRAIN, ("2026-03-29", "2026-03-30"), "1 month", ("2026-02-28", "2026-03-01")),
    ],
)
def test_a_period_a_duration_earlier(
    context: FrameContext, period: tuple[str, str], duration: str, there: tuple[str, str]
) -> None:
    """A whole period becomes the whole one that begins there; any other span is moved by both its ends."""
    assert read((Shift(parse_duration(duration)),), between(*period), context) == there


def test_a_period_that_is_not_over_is_compared_with_the_same_elapsed_span() -> None:
    """Up to the moment that is loaded; a period before it or after it is compared whole."""
    context = FrameContext(NEW_YORK, "month", NEW_YORK.instant(local("2026-03-10 15:30")))
    march = between("2026-03-01", "2026-04-01", NEW_YORK)
    assert read((Shift(A_YEAR),), march, context) == ("2025-03-01", "2025-03-10 15:30")
    assert read((Shift(A_MONTH),), march, context) == ("2026-02-01", "2026-02-10 15:30")
    february = between("2026-02-01", "2026-03-01", NEW_YORK)
    assert read((Shift(A_MONTH),), february, context) == ("2026-01-01", "2026-02-01")
    april = between("2026-04-01", "2026-05-01", NEW_YORK)
    assert read((Shift(A_MONTH),), april, context) == ("2026-03-01", "2026-04-01")


def test_the_same_elapsed_span_does_not_pass_the_end_of_the_period_there() -> None:
    context = FrameContext(UTC_CALENDAR, "month", datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert read((Shift(A_MONTH),), between("2026-03-01", "2026-04-01"), context) == ("2026-02-01", "2026-02-28 12:00")
    context = FrameContext(UTC_CALENDAR, "week", datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert read((Shift(A_MONTH),), between("2026-02-23", "2026-03-02"), context) == ("2026-01-23", "2026-01-30")


@given(
    calendar=CALENDARS,
    moment=MOMENTS,
    grain=CALENDAR_GRAINS,
    part=st.floats(0.01, 0.99),
    unit=st.sampled_from(["day", "week", "month", "year"]),
)
def test_the_same_elapsed_span_is_a_part_of_the_whole(
    *, calendar: Calendar, moment: datetime, grain: str, part: float, unit: str
) -> None:
    period = period_at(calendar.instant(moment), grain, calendar)
    until = period.start + (period.end - period.start) * part
    frame = (Shift(Duration(1, unit)),)
    (whole,) = spans(frame, period, FrameContext(calendar, grain))
    (elapsed,) = spans(frame, period, FrameContext(calendar, grain, until))
    assert elapsed.start == whole.start
    assert whole.start <= elapsed.end <= whole.end


def test_an_hour_that_was_skipped_a_day_earlier_is_compared_with_the_one_that_began_then() -> None:
    hour = between("2026-03-09 02:00", "2026-03-09 03:00", NEW_YORK)
    there = read((Shift(Duration(1, "day")),), hour, FrameContext(NEW_YORK, "hour"))
    assert there == ("2026-03-08 03:00", "2026-03-08 04:00")


def test_a_day_that_was_skipped_a_month_earlier_is_compared_with_the_one_that_began_then() -> None:
    apia = Calendar("Pacific/Apia")
    there = read((Shift(A_MONTH),), between("2012-01-30", "2012-01-31", apia), FrameContext(apia, "day"))
    assert there == ("2011-12-31", "2012-01-01")


def test_shifting_by_a_custom_grain() -> None:
    grain = CustomGrain("slot", (date(2026, 1, 1), date(2026, 1, 11), date(2026, 1, 16), date(2026, 1, 30)))
    context = FrameContext(Calendar(custom=(grain,)), "slot")
    one = Shift(Duration(1, "slot"))
    assert read((one,), between("2026-01-16", "2026-01-30"), context) == ("2026-01-11", "2026-01-16")
    assert read((one,), between("2026-01-11", "2026-01-16"), context) == ("2026-01-01", "2026-01-11")
    with pytest.raises(QueryError, match="slot knows the dates"):
        spans((one,), between("2026-01-01", "2026-01-11"), context)


def test_a_custom_period_a_year_of_the_calendar_ago_stays_as_long() -> None:
    """No period begins on that day of another year."""
    context = FrameContext(Calendar(custom=(WEEKS,)), "fortnight")
    start = floor(local("2024-02-28"), "fortnight", context.calendar)
    period = span(start, start + timedelta(days=14), context.calendar)
    (there,) = spans((Shift(A_YEAR),), period, context)
    assert there.local_start == start.replace(year=2023)
    assert days(there) == 14


# --- rolling, to date --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "duration", "there"),
    [
        (("2026-03-01", "2026-04-01"), "1 month", ("2026-03-01", "2026-04-01")),
        (("2026-03-01", "2026-04-01"), "3 months", ("2026-01-01", "2026-04-01")),
        (("2026-02-01", "2026-03-01"), "12 months", ("2025-03-01", "2026-03-01")),
        (("2026-03-30", "2026-03-31"), "1 month", ("2026-02-28", "2026-03-31")),
        (("2026-03-08", "2026-03-09"), "28 days", ("2026-02-09", "2026-03-09")),
        (("2026-03-08", "2026-03-09"), "24 hours", ("2026-03-07 23:00", "2026-03-09")),
    ],
)
def test_a_rolling_window_ends_with_the_period(period: tuple[str, str], duration: str, there: tuple[str, str]) -> None:
    """Days are days of the zone, months have their true lengths; hours are elapsed."""
    frame = (Rolling(parse_duration(duration)),)
    assert read(frame, between(*period, NEW_YORK), FrameContext(NEW_YORK, "day")) == there


@given(CALENDARS, MOMENTS, st.integers(1, 24))
def test_rolling_over_whole_months_is_those_months(calendar: Calendar, moment: datetime, count: int) -> None:
    month = period_at(calendar.instant(moment), "month", calendar)
    (window,) = spans((Rolling(Duration(count, "month")),), month, FrameContext(calendar, "month"))
    assert window.end == month.end
    assert window.local_start.day == 1
    back = (month.local_end.year - window.local_start.year) * 12 + month.local_end.month - window.local_start.month
    assert back == count


@given(CALENDARS, MOMENTS, st.sampled_from(["day", "month", "quarter"]))
def test_to_date_on_the_last_period_of_a_year_spans_the_year(calendar: Calendar, moment: datetime, grain: str) -> None:
    year = period_at(calendar.instant(moment), "year", calendar)
    last = period_at(year.end - timedelta(seconds=1), grain, calendar)
    assert spans((ToDate("year"),), last, FrameContext(calendar, grain)) == (year,)
    first = period_at(year.start, grain, calendar)
    assert spans((ToDate("year"),), first, FrameContext(calendar, grain)) == (first,)


@pytest.mark.parametrize(
    ("grain", "there"),
    [
        ("day", ("2026-01-04", "2026-01-05")), ("week", ("2025-12-29", "2026-01-05")),
        ("month", ("2026-01-01", "2026-01-05")), ("year", ("2026-01-01", "2026-01-05")),
        ("fiscal_year", ("2025-10-01", "2026-01-05")),
    ],
)  # fmt: skip
def test_to_date_begins_the_period_that_holds_the_last_moment(grain: str, there: tuple[str, str]) -> None:
    """So a week that goes over new year is counted to the year it ends in."""
    context = FrameContext(Calendar(fiscal_year_start_month=10), "week")
    assert read((ToDate(grain),), between("2025-12-29", "2026-01-05"), context) == there


# --- edges, days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "edge", "of", "there"),
    [
        ("month", Edge.END, "year", ("2026-12-01", "2027-01-01")),
        ("month", Edge.START, "year", ("2026-01-01", "2026-02-01")),
        ("month", Edge.END, "quarter", ("2026-06-01", "2026-07-01")),
        ("month", Edge.END, "month", ("2026-05-01", "2026-06-01")),
        ("day", Edge.END, "month", ("2026-05-31", "2026-06-01")),
        ("hour", Edge.END, "day", ("2026-05-31 23:00", "2026-06-01")),
        ("week", Edge.START, "year", ("2026-01-01", "2026-01-05")),
        ("week", Edge.END, "year", ("2026-12-28", "2027-01-01")),
        ("month", Edge.START, "fiscal_year", ("2025-10-01", "2025-11-01")),
    ],
)
def test_an_edge_is_a_period_of_the_questions_grain(asked: str, edge: Edge, of: str, there: tuple[str, str]) -> None:
    """A week that goes over new year counts with its days in the year, so a stock is that of the year's end."""
    context = FrameContext(Calendar(fiscal_year_start_month=10), asked)
    assert read((EdgeOf(edge, of),), between("2026-05-01", "2026-06-01"), context) == there


def test_an_edge_needs_a_grain_that_fits() -> None:
    may = between("2026-05-01", "2026-06-01")
    with pytest.raises(QueryError, match="the question has none") as refused:
        spans((EdgeOf(Edge.END, "year"),), may, NO_GRAIN)
    assert refused.value.remedy == "Ask by a grain, such as month."
    with pytest.raises(QueryError, match="a month is longer than a week"):
        spans((EdgeOf(Edge.END, "week"),), may, MONTHLY)


@given(CALENDARS, MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=60)))
def test_the_days_of_a_period_partition_it(calendar: Calendar, moment: datetime, length: timedelta) -> None:
    start = calendar.instant(moment)
    period = Period(calendar.local(start), calendar.local(start + length), start, start + length)
    parts = spans((Daily(),), period, FrameContext(calendar, "month"))
    assert parts[0].start == period.start
    assert parts[-1].end == period.end
    assert all(before.end == after.start for before, after in pairwise(parts))
    assert all(is_whole(day, "day", calendar) for day in parts[1:-1])
    assert sum(days(day) for day in parts) == days(period)


@pytest.mark.parametrize(
    ("period", "count"),
    [
        (("2026-03-01", "2026-04-01"), 31), (("2024-02-01", "2024-03-01"), 29), (("2026-03-08", "2026-03-09"), 1),
        (("2026-03-08 12:00", "2026-03-10 12:00"), 2), (("2026-03-08", "2026-03-08 12:00"), 1),
        (("2026-03-08 12:00", "2026-03-08 13:00"), 0),
    ],
)  # fmt: skip
def test_the_days_of_a_period_are_those_that_begin_in_it(period: tuple[str, str], count: int) -> None:
    """So a day, of 23 hours or 25, is counted in one period only."""
    assert days(between(*period, NEW_YORK)) == count


# --- steps together ----------------------------------------------------------------------------------------


def test_the_outermost_step_is_applied_first() -> None:
    june = between("2026-06-01", "2026-07-01")
    until = FrameContext(UTC_CALENDAR, "month", datetime(2026, 6, 10, 12, tzinfo=UTC))
    year_to_date_a_year_ago = (Shift(A_YEAR), ToDate("year"))
    assert read(year_to_date_a_year_ago, june, MONTHLY) == ("2025-01-01", "2025-07-01")
    assert read(year_to_date_a_year_ago, june, until) == ("2025-01-01", "2025-06-10 12:00")
    to_date_of_a_year_ago = (ToDate("year"), Shift(A_YEAR))
    assert read(to_date_of_a_year_ago, june, until) == ("2025-01-01", "2025-06-10 12:00")
    week_a_year_ago = (Shift(A_YEAR), Rolling(Duration(7, "day")))
    assert read(week_a_year_ago, june, MONTHLY) == ("2025-06-24", "2025-07-01")
    twice = (Shift(A_MONTH), Shift(A_YEAR))
    assert read(twice, june, until) == ("2025-05-01", "2025-05-10 12:00")


def test_after_a_step_the_span_may_be_no_period_of_the_grain() -> None:
    """28 days are moved by both ends; those that happen to be a whole month become a whole month."""
    march = between("2026-03-01", "2026-04-01")
    february = between("2026-02-01", "2026-03-01")
    frame = (Rolling(Duration(28, "day")), Shift(A_MONTH))
    assert read(frame, march, MONTHLY) == ("2026-02-04", "2026-03-01")
    assert read(frame, february, MONTHLY) == ("2026-01-01", "2026-02-01")


def test_a_mean_over_days_of_a_rolling_window_reads_a_window_for_each_day() -> None:
    frame = (Daily(), Rolling(Duration(7, "day")))
    windows = spans(frame, between("2026-02-01", "2026-03-01"), MONTHLY)
    assert len(windows) == 28
    assert [_text(window.local_end) for window in windows[:2]] == ["2026-02-02", "2026-02-03"]
    assert {days(window) for window in windows} == {7}


@pytest.mark.parametrize(
    "step",
    [Shift(Duration(1, "fortnigth")), Rolling(Duration(1, "fortnigth")), ToDate("fortnigth"),
     EdgeOf(Edge.END, "fortnigth")],
)  # fmt: skip
def test_an_unknown_grain_names_the_nearest(step: Shift | Rolling | ToDate | EdgeOf) -> None:
    with pytest.raises(QueryError, match="no grain 'fortnigth'") as refused:
        spans((step,), between("2026-02-01", "2026-03-01"), FrameContext(Calendar(custom=(WEEKS,)), "month"))
    assert refused.value.remedy == "Did you mean fortnight?"


# --- words -------------------------------------------------------------------------------------------------


def test_durations_are_read_from_text() -> None:
    assert parse_duration("7 days") == Duration(7, "day")
    assert parse_duration(" 1  fiscal_year ") == Duration(1, "fiscal_year")
    assert parse_duration("2 nrf_months", custom=["nrf_month"]) == Duration(2, "nrf_month")
    assert str(parse_duration("36 hours")) == "36 hours"
    assert {UNITS[f"{grain}s"] for grain in Grain} == {grain.value for grain in Grain}


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("seven days", "7 days or 1 month"), ("0 days", "above 0"), ("-7 days", "above 0"), ("7", "7 days"),
        ("7 dayz", "Did you mean day"), ("7 zzz", "The units are second, minute, hour"), ("\u0667 days", "7 days"),
    ],
)  # fmt: skip
def test_what_is_no_duration_is_refused(text: str, remedy: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse_duration(text)
    assert remedy in refused.value.remedy


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ((), "the period itself"),
        ((Shift(A_YEAR), Rolling(Duration(28, "day"))), "28 days to its end, a year earlier"),
        ((Shift(Duration(1, "hour")),), "an hour earlier"),
        ((Shift(Duration(2, "fiscal_quarter")),), "2 fiscal quarters earlier"),
        ((Shift(Duration(1, "nrf_year")),), "a nrf_year earlier"),
        ((Shift(A_MONTH), ToDate("year")), "from the start of its year to its end, a month earlier"),
        ((EdgeOf(Edge.END, "year"),), "the last period of its year"),
        ((Daily(), EdgeOf(Edge.START, "fiscal_year")), "the first period of its fiscal year, each of its days"),
    ],
)
def test_a_frame_is_told_in_words(frame: Frame, words: str) -> None:
    assert frame_label(frame) == words
