"""The rows behind values, the members of dimensions, several queries at once, and how it all is explained."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from analytics_engine.contracts.calculation import RowsResult
from analytics_engine.errors import QueryError
from golden.shop import shop_catalog
from integration.calculation.serving import Shop

YEAR = {"from": "2026-01-01", "to": "2027-01-01"}
JANUARY = {"from": "2026-01-01", "to": "2026-02-01"}


def column(result: RowsResult, name: str) -> tuple[Any, ...]:
    return next(each.values for each in result.columns if each.name == name)


# --- the rows behind a value ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kpi", "members"),
    [
        ("SALES", {"sale.store": "north"}),
        ("SALES", {"sale.customer_id": None, "sale.store": "south"}),
        ("SALES", {"sale.customer.region.name": "Europe"}),
        ("previous(SALES, 1 month)", {"sale.store": "south"}),
        ("rolling(SALES, 60 days)", {}),
        ("BALANCE", {"movement.account": "cash"}),
        ("FEES", {"subscription.plan": "plus"}),
        ("STOCKED", {"stock.product_id": "p1"}),
        ("QUOTA", {"quota.region_id": "US"}),
        ("sum(last(stock.quantity per stock.product_id, stock.warehouse_id))", {"stock.product_id": "p2"}),
    ],
)
async def test_the_rows_behind_a_value_add_up_to_it(shop: Shop, kpi: str, members: dict[str, str | None]) -> None:
    """What the term counts of each row, added up, is the value of the cell; there are as many rows as it says."""
    range_ = {"from": "2026-03-01", "to": "2026-04-01"} if "SALES" in kpi else JANUARY
    answered = await shop.ask(kpis=[kpi], range=range_, grain="month", dimensions=list(members), cells="spine")
    wanted = tuple(members.values())
    cell = [
        row
        for row in range(answered.row_count)
        if tuple(each.values[row] for each in answered.dimensions) == wanted
    ]  # fmt: skip
    rows = await shop.rows(kpi=kpi, range=range_, grain="month", members=members)
    assert rows.value is not None
    total = sum(Decimal(str(value)) for value in rows.value.values if value is not None)
    value = answered.kpis[0].values[cell[0]] if cell else 0
    assert Decimal(str(value or 0)) == pytest.approx(total)
    (counts,) = answered.kpis[0].rows.values()
    assert rows.row_count == (counts[cell[0]] if cell else 0)


@pytest.mark.parametrize(
    "kpi",
    [
        *(version.definition.code for version in shop_catalog().kpis),
        "count(distinct sale.customer_id having count(sale) >= 2)",
        "avg(first(stock.quantity per stock.product_id)) at end",
        "last(sale.amount)",
        "count(order) filter (where every(order.lines, quantity >= 2))",
        "time_weighted_avg(tank.level per tank.tank_id)",
        "share_of_total(SALES)",
        "to_date(SALES, year)",
        "at_period(ORDERS, start of year)",
        "count(order) filter (where order.delivered_at < end_of(period))",
    ],
)
async def test_every_term_has_as_many_rows_as_its_value_says(shop: Shop, kpi: str) -> None:
    """Of every shape a scan can have; in February, in which there is something of nearly everything."""
    february = {"from": "2026-02-01", "to": "2026-03-01"}
    answered = await shop.ask(kpis=[kpi], range=february, grain="month")
    for term, counts in answered.kpis[0].rows.items():
        rows = await shop.rows(kpi=kpi, term=term, range=february, grain="month")
        assert rows.row_count == counts[0], term


async def test_rows_come_by_their_time_then_their_key_page_by_page(shop: Shop) -> None:
    """All attributes of the object model, of one client's rows only."""
    first = await shop.rows(kpi="ORDERS", range=YEAR, limit=4)
    assert column(first, "order_id") == ("o1", "o2", "o3", "o4")
    assert first.value is None
    assert first.page.next == 4
    rest = await shop.rows(kpi="ORDERS", range=YEAR, limit=4, offset=4)
    last = await shop.rows(kpi="ORDERS", range=YEAR, limit=4, offset=8)
    assert column(rest, "order_id") + column(last, "order_id") == ("o5", "o6", "o7", "o8", "o9")
    assert last.page.next is None
    assert [each.name for each in first.columns][:3] == ["order_id", "ordered_at", "delivered_at"]


async def test_filters_segments_and_the_terms_own_condition_hold(shop: Shop) -> None:
    """CANCELLATION_RATE is of two terms: the cancelled orders of it, and all."""
    cancelled = await shop.rows(kpi="CANCELLATION_RATE", range=YEAR)
    assert column(cancelled, "order_id") == ("o4", "o7")
    every = await shop.rows(kpi="CANCELLATION_RATE", term="count(order)", range=YEAR, segments=["order.heavy"])
    assert column(every, "order_id") == ("o3", "o5", "o8", "o9")
    with pytest.raises(QueryError, match="has no term") as refusal:
        await shop.rows(kpi="CANCELLATION_RATE", term="count(ordre)", range=YEAR)
    assert "count(order)" in refusal.value.remedy


async def test_things_that_come_and_go_have_the_rows_of_both_ends(shop: Shop) -> None:
    """At the start of January s1 and s2 held, at its end s1 and s5: one was lost."""
    rows = await shop.rows(kpi="lost(subscription)", range=JANUARY, grain="month")
    assert column(rows, "sub_id") == ("s1", "s2", "s5")
    assert (await shop.ask(kpis=["lost(subscription)"], range=JANUARY)).kpis[0].values == (1,)


async def test_values_that_held_in_a_span_have_the_rows_they_were_carried_in_from(shop: Shop) -> None:
    rows = await shop.rows(
        kpi="time_weighted_avg(tank.level per tank.tank_id)", range={"from": "2026-01-01", "to": "2026-01-03"}
    )
    assert column(rows, "tank_id") == ("t1", "t1", "t2")


async def test_a_mean_over_days_has_no_rows_of_its_own(shop: Shop) -> None:
    with pytest.raises(QueryError, match="mean over days") as refusal:
        await shop.rows(kpi="time_avg(BALANCE)", range=JANUARY)
    assert "on one of the days" in refusal.value.remedy


# --- the members of a dimension -------------------------------------------------------------------------------------


async def test_the_members_of_a_dimension_are_counted(shop: Shop) -> None:
    """Five orders of retail, one of trade, three whose customer has no segment or is unknown."""
    found = await shop.values(dimension="order.customer.segment")
    assert dict(zip(found.values, found.counts, strict=True)) == {"retail": 5, "trade": 1, None: 3}
    assert (found.members, found.rows, found.missing, found.object_model) == (2, 9, 3, "order")
    assert (found.minimum, found.maximum) == (None, None)


async def test_members_are_searched_for_and_paged(shop: Shop) -> None:
    found = await shop.values(dimension="customer.name", search="D")
    assert found.values == ("Ada", "Cyd", "Dee")
    page = await shop.values(dimension="customer.name", search="D", limit=2, offset=2)
    assert (page.values, page.page.next, page.members) == (("Dee",), None, 3)
    frequent = await shop.values(dimension="order.customer_id", order="count", limit=1)
    assert (frequent.values, frequent.counts, frequent.page.next) == (("c1",), (3,), 1)


async def test_numbers_and_times_have_bounds(shop: Shop) -> None:
    weights = await shop.values(dimension="order.weight")
    assert (weights.minimum, weights.maximum, weights.missing) == (1.5, 8.0, 3)
    days = await shop.values(dimension="sale.sold_on", range=YEAR, search="2026-1")
    assert days.values == ("2026-10-01", "2026-10-15", "2026-11-01")
    assert (days.minimum, days.maximum) == ("2026-10-01", "2026-11-01")
    quoted = await shop.values(dimension="sale.store", search="'; drop table facts.sale --")
    assert quoted.values == ()


async def test_members_are_those_of_rows_that_meet_conditions_or_of_a_kpis_rows(shop: Shop) -> None:
    filters = [{"attribute": "order.cancelled", "operator": "=", "values": [True]}]
    cancelled = await shop.values(dimension="order.customer_id", filters=filters)
    assert cancelled.values == ("c3", None)
    of_kpi = await shop.values(dimension="customer.segment", kpi="CUSTOMERS")
    assert (of_kpi.object_model, of_kpi.counts) == ("order", (5, 1, 3))
    with pytest.raises(QueryError, match="names no object model") as refusal:
        await shop.values(dimension="custoner.segment")
    assert refusal.value.remedy == "Did you mean customer?"
    with pytest.raises(QueryError, match="have no time"):
        await shop.values(dimension="customer.segment", range=YEAR)


# --- several queries, and explanations ------------------------------------------------------------------------------


async def test_a_dashboard_is_of_one_state_and_each_query_has_its_answer_or_problem(shop: Shop) -> None:
    """A query that cannot be computed does not spoil the others that are read in the same transaction."""
    overflow = {"kpis": ["sum(order_line.quantity * 9000000000000000000)"], "range": YEAR}
    result = await shop.dashboard(
        {"kpis": ["ORDERS"], "range": YEAR},
        {"kpis": ["NOWHERE"], "range": YEAR},
        overflow,
        {"kpis": ["SALES"], "range": YEAR},
    )
    assert [item.result.kpis[0].values if item.result else None for item in result.items] == [
        (9,), None, None, ("126",),
    ]  # fmt: skip
    problems = [item.problem["title"] for item in result.items if item.problem is not None]
    assert problems == ["There is no KPI of this code", "The query cannot be answered"]
    assert (result.succeeded, result.failed) == (2, 2)
    assert {item.result.watermark for item in result.items if item.result} == {result.watermark}
    again = [{"kpis": ["ORDERS"], "range": YEAR}, {"kpis": ["SALES"], "range": YEAR}]
    assert [(await shop.dashboard(*again)).cached for _ in range(2)] == [False, True]


async def test_every_statement_of_an_answer_is_explained(shop: Shop) -> None:
    explained = await shop.explain(
        kpis=["SALES"],
        range=YEAR,
        grain="month",
        dimensions=["sale.store", "sale.customer_id"],
        subtotals=[["sale.store"]],
        totals=True,
        top={"dimension": "sale.customer_id", "n": 2},
        comparisons=["previous_period"],
    )
    assert [each.purpose for each in explained.statements] == [
        "top members",
        "cells by month",
        "subtotals of sale.store by month",
        "totals by month",
    ]
    assert all(
        [step.name for step in each.steps] == ["resolve", "share", "place", "emit"] for each in explained.statements
    )
    (scan,) = explained.steps[1].detail
    assert (scan["rows"], scan["way"], scan["cuts"]) == ("rows", "segments", ["the period itself", "a month earlier"])
    assert "c1" in explained.parameters.values()
    assert explained.sql == explained.statements[1].sql
