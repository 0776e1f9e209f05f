"""Every sentence of "Semantics, in full" and of rulings 2 to 8 is a test here, on every engine.

The shop and its rows are those of the golden cases; what is expected was worked out by hand from ``data.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from analytics_engine.contracts.calculation import KpiResult, TargetStatus
from analytics_engine.errors import AnalyticsEngineError, Conflict, FormulaError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.functions import AGGREGATES, StateClass
from analytics_engine.kpi.model.catalog import ObjectModelVersion
from analytics_engine.kpi.model.kpi import Display, Scale
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.kpi.states.catalogue import states_of
from analytics_engine.kpi.states.kept import is_kept
from analytics_engine.services.business_metadata.checks import problems_of
from analytics_engine.services.business_metadata.definitions import Kind
from analytics_engine.services.calculation_engine_service.plans import PlanCache
from analytics_engine.services.calculation_engine_service.preparing import prepare
from golden.cases import answer, as_rows, case_of
from golden.shop import shop_catalog, shop_rows
from support.engines import EngineUnderTest

CHECKER = KpiChecker(shop_catalog())
YEAR = {"from": "2026-01-01", "to": "2027-01-01"}
QUARTER = {"from": "2026-01-01", "to": "2026-04-01"}
JANUARY = {"from": "2026-01-01", "to": "2026-02-01"}
MARCH = {"from": "2026-03-01", "to": "2026-04-01"}
APRIL = {"from": "2026-04-01", "to": "2026-05-01"}
NEW_YORK = "America/New_York"


async def result_of(
    shop: EngineUnderTest, *kpis: str, stated: Mapping[str, Any] | None = None, **ask: Any
) -> KpiResult:
    """Return what an engine answers to KPIs and expressions over them."""
    case = case_of({"ask": {"kpis": kpis, **ask}, **(stated or {})})
    return (await answer(shop, case)).result


async def values_of(
    shop: EngineUnderTest, *kpis: str, stated: Mapping[str, Any] | None = None, **ask: Any
) -> list[Any]:
    """Return the cells of an answer without the periods' starts; one value alone where one is asked."""
    rows = [row[1:] for row in as_rows(await result_of(shop, *kpis, stated=stated, **ask))]
    return [row[0] for row in rows] if rows and len(rows[0]) == 1 else rows


def refusal_of(formula: str) -> FormulaError:
    """Return why a formula is refused when it is saved."""
    with pytest.raises(FormulaError) as refusal:
        CHECKER.formula(formula)
    return refusal.value


async def refused(shop: EngineUnderTest, *kpis: str, **ask: Any) -> AnalyticsEngineError:
    """Return why a question is refused."""
    with pytest.raises(AnalyticsEngineError) as refusal:
        await result_of(shop, *kpis, **ask)
    return refusal.value


# --- A period is half-open in the query's zone, right across DST; an event belongs to exactly one. -------------------


async def test_a_period_holds_its_start_and_not_its_end(shop: EngineUnderTest) -> None:
    """An order at midnight of 1 February is February's; the one a microsecond earlier is January's."""
    months: dict[str, Any] = {"grain": "month", "range": {"from": "2026-01-01", "to": "2026-03-01"}}
    latest = await values_of(shop, "max(order.ordered_at)", **months)
    earliest = await values_of(shop, "min(order.ordered_at)", **months)
    assert (latest[0], earliest[1]) == ("2026-01-31T23:59:59.999999+00:00", "2026-02-01T00:00:00+00:00")


async def test_a_period_is_of_the_questions_zone_and_else_of_the_clients(shop: EngineUnderTest) -> None:
    """In New York the order of midnight UTC was still ordered in January; a client that lives there need not say so."""
    asked = await values_of(shop, "ORDERS", range=JANUARY, time_zone=NEW_YORK)
    at_home = await values_of(shop, "ORDERS", range=JANUARY, stated={"client": {"time_zone": NEW_YORK}})
    assert asked == at_home == [3]
    assert await values_of(shop, "ORDERS", range=JANUARY) == [2]


async def test_days_are_right_where_clocks_change(shop: EngineUnderTest) -> None:
    """The day of 23 hours has the three orders up to its midnight, the day of 25 hours both that are an hour apart."""
    spring = await values_of(
        shop, "ORDERS", grain="day", range={"from": "2026-03-08", "to": "2026-03-10"}, time_zone=NEW_YORK
    )
    autumn = await values_of(
        shop, "ORDERS", grain="day", range={"from": "2026-10-31", "to": "2026-11-02"}, time_zone=NEW_YORK
    )
    assert (spring, autumn) == ([3, 0], [0, 2])


@pytest.mark.parametrize("zone", ["UTC", NEW_YORK, "Asia/Kolkata", "Pacific/Auckland"])
@pytest.mark.parametrize("grain", ["hour", "day", "week", "month", "quarter"])
async def test_an_event_belongs_to_exactly_one_period(shop: EngineUnderTest, zone: str, grain: str) -> None:
    """However the span from 2 February to 1 April is cut, its four orders are in its periods once each."""
    span = {"from": "2026-02-02", "to": "2026-04-02"}
    assert sum(await values_of(shop, "ORDERS", grain=grain, range=span, time_zone=zone)) == 4


async def test_days_of_a_period_are_calendar_days(shop: EngineUnderTest) -> None:
    """March has 31 days in New York, though it is an hour short, and a leap February 29."""
    days = "days(period) * SALES / SALES"
    march = await values_of(shop, "days(period) * count(sale) / count(sale)", range=MARCH, time_zone=NEW_YORK)
    february = await values_of(shop, days, range={"from": "2024-02-01", "to": "2024-03-01"})
    assert [Decimal(value) for value in (*march, *february)] == [31, 29]


async def test_weeks_start_on_the_clients_weekday(shop: EngineUnderTest) -> None:
    """Sunday 4 January ends a week that starts on Monday, and begins one that starts on Sunday."""
    asked: dict[str, Any] = {"grain": "week", "range": {"from": "2025-12-29", "to": "2026-01-11"}}
    assert await values_of(shop, "SALES", **asked) == ["50", "15"]
    assert await values_of(shop, "SALES", stated={"client": {"week_start": 6}}, **asked) == ["36", "29"]


async def test_fiscal_calendars_go_by_their_start_month(shop: EngineUnderTest) -> None:
    """A fiscal year from April has the sales of January to March in the year before."""
    fiscal: dict[str, Any] = {"client": {"fiscal_year_start_month": 4}}
    span = {"from": "2023-04-01", "to": "2025-04-01"}
    assert await values_of(shop, "SALES", grain="fiscal_year", range=span, stated=fiscal) == ["110", "72"]


async def test_a_year_may_be_of_whole_weeks(shop: EngineUnderTest) -> None:
    """The first period of a 4-4-5 year goes from 28 December to 24 January."""
    retail = {"code": "retail", "name": "Retail", "pattern": "4-4-5", "year_ends": "saturday", "rule": "last"}
    client: dict[str, Any] = {"client": {"calendars": [{**retail, "month": 12, "first_year": 2025, "last_year": 2026}]}}
    span = {"from": "2025-12-28", "to": "2026-03-29"}
    assert await values_of(shop, "SALES", grain="retail_month", range=span, stated=client) == ["65", "16", "-6"]


# --- Of no rows count and sum are 0, the rest null; a ratio to 0 or null is null with a reason. ----------------------


async def test_counts_and_sums_of_no_rows_are_0_and_all_else_is_null(shop: EngineUnderTest) -> None:
    """In April there was no order."""
    zero = await values_of(shop, "ORDERS", "TOTAL_WEIGHT", "CUSTOMERS", range=APRIL)
    of_weights = ("avg", "min", "max", "median", "stddev", "variance", "first", "last")
    unknown = [*(f"{function}(order.weight)" for function in of_weights), "percentile(order.weight, 0.9)"]
    assert zero == [[0, 0.0, 0]]
    assert await values_of(shop, *unknown, range=APRIL) == [["null: no_rows"] * len(unknown)]


async def test_a_ratio_to_0_is_null_and_says_of_what(shop: EngineUnderTest) -> None:
    """There is no rate of cancelled orders in a month without orders; the reason names what is 0."""
    result = await result_of(shop, "CANCELLATION_RATE", range=APRIL)
    assert result.kpis[0].values == (None,)
    assert result.kpis[0].reasons[0].code == "zero_denominator"
    assert result.kpis[0].reasons[0].detail == "The denominator count(order) is 0 in this period."


async def test_a_ratio_to_null_is_null_and_gives_the_nulls_own_reason(shop: EngineUnderTest) -> None:
    """Orders per mean weight of a month without orders: the mean has no rows."""
    result = await result_of(shop, "SALES / AVERAGE_WEIGHT", range=APRIL)
    assert result.kpis[0].reasons[0].detail == "There are no rows for avg(order.weight) in this period."


# --- Ratios divide sums; means of means cannot be written. -----------------------------------------------------------


async def test_a_ratio_divides_the_sums_of_its_period(shop: EngineUnderTest) -> None:
    """Of the quarter two of seven orders were cancelled, whatever the rates of its months."""
    (rate,) = await values_of(shop, "CANCELLATION_RATE", range=QUARTER)
    assert Decimal(rate) == pytest.approx(Decimal(2) / 7)


@pytest.mark.parametrize("function", ["avg", "sum", "max", "median", "stddev", "first"])
def test_aggregates_of_kpis_are_refused(function: str) -> None:
    """A KPI is an aggregate already; the refusal says what can be meant."""
    error = refusal_of(f"{function}(CANCELLATION_RATE)")
    assert error.detail == f"{function}(CANCELLATION_RATE) would aggregate values that are aggregates already."
    assert "time_avg(CANCELLATION_RATE)" in error.remedy


# --- A null attribute is skipped and counted in the data quality; anti-joins are null-safe. --------------------------


async def test_an_unknown_value_is_passed_over_and_counted(shop: EngineUnderTest) -> None:
    """Of the three orders of March two have no weight."""
    (kpi,) = (await result_of(shop, "TOTAL_WEIGHT", range=MARCH)).kpis
    assert (kpi.values, kpi.rows, kpi.skipped) == (
        (5.0,),
        {"sum(order.weight)": (3,)},
        {"sum(order.weight)": (2,)},
    )


async def test_what_is_not_there_is_found_in_spite_of_nulls(shop: EngineUnderTest) -> None:
    """Two orders have no purchase of the same customer: one of a stranger, and one of nobody, though nobody bought."""
    assert await values_of(shop, "count(order) filter (where not any(purchase on customer_id))", range=YEAR) == [2]


# --- Several object models meet on the cell. -------------------------------------------------------------------------


async def test_object_models_are_aggregated_on_their_own_and_meet_on_the_cell(shop: EngineUnderTest) -> None:
    """c1 has one order, two sales and two visits in January; none of them repeats another."""
    cells = await values_of(shop, "ORDERS", "SALES", "count(visit)", range=JANUARY, dimensions=["customer.customer_id"])
    assert cells == [["c1", 1, "29", 2], ["c2", 1, "14", 1], ["c3", 0, "15", 1]]


async def test_what_is_missing_in_a_cell_is_0_of_counts_and_sums_and_else_null(shop: EngineUnderTest) -> None:
    """c3 ordered nothing in January, but bought something over the counter."""
    cells = await values_of(
        shop, "SALES", "ORDERS", "TOTAL_WEIGHT", "AVERAGE_WEIGHT", range=JANUARY, dimensions=["customer.customer_id"],
        filters=[{"attribute": "customer.customer_id", "operator": "=", "values": ["c3"]}],
    )  # fmt: skip
    assert cells == [["c3", "15", 0, 0.0, "null: no_rows"]]


async def test_the_missing_member_is_one_member_of_all_object_models(shop: EngineUnderTest) -> None:
    """Orders and visits of nobody stand in one cell."""
    cells = await values_of(
        shop, "ORDERS", "count(visit)", range=QUARTER, dimensions=["customer.customer_id"],
        filters=[{"attribute": "customer.customer_id", "operator": "is null"}],
    )  # fmt: skip
    assert cells == [[None, 2, 1]]


# --- The empty-period rule; keys; filters and dimensions apply to every term. ----------------------------------------


async def test_the_rule_for_empty_periods_looks_at_rows_after_the_kpis_own_filters(shop: EngineUnderTest) -> None:
    """In January no order was cancelled, so the KPI's month is empty, and shown as its rule says."""
    kpi: dict[str, Any] = {"formula": "avg(order.weight)", "filter": "order.cancelled", "empty_period": "zero"}
    result = await result_of(shop, "SPOILT", range=JANUARY, stated={"kpis": {"SPOILT": kpi}})
    assert (result.kpis[0].values, result.kpis[0].shown) == ((None,), {0: 0})


async def test_the_rule_for_empty_periods_is_the_top_kpis_and_only_display(shop: EngineUnderTest) -> None:
    """A KPI that shows 0 is null where it is divided, and another KPI made of it has no such rule."""
    kpis: dict[str, Any] = {"INNER": {"formula": "avg(order.weight)", "empty_period": "zero"}, "OUTER": "INNER + 1"}
    result = await result_of(shop, "INNER", "OUTER", range=APRIL, stated={"kpis": kpis})
    assert [kpi.values for kpi in result.kpis] == [(None,), (None,)]
    assert [kpi.shown for kpi in result.kpis] == [{0: 0}, {}]


def test_a_relation_to_a_part_of_a_key_is_refused_when_it_is_declared() -> None:
    """Stock is keyed by product, warehouse and time; a relation by product alone would meet several rows."""
    catalog = shop_catalog()
    models = [_with_relation_to_a_part(version) for version in catalog.object_models]
    broken = catalog.model_copy(update={"object_models": tuple(models)})
    problems = problems_of(broken, {(Kind.OBJECT_MODEL, "order_line")})
    (problem,) = [error for (_, code), error in problems if code == "order_line"]
    assert problem.remedy == "Otherwise one row here could meet several there, and be counted more than once."


def test_a_relation_of_one_to_one_is_refused_where_several_could_point_to_one() -> None:
    """A note keyed by a number of its own lets two notes name one order; keyed by the order it cannot."""
    catalog = shop_catalog()
    models = [_with_notes_of_their_own(version) for version in catalog.object_models]
    broken = catalog.model_copy(update={"object_models": tuple(models)})
    problems = problems_of(broken, {(Kind.OBJECT_MODEL, "note")})
    (problem,) = [error for (_, code), error in problems if code == "note"]
    assert problem.remedy
    assert not [code for (_, code), _ in problems_of(catalog, {(Kind.OBJECT_MODEL, "note")}) if code == "note"]


def _with_notes_of_their_own(version: ObjectModelVersion) -> ObjectModelVersion:
    model = version.definition
    if model.code != "note":
        return version
    number = model.attributes[0].model_copy(update={"name": "note_id"})
    keyed = model.model_copy(update={"attributes": (number, *model.attributes), "key": ("note_id",)})
    return version.model_copy(update={"definition": keyed})


def _with_relation_to_a_part(version: ObjectModelVersion) -> ObjectModelVersion:
    model = version.definition
    if model.code != "order_line":
        return version
    wrong = model.relation("product")
    assert wrong is not None
    relations = (*model.relations, wrong.model_copy(update={"name": "stock", "target": "stock"}))
    return version.model_copy(update={"definition": model.model_copy(update={"relations": relations})})


async def test_a_key_that_is_not_unique_in_the_data_is_reported(shop: EngineUnderTest) -> None:
    """Where the engine lets a customer be there twice, orders by customer are refused instead of counted twice."""
    if shop.dialect.keys_enforced:
        return  # a second row of one key cannot be loaded
    careless: dict[str, Any] = {"client": {"client_id": "careless"}}
    rows = shop_rows()
    for code, held in (("customer", [*rows["customer"], rows["customer"][0]]), ("order", rows["order"])):
        await shop.load(CHECKER.paths.model(code), held, client_id="careless")
    with pytest.raises(Conflict, match="customer") as refusal:
        await result_of(shop, "ORDERS", range=YEAR, dimensions=["customer.segment"], stated=careless)
    assert refusal.value.remedy
    assert await values_of(shop, "ORDERS", range=YEAR, stated=careless) == [9]


async def test_a_filter_applies_to_every_term(shop: EngineUnderTest) -> None:
    """Of retail customers' orders in the quarter none was cancelled: numerator and denominator are theirs."""
    retail = [{"attribute": "customer.segment", "operator": "=", "values": ["retail"]}]
    asked = await values_of(shop, "CANCELLED", "ORDERS", "count(order_line)", range=QUARTER, filters=retail)
    assert asked == [[0, 3, 4]]


async def test_a_filter_that_a_term_cannot_see_is_refused_with_the_term(shop: EngineUnderTest) -> None:
    """Shifts have no orders, so a condition on orders cannot be applied to hours."""
    cancelled = [{"attribute": "order.cancelled", "operator": "=", "values": [False]}]
    error = await refused(shop, "ORDERS_PER_HOUR", range=YEAR, filters=cancelled)
    assert error.facts["term"] == "sum(shift.hours)"
    assert "order cannot be reached from shift" in error.detail


async def test_a_dimension_of_children_is_refused_and_repeats_nothing(shop: EngineUnderTest) -> None:
    """Orders by what they contain would be counted once for each line."""
    error = await refused(shop, "ORDERS", range=YEAR, dimensions=["order_line.product.category"])
    assert "order.lines are many rows, not one" in error.detail
    assert "every(order.lines, ...)" in error.remedy


# --- Two paths to one attribute. -------------------------------------------------------------------------------------


async def test_two_paths_to_one_attribute_are_listed_and_the_kpi_picks_one(shop: EngineUnderTest) -> None:
    """A transfer has the warehouse it leaves and the one it comes to."""
    by_name: dict[str, Any] = {"range": JANUARY, "dimensions": ["warehouse.name"]}
    error = await refused(shop, "count(transfer)", **by_name)
    assert "transfer.destination; transfer.source" in error.detail
    assert await values_of(shop, "count(transfer) via source", **by_name) == [["North", 2], ["South", 1]]


# --- Decimals, floats and integers. ----------------------------------------------------------------------------------


async def test_decimals_stay_decimal_and_exact(shop: EngineUnderTest) -> None:
    """Three pieces at 0.10 are 0.3 to the digit, as a text on the wire."""
    day: dict[str, Any] = {"from": "2026-01-31", "to": "2026-02-01"}
    assert await values_of(shop, "sum(order_line.quantity * order_line.unit_price)", range=day) == ["0.3"]


async def test_floats_are_floats(shop: EngineUnderTest) -> None:
    """A weight that is kept as a float is added up as one."""
    assert await values_of(shop, "TOTAL_WEIGHT", range=JANUARY) == [4.0]


async def test_integers_divide_truly(shop: EngineUnderTest) -> None:
    """Half of three orders is one and a half."""
    assert await values_of(shop, "ORDERS / 2", "sum(order_line.quantity / 8)", range=MARCH) == [["1.5", "0.5"]]


# --- Comparisons. ----------------------------------------------------------------------------------------------------


async def test_comparisons_move_on_the_calendar(shop: EngineUnderTest) -> None:
    """A year before 29 February is the 28th; a month before 31 March is 29 February."""
    leap: dict[str, Any] = {"grain": "day", "range": {"from": "2024-02-29", "to": "2024-03-01"}}
    assert await values_of(shop, "previous(SALES, 1 year)", **leap) == ["100"]
    end: dict[str, Any] = {"grain": "day", "range": {"from": "2024-03-31", "to": "2024-04-01"}}
    assert await values_of(shop, "previous(SALES, 1 month)", **end) == ["80"]


async def test_a_whole_month_is_compared_with_a_whole_month(shop: EngineUnderTest) -> None:
    """February 2025 has 28 days, the one before it 29."""
    month: dict[str, Any] = {"grain": "month", "range": {"from": "2025-02-01", "to": "2025-03-01"}}
    assert await values_of(shop, "previous(SALES, 1 year)", **month) == ["90"]


async def test_the_present_period_is_not_complete_and_is_compared_as_far(shop: EngineUnderTest) -> None:
    """Asked on 2 November: one day of November is over, and of October one day is looked at."""
    span = {"from": "2026-10-01", "to": "2026-12-01"}
    result = await result_of(shop, "SALES", "previous(SALES, 1 month)", grain="month", range=span)
    assert result.period.complete == (True, False)
    assert [kpi.values[1] for kpi in result.kpis] == ["23", "21"]


async def test_a_period_loaded_in_part_is_compared_as_far(shop: EngineUnderTest) -> None:
    """October is over, but loaded up to the 5th only; of January its first four days are looked at."""
    loaded: dict[str, Any] = {"loaded": {"sale": ["2023-01-01", "2026-10-05"]}}
    span = {"from": "2026-10-01", "to": "2026-11-01"}
    result = await result_of(shop, "previous(SALES, 9 months)", grain="month", range=span, stated=loaded)
    assert (result.period.complete, result.kpis[0].values) == ((False,), ("27",))


async def test_growth_against_0_or_less_is_null_with_a_reason(shop: EngineUnderTest) -> None:
    """February's sales are -6, those of May 0."""
    span = {"from": "2026-06-01", "to": "2026-07-01"}
    result = await result_of(shop, "growth(SALES, 1 month)", "growth(SALES, 4 months)", grain="month", range=span)
    assert [kpi.reasons[0].code.value for kpi in result.kpis] == ["no_positive_base", "no_positive_base"]


# --- What every result carries. --------------------------------------------------------------------------------------


async def test_every_result_says_what_is_needed_to_trust_it(shop: EngineUnderTest) -> None:
    """Its period, value, unit, rows for each term, watermark, version, and how it stands against its target."""
    kpi: dict[str, Any] = {
        "formula": "SALES / count(sale)",
        "direction": "higher",
        "target": {"value": 10, "critical": 5},
    }
    result = await result_of(shop, "AVERAGE_SALE", range=JANUARY, grain="month", stated={"kpis": {"AVERAGE_SALE": kpi}})
    (column,) = result.kpis
    assert (result.period.start, result.period.end) == (("2026-01-01T00:00:00+00:00",), ("2026-02-01T00:00:00+00:00",))
    assert (column.values, column.unit, column.version) == (("14.5",), "USD/sale", 3)
    assert column.rows == {"sum(sale.amount)": (4,), "count(sale)": (4,)}
    assert (column.status, result.watermark) == ((TargetStatus.ON_TARGET,), 1)
    assert result.catalog_version == "golden"


@pytest.mark.parametrize(
    ("direction", "value", "status"),
    [
        ("higher", 58, TargetStatus.ON_TARGET),
        ("lower", 58, TargetStatus.CRITICAL),
        ("target", 58, TargetStatus.CRITICAL),
    ],
)
async def test_the_status_goes_by_the_direction(
    shop: EngineUnderTest, direction: str, value: int, status: TargetStatus
) -> None:
    """58 against 20, with a warning and a critical bound on the worse side."""
    bounds = {"higher": {"warning": 15, "critical": 10}}.get(direction, {"warning": 30, "critical": 40})
    kpi: dict[str, Any] = {"formula": "SALES", "direction": direction, "target": {"value": 20, **bounds}}
    result = await result_of(shop, "AIMED", range=JANUARY, stated={"kpis": {"AIMED": kpi}})
    assert (result.kpis[0].values, result.kpis[0].status) == ((str(value),), (status,))


def test_answers_of_other_definitions_are_kept_apart() -> None:
    """Everything the definitions decide is in the key of a kept answer; the watermark is added when it is known."""
    keys = []
    for version in ("golden", "changed"):
        case = case_of({"ask": {"kpis": ["ORDERS"], "range": YEAR}})
        catalog = case.definitions.catalog.model_copy(update={"version": version})
        definitions = case.definitions.__class__(catalog, KpiChecker(catalog), case.definitions.client)
        prepared = prepare(case.query, definitions, now=case.now, plans=PlanCache(), dialect=POSTGRES)
        keys.append(prepared.key)
    assert keys[0] != keys[1]


# --- Ruling 2: ratios are bare. --------------------------------------------------------------------------------------


async def test_a_formula_gives_the_ratio_itself_and_the_display_scales_it(shop: EngineUnderTest) -> None:
    """A rate shown in percent is 0.5 on the wire, with percent as its display."""
    kpi: dict[str, Any] = {"formula": "CANCELLED / ORDERS", "display": {"scale": "percent", "decimals": 1}}
    span = {"from": "2026-02-01", "to": "2026-03-01"}
    result = await result_of(shop, "RATE", range=span, stated={"kpis": {"RATE": kpi}})
    assert (result.kpis[0].values, result.kpis[0].unit) == (("0.5",), "")
    assert result.kpis[0].display == Display(scale=Scale.PERCENT, decimals=1)


# --- Ruling 3: an instant means just before it. ----------------------------------------------------------------------


async def test_the_state_at_an_instant_is_what_all_before_it_has_made(shop: EngineUnderTest) -> None:
    """A movement at midnight is not in the balance at that midnight."""
    month: dict[str, Any] = {"grain": "month", "range": JANUARY}
    assert await values_of(shop, "sum(movement.amount) at start", "BALANCE", **month) == [["100", "140"]]


async def test_what_ends_at_an_instant_still_holds_and_what_begins_does_not(shop: EngineUnderTest) -> None:
    """At 1 March s4 ends and s2 begins again: s1, s4 and s5 are there."""
    month: dict[str, Any] = {"grain": "month", "range": MARCH}
    assert await values_of(shop, "count(subscription) at start", **month) == [3]
    plans = await values_of(shop, "sum(subscription.fee) at start", dimensions=["subscription.sub_id"], **month)
    assert plans == [["s1", "15"], ["s2", "0"], ["s3", "0"], ["s4", "20"], ["s5", "null: only_nulls"]]


async def test_a_stock_is_the_one_before_and_what_came_less_what_went(shop: EngineUnderTest) -> None:
    """True of every month, by construction."""
    moved = "sum(movement.amount) at start + sum(movement.amount) - BALANCE"
    held = (
        "count(subscription) at start + count(subscription) by started_at - count(subscription) by ended_at"
        " - count(subscription) at end"
    )
    months = await values_of(shop, moved, held, grain="month", range={"from": "2026-01-01", "to": "2026-07-01"})
    assert months == [["0", 0]] * 6


async def test_the_last_snapshot_is_from_before_the_instant(shop: EngineUnderTest) -> None:
    """The stock of p1 in w2, taken at midnight of 1 January, is not in the year's first instant."""
    day: dict[str, Any] = {"grain": "day", "range": {"from": "2026-01-01", "to": "2026-01-02"}}
    assert await values_of(shop, "sum(stock.quantity) at start", "STOCKED", **day) == [[10, 15]]


# --- Ruling 4: 0, null, missing. -------------------------------------------------------------------------------------


async def test_no_rows_are_0_only_where_the_period_is_loaded(shop: EngineUnderTest) -> None:
    """Orders are loaded from 2026 on, so December before is unknown."""
    span = {"from": "2025-12-01", "to": "2026-01-01"}
    assert await values_of(shop, "ORDERS", "TOTAL_WEIGHT", range=span) == [["null: not_loaded"] * 2]
    assert await values_of(shop, "ORDERS", range=APRIL, stated={"loaded": {"order": None}}) == ["null: not_loaded"]


async def test_a_sum_over_only_nulls_is_null(shop: EngineUnderTest) -> None:
    """The one sale of March has no amount."""
    assert await values_of(shop, "SALES", "count(sale)", range=MARCH) == [["null: only_nulls", 1]]


async def test_a_stale_or_absent_snapshot_is_null(shop: EngineUnderTest) -> None:
    """At the end of January the last snapshots are too old; of p9 there is none."""
    nothing = [{"attribute": "stock.product_id", "operator": "=", "values": ["p9"]}]
    assert await values_of(shop, "STOCKED", "count(stock) at end", range=JANUARY) == [["null: no_rows"] * 2]
    assert await values_of(shop, "STOCKED", range={"from": "2026-01-01", "to": "2026-01-04"}, filters=nothing) == [
        "null: no_rows"
    ]


# --- Ruling 5: exactness. --------------------------------------------------------------------------------------------


async def test_what_is_divided_is_exact_to_twelve_places(shop: EngineUnderTest) -> None:
    """A third of the orders of March was cancelled."""
    (third,) = await values_of(shop, "CANCELLATION_RATE", range=MARCH)
    assert abs(Decimal(third) * 3 - 1) < Decimal("1e-12")


async def test_sums_of_integers_are_exact_beyond_what_floats_hold(shop: EngineUnderTest) -> None:
    """The three quantities of January, each a billion and one times a million and one: no digit is lost."""
    expected = 6 * 1_000_000_001 * 1_000_001
    asked = "sum(order_line.quantity * 1000000001 * 1000001)"
    assert await values_of(shop, asked, range=JANUARY) == [expected]


# --- Ruling 6: every aggregate says what its states can do. ----------------------------------------------------------


def test_aggregates_whose_states_merge_are_those_that_rollups_may_hold() -> None:
    """What is called retractable or min-like merges, or is found in counts of values; what is raw-only need not."""
    examples = {
        "count": "count(order)", "sum": "sum(order.weight)", "avg": "avg(order.weight)", "min": "min(order.weight)",
        "max": "max(order.weight)", "weighted_avg": "weighted_avg(order_line.unit_price, order_line.quantity)",
        "count_distinct": "count(distinct order.customer_id)",
        "approx_percentile": "approx_percentile(order.weight, 0.9)",
    }  # fmt: skip
    for name, formula in examples.items():
        (term,) = CHECKER.formula(formula).terms
        assert AGGREGATES[name].state is not StateClass.RAW_ONLY
        assert all(map(is_kept, states_of(term)))


@pytest.mark.parametrize(
    "name",
    ["percentile", "median", "time_weighted_avg", "converted", "approx_count_distinct", "prorate"],
)
def test_what_needs_all_rows_is_raw_only(name: str) -> None:
    """Exact percentiles, means by time, conversions and an engine's own sketches are computed from rows."""
    assert AGGREGATES[name].state is StateClass.RAW_ONLY


# --- Ruling 7: windows. ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", ["rolling({}, 28 days)", "to_date({}, year)"])
@pytest.mark.parametrize(
    "inner", ["FEES", "STOCKED", "BALANCE", "lost(subscription)", "time_avg(FEES)", "growth(ORDERS, 1 month)",
              "rank(ORDERS)", "share_of_total(ORDERS)"],
)  # fmt: skip
def test_windows_take_what_has_states_and_refuse_the_rest(window: str, inner: str) -> None:
    """A stock over a window, or a window of comparisons, is refused with what to write instead."""
    error = refusal_of(window.format(inner))
    remedies = ("A mean over the days of a period is time_avg(...).", "Take the window first: ")
    assert error.remedy.startswith(remedies)


async def test_windows_merge_states_so_that_distinct_counts_and_ratios_are_exact(shop: EngineUnderTest) -> None:
    """Of February and March 2024 together: three buyers, 110 and 110 a buyer divided by three."""
    month: dict[str, Any] = {"grain": "month", "range": {"from": "2024-03-01", "to": "2024-04-01"}}
    count, ratio = (await values_of(shop, "rolling(BUYERS, 2 months)", "rolling(SALES / BUYERS, 2 months)", **month))[0]
    assert count == 3
    assert Decimal(ratio) == pytest.approx(Decimal(110) / 3)


async def test_a_window_of_days_is_of_calendar_days_of_the_zone(shop: EngineUnderTest) -> None:
    """Two days that end with 9 March in New York begin at midnight of the 8th, though they have 47 hours."""
    day: dict[str, Any] = {"grain": "day", "range": {"from": "2026-03-09", "to": "2026-03-10"}, "time_zone": NEW_YORK}
    assert await values_of(shop, "rolling(ORDERS, 2 days)", "rolling(ORDERS, 1 day)", **day) == [[3, 0]]


async def test_a_window_of_months_has_their_true_length(shop: EngineUnderTest) -> None:
    """A month that ends with 31 March begins on the 1st; one that ends with the 30th on 29 February."""
    days: dict[str, Any] = {"grain": "day", "range": {"from": "2024-03-30", "to": "2024-04-01"}}
    assert await values_of(shop, "rolling(SALES, 1 month)", **days) == ["100", "20"]


async def test_a_filter_on_the_range_does_not_clip_a_window(shop: EngineUnderTest) -> None:
    """Asked for one day only, the year so far has all of the year."""
    day: dict[str, Any] = {"grain": "day", "range": {"from": "2024-03-01", "to": "2024-03-02"}}
    assert await values_of(shop, "to_date(SALES, year)", **day) == ["110"]


async def test_of_stocks_a_mean_over_days_is_asked(shop: EngineUnderTest) -> None:
    """The fees at the end of each day of January have the mean 810 / 31."""
    (mean,) = await values_of(shop, "time_avg(FEES)", grain="month", range=JANUARY)
    assert Decimal(mean) == pytest.approx(Decimal(810) / 31)


# --- Ruling 8: totals, shares, ranks, the top. -----------------------------------------------------------------------

BY_CUSTOMER: dict[str, Any] = {"range": YEAR, "dimensions": ["order.customer_id"]}


async def test_shares_and_places_are_of_all_cells_whatever_is_shown(shop: EngineUnderTest) -> None:
    """With a filter on values and a limit only c2 is shown; its share is of nine orders, its place behind c1."""
    shown: dict[str, Any] = {"value_filters": [{"kpi": "ORDERS", "operator": "<", "values": [3]}], "limit": 1}
    ordered: dict[str, Any] = {"order": [{"by": "ORDERS", "descending": True}]}
    asked = ("ORDERS", "share_of_total(ORDERS)", "rank(ORDERS)")
    ((member, orders, share, place),) = await values_of(shop, *asked, **BY_CUSTOMER, **shown, **ordered)
    assert (member, orders, place) == ("c2", 2, 2)
    assert Decimal(share) == pytest.approx(Decimal(2) / 9)


async def test_shares_are_of_what_filters_on_rows_leave(shop: EngineUnderTest) -> None:
    """Of retail customers' five orders c1 has three."""
    retail = [{"attribute": "customer.segment", "operator": "=", "values": ["retail"]}]
    asked = await values_of(shop, "share_of_total(ORDERS)", **BY_CUSTOMER, filters=retail)
    assert [(member, Decimal(share)) for member, share in asked] == [("c1", Decimal("0.6")), ("c2", Decimal("0.4"))]


async def test_totals_are_computed_from_rows(shop: EngineUnderTest) -> None:
    """Customers of all segments together, and their mean weight."""
    asked = await values_of(
        shop, "CUSTOMERS", "AVERAGE_WEIGHT", range=QUARTER, dimensions=["customer.segment"], totals=True
    )
    assert asked[-1] == [None, 5, 4.25]


async def test_the_rest_merges_states(shop: EngineUnderTest) -> None:
    """All but c1 are four customers, and nobody; the mean of their weights is that of 2.5, 5 and 4."""
    top: dict[str, Any] = {"dimension": "order.customer_id", "n": 1}
    rows = await values_of(shop, "ORDERS", "CUSTOMERS", "AVERAGE_WEIGHT", **BY_CUSTOMER, top=top)
    assert rows[0] == ["c1", 3, 1, 4.5]
    assert rows[1][:3] == [None, 6, 4]
    assert rows[1][3] == pytest.approx(11.5 / 3)


async def test_a_stocks_cell_exists_from_its_first_row_on(shop: EngineUnderTest) -> None:
    """A plan that had a subscription before the end of January has its cell, though none is left."""
    asked = await values_of(shop, "FEES", grain="month", range=JANUARY, dimensions=["subscription.plan"])
    assert asked == [["basic", "10"], ["plus", "0"]]
