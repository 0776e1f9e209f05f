"""The reference evaluator within one row: paths, children, the period's bounds, logic of unknowns, clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from support.tiny import cells, value, values


def order(number: int = 1, placed_at: str = "2026-01-10", **more: Any) -> dict[str, Any]:
    return {"id": number, "placed_at": placed_at, **more}


def of_order(expression: str, others: dict[str, list[dict[str, Any]]] | None = None, **attributes: Any) -> Any:
    """Return what a row expression is for one order."""
    rows = {"order": [order(**attributes)], **(others or {})}
    ((_, member, _),) = cells("count(order)", rows, by=[expression])
    return member


# --- paths -----------------------------------------------------------------------------------------------------------


def test_a_path_leads_to_one_row_and_where_there_is_none_everything_is_null() -> None:
    customers = {"customer": [{"id": 7, "segment": "big"}, {"id": 8, "segment": "small"}]}
    assert of_order("order.customer.segment", customers, customer_id=7) == "big"
    assert of_order("order.payer.segment", customers, customer_id=7, payer_id=8) == "small"
    assert of_order("order.customer.segment", customers, customer_id=9) is None
    assert of_order("order.customer.segment", customers, customer_id=None) is None
    assert of_order("order.customer.segment is null", customers, customer_id=9) is True


def test_null_keys_do_not_meet() -> None:
    assert of_order("order.customer.segment", {"customer": [{"id": None, "segment": "big"}]}, customer_id=None) is None


def test_of_several_versions_the_one_valid_at_the_moment_is_met() -> None:
    """From its start on, and until before its end."""
    plans = {
        "plan": [
            {"plan_id": 1, "starts_at": "2026-01-01", "ends_at": "2026-01-10", "tier": "old"},
            {"plan_id": 1, "starts_at": "2026-01-10", "ends_at": None, "tier": "new"},
            {"plan_id": 2, "starts_at": "2026-01-01", "ends_at": None, "tier": "other"},
        ]
    }
    tier = "order.plan.tier"
    assert of_order(tier, plans, plan_id=1, placed_at="2026-01-09T23:59") == "old"
    assert of_order(tier, plans, plan_id=1, placed_at="2026-01-10") == "new"
    assert value("count(order)", {"order": [order(plan_id=1)], **plans}, where=["order.plan.tier = 'new'"]) == 1
    rows = {"order": [order(placed_at="2025-12-31", plan_id=1)], **plans}
    assert values("count(order) filter (where plan.tier is null)", rows, window=("2025-12-01", "2026-01-01")) == [1]


def test_a_relation_of_one_to_one_is_a_path_from_both_sides() -> None:
    notes = {"note": [{"id": 1, "order_id": 1, "written_at": "2026-01-11", "stars": 4}]}
    assert of_order("order.note.stars", notes) == 4
    assert of_order("order.note.stars", notes, number=2) is None


# --- children --------------------------------------------------------------------------------------------------------

LINES: dict[str, list[dict[str, Any]]] = {
    "line": [
        {"id": 1, "order_id": 1, "booked_at": "2025-12-31", "quantity": 2, "ok": True},
        {"id": 2, "order_id": 1, "booked_at": "2026-01-20", "quantity": None, "ok": None},
        {"id": 3, "order_id": 2, "booked_at": "2026-01-20", "quantity": 5, "ok": True},
        {"id": 4, "order_id": 2, "booked_at": "2026-03-20", "quantity": 7, "ok": False},
        {"id": 5, "order_id": 3, "booked_at": "2026-01-20", "quantity": None, "ok": True},
        {"id": 6, "order_id": None, "booked_at": "2026-01-20", "quantity": 99, "ok": True},
    ]
}


@pytest.mark.parametrize(
    ("expression", "per_order"),
    [
        ("count(order.lines)", [2, 2, 1, 0]),
        ("count(order.lines.quantity)", [1, 2, 0, 0]),
        ("sum(order.lines.quantity)", [2, 12, None, 0]),
        ("avg(order.lines.quantity)", [2, 6, None, None]),
        ("min(order.lines.quantity)", [2, 5, None, None]),
        ("max(order.lines.quantity)", [2, 7, None, None]),
        ("every(order.lines, ok)", [False, False, True, True]),
        ("any(order.lines, ok)", [True, True, True, False]),
        ("any(order.lines)", [True, True, True, False]),
        ("every(order.lines, quantity > 1)", [False, True, False, True]),
        ("sum(order.lines.quantity) filter (where ok)", [2, 5, None, 0]),
        ("count(order.lines) filter (where not ok)", [0, 1, 0, 0]),
        ("count(order.lines) filter (where order.items = 3)", [0, 0, 1, 0]),
    ],
)
def test_children_are_aggregated_for_each_row_whatever_their_period(expression: str, per_order: list[Any]) -> None:
    """No children: every holds, count and sum are 0, others null. An unknown child does not hold."""
    found = [of_order(expression, LINES, number=number, items=number) for number in (1, 2, 3, 4)]
    assert found == per_order


def test_children_of_a_row_that_is_not_there_are_none() -> None:
    lines = {"line": [{"id": 1, "order_id": 9, "booked_at": "2026-01-20"}]}
    ((_, member, _),) = cells("count(line)", lines, by=["count(line.order.lines)"])
    assert member == 0


def test_children_at_an_instant_are_those_booked_before_it() -> None:
    rows: dict[str, Any] = {"order": [order(1)], **LINES}
    asked: dict[str, Any] = {"window": ("2026-01-01", "2026-02-01")}
    assert values("count(order) filter (where count(order.lines at start) = 1)", rows, **asked) == [1]
    assert values("count(order) filter (where count(order.lines at end) = 2)", rows, **asked) == [1]


def test_rows_of_another_object_model_are_matched_by_value_and_seen_at_an_instant() -> None:
    """An interval at an instant is valid then, a snapshot is the last, and not stale."""
    plans = [
        {"plan_id": 1, "starts_at": "2025-01-01", "ends_at": "2026-01-01", "customer_id": 7},
        {"plan_id": 2, "starts_at": "2026-01-01", "ends_at": None, "customer_id": 8},
    ]
    rows = {"order": [order(1, customer_id=7), order(2, customer_id=8), order(3)], "plan": plans}
    assert value("count(order) filter (where any(plan on customer_id))", rows) == 2
    assert value("count(order) filter (where any(plan on customer_id at start))", rows) == 1
    assert value("sum(order.id) filter (where any(plan on customer_id at end))", rows) == 2
    stock = [
        {"product": "web", "taken_at": "2026-01-30T12:00", "level": 1},
        {"product": "web", "taken_at": "2026-01-31T12:00", "level": 2},
        {"product": "shop", "taken_at": "2026-01-02", "level": 4},
    ]
    rows = {"order": [order(1, channel="web"), order(2, channel="shop")], "stock": stock}
    level = "sum(stock on channel = product at end, level)"
    assert value(f"count(order) filter (where {level} = 2)", rows) == 1
    assert value(f"count(order) filter (where {level} = 0)", rows) == 1


# --- currencies ------------------------------------------------------------------------------------------------------


def test_an_amount_is_converted_at_the_last_rate_on_or_before_its_day_if_that_is_not_stale() -> None:
    """The base currency is worth 1; the day is that of the zone; a rate of another direction is none."""
    euro = {"from_currency": "EUR", "to_currency": "USD"}
    rates = [
        euro | {"quoted_on": "2026-01-05", "rate": "2"},
        euro | {"quoted_on": "2026-01-07", "rate": "3"},
        {"from_currency": "USD", "to_currency": "EUR", "quoted_on": "2026-01-07", "rate": "100"},
    ]

    def converted(issued_at: str, money: str | None, zone: str = "UTC") -> Any:
        invoice = {"id": 1, "issued_at": issued_at, "amount": "10", "money": money}
        return value("sum(invoice.amount)", {"invoice": [invoice], "fx_rate": rates}, zone=zone)

    assert converted("2026-01-06", "EUR") == 20
    assert converted("2026-01-07T02:00", "EUR") == 30
    assert converted("2026-01-07T02:00", "EUR", zone="America/New_York") == 20
    assert converted("2026-01-10", "EUR") == 30
    assert converted("2026-01-11", "EUR") is None
    assert converted("2026-01-04", "EUR") is None
    assert converted("2026-01-11", "USD") == 10
    assert converted("2026-01-06", "GBP") is None
    assert converted("2026-01-06", None) is None


# --- the period's bounds ---------------------------------------------------------------------------------------------


def test_a_condition_may_look_at_the_bounds_of_the_period_the_row_is_counted_in() -> None:
    rows = {"order": [order(1, paid_at="2026-01-31T23:59"), order(2, paid_at="2026-02-01"), order(3)]}
    january: dict[str, Any] = {"window": ("2026-01-01", "2026-03-01"), "grain": "month"}
    assert values("count(order) filter (where paid_at < end_of(period))", rows, **january) == [1, 0]
    assert values("previous(count(order) filter (where paid_at < end_of(period)), 1 month)", rows, **january) == [0, 1]
    assert values("count(order) filter (where paid_at < end_of(period)) at end", rows, **january) == [1, 2]


def test_beside_a_date_a_bound_is_a_date_of_the_zone() -> None:
    rows = {"order": [order(1, due_on="2026-01-31"), order(2, due_on="2026-02-01")]}
    zone: dict[str, Any] = {"zone": "America/New_York"}
    assert value("count(order) filter (where due_on < end_of(period))", rows, **zone) == 1
    assert value("count(order) filter (where due_on >= start_of(period))", rows, **zone) == 2


# --- logic of unknowns -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("order.gift and true", None),
        ("order.gift and false", False),
        ("order.gift or true", True),
        ("order.gift or false", None),
        ("not order.gift", None),
        ("order.items in (1, 2)", False),
        ("order.items in (1, 3)", True),
        ("order.items in (1, order.weight)", None),
        ("order.items in (3, order.weight)", True),
        ("order.items not in (1, order.weight)", None),
        ("order.items between 1 and order.weight", None),
        ("order.items between 5 and order.weight", False),
        ("order.items between 3 and 3", True),
        ("case when order.gift then 1 when order.items = 3 then 2 end", 2),
        ("case when order.gift then 1 end", None),
        ("coalesce(order.weight, order.items, 9)", 3.0),
        ("nullif(order.items, 3)", None),
        ("nullif(order.items, order.weight)", 3),
        ("greatest(order.items, 7)", 7),
        ("least(order.items, order.weight)", None),
        ("order.items + order.weight", None),
        ("order.items / 0", None),
        ("order.items % 0", None),
        ("-order.items % 2", -1),
        ("order.items / 2", Decimal("1.5")),
        ("abs(-order.items)", 3),
    ],
)
def test_unknown_is_neither_true_nor_false(expression: str, result: Any) -> None:
    """With items 3, and gift and weight unknown."""
    assert of_order(expression, items=3) == result


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("round(order.amount)", 3),
        ("round(-order.amount)", -3),
        ("round(order.amount / 100, 2)", Decimal("0.03")),
        ("round(order.weight, 1)", 2.3),
        ("round(order.items)", 3),
        ("sqrt(-1)", None),
        ("ln(0)", None),
        ("power(2, 10)", 1024.0),
        ("power(-8, 0.5)", None),
        ("power(0, -1)", None),
    ],
)
def test_numbers_round_halves_away_from_zero_and_have_no_value_where_none_is_defined(
    expression: str, result: Any
) -> None:
    """With amount 2.5, weight 2.25 and items 3."""
    assert of_order(expression, amount="2.5", weight=2.25, items=3) == result


# --- clocks ----------------------------------------------------------------------------------------------------------

CLOCK = {
    "year": 2026, "quarter": 1, "month": 1, "week": 1, "day": 1, "weekday": 4, "hour": 23, "minute": 30, "second": 15,
}  # fmt: skip


@pytest.mark.parametrize("part", CLOCK)
def test_parts_of_a_time_are_read_from_the_clock_of_the_zone(part: str) -> None:
    """In New York it is still New Year's Day, a Thursday."""
    rows = {"order": [order(1, "2026-01-02T04:30:15.75")]}
    assert cells("count(order)", rows, by=[f"{part}(order.placed_at)"], zone="America/New_York") == [
        [0, CLOCK[part], 1]
    ]


def test_parts_of_a_date_are_those_of_its_calendar() -> None:
    found = [of_order(f"{part}(order.due_on)", due_on="2026-12-31") for part in ("quarter", "week", "day", "weekday")]
    assert found == [4, 53, 31, 4]


@pytest.mark.parametrize(
    ("grain", "start"),
    [
        ("second", datetime(2026, 11, 1, 6, 30, 15, tzinfo=UTC)),
        ("minute", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        ("hour", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("day", date(2026, 11, 1)),
        ("week", date(2026, 10, 26)),
        ("month", date(2026, 11, 1)),
        ("quarter", date(2026, 10, 1)),
        ("year", date(2026, 1, 1)),
    ],
)
def test_a_time_is_cut_down_in_the_zone(grain: str, start: date) -> None:
    """Half past one, the second time, on the Sunday on which New York's clocks go back."""
    rows = {"order": [order(1, "2026-11-01T06:30:15.5")]}
    asked: dict[str, Any] = {"window": ("2026-11-01", "2026-11-02"), "zone": "America/New_York"}
    assert cells("count(order)", rows, by=[f"truncated(order.placed_at, {grain})"], **asked) == [[0, start, 1]]


def test_time_between_is_elapsed_time() -> None:
    """23 hours of a day on which the clocks go forward."""
    rows = {"order": [order(1, "2026-03-08T05:00", paid_at="2026-03-09T04:00")]}
    asked: dict[str, Any] = {"window": ("2026-03-01", "2026-04-01"), "zone": "America/New_York"}
    assert values("sum(hours_between(order.placed_at, order.paid_at))", rows, **asked) == [23]
    assert values("sum(in_minutes(hours_between(order.placed_at, order.paid_at)))", rows, **asked) == [1380]
