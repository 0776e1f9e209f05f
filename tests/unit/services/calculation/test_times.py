from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics_engine.contracts.calculation import KpiQuery
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.errors import QueryError
from analytics_engine.kpi.model.time import Weekday
from analytics_engine.services.calculation_engine_service.times import MOST_PERIODS, Times, times_of

NEW_YORK = ClientProfile(
    client_id="shop", name="Shop", time_zone="America/New_York", week_start=Weekday.SUNDAY, fiscal_year_start_month=4
)
NOW = datetime(2026, 3, 9, 1, 30, 15, 5, tzinfo=UTC)
"""In New York it is still Sunday 8 March, half past nine in the evening; in the night the clocks had gone forward."""


def times(client: ClientProfile = NEW_YORK, now: datetime = NOW, **query: object) -> Times:
    return times_of(KpiQuery.model_validate({"kpis": ["A"], **query}), client, now)


def window(range_: dict[str, object], *, now: datetime = NOW, **query: object) -> tuple[str, str]:
    (found,) = times(now=now, range=range_, **query).windows
    return found.start.isoformat(), found.end.isoformat()


@pytest.mark.parametrize(
    ("range_", "start", "end"),
    [
        ({"last": "28 days"}, "2026-02-08T00:00:00", "2026-03-08T00:00:00"),
        ({"last": "28 days", "include_current": True}, "2026-02-09T00:00:00", "2026-03-09T00:00:00"),
        ({"last": "1 month"}, "2026-02-01T00:00:00", "2026-03-01T00:00:00"),
        ({"last": "2 weeks"}, "2026-02-22T00:00:00", "2026-03-08T00:00:00"),
        ({"last": "24 hours"}, "2026-03-07T20:00:00", "2026-03-08T21:00:00"),
        ({"last": "30 minutes"}, "2026-03-08T21:00:00", "2026-03-08T21:30:00"),
        ({"current": "month"}, "2026-03-01T00:00:00", "2026-04-01T00:00:00"),
        ({"current": "fiscal_year"}, "2025-04-01T00:00:00", "2026-04-01T00:00:00"),
        ({"previous": "quarter"}, "2025-10-01T00:00:00", "2026-01-01T00:00:00"),
        ({"previous": "day"}, "2026-03-07T00:00:00", "2026-03-08T00:00:00"),
        ({"to_date": "year"}, "2026-01-01T00:00:00", "2026-03-09T00:00:00"),
        ({"to_date": "hour"}, "2026-03-08T21:00:00", "2026-03-08T21:30:16"),
    ],
)
def test_a_relative_range_is_of_the_time_of_asking_in_the_zone(range_: dict[str, object], start: str, end: str) -> None:
    """A day of the zone, its weeks and fiscal years; hours are elapsed: 24 of them span the hour that was skipped."""
    assert window(range_) == (start, end)


def test_a_range_may_be_given_back_as_an_answer_had_it() -> None:
    """The hour from one to two came twice on 1 November: the offset tells which is meant."""
    second = {"from": "2026-11-01T01:00:00-05:00", "to": "2026-11-01T02:00:00-05:00"}
    (cut,) = times(range=second, grain="hour").cuts
    assert [period.start.isoformat() for period in cut.periods] == ["2026-11-01T06:00:00+00:00"]
    both = {"from": "2026-11-01T01:00:00", "to": "2026-11-01T02:00:00"}
    assert len(times(range=both, grain="hour").periods) == 2
    midnight_elsewhere = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02"}
    assert window(midnight_elsewhere) == ("2025-12-31T19:00:00", "2026-01-02T00:00:00")


def test_another_zone_has_another_today() -> None:
    assert window({"previous": "day"}, time_zone="UTC") == ("2026-03-08T00:00:00", "2026-03-09T00:00:00")


def test_several_ranges_are_cut_by_several_grains_in_the_order_given() -> None:
    found = times(
        ranges=[{"from": "2026-01-01", "to": "2026-02-01"}, {"current": "month"}], grains=["week", "month", None]
    )
    cuts = [(cut.range, cut.grain, len(cut.periods)) for cut in found.cuts]
    assert cuts == [(0, "week", 5), (0, "month", 1), (0, None, 1), (1, "week", 5), (1, "month", 1), (1, None, 1)]
    assert len(found.periods) == 14


def test_a_client_has_grains_of_its_own() -> None:
    calendar = {"code": "season", "name": "Seasons", "grains": {"season": ["2026-01-10", "2026-03-01", "2026-06-20"]}}
    client = ClientProfile.model_validate({**NEW_YORK.model_dump(mode="json"), "calendars": [calendar]})
    (cut,) = times(client, range={"last": "1 season", "include_current": True}, grain="season").cuts
    assert [period.local_start.date().isoformat() for period in cut.periods] == ["2026-03-01"]


@pytest.mark.parametrize(
    ("query", "detail", "remedy"),
    [
        ({}, "A query has a range, or several ranges.", "Give range or ranges"),
        (
            {"range": {"current": "day"}, "ranges": [{"current": "day"}]},
            "A query has a range, or several ranges.",
            "Give range or ranges",
        ),
        ({"range": {"current": "day"}, "grain": "day", "grains": ["day"]}, "Both grain and grains", "one of them"),
        ({"range": {"current": "day"}, "grains": ["day", "day"]}, "A grain is asked twice", "each grain once"),
        ({"range": {"current": "mont"}}, "There is no grain 'mont'", "Did you mean month"),
        ({"range": {"current": "day"}, "grain": "decade"}, "There is no grain 'decade'", "The grains are"),
        ({"range": {"last": "28"}}, "'28' is not a duration", "7 days"),
        ({"range": {"last": "3 fortnights"}}, "no unit 'fortnights'", "The units are"),
        ({"range": {"from": "2026-02-01", "to": "2026-02-01"}}, "is empty", "Let it end after it starts"),
        ({"range": {"current": "day"}, "time_zone": "America/New_Yrk"}, "There is no time zone", "America/New_York"),
        ({"range": {"from": "2026-01-01", "to": "2026-02-01"}, "grain": "second"}, "periods by second", "coarser"),
    ],
)
def test_times_that_cannot_be_are_refused_with_the_remedy(query: dict[str, object], detail: str, remedy: str) -> None:
    with pytest.raises(QueryError) as refusal:
        times(**query)
    assert detail in refusal.value.detail
    assert remedy in refusal.value.remedy


def test_periods_are_limited_over_all_ranges_and_grains_together() -> None:
    """Each of these alone would do."""
    half = {"from": "2026-01-01", "to": "2026-01-19"}
    assert MOST_PERIODS > 18 * 24 * 60
    assert len(times(range=half, grain="minute").periods) == 18 * 24 * 60
    with pytest.raises(QueryError, match="50,000 are the most"):
        times(ranges=[half, half], grain="minute")


def test_a_range_is_absolute_or_relative_in_one_way() -> None:
    several, misplaced = {"last": "1 day", "current": "day"}, {"current": "day", "include_current": True}
    number = {"from": 1767225600, "to": "2026-03-01"}
    for wrong in (several, misplaced, number, {"from": "2026-01-01"}, {"from": "2026-02-30", "to": "2026-03-01"}):
        with pytest.raises(ValueError, match="range"):
            KpiQuery.model_validate({"kpis": ["A"], "range": wrong})
