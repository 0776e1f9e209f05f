"""Queries of every kind on the golden shop; each value is worked out by hand from tests/golden/data.yaml."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analytics_engine.errors import QueryError
from integration.calculation.serving import Shop, cells

YEAR = {"from": "2026-01-01", "to": "2027-01-01"}
QUARTER = {"from": "2026-01-01", "to": "2026-04-01"}


# --- totals and subtotals -------------------------------------------------------------------------------------------


async def test_a_total_is_the_kpi_over_all_members_and_never_a_sum_of_cells(shop: Shop) -> None:
    """Three customers bought in both stores, c2 and c3 in each; the ratio's total divides the sums."""
    result = await shop.ask(
        kpis=["SALES", "BUYERS", "SALES / BUYERS"], range=QUARTER, dimensions=["sale.store"], totals=True
    )
    assert cells(result) == [("2026-01-01", "north", "38"), ("2026-01-01", "south", "14"), ("2026-01-01", None, "52")]
    assert result.kpis[1].values == (3, 2, 3)
    ratios = [Decimal(str(value)) for value in result.kpis[2].values]
    assert ratios == [pytest.approx(Decimal(38) / 3), Decimal(7), pytest.approx(Decimal(52) / 3)]
    assert result.levels == (("sale.store",), ())
    assert result.level == (0, 0, 1)


async def test_a_missing_member_is_no_total(shop: Shop) -> None:
    """Both have null as their member; the level tells them apart."""
    result = await shop.ask(
        kpis=["SALES"],
        range={"from": "2025-01-01", "to": "2026-01-01"},
        dimensions=["sale.customer_id"],
        totals=True,
    )
    found = [(*cell[1:], level) for cell, level in zip(cells(result), result.level, strict=True)]
    assert found == [("c1", "79", 0), ("c2", "11", 0), (None, "5", 0), (None, "95", 1)]


async def test_subtotals_keep_the_dimensions_they_name(shop: Shop) -> None:
    """Cells first, then each set of kept dimensions as asked, then the totals."""
    result = await shop.ask(
        kpis=["BUYERS"],
        range=QUARTER,
        dimensions=["sale.store", "sale.customer_id"],
        subtotals=[["sale.customer_id"], ["sale.store"]],
        totals=True,
    )
    assert [cell[1:] for cell in cells(result)] == [
        ("north", "c1", 1), ("north", "c2", 1), ("north", "c3", 1), ("south", "c2", 1), ("south", "c3", 1),
        (None, "c1", 1), (None, "c2", 1), (None, "c3", 1),
        ("north", None, 3), ("south", None, 2),
        (None, None, 3),
    ]  # fmt: skip
    assert result.level == (0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3)


async def test_a_filter_on_values_hides_cells_and_leaves_totals(shop: Shop) -> None:
    result = await shop.ask(
        kpis=["SALES"],
        range=YEAR,
        dimensions=["sale.store"],
        totals=True,
        value_filters=[{"kpi": "SALES", "operator": ">", "values": [50]}],
    )
    assert [cell[1:] for cell in cells(result)] == [("north", "90"), (None, "126")]


async def test_shares_are_of_the_total_at_every_level(shop: Shop) -> None:
    result = await shop.ask(kpis=["SHARE"], range=QUARTER, dimensions=["order.customer_id"], totals=True)
    found = {cell[1]: Decimal(str(cell[2])) for cell in cells(result)[:-1]}
    assert found["c1"] == pytest.approx(Decimal(2) / 7)
    assert Decimal(str(cells(result)[-1][2])) == 1


# --- top members ----------------------------------------------------------------------------------------------------


async def test_the_rest_of_the_top_is_computed_from_its_rows(shop: Shop) -> None:
    """c3 and c4 together: 23 in sales, and two different stores, one of which sold to both."""
    result = await shop.ask(
        kpis=["SALES", "count(distinct sale.store)"],
        range=YEAR,
        dimensions=["sale.customer_id"],
        top={"dimension": "sale.customer_id", "n": 2},
        totals=True,
    )
    assert [cell[1:] for cell in cells(result)] == [("c1", "73"), ("c2", "30"), (None, "23"), (None, "126")]
    assert result.kpis[1].values == (1, 2, 2, 2)
    assert result.dimensions[0].rest == (False, False, True, False)


async def test_members_are_ranked_over_the_whole_range_and_shown_in_each_period(shop: Shop) -> None:
    """c1 leads the year; in the first quarter c3 alone is as much as c2 and c4 together."""
    result = await shop.ask(
        kpis=["SALES"],
        range={"from": "2026-01-01", "to": "2026-07-01"},
        grain="quarter",
        dimensions=["sale.customer_id"],
        top={"dimension": "sale.customer_id", "n": 1},
    )
    assert cells(result) == [
        ("2026-01-01", "c1", "29"), ("2026-01-01", None, "23"), ("2026-04-01", None, "8"),
    ]  # fmt: skip


async def test_the_top_without_its_rest_is_paged_and_totals_are_of_all(shop: Shop) -> None:
    query = {
        "kpis": ["SALES"],
        "range": YEAR,
        "dimensions": ["sale.customer_id"],
        "top": {"dimension": "sale.customer_id", "n": 2, "rest": False},
        "order": [{"by": "SALES", "descending": True}],
        "totals": True,
    }
    assert [cell[1:] for cell in cells(await shop.ask(**query))] == [("c1", "73"), ("c2", "30"), (None, "126")]
    first = await shop.ask(**query, limit=1)
    assert [cell[1:] for cell in cells(first)] == [("c1", "73"), (None, "126")]
    assert (first.truncated, first.page.next) == (True, 1)
    last = await shop.ask(**query, limit=1, offset=1)
    assert [cell[1:] for cell in cells(last)] == [("c2", "30")]
    assert (last.truncated, last.page.next) == (False, None)


async def test_the_lowest_members_and_the_missing_one(shop: Shop) -> None:
    """The missing customer bought for 5, less than anybody else in 2025; another KPI than the one shown ranks."""
    query = {
        "kpis": ["BUYERS"],
        "range": {"from": "2025-01-01", "to": "2026-01-01"},
        "dimensions": ["sale.customer_id"],
        "top": {"dimension": "sale.customer_id", "n": 1, "by": "SALES", "ascending": True},
    }
    result = await shop.ask(**query)
    assert [cell[1:] for cell in cells(result)] == [(None, 0), (None, 2)]
    assert result.dimensions[0].rest == (False, True)


# --- which rows count -----------------------------------------------------------------------------------------------


async def test_segments_are_conditions_by_name(shop: Shop) -> None:
    result = await shop.ask(kpis=["ORDERS"], range=YEAR, segments=["order.heavy"])
    assert result.kpis[0].values == (4,)
    both = await shop.ask(kpis=["ORDERS"], range=YEAR, segments=["order.heavy"], where="order.distance > 20")
    assert both.kpis[0].values == (2,)
    with pytest.raises(QueryError, match=r"no segment 'order\.hevy'") as refusal:
        await shop.ask(kpis=["ORDERS"], range=YEAR, segments=["order.hevy"])
    assert refusal.value.remedy.startswith("Did you mean order.heavy")


async def test_parameters_take_the_place_of_their_defaults(shop: Shop) -> None:
    assert (await shop.ask(kpis=["HEAVY_COUNT"], range=YEAR)).kpis[0].values == (4,)
    assert (await shop.ask(kpis=["HEAVY_COUNT"], range=YEAR, parameters={"least": 5})).kpis[0].values == (2,)
    with pytest.raises(QueryError, match="no parameter 'leest'") as unknown:
        await shop.ask(kpis=["HEAVY_COUNT"], range=YEAR, parameters={"leest": 5})
    assert unknown.value.remedy == "Did you mean least?"
    with pytest.raises(QueryError, match="'heavy' does not fit the parameter least, which is of type float") as misfit:
        await shop.ask(kpis=["HEAVY_COUNT"], range=YEAR, parameters={"least": "heavy"})
    assert misfit.value.remedy == "Give a number."


async def test_a_parameter_of_zero_is_the_reason_of_a_null(shop: Shop) -> None:
    """The formula divides by it: two by default, nothing when it is 0."""
    assert (await shop.ask(kpis=["PER"], range=YEAR)).kpis[0].values == ("4.5",)
    nothing = await shop.ask(kpis=["PER"], range=YEAR, parameters={"parts": 0})
    assert nothing.kpis[0].values == (None,)
    assert nothing.kpis[0].reasons[0].code.value == "zero_denominator"


async def test_rows_without_a_value_are_counted_as_skipped(shop: Shop) -> None:
    """One sale of March has no amount; three orders of the quarter no weight."""
    sales = await shop.ask(kpis=["SALES"], range=QUARTER, grain="month")
    assert sales.kpis[0].rows == {"sum(sale.amount)": (4, 1, 1)}
    assert sales.kpis[0].skipped == {"sum(sale.amount)": (0, 0, 1)}
    weight = await shop.ask(kpis=["AVERAGE_WEIGHT", "ORDERS"], range=QUARTER)
    assert [column.skipped for column in weight.kpis] == [{"avg(order.weight)": (3,)}, {}]


# --- what is shown --------------------------------------------------------------------------------------------------


async def test_the_rule_for_empty_periods_is_beside_what_was_computed(shop: Shop) -> None:
    """April has no orders: its mean stays null, and what is shown is 0, or the mean of March."""
    result = await shop.ask(kpis=["ZEROED", "CARRIED"], range={"from": "2026-02-01", "to": "2026-06-01"}, grain="month")
    assert result.kpis[0].values == (8.0, 5.0, None, None)
    assert result.kpis[0].shown == {2: 0, 3: 0}
    assert result.kpis[1].shown == {2: 5.0, 3: 5.0}
    page = await shop.ask(
        kpis=["CARRIED"], range={"from": "2026-02-01", "to": "2026-06-01"}, grain="month", offset=2, limit=1
    )
    assert page.kpis[0].shown == {0: 5.0}


async def test_members_are_laid_out_as_columns(shop: Shop) -> None:
    """Quarters down, stores across; a column for all stores, and a row for each quarter only."""
    result = await shop.ask(
        kpis=["SALES", "BUYERS"],
        range={"from": "2026-01-01", "to": "2026-07-01"},
        grain="quarter",
        dimensions=["sale.store"],
        totals=True,
        pivot={"dimension": "sale.store"},
    )
    assert result.pivot is not None
    assert [(each.value, each.total) for each in result.pivot.members] == [
        ("north", False), ("south", False), (None, True),
    ]  # fmt: skip
    assert [(column.code, column.member, column.values) for column in result.kpis] == [
        ("SALES", 0, ("38", "8")), ("SALES", 1, ("14", None)), ("SALES", 2, ("52", "8")),
        ("BUYERS", 0, (3, 1)), ("BUYERS", 1, (2, None)), ("BUYERS", 2, (3, 1)),
    ]  # fmt: skip
    assert result.kpis[1].reasons[1].code.value == "no_rows"
    assert [start[:10] for start in result.period.start] == ["2026-01-01", "2026-04-01"]
    assert result.dimensions == ()


async def test_an_answer_has_its_state_and_is_kept(shop: Shop) -> None:
    query = {"kpis": ["SALES"], "range": {"last": "7 days"}}
    first, again = await shop.ask(**query), await shop.ask(**query)
    assert (first.cached, again.cached) == (False, True)
    assert again.watermark == first.watermark
    assert again.kpis == first.kpis
