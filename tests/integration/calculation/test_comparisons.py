"""Values compared with other times and with targets; each is worked out by hand from tests/golden/data.yaml."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from analytics_engine.contracts.calculation import ComparisonColumn, KpiResult
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.kpi.model.calendars import CalendarDefinition
from golden.shop import CLIENT
from integration.calculation.serving import MORE, Shop, shop_catalog


def compared(result: KpiResult, *, number: int = 0) -> ComparisonColumn:
    return result.kpis[0].comparisons[number]


def numbers(values: Any) -> list[float | None]:
    return [None if value is None else float(Decimal(str(value))) for value in values]


async def test_a_year_before_29_february_is_the_28th(shop: Shop) -> None:
    """Sales of 28 and 29 February and 1 March 2024: 10, 80, 20; a year before: 100, 100 (the 28th again), 40."""
    result = await shop.ask(
        kpis=["SALES"],
        range={"from": "2024-02-28", "to": "2024-03-02"},
        grain="day",
        comparisons=["same_period_last_year"],
    )
    column = compared(result)
    assert result.kpis[0].values == ("10", "80", "20")
    assert column.compared.values == ("100", "100", "40")
    assert [start[:10] for start in column.start] == ["2023-02-28", "2023-02-28", "2023-03-01"]
    assert column.change is not None
    assert column.change.values == ("-90", "-20", "-20")
    assert column.growth is not None
    assert numbers(column.growth.values) == [-0.9, -0.2, -0.5]


async def test_a_period_that_is_not_over_is_compared_with_the_same_elapsed_span(shop: Shop) -> None:
    """One day of November is over: it has 23, and the first of October had 21, not October's 43."""
    months = await shop.ask(
        kpis=["SALES"],
        range={"from": "2026-10-01", "to": "2026-12-01"},
        grain="month",
        comparisons=["previous_period"],
    )
    assert months.kpis[0].values == ("43", "23")
    assert compared(months).compared.values == ("0", "21")
    assert [end[:10] for end in compared(months).end] == ["2026-10-01", "2026-10-02"]
    assert months.period.complete == (True, False)


async def test_a_year_so_far_is_compared_with_the_last_one_so_far(shop: Shop) -> None:
    """126 until 2 November; the year before had 72 by then, and 95 as a whole."""
    year = await shop.ask(
        kpis=["SALES"], range={"current": "year"}, grain="year", comparisons=["same_period_last_year"]
    )
    column = compared(year)
    assert (year.kpis[0].values, column.compared.values) == (("126",), ("72",))
    assert column.growth is not None
    assert numbers(column.growth.values) == [pytest.approx(0.75)]


@pytest.mark.parametrize(
    ("to", "values", "start"),
    [("2026-03-01", ["52", "23", "67"], "2025-11-01"), ("2026-01-05", ["27", "23", "0"], "2025-12-28")],
)
async def test_a_range_without_a_grain_is_compared_with_as_long_a_time_before(
    shop: Shop, to: str, values: list[str], start: str
) -> None:
    """Two whole months with the two before them, four days with four days; and both with the same a year ago."""
    result = await shop.ask(
        kpis=["SALES"],
        range={"from": "2026-01-01", "to": to},
        comparisons=["previous_period", "same_period_last_year"],
    )
    (sales,) = result.kpis
    assert [*sales.values, *(value for each in sales.comparisons for value in each.compared.values)] == values
    assert compared(result).start[0][:10] == start


async def test_there_is_no_growth_against_nothing_and_the_reason_says_so(shop: Shop) -> None:
    """Orders of February to May: 2, 3, 0, 0; growth against April's 0 is null, the change is not."""
    result = await shop.ask(
        kpis=["ORDERS"],
        range={"from": "2026-02-01", "to": "2026-06-01"},
        grain="month",
        comparisons=["previous_period"],
    )
    column = compared(result)
    assert column.compared.values == (2, 2, 3, 0)
    assert column.change is not None
    assert column.change.values == (0, 1, -3, 0)
    assert column.growth is not None
    assert numbers(column.growth.values) == [0, 0.5, -1, None]
    assert column.growth.reasons[3].code.value == "no_positive_base"


async def test_totals_are_compared_as_totals(shop: Shop) -> None:
    """Three customers in the first quarter, against c1 and nobody known a year before."""
    result = await shop.ask(
        kpis=["BUYERS"],
        range={"from": "2026-01-01", "to": "2026-04-01"},
        grain="quarter",
        dimensions=["sale.store"],
        totals=True,
        comparisons=["same_period_last_year"],
    )
    assert result.kpis[0].values == (3, 2, 3)
    assert compared(result).compared.values == (1, 0, 1)


async def test_each_grain_has_its_own_period_before(shop: Shop) -> None:
    result = await shop.ask(
        kpis=["SALES"],
        range={"from": "2026-01-01", "to": "2026-04-01"},
        grains=["month", "quarter"],
        comparisons=["previous_period"],
    )
    assert compared(result).compared.values == ("23", "58", "-6", "23")


async def test_times_are_compared_without_change_or_growth(shop: Shop) -> None:
    result = await shop.ask(
        kpis=["LATEST"],
        range={"from": "2026-02-01", "to": "2026-03-01"},
        grain="month",
        comparisons=["previous_period"],
    )
    column = compared(result)
    assert column.compared.values == ("2026-01-31T23:59:59.999999+00:00",)
    assert (column.change, column.growth) == (None, None)


async def test_a_target_gives_each_value_a_status(shop: Shop) -> None:
    """Four orders a month are the aim, below three is a warning, below two critical: 2, 2, 3 and 0 were made."""
    result = await shop.ask(
        kpis=["GOAL", "ORDERS"],
        range={"from": "2026-01-01", "to": "2026-05-01"},
        grain="month",
        comparisons=["target"],
    )
    assert result.kpis[0].values == (2, 2, 3, 0)
    assert [status and status.value for status in result.kpis[0].status] == [
        "warning", "warning", "on_target", "critical",
    ]  # fmt: skip
    column = compared(result)
    assert column.compared.values == ("4",) * 4
    assert column.change is not None
    assert column.change.values == ("-2", "-2", "-1", "-4")
    assert column.growth is not None
    assert numbers(column.growth.values) == [-0.5, -0.5, -0.25, -1]
    assert result.kpis[1].status == ()
    assert result.kpis[1].comparisons[0].compared.reasons[0].detail == "ORDERS has no target."


async def test_grains_and_years_of_a_calendar_of_ones_own(shop: Shop) -> None:
    """Quarters of 13 weeks; the year begins after the last Saturday of January: on 28 January 2024, 26 January 2025."""
    calendar = CalendarDefinition.model_validate(
        {
            "code": "retail",
            "name": "Retail",
            "pattern": "4-4-5",
            "year_ends": "saturday",
            "rule": "last",
            "month": 1,
            "first_year": 2024,
            "last_year": 2027,
        }
    )
    plain = ClientProfile(client_id=CLIENT, name="Shop")
    shop.definitions.define(plain.model_copy(update={"calendars": (calendar,)}), shop_catalog(MORE))
    try:
        result = await shop.ask(
            kpis=["SALES"],
            range={"from": "2025-01-26", "to": "2025-04-27"},
            grain="retail_quarter",
            comparisons=["previous_period", "same_period_last_year"],
        )
    finally:
        shop.definitions.define(plain, shop_catalog(MORE))
    assert (result.kpis[0].values, result.period.complete) == (("72",), (True,))
    before, year_ago = result.kpis[0].comparisons
    assert (before.start[0][:10], before.compared.values) == ("2024-10-27", ("0",))
    assert (year_ago.start[0][:10], year_ago.compared.values) == ("2024-01-28", ("110",))
