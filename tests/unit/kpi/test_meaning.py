"""What a formula that is right means: its type, its unit, what it reads."""

from __future__ import annotations

import pytest

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.functions import SCALARS
from analytics_engine.kpi.sql.scalars import SCALAR_WRITERS
from analytics_engine.kpi.states.catalogue import MERGES, StateKind
from analytics_engine.kpi.values.evaluate import EVALUATED
from golden.shop import shop_catalog

CHECKER = KpiChecker(shop_catalog())

MEANINGS = {
    "count(order)": ("integer", "order"),
    "count(distinct order.customer_id)": ("integer", "customer_id"),
    "ORDERS / ORDERS": ("decimal", ""),
    "REVENUE": ("decimal", "USD"),
    "REVENUE / ORDERS": ("decimal", "USD/order"),
    "sum(order.weight)": ("float", "kg"),
    "sum(order.weight) * 2": ("float", "kg"),
    "sum(order_line.quantity) / ORDERS": ("decimal", "piece/order"),
    "avg(order_line.quantity)": ("decimal", "piece"),
    "median(order_line.quantity)": ("float", "piece"),
    "variance(order.weight)": ("float", "kg^2"),
    "avg(hours_between(order.ordered_at, order.delivered_at))": ("decimal", "h"),
    "in_days(HOURS_WORKED)": ("decimal", "day"),
    "REVENUE / in_days(HOURS_WORKED)": ("decimal", "USD/day"),
    "max(order.delivered_at)": ("timestamp", ""),
    "coalesce(sum(order.weight), 0)": ("float", "kg"),
    "case when ORDERS > 0 then REVENUE else null end": ("decimal", "USD"),
}


@pytest.mark.parametrize("formula", MEANINGS)
def test_type_and_unit_come_from_the_attributes_through_the_formula(formula: str) -> None:
    checked = CHECKER.formula(formula)
    assert (checked.type.value, str(checked.unit)) == MEANINGS[formula]


def test_what_a_kpi_reads_is_the_minimal_set() -> None:
    """The required objects come from the formula, join keys included, and nothing else."""
    checked = CHECKER.kpi("ORDER_VALUE")
    assert checked.object_models == ("order", "order_line")
    assert checked.attributes == (
        "order.cancelled",
        "order.order_id",
        "order.ordered_at",
        "order_line.booked_at",
        "order_line.discount",
        "order_line.order_id",
        "order_line.quantity",
        "order_line.unit_price",
    )
    assert checked.kpis == ("REVENUE",)


def test_every_scalar_of_the_catalogue_can_be_written_and_evaluated() -> None:
    """A function that is declared is there in SQL and in plain Python, and nothing else is."""
    assert set(SCALAR_WRITERS) == set(SCALARS)
    assert set(SCALARS) == EVALUATED


def test_every_state_has_a_merge() -> None:
    assert set(MERGES) == set(StateKind)


def test_the_same_term_in_two_kpis_is_one_term() -> None:
    assert CHECKER.formula("CANCELLATION_RATE + ORDERS / ORDERS").terms == CHECKER.kpi("CANCELLATION_RATE").terms
