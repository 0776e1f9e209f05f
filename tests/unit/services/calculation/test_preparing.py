"""A query to its statements: which there are, what each asks, and what is refused before anything is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics_engine.contracts.calculation import Comparison, KpiQuery
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.errors import FormulaError, KpiNotFound, QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.time import Calendar, CustomGrain, Window
from analytics_engine.kpi.plan.question import Order
from analytics_engine.kpi.sql.dialects import POSTGRES
from analytics_engine.services.calculation_engine_service.catalogs import Definitions
from analytics_engine.services.calculation_engine_service.comparisons import duration_of
from analytics_engine.services.calculation_engine_service.plans import PlanCache
from analytics_engine.services.calculation_engine_service.preparing import Prepared, prepare
from golden.shop import shop_catalog

NOW = datetime(2026, 11, 2, tzinfo=UTC)
CATALOG = shop_catalog({f"K{number}": f"count(order) filter (where weight > {number})" for number in range(260)})
SHOP = Definitions(CATALOG, KpiChecker(CATALOG), ClientProfile(client_id="shop", name="Shop"))
MONTH = {"from": "2026-01-01", "to": "2026-02-01"}
PLANS = PlanCache()


def prepared(**query: object) -> Prepared:
    whole = KpiQuery.model_validate({"kpis": ["SALES"], "range": MONTH, **query})
    return prepare(whole, SHOP, now=NOW, plans=PLANS, dialect=POSTGRES)


def test_there_is_a_statement_for_each_range_grain_and_level_in_this_order() -> None:
    found = prepared(
        range=None,
        ranges=[MONTH, {"current": "month"}],
        grains=["day", "month"],
        dimensions=["sale.store", "sale.customer_id"],
        subtotals=[["sale.customer_id"], ["sale.customer_id"]],
        totals=True,
    )
    assert found.levels == (("sale.store", "sale.customer_id"), ("sale.customer_id",), ())
    assert [(part.cut.range, part.cut.grain, part.level) for part in found.parts] == [
        (range_, grain, level) for range_ in (0, 1) for grain in ("day", "month") for level in (0, 1, 2)
    ]


def test_a_level_keeps_what_it_can_of_order_and_filters() -> None:
    """Filters on values are of cells; a dimension that a level does not have orders nothing there."""
    found = prepared(
        dimensions=["sale.store"],
        totals=True,
        order=[{"by": "sale.store", "descending": True}, {"by": "SALES"}],
        value_filters=[{"kpi": "SALES", "operator": "not in", "values": [1, 2]}],
    )
    cells, totals = (part.question for part in found.parts)
    assert cells.order == (Order("sale.store", descending=True), Order("SALES"))
    assert totals.order == (Order("SALES"),)
    assert [(each.operator, each.values, each.negated) for each in cells.value_filters] == [("in", 2, True)]
    assert totals.value_filters == ()


def test_comparisons_are_expressions_of_the_language() -> None:
    found = prepared(kpis=["ORDERS", "SALES / BUYERS"], grain="month", comparisons=["previous_period", "target"])
    (question,) = (part.question for part in found.parts)
    assert question.kpis == (
        "ORDERS",
        "SALES / BUYERS",
        "previous(ORDERS, 1 month)",
        "ORDERS - previous(ORDERS, 1 month)",
        "growth(ORDERS, 1 month)",
        "previous(SALES / BUYERS, 1 month)",
        "(SALES / BUYERS) - previous(SALES / BUYERS, 1 month)",
        "growth(SALES / BUYERS, 1 month)",
    )


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        ((2026, 1, 1), (2026, 3, 1), "2 months"),
        ((2025, 1, 1), (2026, 1, 1), "12 months"),
        ((2026, 1, 15), (2026, 2, 15), "31 days"),
        ((2026, 3, 8), (2026, 3, 9), "1 day"),
        ((2026, 3, 8, 1), (2026, 3, 8, 4), "2 hours"),
        ((2026, 3, 8, 4, 30), (2026, 3, 8, 4, 45), "15 minutes"),
        ((2026, 3, 8, 4, 30), (2026, 3, 8, 4, 30, 5), "5 seconds"),
    ],
)
def test_the_time_before_a_range_is_as_long_as_the_range(
    start: tuple[int, ...], end: tuple[int, ...], length: str
) -> None:
    """In months, days, or elapsed time: from one to four in New York there were two hours on 8 March."""
    window = Window(datetime(*start), datetime(*end))  # type: ignore[arg-type]  # dates and times as they are written
    found = duration_of(Comparison.PREVIOUS_PERIOD, None, window, Calendar("America/New_York"))
    assert str(found) == length


def test_a_range_without_a_length_that_can_be_said_is_refused() -> None:
    window = Window(datetime(2026, 1, 1), datetime(2026, 6, 1, 0, 0, 1))
    with pytest.raises(QueryError, match="has no length"):
        duration_of(Comparison.PREVIOUS_PERIOD, None, window, Calendar())


def test_the_year_before_is_one_of_the_calendar_that_the_grain_is_of() -> None:
    days = tuple(datetime(year, 2, 1).date() for year in (2024, 2025, 2026))
    calendar = Calendar(custom=(CustomGrain("retail_week", days), CustomGrain("retail_year", days)))
    window = Window(datetime(2026, 1, 1), datetime(2026, 6, 1))
    lengths = [
        str(duration_of(Comparison.SAME_PERIOD_LAST_YEAR, grain, window, calendar))
        for grain in ("retail_week", "week", "fiscal_quarter", None)
    ]
    assert lengths == ["1 retail_year", "1 year", "1 year", "1 year"]


def test_the_top_is_chosen_by_a_statement_of_its_own() -> None:
    found = prepared(
        dimensions=["sale.customer_id", "sale.store"],
        grain="week",
        totals=True,
        top={"dimension": "sale.customer_id", "n": 7, "by": "BUYERS", "rest": False},
    )
    assert found.ranking is not None
    assert [measure.name for measure in found.ranking.plan.measures] == ["BUYERS"]
    assert found.ranking.plan.grain is None
    cells, totals = found.compiled
    assert cells.plan.without_rest == (2,)
    assert [dimension.name for dimension in cells.plan.dimensions][2:] == ["sale.customer_id rest"]
    assert totals.plan.dimensions == ()
    assert found.statements == (found.ranking, cells, totals)


def test_what_tells_answers_apart_holds_the_present_of_relative_ranges() -> None:
    """The same question a day later is another one."""
    query = KpiQuery.model_validate({"kpis": ["SALES"], "range": {"last": "7 days"}})
    today, tomorrow = (
        prepare(query, SHOP, now=datetime(2026, 11, day, 3, tzinfo=UTC), plans=PLANS, dialect=POSTGRES).key
        for day in (2, 3)
    )
    assert today != tomorrow
    assert len(set(today) & set(tomorrow)) == len(today) - 1


@pytest.mark.parametrize(
    ("query", "detail", "remedy"),
    [
        ({"kpis": ["SALES", "SALES"]}, "The KPI SALES is asked twice", "once"),
        ({"dimensions": ["sale.store"] * 2}, "The dimension sale.store is asked twice", "once"),
        ({"comparisons": ["target"] * 2}, "The comparison target is asked twice", "once"),
        ({"dimensions": ["sale.store"], "subtotals": [["sale.stor"]]}, "The subtotal names 'sale.stor'", "sale.store?"),
        ({"pivot": {"dimension": "sale.store"}}, "The pivot names 'sale.store'", "Name it there first."),
        ({"top": {"dimension": "sale.store", "n": 3}}, "The top names 'sale.store'", "Name it there first."),
        ({"order": [{"by": "SALS"}]}, "The order names 'SALS'", "Did you mean SALES?"),
        ({"value_filters": [{"kpi": "SALS", "operator": "is null"}]}, "A filter on values names 'SALS'", "SALES?"),
        ({"value_filters": [{"kpi": "SALES", "operator": ">"}]}, "takes one value, not 0", "list of values"),
        ({"filters": [{"attribute": "sale.store", "operator": "in"}]}, "takes at least one value", "list of values"),
        ({"segments": ["sale.store"]}, "There is no segment 'sale.store'", "The segments are"),
        ({"segments": ["order.heavy or true"]}, "There is no segment", "order.heavy"),
        ({"parameters": {"least": 1}}, "There is no parameter 'least'", "The formulas have no parameters."),
        (
            {"range": None, "ranges": [MONTH] * 24, "grains": ["day", "month", "year"]},
            "takes 72 statements",
            "Ask fewer ranges",
        ),
        ({"grains": ["day", "month"], "offset": 200_000}, "paged up to cell 100,000", "one range"),
        (
            {"kpis": [f"K{number}" for number in range(260)], "comparisons": ["previous_period"]},
            "columns in one step of its statement",
            "fewer",
        ),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_remedy(query: dict[str, object], detail: str, remedy: str) -> None:
    with pytest.raises(QueryError) as refusal:
        prepared(**query)
    assert detail in refusal.value.detail
    assert remedy in refusal.value.remedy


def test_unknown_kpis_and_wrong_expressions_keep_their_own_errors() -> None:
    with pytest.raises(KpiNotFound):
        prepared(kpis=["NOWHERE"], comparisons=["previous_period"])
    with pytest.raises(FormulaError):
        prepared(kpis=["SALES +"])


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 100_001},
        {"offset": -1},
        {"kpis": []},
        {"kpis": ["A"] * 501},
        {"dimensions": ["order.a"] * 9},
        {"top": {"dimension": "sale.store", "n": 101}},
        {"ranges": [MONTH] * 25},
        {"unknown": 1},
    ],
)
def test_everything_has_a_limit(query: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        KpiQuery.model_validate({"kpis": ["SALES"], "range": MONTH, **query})
