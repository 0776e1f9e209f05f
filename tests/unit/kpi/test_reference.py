"""The reference evaluator, line by line of the rules on rows, presence and empty values, by examples done by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from math import isclose, sqrt
from typing import Any

import pytest

from analytics_engine.kpi.model.kpi import KpiParameter
from analytics_engine.kpi.model.object_model import DataType
from support.tiny import answer, cells, row_count, value, values

Q1: dict[str, Any] = {"window": ("2026-01-01", "2026-04-01"), "grain": "month"}


def orders(*amounts: str | None, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """Orders of one day of January each, in order."""
    return {
        "order": [
            {"id": number, "placed_at": f"2026-01-{number:02}", "amount": amount, **more}
            for number, amount in enumerate(amounts, start=1)
        ]
    }


# --- which rows ------------------------------------------------------------------------------------------------------


def test_a_row_belongs_to_the_period_that_holds_its_anchor_and_to_no_other() -> None:
    """The start is part of a period, the end is not."""
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2025-12-31T23:59:59.999999"},
            {"id": 2, "placed_at": "2026-01-01"},
            {"id": 3, "placed_at": "2026-01-31T23:59:59.999999"},
            {"id": 4, "placed_at": "2026-02-01"},
        ]
    }
    assert values("count(order)", rows, **Q1) == [2, 1, 0]


def test_another_anchor_is_named_by_by_and_a_row_without_it_is_in_no_period() -> None:
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-05", "paid_at": "2026-02-05"},
            {"id": 2, "placed_at": "2026-01-05", "paid_at": None},
        ]
    }
    assert values("count(order) by paid_at", rows, **Q1) == [0, 1, 0]


def test_a_period_is_cut_in_the_zone_asked_for() -> None:
    """In New York the January of 2026 begins at 05:00 UTC, and a date has no zone."""
    rows: dict[str, Any] = {
        "order": [{"id": 1, "placed_at": "2026-01-01T04:59"}, {"id": 2, "placed_at": "2026-01-01T05:00"}],
        "delivery": [{"id": 1, "day": "2026-01-01"}, {"id": 2, "day": "2025-12-31"}],
    }
    assert value("count(order)", rows, zone="America/New_York") == 1
    assert value("count(delivery)", rows, zone="America/New_York") == 1


def test_a_condition_counts_only_rows_for_which_it_holds() -> None:
    """An unknown condition is not met, and not its contrary either."""
    rows = orders("10", None, "-1")
    assert value("count(order) filter (where amount > 0)", rows) == 1
    assert value("count(order) filter (where not amount > 0)", rows) == 1
    assert value("count(order)", rows, where=["order.amount > 0"]) == 1


def test_a_filter_of_the_question_applies_to_every_term() -> None:
    rows: dict[str, Any] = {
        "order": [{"id": 1, "placed_at": "2026-01-02", "customer_id": 7}, {"id": 2, "placed_at": "2026-01-02"}],
        "line": [{"id": 1, "order_id": 1, "booked_at": "2026-01-02"}, {"id": 2, "booked_at": "2026-01-02"}],
    }
    assert value("count(line) / count(order)", rows, where=["order.customer_id = 7"]) == 1


def test_a_segment_is_a_condition_with_a_name() -> None:
    assert value("count(order) filter (where large)", orders("99", "100", None)) == 1


# --- which cells -----------------------------------------------------------------------------------------------------


def test_without_dimensions_every_period_is_a_cell() -> None:
    assert cells("avg(order.amount)", orders("10"), **Q1) == [[0, 10], [1, None], [2, None]]


def test_with_dimensions_a_cell_is_where_a_term_of_some_measure_has_rows_and_null_is_a_member() -> None:
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-02", "channel": "web", "amount": "5"},
            {"id": 2, "placed_at": "2026-01-02", "channel": None},
            {"id": 3, "placed_at": "2026-02-02", "channel": "web", "paid_at": "2026-03-01"},
        ]
    }
    found = answer({"n": "count(order)", "paid": "count(order) by paid_at"}, rows, by=["order.channel"], **Q1)
    assert found.cells == {
        (0, ("web",)): {"n": 1, "paid": 0},
        (0, (None,)): {"n": 1, "paid": 0},
        (1, ("web",)): {"n": 1, "paid": 0},
        (2, ("web",)): {"n": 0, "paid": 1},
    }


def test_terms_of_several_object_models_meet_in_the_cell_and_repeat_no_row() -> None:
    """Two lines of one order do not count the order twice."""
    rows: dict[str, Any] = {
        "customer": [{"id": 7, "segment": "big"}],
        "order": [
            {"id": 1, "placed_at": "2026-01-02", "customer_id": 7, "amount": "10"},
            {"id": 2, "placed_at": "2026-01-02", "amount": "1"},
        ],
        "line": [
            {"id": 1, "order_id": 1, "booked_at": "2026-01-02", "quantity": 2},
            {"id": 2, "order_id": 1, "booked_at": "2026-01-03", "quantity": 3},
        ],
    }
    measures = {"a": "sum(order.amount) via customer", "q": "sum(line.quantity) via order.customer"}
    found = answer(measures, rows, by=["customer.segment"])
    assert found.cells == {(0, ("big",)): {"a": 10, "q": 5}, (0, (None,)): {"a": 1, "q": 0}}


def test_a_stock_shows_where_there_ever_was_something() -> None:
    """A plan that has ended is no plan any more, and its tier is shown with 0."""
    rows = {"plan": [{"plan_id": 1, "starts_at": "2025-05-01", "ends_at": "2025-06-01", "tier": "gold"}]}
    assert cells("count(plan) at end", rows, by=["plan.tier"]) == [[0, "gold", 0]]
    assert cells("count(plan) by starts_at", rows, by=["plan.tier"]) == []


def test_of_sets_a_cell_is_where_something_began_before_the_periods_end() -> None:
    rows = {"plan": [{"plan_id": 1, "starts_at": "2025-05-01", "ends_at": "2025-06-01", "tier": "gold"}]}
    assert cells("lost(plan)", rows, by=["plan.tier"]) == [[0, "gold", 0]]


# --- how many rows ---------------------------------------------------------------------------------------------------


def test_rows_are_those_after_both_conditions_nulls_included() -> None:
    rows = orders("10", None, "-1")
    assert row_count("sum(order.amount)", rows) == 3
    assert row_count("sum(order.amount) filter (where amount > 0)", rows) == 1
    assert row_count("sum(order.amount)", rows, where=["order.amount is null"]) == 1


def test_rows_of_a_stock_are_those_still_there_and_of_sets_the_things_at_either_end() -> None:
    rows: dict[str, Any] = {
        "plan": [
            {"plan_id": 1, "starts_at": "2025-05-01", "ends_at": "2025-06-01"},
            {"plan_id": 2, "starts_at": "2025-05-01", "ends_at": "2026-01-10"},
            {"plan_id": 3, "starts_at": "2026-01-10"},
        ]
    }
    assert row_count("count(plan) at end", rows) == 1
    assert row_count("lost(plan)", rows) == 2


# --- no rows ---------------------------------------------------------------------------------------------------------

ZERO_OF_NO_ROWS = (
    "count(order)", "count(order.amount)", "sum(order.amount)", "count(distinct order.amount)",
    "approx_count_distinct(order.amount)", "lost(plan)", "kept(plan)", "gained(plan)", "prorate(plan.fee)",
    "sum(last(order.amount per order.customer_id))",
    "converted(order, line on id = order_id within 7 days)",
)  # fmt: skip
NULL_OF_NO_ROWS = (
    "avg(order.amount)", "min(order.amount)", "max(order.amount)", "stddev(order.amount)", "variance(order.amount)",
    "median(order.amount)", "percentile(order.amount, 0.5)", "first(order.amount)", "last(order.amount)",
    "weighted_avg(order.amount, order.weight)", "time_weighted_avg(order.amount)",
    "covariance(order.amount, order.weight)", "correlation(order.amount, order.weight)", "avg(plan.fee) at end",
)  # fmt: skip


@pytest.mark.parametrize("formula", ZERO_OF_NO_ROWS)
def test_of_no_rows_counts_and_sums_are_0_where_the_period_is_loaded_and_else_null(formula: str) -> None:
    assert value(formula, {}) == 0
    assert value(formula, {}, loaded=None) is None
    assert value(formula, {}, loaded=("2026-01-02", "2027-01-01")) is None
    assert value(formula, {}, loaded=("2025-01-01", "2026-01-31")) is None


@pytest.mark.parametrize("formula", NULL_OF_NO_ROWS)
def test_of_no_rows_every_other_aggregate_is_null(formula: str) -> None:
    assert value(formula, {}) is None


def test_coverage_holds_a_period_from_its_start_to_its_end_and_an_instant_up_to_its_end() -> None:
    loaded: dict[str, Any] = {"loaded": ("2026-01-01", "2026-02-01")}
    assert value("count(order)", {}, **loaded) == 0
    assert value("count(order) at end", {}, **loaded) == 0
    assert value("count(order) at start", {}, **loaded) is None
    assert value("count(order) at end", {}, loaded=("2026-01-31T23:59", "2026-02-01")) == 0


def test_rows_that_are_there_count_even_where_the_period_is_not_loaded() -> None:
    assert value("sum(order.amount)", orders("10"), loaded=None) == 10


@pytest.mark.parametrize("formula", ["sum(order.amount)", "avg(order.amount)", "first(order.amount)",
                                     "sum(last(order.amount per order.customer_id))", "prorate(plan.fee)"])  # fmt: skip
def test_of_nothing_but_nulls_an_aggregate_is_null(formula: str) -> None:
    rows = orders(None) | {"plan": [{"plan_id": 1, "starts_at": "2026-01-10", "ends_at": "2026-01-20"}]}
    assert value(formula, rows) is None


@pytest.mark.parametrize("formula", ["count(order.amount)", "count(distinct order.amount)"])
def test_of_nothing_but_nulls_a_count_is_0(formula: str) -> None:
    assert value(formula, orders(None), loaded=None) == 0


# --- aggregates ------------------------------------------------------------------------------------------------------


def test_aggregates_of_a_handful_of_numbers() -> None:
    """Of 2.5, 3, 5, 7 and a null (and of 2.5 twice, for the count of different ones)."""
    rows = orders("2.5", "3", None, "5", "7")
    assert value("count(order.amount)", rows) == 4
    assert value("sum(order.amount)", rows) == Decimal("17.5")
    assert value("avg(order.amount)", rows) == Decimal("4.375")
    assert value("median(order.amount)", rows) == 4.0
    assert value("percentile(order.amount, 0.25)", rows) == 2.875
    assert value("percentile(order.amount, 0)", rows) == 2.5
    assert value("percentile(order.amount, 1)", rows) == 7.0
    assert value("percentile(order.amount, 0.5, 'discrete')", rows) == 3
    assert value("percentile(order.amount, 0.51, 'discrete')", rows) == 5
    assert value("percentile(order.amount, 0, 'discrete')", rows) == Decimal("2.5")
    assert value("count(distinct order.amount)", orders("2.5", "2.50", "3", None)) == 2


def test_types_stay_what_they_are() -> None:
    """Decimals stay exact, floats are floats, counts and sums of integers are integers, integers divide truly."""
    rows = orders("0.1", "0.2", items=1, weight=0.5)
    assert value("sum(order.amount)", rows) == Decimal("0.3")
    assert isinstance(value("sum(order.items)", rows), int)
    assert isinstance(value("sum(order.weight)", rows), float)
    assert value("sum(order.items) / 4", rows) == Decimal("0.5")
    assert value("max(order.placed_at)", rows) == datetime(2026, 1, 2, tzinfo=UTC)


def test_spread_is_that_of_a_sample() -> None:
    """Of 1, 2, 3, 4: mean 2.5, squares 2.25 + 0.25 + 0.25 + 2.25 = 5, over 3."""
    rows = orders("1", "2", "3", "4")
    assert isclose(value("variance(order.amount)", rows), 5 / 3)
    assert isclose(value("stddev(order.amount)", rows), sqrt(5 / 3))
    assert value("variance(order.amount)", orders("1", None)) is None


def paired(*pairs: tuple[str | None, float | None]) -> dict[str, list[dict[str, Any]]]:
    return {
        "order": [
            {"id": number, "placed_at": "2026-01-02", "amount": amount, "weight": weight}
            for number, (amount, weight) in enumerate(pairs)
        ]
    }


def test_covariance_and_correlation_skip_pairs_with_a_null() -> None:
    """(1, 2), (2, 4), (3, 9): means 2 and 5, products 3 + 0 + 4 = 7, over 2; squares 2 and 26."""
    rows = paired(("1", 2.0), ("2", 4.0), ("3", 9.0), ("4", None), (None, 5.0))
    assert isclose(value("covariance(order.amount, order.weight)", rows), 3.5)
    assert isclose(value("correlation(order.amount, order.weight)", rows), 7 / sqrt(52))


@pytest.mark.parametrize("pairs", [[("1", 2.0)], [("1", 2.0), ("1", 3.0)], [("1", 2.0), ("2", 2.0)]])
def test_a_correlation_is_null_where_too_little_varies(pairs: list[tuple[str, float]]) -> None:
    assert value("correlation(order.amount, order.weight)", paired(*pairs)) is None


def test_a_weighted_mean_leaves_out_rows_without_a_value_or_a_weight() -> None:
    """(10 * 1 + 20 * 3) / 4."""
    rows = paired(("10", 1.0), ("20", 3.0), (None, 100.0), ("30", None))
    assert value("weighted_avg(order.amount, order.weight)", rows) == 17.5
    assert value("weighted_avg(order.amount, order.weight)", paired(("10", 1.0), ("20", -1.0))) is None


def test_first_and_last_go_by_the_anchor_then_by_the_key_and_pass_over_nulls() -> None:
    """At one moment the least key is first and the greatest is last."""
    rows: dict[str, Any] = {
        "order": [
            {"id": 3, "placed_at": "2026-01-05", "items": 30},
            {"id": 1, "placed_at": "2026-01-05", "items": 10},
            {"id": 2, "placed_at": "2026-01-05", "items": 20},
            {"id": 0, "placed_at": "2026-01-01", "items": None},
            {"id": 9, "placed_at": "2026-01-31", "items": None},
        ]
    }
    assert value("first(order.items)", rows) == 10
    assert value("last(order.items)", rows) == 30


def test_one_row_of_each_series_is_picked_within_the_period_and_the_cell() -> None:
    """The own condition applies before the picking, nulls do not win, rows without a series are one series."""
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-01", "customer_id": 1, "items": 1, "channel": "web"},
            {"id": 2, "placed_at": "2026-01-02", "customer_id": 1, "items": 2, "channel": "web"},
            {"id": 3, "placed_at": "2026-01-03", "customer_id": 1, "items": None, "channel": "web"},
            {"id": 4, "placed_at": "2026-01-04", "customer_id": 1, "items": 40, "channel": "shop"},
            {"id": 5, "placed_at": "2026-01-01", "items": 100, "channel": "shop"},
            {"id": 6, "placed_at": "2026-01-02", "items": 200, "channel": "shop"},
            {"id": 7, "placed_at": "2026-02-02", "customer_id": 1, "items": 7, "channel": "web"},
        ]
    }
    last = "sum(last(order.items per order.customer_id))"
    assert values(last, rows, window=("2026-01-01", "2026-03-01"), grain="month") == [240, 7]
    assert value("sum(first(order.items per order.customer_id))", rows) == 101
    assert value(f"{last} filter (where items < 10)", rows) == 2
    assert cells(last, rows, by=["order.channel"]) == [[0, "web", 2], [0, "shop", 240]]
    assert value("avg(last(order.items per order.customer_id))", rows) == 120
    assert value("count(last(order.items per order.customer_id))", rows) == 2


def test_having_is_a_condition_on_each_different_value() -> None:
    """Customer 1 has two orders, 2 has one, and orders of nobody count for nobody."""
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-01", "customer_id": 1, "items": 1},
            {"id": 2, "placed_at": "2026-01-02", "customer_id": 1, "items": 5},
            {"id": 3, "placed_at": "2026-01-02", "customer_id": 2, "items": 9},
            {"id": 4, "placed_at": "2026-01-02", "items": 9},
            {"id": 5, "placed_at": "2026-01-02", "items": 9},
        ]
    }
    having = "count(distinct order.customer_id having {})"
    assert value(having.format("count(order) >= 2"), rows) == 1
    assert value(having.format("sum(order.items) > 5"), rows) == 2
    assert value(having.format("count(order) filter (where items > 1) = 1"), rows) == 2
    assert value(having.format("count(order) filter (where items > 5) = 0"), rows) == 1
    assert value(having.format("count(order) >= 2") + " filter (where items < 5)", rows) == 0


def test_a_conversion_is_counted_once_in_the_period_of_the_first_step() -> None:
    """The second step comes at the first's moment or later, and before the time is over."""
    line = {"quantity": 1}
    rows: dict[str, Any] = {
        "order": [
            {"id": 1, "placed_at": "2026-01-31", "items": 1},
            {"id": 2, "placed_at": "2026-01-31", "items": 1},
            {"id": 3, "placed_at": "2026-01-31", "items": 1},
            {"id": 4, "placed_at": "2026-01-31", "items": 1},
        ],
        "line": [
            {"id": 1, "order_id": 1, "booked_at": "2026-01-31", **line},
            {"id": 2, "order_id": 1, "booked_at": "2026-02-01", **line},
            {"id": 3, "order_id": 2, "booked_at": "2026-02-06T23:59:59", **line},
            {"id": 4, "order_id": 3, "booked_at": "2026-02-07", **line},
            {"id": 5, "order_id": 4, "booked_at": "2026-01-30T23:59:59", **line},
            {"id": 6, "order_id": None, "booked_at": "2026-01-31", **line},
        ],
        "note": [{"id": 1, "order_id": 2, "written_at": "2026-02-08"}],
    }
    assert value("converted(order, line on id = order_id within 7 days)", rows) == 2
    assert value("converted(order, line on id = order_id within 7 days matching items = quantity)", rows) == 2
    funnel = "converted(order, line on id = order_id within 7 days, note on order_id within {})"
    assert value(funnel.format("1 day"), rows) == 0
    assert value(funnel.format("2 days"), rows) == 1


# --- scalars over cells ----------------------------------------------------------------------------------------------


def test_a_ratio_is_null_where_its_denominator_is_0_or_null() -> None:
    assert value("sum(order.amount) / sum(order.items)", orders("10", items=0)) is None
    assert value("sum(order.amount) / sum(order.items)", orders("10")) is None


def test_a_parameter_is_the_questions_or_else_the_default() -> None:
    declared = KpiParameter(name="least", type=DataType.DECIMAL, default=Decimal(5))
    formula = "count(order) filter (where amount >= :least)"
    rows = orders("3", "5", "7")
    assert value(formula, rows, declared=[declared]) == 2
    assert value(formula, rows, declared=[declared], parameters={"least": Decimal(7)}) == 1


def test_the_greatest_number_met_is_told_with_a_value() -> None:
    """So that a small difference of great numbers is compared with the rounding it may have."""
    found = answer({"it": "sum(order.amount) - 1000000"}, orders("1000001"))
    assert found.cells[0, ()]["it"] == 1
    assert found.magnitudes[0, ()]["it"] == 1_000_001
