"""When a cron expression ticks: the documented examples, and every minute of real changes of clocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_engine.errors import InvalidInput
from analytics_engine.services.calculation_engine_service.schedules.cron import Cron

CHANGES = {
    "Europe/Berlin": ["2026-03-29T01:00Z", "2026-10-25T01:00Z"],
    "America/New_York": ["2026-03-08T07:00Z", "2026-11-01T06:00Z"],
    "Australia/Lord_Howe": ["2026-04-04T15:00Z", "2026-10-03T15:30Z"],
    "America/Sao_Paulo": ["2018-02-18T02:00Z", "2018-11-04T03:00Z"],
    "Asia/Beirut": ["2026-03-28T22:00Z", "2026-10-24T21:00Z"],
    "Pacific/Apia": ["2011-12-30T10:00Z"],
}
"""Instants at which the clocks of a zone were changed: by an hour, by half of one, at midnight, by a day."""

BERLIN = ["00:30+0100", "06:30+0200", "12:30+0200", "18:30+0200"]
LORD_HOWE = ["00:00+1030", *(f"{hour:02}:00+1100" for hour in range(3, 24, 3))]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def ticks(expression: str, zone: str, *, after: str, until: str) -> list[str]:
    """Return the ticks up to an instant as local times, with their offset."""
    cron = Cron(expression, zone)
    found = takewhile(lambda tick: tick <= instant(until), cron.ticks(instant(after)))
    return [cron.local(tick).strftime("%d %H:%M%z") for tick in found]


@pytest.mark.parametrize(
    ("expression", "zone", "day", "expected"),
    [
        # 02:30 is not there on the day clocks go forward: it is run once, the moment they do.
        ("30 2 * * *", "Europe/Berlin", "2026-03-29", ["29 03:00+0200"]),
        ("30 2 * * *", "America/New_York", "2026-03-08", ["08 03:00-0400"]),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-04", ["04 02:30+1100"]),
        ("0 0 * * *", "America/Sao_Paulo", "2018-11-04", ["04 01:00-0200"]),
        ("15 0 * * *", "Asia/Beirut", "2026-03-29", ["29 01:00+0300"]),
        # Several times that are passed over are one tick.
        ("0,30 2 * * *", "Europe/Berlin", "2026-03-29", ["29 03:00+0200"]),
        ("0 2,3 * * *", "Europe/Berlin", "2026-03-29", ["29 03:00+0200"]),
        # 02:30 is there twice on the day clocks go back: it is run once, the first time.
        ("30 2 * * *", "Europe/Berlin", "2026-10-25", ["25 02:30+0200"]),
        ("30 1 * * *", "America/New_York", "2026-11-01", ["01 01:30-0400"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-05", ["05 01:45+1100"]),
        ("30 23 * * *", "America/Sao_Paulo", "2018-02-17", ["17 23:30-0200"]),
        ("30 23 * * *", "Asia/Beirut", "2026-10-24", ["24 23:30+0300"]),
        # What repeats goes by the clock: nothing where it passes over, twice where it comes again.
        ("*/20 2 * * *", "Europe/Berlin", "2026-03-29", []),
        (
            "*/20 2 * * *",
            "Europe/Berlin",
            "2026-10-25",
            ["25 02:00+0200", "25 02:20+0200", "25 02:40+0200", "25 02:00+0100", "25 02:20+0100", "25 02:40+0100"],
        ),
        ("30 */6 * * *", "Europe/Berlin", "2026-03-29", [f"29 {time}" for time in BERLIN]),
        ("0 */6 * * *", "America/Sao_Paulo", "2018-11-04", ["04 06:00-0200", "04 12:00-0200", "04 18:00-0200"]),
        ("0 */3 * * *", "Australia/Lord_Howe", "2026-10-04", [f"04 {time}" for time in LORD_HOWE]),
        ("*/20 2 * * *", "Australia/Lord_Howe", "2026-10-04", ["04 02:40+1100"]),
        ("30 2 * * *", "Australia/Lord_Howe", "2026-10-04", ["04 02:30+1100"]),
        # Other days are as they are.
        ("30 2 * * *", "Europe/Berlin", "2026-03-30", ["30 02:30+0200"]),
    ],
)  # fmt: skip
def test_ticks_of_a_day_on_which_clocks_are_changed(expression: str, zone: str, day: str, expected: list[str]) -> None:
    local = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    end = (local.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=ZoneInfo(zone))
    first, last = (local.astimezone(UTC) - timedelta(seconds=1), end.astimezone(UTC) - timedelta(seconds=1))
    assert ticks(expression, zone, after=first.isoformat(), until=last.isoformat()) == expected


def test_a_tick_is_asked_for_in_the_middle_of_the_hour_that_comes_twice() -> None:
    """02:50 has been, though the clock shows 02:45: its tick is not in the past."""
    assert Cron("50 2 * * *", "Europe/Berlin").next(instant("2026-10-25T01:45Z")) == instant("2026-10-26T01:50Z")


def minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += timedelta(minutes=1)


@st.composite
def expressions(draw: st.DrawFn) -> tuple[str, set[int], set[int]]:
    """Draw an expression, and the minutes and hours it means."""
    every = draw(st.sampled_from([1, 5, 15, 20, 30]))
    some = draw(st.sets(st.integers(0, 59), min_size=1, max_size=3))
    hours = draw(st.sets(st.integers(0, 23), min_size=1, max_size=4))
    minute, of_minute = draw(
        st.sampled_from([(f"*/{every}", set(range(0, 60, every))), (",".join(map(str, some)), some)])
    )
    hour, of_hour = draw(
        st.sampled_from([("*", set(range(24))), ("*/3", set(range(0, 24, 3))), (",".join(map(str, hours)), hours)])
    )
    return f"{minute} {hour} * * *", of_minute, of_hour


@settings(max_examples=40)
@given(drawn=expressions(), change=st.sampled_from([(zone, at) for zone, all_ in CHANGES.items() for at in all_]))
def test_every_minute_around_a_change_of_clocks(drawn: tuple[str, set[int], set[int]], change: tuple[str, str]) -> None:
    """Against a search of all minutes: those that match, and of fixed times the first moment the clock is so late."""
    (expression, of_minute, of_hour), (zone, at) = drawn, change
    cron, there = Cron(expression, zone), ZoneInfo(zone)
    start, end = instant(at) - timedelta(hours=30), instant(at) + timedelta(hours=30)
    shown = [(minute, minute.astimezone(there).replace(tzinfo=None)) for minute in minutes(start, end)]
    if cron.fixed:
        first, last = shown[0][1], shown[-1][1]
        days = [(first + timedelta(days=number)).date() for number in range(-1, (last - first).days + 3)]
        walls = [datetime(day.year, day.month, day.day, h, m) for day in days for h in of_hour for m in of_minute]
        expected = {next(minute for minute, local in shown if local >= wall) for wall in walls if first < wall <= last}
    else:
        expected = {minute for minute, local in shown if local.minute in of_minute and local.hour in of_hour}
    found = list(takewhile(lambda tick: tick < end, cron.ticks(start - timedelta(seconds=1))))
    assert found == sorted(found)
    if cron.fixed:  # the first minute's own wall time may be that of a tick before it
        expected |= {tick for tick in found if tick == start}
    assert found == sorted(expected)


@pytest.mark.parametrize(
    ("expression", "detail"),
    [
        ("* * * *", "A cron expression has five fields; '* * * *' has 4."),
        ("0 * * * * *", "A cron expression has five fields; '0 * * * * *' has 6."),
        ("61 * * * *", "'61 * * * *' is no cron expression: bad minute."),
        ("0 0 31 2 *", "'0 0 31 2 *' is no cron expression: bad day-of-month."),
    ],
)
def test_what_is_no_expression_is_told(expression: str, detail: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Cron(expression, "UTC")
    assert refused.value.detail == detail
    assert refused.value.remedy.startswith("Write minute, hour,")


def test_what_is_no_zone_is_told_with_the_nearest() -> None:
    with pytest.raises(InvalidInput) as refused:
        Cron("0 0 * * *", "Europe/Berln")
    assert refused.value.detail == "There is no time zone 'Europe/Berln'."
    assert "Europe/Berlin" in refused.value.remedy


def test_rare_days_are_found() -> None:
    """The 29th of February, the last working day of a month, the second Monday."""
    after = instant("2026-01-01T00:00Z")
    assert Cron("0 0 29 2 *", "UTC").next(after) == instant("2028-02-29T00:00Z")
    assert Cron("0 0 LW * *", "UTC").next(after) == instant("2026-01-30T00:00Z")
    assert Cron("0 0 * * MON#2", "UTC").next(after) == instant("2026-01-12T00:00Z")
    assert len(list(islice(Cron("0 0 29 2 *", "UTC").ticks(after), 5))) == 5
