"""The reference evaluator over other spans of time, and over other cells of the same period."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from support.tiny import answer, cells, value, values


def orders(*days: str, **more: Any) -> dict[str, list[dict[str, Any]]]:
    return {"order": [{"id": number, "placed_at": day, **more} for number, day in enumerate(days)]}


def asked(start: str, end: str, grain: str | None = "month", **more: Any) -> dict[str, Any]:
    return {"window": (start, end), "grain": grain, **more}


# --- previous --------------------------------------------------------------------------------------------------------


def test_the_previous_month_of_a_month_is_the_whole_one_before() -> None:
    """January has 31 days, February 28, and a month before March is all of February."""
    rows = orders("2026-01-31", "2026-02-01", "2026-02-28T23:59", "2026-03-01")
    assert values("previous(count(order), 1 month)", rows, **asked("2026-01-01", "2026-05-01")) == [0, 1, 2, 1]


def test_a_year_before_29_february_is_28_february() -> None:
    rows = orders("2023-02-28", "2023-03-01", "2024-02-29")
    loaded = ("2020-01-01", "2027-01-01")
    by_day = asked("2024-02-29", "2024-03-01", "day", loaded=loaded)
    assert values("previous(count(order), 1 year)", rows, **by_day) == [1]
    by_month = asked("2024-02-01", "2024-03-01", loaded=loaded)
    assert values("previous(count(order), 1 year)", rows, **by_month) == [1]


def test_a_span_that_is_no_whole_period_moves_by_both_its_ends() -> None:
    rows = orders("2026-01-09", "2026-01-10", "2026-01-19", "2026-01-20")
    assert values("previous(count(order), 1 month)", rows, **asked("2026-02-10", "2026-02-20", None)) == [2]


def test_a_period_that_is_not_over_is_compared_with_the_same_elapsed_span() -> None:
    """At noon of 10 February, the month before is seen up to noon of 10 January."""
    rows = orders("2026-01-10T11:59", "2026-01-10T12:00", "2026-01-31", "2026-02-03")
    so_far = asked("2026-02-01", "2026-03-01", now="2026-02-10T12:00")
    assert values("previous(count(order), 1 month)", rows, **so_far) == [1]
    loaded = asked("2026-02-01", "2026-03-01", loaded=("2025-01-01", "2026-02-10T12:00"))
    assert values("previous(count(order), 1 month)", rows, **loaded) == [1]
    over = asked("2026-02-01", "2026-03-01", now="2026-03-01")
    assert values("previous(count(order), 1 month)", rows, **over) == [3]


def test_an_hour_before_is_an_hour_of_elapsed_time() -> None:
    """The clocks of New York go back at 06:00 UTC; the second hour from one o'clock follows the first."""
    rows = orders("2026-11-01T05:30", "2026-11-01T06:30")
    hours = asked("2026-11-01T00:00", "2026-11-01T03:00", "hour", zone="America/New_York")
    assert values("count(order)", rows, **hours) == [0, 1, 1, 0]
    assert values("previous(count(order), 1 hour)", rows, **hours) == [0, 0, 1, 1]


def test_a_cell_exists_where_only_the_previous_period_has_rows() -> None:
    rows = orders("2026-01-05", channel="web")
    found = cells("previous(count(order), 1 month)", rows, by=["order.channel"], **asked("2026-01-01", "2026-04-01"))
    assert found == [[1, "web", 1]]


def test_zero_of_a_span_needs_that_span_to_be_loaded() -> None:
    two = asked("2026-01-01", "2026-03-01", loaded=("2026-01-01", "2026-03-01"))
    assert values("previous(count(order), 1 month)", {}, **two) == [None, 0]


# --- growth ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "now", "growth"),
    [("4", "5", Decimal("0.25")), ("4", "1", Decimal("-0.75")), ("0", "5", None), ("-4", "5", None), (None, "5", None)],
)
def test_growth_is_the_change_as_a_ratio_and_null_against_a_base_of_0_or_below(
    before: str | None, now: str, growth: Decimal | None
) -> None:
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-05", "amount": before},
            {"id": 2, "placed_at": "2026-02-05", "amount": now},
        ]
    }
    assert values("growth(sum(order.amount), 1 month)", rows, **asked("2026-02-01", "2026-03-01")) == [growth]


# --- windows ---------------------------------------------------------------------------------------------------------


def test_a_rolling_window_ends_with_the_period_and_has_calendar_days() -> None:
    """Two days to the end of 9 March in New York are 47 hours, and begin with 8 March."""
    rows = orders("2026-03-08T04:59", "2026-03-08T05:00", "2026-03-10T03:59", "2026-03-10T04:00")
    day = asked("2026-03-09", "2026-03-10", "day", zone="America/New_York")
    assert values("rolling(count(order), 2 days)", rows, **day) == [2]


def test_a_rolling_month_has_the_months_true_length() -> None:
    """One month to the end of February is February; to the end of 15 March it begins on 16 February."""
    rows = orders("2026-01-31", "2026-02-01", "2026-02-15T23:59", "2026-02-16")
    assert values("rolling(count(order), 1 month)", rows, **asked("2026-02-28", "2026-03-01", "day")) == [3]
    assert values("rolling(count(order), 1 month)", rows, **asked("2026-03-15", "2026-03-16", "day")) == [1]


def test_what_counts_once_in_a_window_counts_once() -> None:
    """A customer of two months is one customer of the two months together."""
    rows = orders("2026-01-05", "2026-02-05", customer_id=7)
    two = asked("2026-01-01", "2026-03-01")
    assert values("rolling(count(distinct order.customer_id), 2 months)", rows, **two) == [1, 1]


def test_to_date_begins_with_the_enclosing_period() -> None:
    rows = orders("2025-12-31", "2026-01-05", "2026-02-05", "2026-03-05")
    assert values("to_date(count(order), year)", rows, **asked("2025-12-01", "2026-04-01")) == [1, 1, 2, 3]
    assert values("to_date(count(order), quarter)", rows, **asked("2026-03-01", "2026-05-01")) == [3, 0]


def test_frames_nest_and_the_outermost_is_applied_first() -> None:
    """The two months that ended a year ago; and the year so far, as it was a month before."""
    rows = orders("2025-01-05", "2025-02-05", "2025-03-05")
    loaded = ("2020-01-01", "2027-01-01")
    march = asked("2026-03-01", "2026-04-01", loaded=loaded)
    assert values("previous(rolling(count(order), 2 months), 1 year)", rows, **march) == [2]
    march_2025 = asked("2025-03-01", "2025-04-01", loaded=loaded)
    assert values("previous(to_date(count(order), year), 1 month)", rows, **march_2025) == [2]


def test_the_edge_of_an_enclosing_period_is_its_first_or_last_period() -> None:
    rows = orders("2026-01-05", "2026-12-05", "2026-12-06")
    summer = asked("2026-06-01", "2026-07-01")
    assert values("at_period(count(order), start of year)", rows, **summer) == [1]
    assert values("at_period(count(order), end of year)", rows, **summer) == [2]


def test_a_stock_of_the_previous_period_is_asked_at_its_own_end() -> None:
    rows = orders("2025-12-05", "2026-01-05", "2026-02-05")
    assert values("previous(count(order) at end, 1 month)", rows, **asked("2026-02-01", "2026-03-01")) == [2]


def test_days_of_the_period_are_those_of_the_zone_and_of_the_span() -> None:
    march = asked("2026-03-01", "2026-04-01", zone="America/New_York")
    assert values("count(order) / days(period)", orders(*["2026-03-05"] * 31), **march) == [1]
    assert values("count(order) + 0 * previous(count(order), 1 month)", orders("2026-03-05"), **march) == [1]
    previous_days = "count(order) / previous(days(period), 1 month)"
    assert values(previous_days, orders(*["2026-03-05"] * 28), **march) == [1]


# --- means over days -------------------------------------------------------------------------------------------------


def test_a_time_average_is_the_mean_of_the_days_ends() -> None:
    """One from 2 January on, two from the 3rd: of four days (0 + 1 + 2 + 2) / 4."""
    rows = {"plan": [{"plan_id": 1, "starts_at": "2026-01-02"}, {"plan_id": 2, "starts_at": "2026-01-03T23:59"}]}
    four = asked("2026-01-01", "2026-01-05", None)
    assert values("time_avg(count(plan) at end)", rows, **four) == [Decimal("1.25")]


def test_days_that_have_not_begun_in_what_is_loaded_are_left_out() -> None:
    """On 4 January at noon, the mean is over four days, and what is there now counts for the fourth."""
    rows = {"plan": [{"plan_id": 1, "starts_at": "2026-01-04T06:00"}]}
    month = asked("2026-01-01", "2026-02-01")
    average = "time_avg(count(plan) at end)"
    assert values(average, rows, **month, now="2026-01-04T12:00") == [Decimal("0.25")]
    assert values(average, rows, **month, now="2026-01-04") == [0]
    assert values(average, rows, **month, now="2026-01-01") == [None]
    assert values(average, rows, **month, loaded=("2025-01-01", "2026-01-04T12:00")) == [Decimal("0.25")]


def test_a_day_without_a_value_leaves_no_mean() -> None:
    rows = {"stock": [{"product": "a", "taken_at": "2026-01-02T12:00", "level": 4}]}
    assert values("time_avg(sum(stock.level) at end)", rows, **asked("2026-01-02", "2026-01-04", None)) == [4]
    assert values("time_avg(avg(stock.level) at end)", rows, **asked("2026-01-01", "2026-01-04", None)) == [None]
    assert values("time_avg(count(order))", rows, **asked("2026-01-01", "2026-01-05", None)) == [0]


def test_a_time_average_of_a_flow_is_a_mean_of_days_and_of_a_window_of_windows() -> None:
    rows = orders("2026-01-01", "2026-01-02", "2026-01-02")
    two = asked("2026-01-01", "2026-01-03", None)
    assert values("time_avg(count(order))", rows, **two) == [Decimal("1.5")]
    assert values("time_avg(rolling(count(order), 2 days))", rows, **two) == [2]
    three = asked("2026-01-02", "2026-01-03", "day")
    assert values("previous(time_avg(count(order)), 1 day)", rows, **three) == [1]


def test_with_dimensions_a_time_average_has_the_cells_of_any_of_its_days() -> None:
    rows = orders("2026-01-02", channel="web")
    two = asked("2026-01-01", "2026-01-03", None)
    assert cells("time_avg(count(order))", rows, by=["order.channel"], **two) == [[0, "web", Decimal("0.5")]]


# --- other cells of the period ---------------------------------------------------------------------------------------


def channels(**amounts: str | None) -> dict[str, list[dict[str, Any]]]:
    return {
        "order": [
            {"id": number, "placed_at": "2026-01-02", "channel": channel, "amount": amount}
            for number, (channel, amount) in enumerate(amounts.items())
        ]
    }


def test_a_share_is_of_all_members_after_conditions_on_rows() -> None:
    rows = channels(web="30", shop="10", none="60")
    share = "share_of_total(sum(order.amount))"
    assert cells(share, rows, by=["order.channel"], where=["order.channel != 'none'"]) == [
        [0, "web", Decimal("0.75")],
        [0, "shop", Decimal("0.25")],
    ]
    assert value(share, rows) == 1


def test_equal_values_share_a_rank_and_a_null_has_none() -> None:
    rows = channels(a="5", b="7", c="7", d="1", e=None)
    assert cells("rank(sum(order.amount))", rows, by=["order.channel"]) == [
        [0, "a", 3],
        [0, "b", 1],
        [0, "c", 1],
        [0, "d", 4],
        [0, "e", None],
    ]


def test_only_cells_of_the_period_with_rows_of_their_own_are_ranked() -> None:
    """The shop has no order in February, only a payment: 0, and no rank."""
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-02", "channel": "shop", "paid_at": "2026-02-03"},
            {"id": 2, "placed_at": "2026-02-02", "channel": "web"},
        ]
    }
    measures = {"rank": "rank(count(order))", "paid": "count(order) by paid_at"}
    found = answer(measures, rows, by=["order.channel"], **asked("2026-01-01", "2026-03-01"))
    assert found.cells == {
        (0, ("shop",)): {"rank": 1, "paid": 0},
        (1, ("web",)): {"rank": 1, "paid": 0},
        (1, ("shop",)): {"rank": None, "paid": 1},
    }


def test_without_dimensions_a_period_with_rows_is_the_first_of_one() -> None:
    assert values("rank(count(order))", orders("2026-01-02"), **asked("2026-01-01", "2026-03-01")) == [1, None]
