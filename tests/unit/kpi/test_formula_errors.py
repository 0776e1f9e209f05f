"""Each mistake in a formula is named with its place and its remedy."""

from __future__ import annotations

import pytest

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.check import KpiChecker, check_kpi
from analytics_engine.kpi.model.kpi import Direction, Kpi
from golden.shop import shop_catalog

CHECKER = KpiChecker(shop_catalog())

MISTAKES = {
    "": (1, 1, "The formula is empty.", "Write one, such as count(order)."),
    "count(order": (1, 12, "Expected ')' to close the arguments of count, found end of the formula.", ""),
    "count(order) +\n  * 2": (2, 3, "Expected a value, a name or a function, found '*'.", ""),
    "count(order) $ 2": (1, 14, "The character '$' has no meaning in a formula.", ""),
    "count(order) -- all": (1, 14, "A formula holds no comments.", "Write the remark into the KPI's description."),
    "count(order) /* all */": (1, 14, "A formula holds no comments.", "Write the remark into the KPI's description."),
    "count(order) filter (where order.customer_id = 'c1)": (1, 48, "This quotation has no end.", "Close it with '."),
    "count(order); drop table x": (1, 13, "The character ';' has no meaning in a formula.", ""),
    "select": (1, 1, "There is no KPI or object model 'select'.", "Name a KPI by its code, or aggregate an attribute."),
    "ORDRES / 2": (1, 1, "There is no KPI or object model 'ORDRES'.", "Did you mean ORDERS or order?"),
    "sum(order.wieght)": (1, 5, "order has no attribute or relation 'wieght'.", "Did you mean weight?"),
    "sum(ordr.weight)": (
        1, 5, "sum(...) names no object model whose rows it is over; there is none called 'ordr'.",
        "Did you mean order?",
    ),
    "order.weight": (
        1, 1, "order.weight has a value in every row; a KPI needs one value for all of them.",
        "Aggregate it, such as sum(order.weight) or avg(order.weight).",
    ),
    "totl(order.weight)": (1, 1, "There is no function 'totl'.", None),
    "sum(order.weight, 2)": (1, 1, "sum takes 1 operand, not 2.", ""),
    "sum(order.customer_id)": (1, 5, "A number is needed here, not text.", ""),
    "sum(avg(order.weight))": (
        1, 5, "avg(...) stands inside another aggregate or a condition on rows.",
        "Aggregates combine only outside of each other.",
    ),
    "sum(order.weight) + count(order)": (
        1, 21, "Units do not fit: kg and order.",
        "Add and compare only what is measured in the same unit; divide to make a ratio.",
    ),
    "HOURS_WORKED + avg(minutes_between(order.ordered_at, order.delivered_at))": (
        1, 16, "Units do not fit: h and min.",
        "Bring both to one unit of time with in_minutes(...), in_hours(...) or in_days(...).",
    ),
    "count(order) filter (where order.weight)": (
        1, 28, "order.weight is float, not a condition.", "Compare it with something, such as = or >.",
    ),
    "count(order) filter (order.cancelled)": (1, 22, "Expected 'where' inside filter (...), found 'order'.", ""),
    "count(order) filter (where order.cancelled) by delivered_at": (
        1, 45, "'by' stands too late.", "The order is: by, filter, via.",
    ),
    "count(order) by weight": (1, 17, "by needs a date or a timestamp; weight is float.", ""),
    "count(customer)": (
        1, 1, "Rows of customer have no time, so they belong to no period.",
        "Name the time that puts a row into a period: by <attribute>.",
    ),
    "percentile(order.weight, 95)": (1, 26, "The rank 95 is not between 0 and 1.", "Write 0.95 for the 95th."),
    "1 + 1": (
        1, 3, "The formula aggregates nothing, so it measures nothing.",
        "Use an aggregate such as count(order), or another KPI.",
    ),
    "count(order) > 3": (1, 1, "The formula gives boolean, not a number or a time.", ""),
    "1 < count(order) < 3": (1, 18, "Comparisons do not chain.", "Join two of them with and."),
    "sum(order.customer)": (
        1, 5, "customer is a relation, not a value.", "Name an attribute of customer, such as customer.customer_id.",
    ),
    "sum(order.weight * shift.hours)": (
        1, 20, "shift cannot be reached from order: no many-to-one relation leads there.",
        "Leave it out, or declare a relation from order to shift.",
    ),
    "HOURS_WORKED filter (where order.cancelled)": (
        1, 28, "order cannot be reached from shift: no many-to-one relation leads there.",
        "Leave it out, or declare a relation from shift to order.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("formula", MISTAKES)
def test_a_mistake_is_named_with_its_place_and_its_remedy(formula: str) -> None:
    line, column, detail, remedy = MISTAKES[formula]
    with pytest.raises(FormulaError) as refusal:
        CHECKER.formula(formula)
    error = refusal.value
    assert (error.facts["line"], error.facts["column"], error.detail) == (line, column, detail)
    if remedy is not None:
        assert error.remedy == remedy


def test_a_cycle_is_refused_and_named() -> None:
    """A KPI that refers to itself through another is found before it is saved."""
    cyclic = Kpi(code="CANCELLED", name="x", module="SHOP", direction=Direction.LOWER, formula="CANCELLATION_RATE * 2")
    with pytest.raises(FormulaError) as refusal:
        check_kpi(shop_catalog(), cyclic)
    assert refusal.value.detail == "The formula refers to itself: CANCELLED > CANCELLATION_RATE > CANCELLED."


def test_a_mistake_in_another_kpi_names_that_kpi() -> None:
    catalog = shop_catalog()
    broken = [
        kpi.model_copy(update={"definition": kpi.definition.model_copy(update={"formula": "count(ordr)"})})
        if kpi.definition.code == "ORDERS"
        else kpi
        for kpi in catalog.kpis
    ]
    checker = KpiChecker(catalog.model_copy(update={"kpis": tuple(broken)}))
    with pytest.raises(FormulaError) as refusal:
        checker.kpi("CANCELLATION_RATE")
    assert refusal.value.facts["kpi"] == "ORDERS"


def test_nesting_has_a_limit_and_no_stack_overflow() -> None:
    with pytest.raises(FormulaError, match="nested more than 60 levels"):
        CHECKER.formula("(" * 5_000 + "count(order)" + ")" * 5_000)


def test_several_paths_are_listed_and_via_chooses() -> None:
    """Where two relations lead to one object model, the formula has to say which."""
    catalog = shop_catalog()
    models = []
    for version in catalog.object_models:
        model = version.definition
        if model.code == "order":
            two = [model.relations[0].model_copy(update={"name": name}) for name in ("buyer", "payer")]
            model = model.model_copy(update={"relations": tuple(two)})
        models.append(version.model_copy(update={"definition": model}))
    checker = KpiChecker(catalog.model_copy(update={"object_models": tuple(models)}))
    with pytest.raises(FormulaError, match=r"Several paths lead from order to customer: order.buyer; order.payer"):
        checker.formula("count(order) filter (where customer.segment = 'trade')")
    chosen = checker.formula("count(order) filter (where customer.segment = 'trade') via payer")
    assert "order.customer_id" in chosen.attributes
