"""What a formula and a question may be at most once all they refer to is written in, and that what is allowed works."""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from time import thread_time
from typing import Any, TypeVar

import pytest
from sqlglot import exp

from analytics_engine.errors import FormulaError, QueryError
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.extent import MOST_LEVELS, MOST_PARTS
from analytics_engine.kpi.formula.functions import SCALARS
from analytics_engine.kpi.formula.typed import COPIES, Column, Constant, Expression, Operation, depth_of, size_of
from analytics_engine.kpi.model.catalog import Catalog, KpiVersion
from analytics_engine.kpi.model.kpi import Direction, Kpi
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import Unit
from analytics_engine.kpi.plan.build import build_plan
from analytics_engine.kpi.plan.question import FilterShape, Order, Question, TopMembers
from analytics_engine.kpi.sql.dialects import CLICKHOUSE, DUCKDB, POSTGRES, SPARK, Dialect
from analytics_engine.kpi.sql.dialects.dialect import ScalarCall
from analytics_engine.kpi.sql.emit import emit
from analytics_engine.kpi.sql.scalars import SCALAR_WRITERS
from golden.shop import shop_catalog

T = TypeVar("T")
CHECKER = KpiChecker(shop_catalog())
DIALECTS = (POSTGRES, DUCKDB, CLICKHOUSE, SPARK)


def statement(formula: str, dialect: Dialect = POSTGRES, **asked: Any) -> str:
    question = Question(kpis=(formula,), grain="month", **asked)
    return emit(build_plan(CHECKER, question), CHECKER, dialect).sql


def with_kpis(formulas: dict[str, str]) -> Catalog:
    shop = shop_catalog()
    more = tuple(
        KpiVersion(definition=Kpi(code=code, name=code, module="SHOP", direction=Direction.TARGET, formula=formula))
        for code, formula in formulas.items()
    )
    return shop.model_copy(update={"kpis": (*shop.kpis, *more)})


def grouped(parts: list[str]) -> str:
    """Return a sum that is wide and not deep."""
    while len(parts) > 1:
        parts = [f"({' + '.join(parts[at : at + 30])})" for at in range(0, len(parts), 30)]
    return parts[0]


# --- formulas ---------------------------------------------------------------------------------------------------------


def test_a_chain_of_a_thousand_kpis_needs_no_deep_stack() -> None:
    """Each refers to the one before, asked from the far end; the tree they make is no deeper than their arithmetic."""
    chain = {"K0": "ORDERS"} | {f"K{number}": f"K{number - 1}" for number in range(1, 1_000)}
    checker = KpiChecker(with_kpis(chain))
    assert checker.kpi("K999").expression == checker.kpi("ORDERS").expression


def test_a_chain_of_kpis_that_grows_at_each_is_refused_where_it_is_too_deep() -> None:
    chain = {"K0": "ORDERS"} | {f"K{number}": f"K{number - 1} + 1" for number in range(1, 1_000)}
    checker = KpiChecker(with_kpis(chain))
    assert checker.kpi("K150").terms
    with pytest.raises(FormulaError, match=f"more than {MOST_LEVELS} levels") as refusal:
        checker.kpi("K999")
    assert refusal.value.facts["kpi"] == "K199"


def test_kpis_that_double_at_each_reference_are_refused() -> None:
    """Thirty KPIs would make a tree of a thousand million parts; it is never built."""
    doubling = {"K0": "ORDERS"} | {f"K{number}": f"K{number - 1} + K{number - 1}" for number in range(1, 31)}
    checker = KpiChecker(with_kpis(doubling))
    with pytest.raises(FormulaError, match=f"more than {MOST_PARTS:,} parts"):
        checker.kpi("K30")


REFUSED = {
    "growth": ("growth(" * 30 + "ORDERS" + ", 1 month)" * 30, "more than 5,000 parts"),
    "share_of_total": ("share_of_total(" * 30 + "ORDERS" + ")" * 30, "more than 5,000 parts"),
    "ln": ("sum(" + "ln(" * 30 + "order.weight / order.weight" + ")" * 31, "more than 5,000 parts"),
    "power": ("sum(" + "power(2, " * 30 + "order.weight / order.weight" + ")" * 31, "more than 5,000 parts"),
    "greatest": ("greatest(1, " * 30 + "ORDERS" + ")" * 30, "more than 5,000 parts"),
    "previous": ("previous(" * 9 + "ORDERS" + ", 1 month)" * 9, "More than 8 functions over time"),
    "converted": ("converted(visit" + ", purchase on customer_id within 7 days" * 300 + ")", "more than 200 levels"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_would_double_at_each_level_is_refused_at_once(kind: str) -> None:
    """ln(ln(...)) thirty times would be a statement of 500 GB, as each looks at its operand twice."""
    formula, reason = REFUSED[kind]
    begun = thread_time()
    with pytest.raises(FormulaError, match=reason):
        statement(formula)
    assert thread_time() - begun < 0.5


DEEPEST = {
    "sum": " + ".join(["ORDERS"] * 98),
    "chain in a row": f"sum({' + '.join(['order.weight'] * 96)})",
    "conditions": f"count(order) filter (where {' or '.join(['order.heavy'] * 96)})",
    "functions": "abs(" * 58 + "ORDERS" + ")" * 58,
    "functions of a row": "sum(" + "coalesce(" * 57 + "order.weight" + ")" * 58,
    "cases": "case when ORDERS > 1 then " * 58 + "1" + " end" * 58,
    "filters": "(" * 58 + "ORDERS" + ") filter (where order.heavy)" * 58,
    "over time": "previous(" * 8 + "ORDERS" + ", 1 month)" * 8,
    "growth": "growth(" * 4 + "ORDERS" + ", 1 month)" * 4,
    "children": "count(visit) filter (where " + "any(visit on customer_id, " * 57 + "true" + ")" * 58,
    "conversion": "converted(visit" + ", purchase on customer_id within 7 days" * 20 + ")",
}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("kind", DEEPEST)
def test_what_is_allowed_becomes_a_statement_within_the_usual_stack(kind: str, dialect: Dialect) -> None:
    """A service calls from within its own frames, some hundred of them at most."""
    assert sys.getrecursionlimit() == 1_000
    assert deeper(130 - used(), lambda: statement(DEEPEST[kind], dialect)).startswith("WITH")


def deeper(levels: int, work: Callable[[], T]) -> T:
    return work() if levels <= 0 else deeper(levels - 1, work)


def used() -> int:
    frame, count = sys._getframe(), 0
    while frame.f_back is not None:
        frame, count = frame.f_back, count + 1
    return count


# --- extents ----------------------------------------------------------------------------------------------------------

WEIGHT = Column((), "weight", DataType.FLOAT)


def test_an_expression_knows_how_deep_and_how_large_it_is() -> None:
    """Children and conditions count as well; what has an operand twice in SQL counts it twice."""
    one = Operation("add", (WEIGHT, WEIGHT), DataType.FLOAT)
    assert (depth_of(WEIGHT), size_of(WEIGHT), depth_of(one), size_of(one)) == (1, 1, 2, 3)
    assert size_of(Operation("ln", (one,), DataType.FLOAT)) == 7
    term = CHECKER.formula("count(order) filter (where any(order.lines, quantity > 1))").terms[0]
    assert depth_of(term) == 4


OPERANDS: dict[str, tuple[Expression, ...]] = {
    "round": (WEIGHT, Constant(2, DataType.INTEGER)),
    "truncated": (Column((), "ordered_at", DataType.TIMESTAMP), Constant("month", DataType.TEXT)),
    **{
        name: (Column((), "ordered_at", DataType.TIMESTAMP),) * SCALARS[name].operands[0]
        for name in ("year", "quarter", "month", "week", "day", "weekday", "hour", "minute", "second",
                     "minutes_between", "hours_between", "days_between")
    },
    **{name: (Column((), "hours", DataType.FLOAT, Unit.parse("h")),) for name in ("in_minutes", "in_hours", "in_days")},
}  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("name", sorted(set(SCALARS) - {"rank"}))
def test_a_scalar_holds_its_operand_in_sql_no_more_often_than_it_says(name: str, dialect: Dialect) -> None:
    """Else a formula of a few levels could become a statement without end."""
    kind = DataType.FLOAT
    operands = OPERANDS.get(name, (WEIGHT,) * max(1, SCALARS[name].operands[0]))
    operation = Operation(name, operands, kind)
    written = [exp.column(f"operand{index}") for index in range(len(operands))]
    write = dialect.scalars.get(name) or SCALAR_WRITERS[name]
    call = ScalarCall(written, operation, lambda: exp.column("zone"), dialect)
    sql = write(call).sql(dialect=dialect.name)
    assert max(sql.count(f"operand{index}") for index in range(len(operands))) <= COPIES.get(name, 1), sql


# --- questions --------------------------------------------------------------------------------------------------------


def test_a_dimension_is_asked_for_once() -> None:
    with pytest.raises(QueryError, match=r"The dimension customer\.segment is asked for twice"):
        statement("ORDERS", dimensions=("customer.segment", "order.heavy", "customer.segment"))


def test_a_top_is_of_a_dimension_that_has_a_type() -> None:
    with pytest.raises(QueryError, match="The dimension null has no type"):
        statement("ORDERS", dimensions=("null",), top=(TopMembers("null", 1),))
    with pytest.raises(QueryError, match=r"The top names 'order\.heavi'") as refusal:
        statement("ORDERS", dimensions=("order.heavy",), top=(TopMembers("order.heavi", 1),))
    assert refusal.value.remedy == "Did you mean order.heavy?"


def test_conditions_and_values_are_not_without_number() -> None:
    shape = FilterShape("order.weight", "greater", 1)
    with pytest.raises(QueryError, match="has 101 filters; 100 are the most"):
        statement("ORDERS", filters=(shape,) * 101)
    with pytest.raises(QueryError, match="brings 10,001 values; 10,000 are the most"):
        statement("ORDERS", filters=(FilterShape("order.weight", "in", 10_001),))
    with pytest.raises(QueryError, match="brings 10,001 values"):
        statement("ORDERS", dimensions=("order.heavy",), top=(TopMembers("order.heavy", 10_001),))
    assert statement("ORDERS", filters=(FilterShape("order.weight", "in", 9_999),))


def test_a_step_of_a_statement_has_no_more_columns_than_engines_have() -> None:
    """PostgreSQL refuses 1,665 columns; the question is refused with what to do before that."""
    many = grouped([f"sum(order.weight * {number})" for number in range(600)])
    with pytest.raises(QueryError, match="columns in one step of its statement; 1,600 are the most") as refusal:
        statement(many)
    assert refusal.value.remedy == "Ask fewer KPIs at once."


def test_the_states_of_a_step_are_counted_for_each_span() -> None:
    """A weighted mean under a condition is kept as two sums and two counts, in each of the spans."""
    means = [f"weighted_avg(order.weight, order.distance) filter (where order.weight > {n})" for n in range(26)]
    checker = KpiChecker(with_kpis({"MEANS": grouped(means)}))
    spans = tuple(f"previous(MEANS, {number} months)" for number in range(1, 21))
    with pytest.raises(QueryError, match=r"columns in one step of its statement"):
        build_plan(checker, Question(kpis=spans, grain="month"))


def test_a_long_condition_on_many_scans_is_refused() -> None:
    picks = grouped([f"sum(last(order.weight * {number} per order.customer_id))" for number in range(30)])
    members = ", ".join(str(number) for number in range(3_000))
    with pytest.raises(QueryError, match="The statement of the question would have"):
        statement(picks, where=(f"order.weight in ({members})",))


def test_a_question_of_many_kpis_is_answered() -> None:
    """Five hundred KPIs of one term each are one scan."""
    codes = tuple(f"sum(order.weight * {number})" for number in range(300))
    plan = build_plan(CHECKER, Question(kpis=codes, grain="month", order=(Order(codes[7]),)))
    assert len(plan.scans) == 1
    assert "$300" in emit(plan, CHECKER, POSTGRES).sql


def test_constants_are_parameters_whatever_they_are() -> None:
    formula = "count(order) filter (where order.order_id in ('''; drop table x', '--', '$1') and order.weight > 0.5)"
    plan = build_plan(CHECKER, Question(kpis=(formula,), grain="month"))
    written = emit(plan, CHECKER, POSTGRES)
    values = [getattr(slot, "value", None) for slot in written.slots]
    assert {"'; drop table x", "--", "$1", Decimal("0.5")} <= set(values)
    assert "drop" not in written.sql
