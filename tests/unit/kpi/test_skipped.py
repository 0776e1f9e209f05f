from __future__ import annotations

import pytest

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.states.catalogue import StateKind
from analytics_engine.kpi.states.skipped import known_of
from golden.shop import shop_catalog

CHECKER = KpiChecker(shop_catalog())


@pytest.mark.parametrize(
    ("formula", "counted"),
    [
        ("count(order)", False),
        ("count(distinct order.order_id)", False),
        ("sum(order.weight)", True),
        ("sum(coalesce(order.weight, 0))", False),
        ("sum(case when order.cancelled then 1 else 0 end)", False),
        ("sum(case when order.cancelled then 1 end)", True),
        ("min(order.ordered_at)", False),
        ("avg(hours_between(order.ordered_at, order.delivered_at))", True),
        ("max(1 / count(order.lines))", True),
        ("sum(count(order.lines))", False),
        ("max(max(order.lines.quantity))", True),
        ("weighted_avg(order.weight, order.distance)", True),
        ("count(distinct order.customer.segment)", True),
    ],
)
def test_rows_with_a_value_are_counted_only_where_some_may_have_none(formula: str, counted: bool) -> None:
    """A key and what cannot be null cost nothing; what is reached over a relation may be missing."""
    (term,) = CHECKER.formula(formula).terms
    known = known_of(term)
    assert (known is not None) is counted
    assert known is None or known.kind is StateKind.NOT_NULL
