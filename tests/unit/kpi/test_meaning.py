"""What a formula that is right means: its type, its unit, what it reads."""

from __future__ import annotations

import pytest
from sqlglot.dialects.dialect import Dialect as Language
from sqlglot.tokens import TokenType

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.functions import AGGREGATES, SCALARS
from analytics_engine.kpi.formula.typed import Child, Term, TimeAverage, leaves_of, walk
from analytics_engine.kpi.model.frames import Duration, Edge, EdgeOf, Rolling, Shift, ToDate
from analytics_engine.kpi.model.kpi import KpiParameter
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.question import Question
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.sql.scalars import SCALAR_WRITERS
from analytics_engine.kpi.states.catalogue import MERGES, Merge, StateKind, states_of
from analytics_engine.kpi.values.evaluate import EVALUATED
from golden.shop import shop_catalog

CHECKER = KpiChecker(shop_catalog())

MEANINGS = {
    "count(order)": ("integer", "order"),
    "count(order.delivered_at)": ("integer", "order"),
    "count(distinct order.customer_id)": ("integer", "customer_id"),
    "count(distinct order.customer_id having count(order) >= 2)": ("integer", "customer_id"),
    "approx_count_distinct(order.customer_id)": ("integer", "customer_id"),
    "ORDERS / ORDERS": ("decimal", ""),
    "REVENUE": ("decimal", "USD"),
    "REVENUE / ORDERS": ("decimal", "USD/order"),
    "sum(order.weight)": ("float", "kg"),
    "sum(order.weight) * 2": ("float", "kg"),
    "sum(order.weight * order.distance)": ("float", "kg*km"),
    "sum(order.weight / order.distance)": ("float", "kg/km"),
    "sum(order_line.quantity) / ORDERS": ("decimal", "piece/order"),
    "avg(order_line.quantity)": ("decimal", "piece"),
    "median(order_line.quantity)": ("float", "piece"),
    "percentile(order_line.quantity, 0.5, 'discrete')": ("integer", "piece"),
    "approx_percentile(order.weight, 0.9)": ("float", "kg"),
    "variance(order.weight)": ("float", "kg^2"),
    "stddev(order.weight)": ("float", "kg"),
    "covariance(order.weight, order.distance)": ("float", "kg*km"),
    "correlation(order.weight, order.distance)": ("float", ""),
    "weighted_avg(order_line.unit_price, order_line.quantity)": ("decimal", "USD/piece"),
    "weighted_avg(order.weight, order.distance)": ("float", "kg"),
    "time_weighted_avg(tank.level per tank.tank_id)": ("float", "L"),
    "prorate(quota.amount)": ("decimal", "USD"),
    "lost(subscription)": ("integer", "subscription"),
    "kept(subscription)": ("integer", "subscription"),
    "gained(stock)": ("integer", "stock"),
    "first(order.weight)": ("float", "kg"),
    "last(order.delivered_at)": ("timestamp", ""),
    "sum(last(stock.quantity per stock.product_id))": ("integer", "piece"),
    "count(last(stock.quantity per stock.product_id))": ("integer", "stock"),
    "converted(visit, purchase on customer_id within 7 days)": ("integer", "visit"),
    "converted(visit, purchase on customer_id within 7 days) / count(visit)": ("decimal", ""),
    "sum(movement.amount) at end": ("decimal", "USD"),
    "sum(invoice.amount)": ("decimal", "currency"),
    "max(invoice.amount)": ("decimal", "currency"),
    "avg(hours_between(order.ordered_at, order.delivered_at))": ("decimal", "h"),
    "in_days(HOURS_WORKED)": ("decimal", "day"),
    "REVENUE / in_days(HOURS_WORKED)": ("decimal", "USD/day"),
    "HOURS_WORKED / 8 hours": ("decimal", ""),
    "in_minutes(HOURS_WORKED) + 30 minutes": ("decimal", "min"),
    "max(order.delivered_at)": ("timestamp", ""),
    "min(order.promised_on)": ("date", ""),
    "max(truncated(order.ordered_at, day))": ("date", ""),
    "max(truncated(order.ordered_at, hour))": ("timestamp", ""),
    "avg(weekday(order.ordered_at))": ("decimal", ""),
    "coalesce(sum(order.weight), 0)": ("float", "kg"),
    "nullif(ORDERS, 0)": ("integer", "order"),
    "round(avg(order.weight), 2)": ("float", "kg"),
    "sqrt(ORDERS / ORDERS)": ("float", ""),
    "power(ORDERS / ORDERS, 2)": ("float", ""),
    "case when ORDERS > 0 then REVENUE else null end": ("decimal", "USD"),
    "-REVENUE": ("decimal", "USD"),
    "ORDERS % 7": ("integer", "order"),
    "REVENUE / days(period)": ("decimal", "USD/day"),
    "REVENUE / days(period) * 365 days": ("decimal", "USD"),
    'sum(order.weight) * 1000 "g/kg"': ("float", "g"),
    'TOTAL_WEIGHT + 5 "kg"': ("float", "kg"),
    "previous(REVENUE, 1 year)": ("decimal", "USD"),
    "growth(REVENUE, 1 year)": ("decimal", ""),
    "rolling(CUSTOMERS, 28 days)": ("integer", "customer_id"),
    "to_date(REVENUE, year)": ("decimal", "USD"),
    "at_period(BALANCE, end of year)": ("decimal", "USD"),
    "time_avg(STOCKED)": ("decimal", "piece"),
    "time_avg(max(order.weight))": ("float", "kg"),
    "share_of_total(REVENUE)": ("decimal", ""),
    "rank(REVENUE)": ("integer", ""),
    "avg(count(order.lines))": ("decimal", "order_line"),
    "avg(sum(order.lines.quantity))": ("decimal", "piece"),
    "sum(sum(order.lines, quantity * unit_price))": ("decimal", "USD"),
    "max(max(order.lines.quantity))": ("integer", "piece"),
    "count(order) filter (where end_of(period) > order.delivered_at)": ("integer", "order"),
    "count(order) filter (where order.heavy and not order.of_trade)": ("integer", "order"),
}


@pytest.mark.parametrize("formula", MEANINGS)
def test_type_and_unit_come_from_the_attributes_through_the_formula(formula: str) -> None:
    checked = CHECKER.formula(formula)
    assert (checked.type.value, str(checked.unit)) == MEANINGS[formula]


def test_every_aggregate_has_a_meaning_here() -> None:
    """The table above leaves no aggregate out."""
    functions = {term.function for formula in MEANINGS for term in CHECKER.formula(formula).terms}
    assert functions == set(AGGREGATES) - {"converted"}


# --- what is read -----------------------------------------------------------------------------------------------------

READS = {
    "ORDER_VALUE": "order.cancelled order.order_id order.ordered_at order_line.booked_at order_line.discount "
    "order_line.order_id order_line.quantity order_line.unit_price",
    "count(order) filter (where any(order.lines, product.category = 'toys'))": "order.order_id order.ordered_at "
    "order_line.order_id order_line.product_id product.category product.product_id",
    "count(order) filter (where order.heavy_and_far)": "order.distance order.ordered_at order.weight",
    "count(order) filter (where order.version.tier = 'gold')": "customer_version.customer_id customer_version.since "
    "customer_version.tier customer_version.until order.customer_id order.ordered_at",
    "sum(invoice.amount)": "fx_rate.from_currency fx_rate.quoted_on fx_rate.rate fx_rate.to_currency invoice.amount "
    "invoice.currency invoice.issued_on",
    "STOCKED": "stock.product_id stock.quantity stock.taken_at stock.warehouse_id",
    "lost(subscription)": "subscription.ended_at subscription.started_at subscription.sub_id",
    "last(order.weight)": "order.order_id order.ordered_at order.weight",
    "converted(visit, purchase on customer_id within 7 days matching campaign)": "purchase.campaign "
    "purchase.customer_id purchase.purchased_at visit.campaign visit.customer_id visit.visit_id visit.visited_at",
    "count(order_line) filter (where order_line.order.note.signed)": "note.order_id note.signed order.order_id "
    "order_line.booked_at order_line.order_id",
}


@pytest.mark.parametrize("formula", READS)
def test_what_a_kpi_reads_is_the_minimal_set(formula: str) -> None:
    """The required objects come from the formula: keys of joins and of series included, and nothing else."""
    checked = CHECKER.formula(formula)
    assert checked.attributes == tuple(READS[formula].split())
    assert checked.object_models == tuple(sorted({name.partition(".")[0] for name in checked.attributes}))


MORE_READS = [
    "sum(stock.quantity) filter (where stock.warehouse.region.name = 'x') at start",
    "sum(last(stock.quantity per stock.product_id)) at end",
    "time_weighted_avg(stock.quantity)",
    "time_weighted_avg(subscription.fee)",
    "count(subscription) by ended_at at end",
    "count(stock) by taken_at at end",
    "max(order.weight) by delivered_at at end",
    "count(order) filter (where any(purchase on customer_id at end))",
    "count(order) filter (where any(subscription on customer_id at start))",
    "count(transfer) filter (where any(stock on destination_id = warehouse_id at end, quantity > 1))",
    "count(order_line) filter (where order_line.price.amount > 1)",
    "rolling(count(distinct sale.customer_id), 28 days)",
]


@pytest.mark.parametrize("formula", [*MEANINGS, *READS, *MORE_READS])
def test_a_statement_reads_the_minimal_set_and_no_more(formula: str) -> None:
    """What a KPI is said to read is what its statement names, no column more and none less."""
    sql = emit(build_plan(CHECKER, Question(kpis=(formula,), grain="month")), CHECKER, POSTGRES).sql
    tokens = Language.get_or_raise("postgres").tokenize(sql)
    named = {token.text for token in tokens if token.token_type is TokenType.IDENTIFIER}
    tables = {"facts", *CHECKER.formula(formula).object_models}
    attributes = {name.partition(".")[2] for name in CHECKER.formula(formula).attributes}
    assert named - tables - {"client_id"} == attributes - tables


def test_the_kpis_it_is_made_of_are_named_each_once() -> None:
    assert CHECKER.kpi("ORDER_VALUE").kpis == ("REVENUE",)
    assert CHECKER.formula("ORDERS + rolling(ORDERS, 7 days) + CANCELLED").kpis == ("ORDERS", "CANCELLED")


# --- frames, postfixes, references ------------------------------------------------------------------------------------


def the_term(formula: str) -> Term:
    (term,) = CHECKER.formula(formula).terms
    return term


def test_functions_over_time_are_frames_the_outermost_first() -> None:
    month, year = Shift(Duration(1, "month")), Shift(Duration(1, "year"))
    assert the_term("previous(rolling(ORDERS, 28 days), 1 year)").frame == (year, Rolling(Duration(28, "day")))
    assert the_term("rolling(previous(ORDERS, 1 month), 28 days)").frame == (Rolling(Duration(28, "day")), month)
    assert the_term("to_date(ORDERS, Year)").frame == (ToDate("year"),)
    assert the_term("at_period(ORDERS, start of quarter)").frame == (EdgeOf(Edge.START, "quarter"),)
    assert [term.frame for term in CHECKER.formula("growth(ORDERS, 1 month)").terms] == [(), (month,)]


def test_an_expression_is_framed_as_a_whole() -> None:
    frames = {leaf.frame for leaf in leaves_of(CHECKER.formula("previous(REVENUE / days(period), 1 year)").expression)}
    assert frames == {(Shift(Duration(1, "year")),)}


def test_a_share_is_of_the_same_over_all_members() -> None:
    totals = [term.total for term in CHECKER.formula("share_of_total(ORDERS)").terms]
    assert totals == [False, True]


def test_a_mean_over_days_keeps_what_it_is_the_mean_of() -> None:
    (leaf,) = leaves_of(CHECKER.formula("previous(time_avg(BALANCE), 1 year)").expression)
    assert isinstance(leaf, TimeAverage)
    assert leaf.frame == (Shift(Duration(1, "year")),)
    assert leaf.operand == CHECKER.kpi("BALANCE").expression


def test_a_filter_on_a_reference_is_a_filter_on_each_of_its_terms() -> None:
    filtered = CHECKER.formula("CANCELLATION_RATE filter (where order.heavy)").expression
    written = CHECKER.formula(
        "count(order) filter (where order.cancelled and order.heavy) / count(order) filter (where order.heavy)"
    ).expression
    assert filtered == written


def test_a_kpis_own_filter_is_part_of_its_meaning() -> None:
    (term,) = CHECKER.kpi("REVENUE").terms
    assert term.where == the_term("count(order_line) filter (where not order_line.order.cancelled)").where


def test_a_segment_is_its_condition_seen_from_where_it_is_named() -> None:
    assert the_term("count(order) filter (where order.heavy)") == the_term("count(order) filter (where weight >= 4)")
    along = the_term("count(order_line) filter (where order_line.order.heavy)")
    assert along == the_term("count(order_line) filter (where order_line.order.weight >= 4)")


def test_a_conversion_is_a_count_under_a_condition() -> None:
    term = the_term("converted(visit, cart on customer_id within 2 days, purchase on customer_id within 7 days)")
    assert (term.function, term.model) == ("count", "visit")
    (first,) = (part for part in walk(term) if isinstance(part, Child))
    assert (first.model, first.within, first.keys) == ("cart", Duration(2, "day"), (("customer_id", "customer_id"),))
    assert isinstance(first.where, Child)
    assert (first.where.model, first.where.within) == ("purchase", Duration(7, "day"))


def test_children_are_found_backwards_along_a_relation_or_by_equal_values() -> None:
    along = the_term("count(order) filter (where any(order.lines, quantity > 1))")
    matched = the_term("count(order) filter (where any(order_line on order_id, quantity > 1))")
    assert along == matched
    below = the_term("count(order_line) filter (where order_line.order.note.signed)")
    assert below.where is not None


def test_a_term_over_the_rows_with_most_relations_is_over_what_is_aggregated() -> None:
    """A condition on children does not make it theirs: the parent would be counted once for each."""
    assert the_term("sum(order.weight) filter (where any(order.lines, quantity > 1))").model == "order"
    assert the_term("sum(order_line.quantity * order.weight)").model == "order_line"


def test_a_parameter_has_its_default_in_its_own_type() -> None:
    exact = KpiParameter(name="least", type=DataType.DECIMAL, default=4, unit="kg")
    checked = CHECKER.formula("sum(order.weight) / :least", parameters=[exact])
    assert str(checked.unit) == ""


def test_the_same_term_in_two_kpis_is_one_term() -> None:
    assert CHECKER.formula("CANCELLATION_RATE + ORDERS / ORDERS").terms == CHECKER.kpi("CANCELLATION_RATE").terms


# --- catalogues that belong together ----------------------------------------------------------------------------------


def test_every_scalar_of_the_catalogue_can_be_written_and_evaluated() -> None:
    """A function that is declared is there in SQL and in plain Python, and nothing else is."""
    assert set(SCALAR_WRITERS) == set(SCALARS)
    assert set(SCALARS) == EVALUATED


def test_only_states_that_merge_have_a_merge_and_the_others_say_so() -> None:
    assert Merge.ONCE not in MERGES.values()
    assert set(MERGES) < set(StateKind)


@pytest.mark.parametrize("formula", MEANINGS)
def test_every_term_is_finished_from_states(formula: str) -> None:
    for term in CHECKER.formula(formula).terms:
        assert states_of(term)


@pytest.mark.parametrize(
    ("grain", "beside", "passes"),
    [
        ("month", "previous(ORDERS, 1 month)", 1),
        ("month", "to_date(ORDERS, year)", 1),
        ("day", "rolling(ORDERS, 4 weeks)", 1),
        ("hour", "previous(ORDERS, 1 day)", 1),
        ("month", "rolling(ORDERS, 28 days)", 2),
        ("year", "previous(ORDERS, 1 month)", 2),
        ("hour", "previous(ORDERS, 1 minute)", 2),
        (None, "previous(ORDERS, 1 month)", 2),
    ],
)
def test_what_does_not_merge_takes_no_pass_of_its_own_where_segments_are_periods(
    grain: str | None, beside: str, passes: int
) -> None:
    plan = build_plan(CHECKER, Question(kpis=("median(order.distance)", beside), grain=grain))
    assert len(plan.scans) == passes
