"""Each mistake in a formula is named with its place and its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from analytics_engine.errors import FormulaError
from analytics_engine.kpi.check import KpiChecker, check_kpi
from analytics_engine.kpi.model.catalog import Catalog, KpiVersion
from analytics_engine.kpi.model.kpi import Direction, Kpi, KpiParameter
from analytics_engine.kpi.model.object_model import DataType, ObjectModel, Relation, Segment
from golden.shop import shop_catalog

CHECKER = KpiChecker(shop_catalog())

MISTAKES: list[dict[str, Any]] = [
    mistake
    for kind in yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8")).values()
    for mistake in kind
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake["formula"][:80])
def test_a_mistake_is_named_with_its_place_and_its_remedy(mistake: dict[str, Any]) -> None:
    """Line, column, reason and remedy; of a remedy that lists everything there is, only how it begins is kept here."""
    with pytest.raises(FormulaError) as refusal:
        CHECKER.formula(mistake["formula"])
    error = refusal.value
    assert ([error.facts["line"], error.facts["column"]], error.detail) == (mistake["at"], mistake["detail"])
    remedy = mistake.get("remedy", "")
    if remedy.endswith(", ..."):
        assert error.remedy.startswith(remedy.removesuffix("..."))
    else:
        assert error.remedy == remedy


def test_no_mistake_is_kept_twice() -> None:
    formulas = [mistake["formula"] for mistake in MISTAKES]
    assert len(set(formulas)) == len(formulas) > 150


def with_kpis(*kpis: Kpi) -> Catalog:
    """Return the shop with more KPIs, or others of their codes."""
    shop = shop_catalog()
    codes = {kpi.code for kpi in kpis}
    kept = [kpi for kpi in shop.kpis if kpi.definition.code not in codes]
    return shop.model_copy(update={"kpis": (*kept, *(KpiVersion(definition=kpi) for kpi in kpis))})


def a_kpi(code: str, formula: str, **more: Any) -> Kpi:
    return Kpi(code=code, name=code, module="SHOP", direction=Direction.TARGET, formula=formula, **more)


def with_order(**changes: Any) -> Catalog:
    """Return the shop with another definition of orders."""
    shop = shop_catalog()
    models = [
        version.model_copy(update={"definition": version.definition.model_copy(update=changes)})
        if version.definition.code == "order"
        else version
        for version in shop.object_models
    ]
    return shop.model_copy(update={"object_models": tuple(models)})


def order_model() -> ObjectModel:
    return shop_catalog().object_model("order").definition


# --- KPIs that refer to each other ------------------------------------------------------------------------------------


def test_a_cycle_is_refused_and_named() -> None:
    """A KPI that refers to itself through another is found before it is saved."""
    with pytest.raises(FormulaError) as refusal:
        check_kpi(shop_catalog(), a_kpi("CANCELLED", "CANCELLATION_RATE * 2"))
    assert refusal.value.detail == "The formula refers to itself: CANCELLED > CANCELLATION_RATE > CANCELLED."
    assert refusal.value.facts["kpi"] == "CANCELLATION_RATE"


def test_a_cycle_among_others_is_found_from_outside() -> None:
    """The circle is named without the KPI that only leads into it."""
    checker = KpiChecker(with_kpis(a_kpi("A", "B + 1"), a_kpi("B", "C + 1"), a_kpi("C", "B + 1")))
    with pytest.raises(FormulaError) as refusal:
        checker.kpi("A")
    assert refusal.value.detail == "The formula refers to itself: B > C > B."
    assert (refusal.value.facts["line"], refusal.value.facts["column"]) == (1, 1)


def test_a_formula_that_names_its_own_kpi_is_refused() -> None:
    with pytest.raises(FormulaError, match="refers to itself: ORDERS > ORDERS"):
        CHECKER.formula("ORDERS + 1", code="ORDERS")


def test_a_mistake_in_another_kpi_names_that_kpi() -> None:
    checker = KpiChecker(with_kpis(a_kpi("ORDERS", "count(ordr)")))
    with pytest.raises(FormulaError) as refusal:
        checker.kpi("CANCELLATION_RATE")
    assert refusal.value.facts["kpi"] == "ORDERS"


def test_a_text_that_cannot_be_read_in_another_kpi_names_that_kpi() -> None:
    checker = KpiChecker(with_kpis(a_kpi("ORDERS", "count(order")))
    with pytest.raises(FormulaError, match="close the arguments") as refusal:
        checker.kpi("CANCELLATION_RATE")
    assert refusal.value.facts["kpi"] == "ORDERS"


def test_a_mistake_in_a_kpis_own_filter_is_placed_there() -> None:
    with pytest.raises(FormulaError) as refusal:
        check_kpi(shop_catalog(), a_kpi("X", "count(order)", filter="order.wieght > 1"))
    assert refusal.value.facts["place"] == "filter"
    assert refusal.value.remedy == "Did you mean weight?"


def test_a_filter_that_a_term_cannot_reach_names_the_term() -> None:
    with pytest.raises(FormulaError) as refusal:
        CHECKER.formula("REVENUE / HOURS_WORKED", condition="order.cancelled")
    assert refusal.value.facts["term"] == "sum(shift.hours)"


# --- paths ------------------------------------------------------------------------------------------------------------


def test_several_paths_are_listed_and_via_chooses() -> None:
    """Where two relations lead to one object model, the formula has to say which."""
    relation = order_model().relations[0]
    two = tuple(relation.model_copy(update={"name": name}) for name in ("buyer", "payer"))
    checker = KpiChecker(with_order(relations=two, segments=()))
    with pytest.raises(FormulaError, match=r"Several paths lead from order to customer: order.buyer; order.payer"):
        checker.formula("count(order) filter (where customer.segment = 'trade')")
    chosen = checker.formula("count(order) filter (where customer.segment = 'trade') via payer")
    assert "order.customer_id" in chosen.attributes


def test_a_relation_to_what_does_not_exist_is_named() -> None:
    lost = Relation(name="depot", target="depot", on={"customer_id": "depot_id"})
    checker = KpiChecker(with_order(relations=(*order_model().relations, lost)))
    with pytest.raises(FormulaError, match=r"The relation order.depot leads to 'depot', which does not exist"):
        checker.formula("count(order) filter (where order.depot.name = 'x')")


def test_amounts_of_several_currencies_need_exchange_rates() -> None:
    """Without rates nothing is added up that is not one currency."""
    shop = shop_catalog()
    without = tuple(version for version in shop.object_models if version.definition.code != "fx_rate")
    checker = KpiChecker(shop.model_copy(update={"object_models": without}))
    with pytest.raises(FormulaError, match="there are no exchange rates to convert it with") as refusal:
        checker.formula("sum(invoice.amount)")
    assert "Define the object model fx_rate" in refusal.value.remedy


# --- segments ---------------------------------------------------------------------------------------------------------


def with_segments(**conditions: str) -> KpiChecker:
    segments = tuple(Segment(name=name, condition=condition) for name, condition in conditions.items())
    return KpiChecker(with_order(segments=segments))


def test_a_mistake_in_a_segment_names_the_segment() -> None:
    checker = with_segments(far="distanse > 20")
    with pytest.raises(FormulaError) as refusal:
        checker.formula("count(order) filter (where order.far)")
    assert refusal.value.detail == ("The segment order.far is wrong: order has no attribute or relation 'distanse'.")
    assert refusal.value.remedy == "Did you mean distance?"
    assert (refusal.value.facts["line"], refusal.value.facts["column"]) == (1, 28)


def test_segments_that_name_each_other_in_a_circle_are_refused() -> None:
    checker = with_segments(a="b or cancelled", b="c", c="not a")
    with pytest.raises(FormulaError, match=r"names itself: order\.a > order\.b > order\.c > order\.a"):
        checker.formula("count(order) filter (where order.a)")


def test_a_segment_that_is_no_condition_is_refused() -> None:
    checker = with_segments(a="weight")
    with pytest.raises(FormulaError, match=r"The segment order\.a is wrong: weight is float, not a condition"):
        checker.formula("count(order) filter (where order.a)")


def test_too_many_segments_in_a_row_are_refused() -> None:
    names = [f"s{number}" for number in range(20)]
    checker = with_segments(**dict(zip(names, [*names[1:], "cancelled"], strict=True)))
    with pytest.raises(FormulaError, match="More than 8 segments name each other in a row"):
        checker.formula("count(order) filter (where order.s0)")
    assert checker.formula("count(order) filter (where order.s12)").terms


# --- parameters -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "default", "unit", "detail"),
    [
        (DataType.DECIMAL, "abc", "", "The default 'abc' of the parameter least is no decimal."),
        (DataType.INTEGER, 2**63, "", "The default 9223372036854775808 of the parameter least is no integer."),
        (DataType.DATE, "soon", "", "The default 'soon' of the parameter least is no date."),
        (DataType.BOOLEAN, 1, "", "The default 1 of the parameter least is no boolean."),
        (DataType.TIMESTAMP, "2026-01-01T00:00:00", "", "The default '2026-01-01T00:00:00' of the parameter least"),
        (DataType.DECIMAL, 1, "kg/", "The parameter least: 'kg/' is not a unit"),
    ],
)
def test_the_default_and_unit_of_a_parameter_must_fit(
    type_: DataType, default: str | int, unit: str, detail: str
) -> None:
    parameter = KpiParameter(name="least", type=type_, default=default, unit=unit)
    with pytest.raises(FormulaError) as refusal:
        CHECKER.formula("count(order) filter (where order.weight > :least)", parameters=[parameter])
    assert refusal.value.detail.startswith(detail)


def test_a_parameter_is_declared_once() -> None:
    parameter = KpiParameter(name="least", type=DataType.FLOAT, default=1)
    with pytest.raises(FormulaError, match="The parameter least is declared twice"):
        CHECKER.formula("ORDERS * :least", parameters=[parameter, parameter])


def test_a_parameter_keeps_its_type_and_unit_in_the_formula() -> None:
    """A text is not compared with a weight, and kilograms are not compared with kilometres."""
    text = KpiParameter(name="least", type=DataType.TEXT, default="4")
    with pytest.raises(FormulaError, match="do not fit together"):
        CHECKER.formula("count(order) filter (where order.weight > :least)", parameters=[text])
    far = KpiParameter(name="least", type=DataType.FLOAT, default=4, unit="km")
    with pytest.raises(FormulaError, match="Units do not fit: kg and km"):
        CHECKER.formula("count(order) filter (where order.weight > :least)", parameters=[far])


def test_a_long_detail_is_cut_in_its_middle() -> None:
    with pytest.raises(FormulaError) as refusal:
        CHECKER.formula(f"count(order) filter (where order.promised_on > date '{'9' * 5_000}')")
    assert len(refusal.value.detail) < 700
    assert " ... " in refusal.value.detail
