"""The reference evaluator at instants: stocks, sets between two instants, parts of intervals, values that hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from support.tiny import cells, row_count, value, values

JANUARY_AND_FEBRUARY: dict[str, Any] = {"window": ("2026-01-01", "2026-03-01"), "grain": "month"}


def plan(number: int, starts_at: str, ends_at: str | None = None, **more: Any) -> dict[str, Any]:
    return {"plan_id": number, "starts_at": starts_at, "ends_at": ends_at, **more}


# --- the state just before an instant --------------------------------------------------------------------------------


def test_of_an_event_an_instant_sees_all_that_came_strictly_before() -> None:
    """A balance at the end of January is the one at the start of February."""
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2025-06-01", "amount": "1"},
            {"id": 2, "placed_at": "2026-01-31T23:59:59.999999", "amount": "10"},
            {"id": 3, "placed_at": "2026-02-01", "amount": "100"},
        ]
    }
    assert values("sum(order.amount) at end", rows, **JANUARY_AND_FEBRUARY) == [11, 111]
    assert values("sum(order.amount) at start", rows, **JANUARY_AND_FEBRUARY) == [1, 11]


def test_an_interval_is_there_from_after_its_start_up_to_and_with_its_end() -> None:
    """What begins at the instant is not there yet; what ceases at it still is, just before."""
    instant = "2026-02-01"
    assert value("count(plan) at end", {"plan": [plan(1, instant)]}) == 0
    assert value("count(plan) at end", {"plan": [plan(1, "2026-01-31")]}) == 1
    assert value("count(plan) at end", {"plan": [plan(1, "2025-01-31", instant)]}) == 1
    assert value("count(plan) at end", {"plan": [plan(1, "2025-01-31", "2026-01-31T23:59")]}) == 0


def test_a_stock_at_the_end_is_the_one_at_the_start_and_what_came_and_went() -> None:
    """Every row that begins in the period comes, every one that ends in it goes."""
    rows: dict[str, Any] = {
        "plan": [
            plan(1, "2025-12-01"),
            plan(2, "2025-12-01", "2026-01-01"),
            plan(3, "2026-01-01", "2026-02-01"),
            plan(4, "2026-01-10", "2026-01-20"),
        ]
    }
    change = "count(plan) by starts_at - count(plan) by ends_at"
    assert value("count(plan) at start", rows) == 2
    assert value(change, rows) == 0
    assert value("count(plan) at end", rows) == 2


def test_an_interval_of_dates_is_asked_on_the_days_of_the_zone() -> None:
    """In New York too, a quota of 31 January is there at the end of that day."""
    rows = {"quota": [{"owner": "a", "starts_on": "2026-01-31", "amount": "5"}]}
    assert value("sum(quota.amount) at end", rows, zone="America/New_York") == 5
    assert value("sum(quota.amount) at start", rows, zone="America/New_York") == 0


def test_with_another_anchor_an_interval_is_asked_like_an_event() -> None:
    """Every plan that had ended by then, whether it is valid or not."""
    rows = {"plan": [plan(1, "2025-01-01", "2026-01-15"), plan(2, "2025-01-01")]}
    assert value("count(plan) by ends_at at end", rows) == 1


def test_of_a_snapshot_an_instant_sees_the_last_of_each_series_unless_it_is_stale() -> None:
    """Staleness here is 2 days: one that is 2 days old still counts."""
    rows: dict[str, Any] = {
        "stock": [
            {"product": "a", "taken_at": "2026-01-30T12:00", "level": 1},
            {"product": "a", "taken_at": "2026-01-31T12:00", "level": 2},
            {"product": "a", "taken_at": "2026-02-01", "level": 4},
            {"product": "b", "taken_at": "2026-01-30", "level": 8},
            {"product": "c", "taken_at": "2026-01-29T23:59:59", "level": 16},
        ]
    }
    assert value("sum(stock.level) at end", rows) == 10
    assert value("count(stock) at end", rows) == 2


def test_a_stale_or_absent_snapshot_is_unknown() -> None:
    assert value("sum(stock.level) at end", {}) is None
    assert value("count(stock) at end", {}) is None
    stale = {"stock": [{"product": "a", "taken_at": "2026-01-29", "level": 2}]}
    assert value("sum(stock.level) at end", stale) is None
    assert value("count(stock)", stale) == 1
    assert value("lost(stock)", stale) == 0


def test_conditions_on_a_snapshot_apply_after_the_last_is_picked() -> None:
    """The state before the last is no state any more, even where the last is filtered out.

    A cell without a snapshot is unknown, not 0: 0 is what a snapshot must say, or the term's own condition.
    """
    rows: dict[str, Any] = {
        "stock": [
            {"product": "a", "taken_at": "2026-01-30T12:00", "level": 1, "place": "x"},
            {"product": "a", "taken_at": "2026-01-31T12:00", "level": 2, "place": "y"},
        ]
    }
    assert value("sum(stock.level) filter (where place = 'x') at end", rows) == 0
    assert value("sum(stock.level) at end", rows, where=["stock.place = 'x'"]) is None
    by_place = cells("sum(stock.level) at end", rows, by=["stock.place"])
    assert by_place == [[0, "x", None], [0, "y", 2]]


# --- sets between two instants ---------------------------------------------------------------------------------------


def test_lost_kept_and_gained_compare_things_not_rows() -> None:
    """Plan 2 changes its version and is kept; 4 comes and goes within the period and is none of them."""
    rows: dict[str, Any] = {
        "plan": [
            plan(1, "2025-01-01", "2026-01-10"),
            plan(2, "2025-01-01", "2026-01-10"),
            plan(2, "2026-01-10"),
            plan(3, "2026-01-10"),
            plan(4, "2026-01-10", "2026-01-20"),
            plan(5, "2025-01-01", "2025-02-01"),
        ]
    }
    assert value("lost(plan)", rows) == 1
    assert value("kept(plan)", rows) == 1
    assert value("gained(plan)", rows) == 1
    assert row_count("kept(plan)", rows) == 3


def test_dimensions_and_conditions_restrict_both_sets() -> None:
    """A plan that moves from silver to gold is lost to the one and gained by the other."""
    rows = {"plan": [plan(1, "2025-01-01", "2026-01-10", tier="silver"), plan(1, "2026-01-10", tier="gold")]}
    assert value("lost(plan)", rows) == 0
    assert cells("lost(plan)", rows, by=["plan.tier"]) == [[0, "silver", 1], [0, "gold", 0]]
    assert cells("gained(plan)", rows, by=["plan.tier"]) == [[0, "silver", 0], [0, "gold", 1]]
    assert value("lost(plan) filter (where tier = 'silver')", rows) == 1


# --- parts of intervals ----------------------------------------------------------------------------------------------


def test_an_amount_of_days_falls_into_periods_by_their_days() -> None:
    """A quota of 90 for the 90 days of a quarter is 31, 28 and 31; in New York, where March has 743 hours, as well."""
    rows = {"quota": [{"owner": "a", "starts_on": "2026-01-01", "ends_on": "2026-04-01", "amount": "90"}]}
    asked: dict[str, Any] = {"window": ("2026-01-01", "2026-05-01"), "grain": "month", "zone": "America/New_York"}
    assert values("prorate(quota.amount)", rows, **asked) == [31, 28, 31, 0]


def test_an_amount_of_instants_falls_into_periods_by_elapsed_time() -> None:
    """Of the 47 hours of 8 and 9 March in New York, 23 are the first day's."""
    rows = {"plan": [plan(1, "2026-03-08T05:00", "2026-03-10T04:00", fee="47")]}
    asked: dict[str, Any] = {"window": ("2026-03-08", "2026-03-10"), "grain": "day", "zone": "America/New_York"}
    assert values("prorate(plan.fee)", rows, **asked) == [23, 24]


def test_an_interval_without_an_end_or_without_length_has_no_part() -> None:
    rows = {"plan": [plan(1, "2026-01-01", fee="5"), plan(2, "2026-01-10", "2026-01-10", fee="5")]}
    assert value("prorate(plan.fee)", rows) is None
    assert row_count("prorate(plan.fee)", rows) == 1
    rows["plan"].append(plan(3, "2026-01-01", "2026-03-01", fee="59"))
    assert value("prorate(plan.fee)", rows) == 31


# --- values that hold until the next ---------------------------------------------------------------------------------


def test_a_value_holds_until_the_next_of_its_series_and_is_carried_into_the_period() -> None:
    """10 for the first 10 of 31 days, then 41: (10 * 10 + 41 * 21) / 31."""
    rows: dict[str, Any] = {
        "stock": [
            {"product": "a", "taken_at": "2025-11-01", "level": 99},
            {"product": "a", "taken_at": "2025-12-15", "level": 10},
            {"product": "a", "taken_at": "2026-01-11", "level": 41},
            {"product": "a", "taken_at": "2026-02-01", "level": 77},
        ]
    }
    assert value("time_weighted_avg(stock.level)", rows) == float(Decimal(100 + 41 * 21) / 31)
    assert row_count("time_weighted_avg(stock.level)", rows) == 2


def test_each_series_holds_its_own_values_and_nulls_have_no_weight() -> None:
    """a: 1 for all 31 days; b: 3 for 10 days, then unknown for 21. (31 + 30) / 41."""
    rows: dict[str, Any] = {
        "stock": [
            {"product": "a", "taken_at": "2026-01-01", "level": 1},
            {"product": "b", "taken_at": "2026-01-01", "level": 3},
            {"product": "b", "taken_at": "2026-01-11", "level": None},
        ]
    }
    assert value("time_weighted_avg(stock.level)", rows) == 61 / 41


def test_at_one_moment_the_greatest_key_counts_and_the_others_hold_for_no_time() -> None:
    rows: dict[str, Any] = {
        "order": [
            {"id": 2, "placed_at": "2026-01-01", "items": 20},
            {"id": 1, "placed_at": "2026-01-01", "items": 10},
        ]
    }
    assert value("time_weighted_avg(order.items)", rows) == 20
    assert value("time_weighted_avg(order.items) filter (where items = 10)", rows) is None
    assert row_count("time_weighted_avg(order.items)", rows) == 1


def test_of_a_period_that_is_not_over_values_are_weighed_by_what_has_elapsed() -> None:
    """At noon of 11 January: 10 for ten days, 20 for half a day."""
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-01", "items": 10},
            {"id": 2, "placed_at": "2026-01-11", "items": 20},
        ]
    }
    assert value("time_weighted_avg(order.items)", rows, now="2026-01-11T12:00") == 110 / 10.5
    assert value("time_weighted_avg(order.items)", rows, now="2026-01-01") is None


def test_the_rows_of_an_event_are_one_series_unless_per_tells_them_apart() -> None:
    """One series: 10 for 10 days, 20 for 21. Two: 10 for 31 days and 20 for 21."""
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-01", "items": 10, "channel": "web"},
            {"id": 2, "placed_at": "2026-01-11", "items": 20, "channel": "shop"},
        ]
    }
    assert value("time_weighted_avg(order.items)", rows) == (100 + 420) / 31
    assert value("time_weighted_avg(order.items per order.channel)", rows) == (310 + 420) / 52


def test_a_condition_chooses_among_the_times_values_hold_and_does_not_lengthen_them() -> None:
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-01", "items": 10, "channel": "web"},
            {"id": 2, "placed_at": "2026-01-11", "items": 20, "channel": "shop"},
            {"id": 3, "placed_at": "2026-01-21", "items": 40, "channel": "web"},
        ]
    }
    web = "time_weighted_avg(order.items) filter (where channel = 'web')"
    assert value(web, rows) == (10 * 10 + 40 * 11) / 21
    assert cells("time_weighted_avg(order.items)", rows, by=["order.channel"]) == [
        [0, "web", (10 * 10 + 40 * 11) / 21],
        [0, "shop", 20.0],
    ]
