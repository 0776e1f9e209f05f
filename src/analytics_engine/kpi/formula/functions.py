"""The function catalogue: every function and operator of the language, once.

It feeds the resolver (names, operands, types, units) and the reference page; how a function is computed stands
in ``sql/scalars.py``, ``states/catalogue.py`` and ``values/evaluate.py``, under the same names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analytics_engine.kpi.formula import typing as rules
from analytics_engine.kpi.formula.typed import Constant, Expression
from analytics_engine.kpi.formula.typing import Signature, TypeMistake, TypingRule, expect_number
from analytics_engine.kpi.model.object_model import DataType

MANY = 1_000


@dataclass(frozen=True, slots=True)
class Scalar:
    """A function of values of one row, or of values of one cell.

    ``nulls`` says what becomes of null operands; ``symbol`` is how an operator is written; an ``internal`` one is
    made by the resolver and cannot be called.
    """

    name: str
    meaning: str
    example: str
    operands: tuple[int, int]
    rule: TypingRule
    nulls: str = "null where an operand is null"
    symbol: str = ""
    internal: bool = False


class StateClass(StrEnum):
    """What an aggregate's state can do (which decides whether a rollup can hold it)."""

    RETRACTABLE = "retractable"
    MIN_LIKE = "min-like"
    RAW_ONLY = "raw-only"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function of many rows.

    Args:
        operands: how many operands, the aggregated ones included.
        empty: what no rows give: 0 or null.
        rows: how many of the operands are computed per row; those behind them are constants written out.
    """

    name: str
    meaning: str
    example: str
    operands: tuple[int, int]
    rule: TypingRule
    state: StateClass
    empty: int | None = None
    rows: int = 1


@dataclass(frozen=True, slots=True)
class CellFunction:
    """A function of a value of a cell that looks at other periods, or at other cells of the same period.

    ``gives`` says which type and unit it has, for operands of which.
    """

    name: str
    meaning: str
    gives: str
    example: str
    nulls: str


@dataclass(frozen=True, slots=True)
class ChildFunction:
    """An aggregate over the rows of another object model that belong to one row: a value of that row."""

    name: str
    meaning: str
    gives: str
    example: str
    empty: str


@dataclass(frozen=True, slots=True)
class PeriodFunction:
    """A function of the period itself: ``days(period)``."""

    name: str
    meaning: str
    gives: str
    example: str


def _count_unit(_: Sequence[Expression]) -> Signature:
    """Any value gives an integer, measured in what is counted."""
    return Signature(DataType.INTEGER)


def _average(operands: Sequence[Expression]) -> Signature:
    """A number gives a decimal or a float of its unit."""
    expect_number(operands[:1])
    kind = DataType.FLOAT if operands[0].type is DataType.FLOAT else DataType.DECIMAL
    return Signature(kind, operands[0].unit)


def _spread(power: int) -> TypingRule:
    def rule(operands: Sequence[Expression]) -> Signature:
        expect_number(operands[:1])
        unit = operands[0].unit
        return Signature(DataType.FLOAT, unit if power == 1 else unit.times(unit))

    rule.__doc__ = f"A number gives a float of its unit{'' if power == 1 else ' squared'}."
    return rule


def _extreme(operands: Sequence[Expression]) -> Signature:
    """A number, text, date or timestamp gives one of its type and unit."""
    if operands[0].type is DataType.BOOLEAN:
        raise TypeMistake("A condition has no least or greatest value.", remedy="Use count(...) filter (where ...).")
    return Signature(operands[0].type, operands[0].unit)


def _quantile(operands: Sequence[Expression]) -> Signature:
    """A number, and a rank written out, give a float of the number's unit."""
    expect_number(operands[:1])
    if len(operands) > 1:
        rank = operands[1]
        if not isinstance(rank, Constant) or rank.type not in {DataType.DECIMAL, DataType.INTEGER}:
            raise TypeMistake("The rank of a percentile is a number written out, such as 0.95.", operand=1)
        if not 0 <= rank.value <= 1:  # type: ignore[operator]  # the type was checked the line before
            raise TypeMistake(
                f"The rank {rank.value} is not between 0 and 1.", remedy="Write 0.95 for the 95th.", operand=1
            )
    return Signature(DataType.FLOAT, operands[0].unit)


def _middle(operands: Sequence[Expression]) -> Signature:
    """A number gives a float of its unit."""
    return _quantile(operands)


def _discrete_or_continuous(operands: Sequence[Expression]) -> Signature:
    """A number, and a rank written out, give a float of the number's unit; with 'discrete' one of its type."""
    if len(operands) > 2:  # noqa: PLR2004 - value, rank, kind
        kind = operands[2]
        if not isinstance(kind, Constant) or kind.value not in {"continuous", "discrete"}:
            raise TypeMistake("The kind of a percentile is 'continuous' or 'discrete'.", operand=2)
        if kind.value == "discrete":
            _quantile(operands[:2])
            return Signature(operands[0].type, operands[0].unit)
    return _quantile(operands[:2])


def _weighted(operands: Sequence[Expression]) -> Signature:
    """Two numbers give a decimal or a float of the first one's unit."""
    expect_number(operands)
    floats = DataType.FLOAT in {operands[0].type, operands[1].type}
    return Signature(DataType.FLOAT if floats else DataType.DECIMAL, operands[0].unit)


def _covariance(operands: Sequence[Expression]) -> Signature:
    """Two numbers give a float of their units multiplied."""
    expect_number(operands)
    return Signature(DataType.FLOAT, operands[0].unit.times(operands[1].unit))


def _correlation(operands: Sequence[Expression]) -> Signature:
    """Two numbers give a bare float."""
    expect_number(operands)
    return Signature(DataType.FLOAT)


def _mean_over_time(operands: Sequence[Expression]) -> Signature:
    """A number gives a float of its unit."""
    expect_number(operands)
    return Signature(DataType.FLOAT, operands[0].unit)


def _value_of_row(operands: Sequence[Expression]) -> Signature:
    """Any value gives one of its type and unit."""
    return Signature(operands[0].type, operands[0].unit)


_AGGREGATES = (
    Aggregate("count", "How many rows, or how many rows whose operand is not null.", "count(order)", (1, 1),
              _count_unit, StateClass.RETRACTABLE, 0),
    Aggregate("count_distinct", "How many different values, null not counted.", "count(distinct order.customer_id)",
              (1, 1), _count_unit, StateClass.RETRACTABLE, 0),
    Aggregate("sum", "The sum; a null is skipped.", "sum(order_line.quantity)", (1, 1), rules.same_as_first,
              StateClass.RETRACTABLE, 0),
    Aggregate("avg", "The mean of what is not null.", "avg(order.weight)", (1, 1), _average, StateClass.RETRACTABLE),
    Aggregate("min", "The least value.", "min(order.weight)", (1, 1), _extreme, StateClass.MIN_LIKE),
    Aggregate("max", "The greatest value.", "max(order.weight)", (1, 1), _extreme, StateClass.MIN_LIKE),
    Aggregate("stddev", "The standard deviation of a sample.", "stddev(order.weight)", (1, 1), _spread(1),
              StateClass.RAW_ONLY),
    Aggregate("variance", "The variance of a sample.", "variance(order.weight)", (1, 1), _spread(2),
              StateClass.RAW_ONLY),
    Aggregate("median", "The middle value, interpolated between the two middle ones.", "median(order.weight)", (1, 1),
              _middle, StateClass.RAW_ONLY),
    Aggregate("percentile", "The value at a rank between 0 and 1, interpolated; with 'discrete', the least value at or "
              "above the rank.", "percentile(order.weight, 0.95)", (2, 3), _discrete_or_continuous,
              StateClass.RAW_ONLY),
    Aggregate("approx_percentile", "The least value at or above the rank, each rounded to three significant digits: at "
              "most 0.5 % off.", "approx_percentile(order.weight, 0.95)", (2, 2), _quantile, StateClass.RETRACTABLE),
    Aggregate("approx_count_distinct", "How many different values, as near as the engine's own sketch comes.",
              "approx_count_distinct(order.customer_id)", (1, 1), _count_unit, StateClass.RAW_ONLY, 0),
    Aggregate("first", "The value of the earliest row that has one, by the anchor, then by the key.",
              "first(order.weight)", (1, 1), _value_of_row, StateClass.MIN_LIKE),
    Aggregate("last", "The value of the latest row that has one, by the anchor, then by the key. Inside another "
              "aggregate, `per` picks one row of each series.", "sum(last(stock.quantity per stock.product_id))",
              (1, 1), _value_of_row, StateClass.MIN_LIKE),
    Aggregate("weighted_avg", "The mean in which each value counts by its weight.",
              "weighted_avg(order_line.unit_price, order_line.quantity)", (2, 2), _weighted, StateClass.RETRACTABLE,
              rows=2),
    Aggregate("time_weighted_avg", "The mean in which each value counts by how long it held, until the next of its "
              "series; the one before the period is carried in.", "time_weighted_avg(tank.level per tank.tank_id)",
              (1, 1), _mean_over_time, StateClass.RAW_ONLY),
    Aggregate("covariance", "The covariance of a sample.", "covariance(order.weight, order.distance)", (2, 2),
              _covariance, StateClass.RAW_ONLY, rows=2),
    Aggregate("correlation", "Pearson's correlation of two values.", "correlation(order.weight, order.distance)",
              (2, 2), _correlation, StateClass.RAW_ONLY, rows=2),
    Aggregate("prorate", "The part of an interval's amount that falls into the period, by time.",
              "prorate(quota.amount)", (1, 1), _average, StateClass.RAW_ONLY, 0),
    Aggregate("lost", "How many things were there at the period's start and not at its end.", "lost(subscription)",
              (1, 1), _count_unit, StateClass.RAW_ONLY, 0),
    Aggregate("kept", "How many things were there at the period's start and at its end.", "kept(subscription)", (1, 1),
              _count_unit, StateClass.RAW_ONLY, 0),
    Aggregate("gained", "How many things were there at the period's end and not at its start.", "gained(subscription)",
              (1, 1), _count_unit, StateClass.RAW_ONLY, 0),
    Aggregate("converted", "How many rows of the first were followed by one of the second, of equal key, within the "
              "time; more steps make a funnel. Counted in the period of the first.",
              "converted(visit, purchase on customer_id within 7 days)", (2, MANY), _count_unit, StateClass.RAW_ONLY,
              0),
)  # fmt: skip

_KLEENE = "three-valued logic, as in SQL"
_SCALARS = (
    Scalar("add", "The sum of two numbers of one unit.", "order_line.quantity + 1", (2, 2), rules.additive, symbol="+"),
    Scalar("subtract", "The difference of two numbers of one unit.", "order.distance - 5", (2, 2), rules.additive,
           symbol="-"),
    Scalar("multiply", "The product; units multiply.", "order_line.quantity * order_line.unit_price", (2, 2),
           rules.product, symbol="*"),
    Scalar("divide", "The quotient, never cut to an integer; units divide.", "REVENUE / ORDERS", (2, 2), rules.quotient,
           "null where an operand is null or the divisor is 0", "/"),
    Scalar("modulo", "The remainder of a division, with the dividend's sign.", "order_line.quantity % 6", (2, 2),
           rules.additive, "null where an operand is null or the divisor is 0", "%"),
    Scalar("negate", "The number with the other sign.", "-movement.amount", (1, 1), rules.same_as_first, symbol="-"),
    Scalar("equal", "Whether two values are equal.", "order.order_id = 'o1'", (2, 2), rules.comparison, symbol="="),
    Scalar("not_equal", "Whether two values differ.", "customer.segment != 'trade'", (2, 2), rules.comparison,
           symbol="!="),
    Scalar("less", "Whether the first is less.", "order.weight < 5", (2, 2), rules.comparison, symbol="<"),
    Scalar("less_or_equal", "Whether the first is not greater.", "order.weight <= 5", (2, 2), rules.comparison,
           symbol="<="),
    Scalar("greater", "Whether the first is greater.", "order.weight > 5", (2, 2), rules.comparison, symbol=">"),
    Scalar("greater_or_equal", "Whether the first is not less.", "order.weight >= 5", (2, 2), rules.comparison,
           symbol=">="),
    Scalar("and", "Whether both hold.", "order.heavy and order.of_trade", (2, 2), rules.condition, _KLEENE, "and"),
    Scalar("or", "Whether at least one holds.", "order.heavy or order.cancelled", (2, 2), rules.condition, _KLEENE,
           "or"),
    Scalar("not", "Whether it does not hold.", "not order.cancelled", (1, 1), rules.condition, _KLEENE, "not"),
    Scalar("is_null", "Whether a value is missing.", "order.delivered_at is null", (1, 1), rules.null_test,
           "never null", "is null"),
    Scalar("is_not_null", "Whether a value is there.", "order.delivered_at is not null", (1, 1), rules.null_test,
           "never null", "is not null"),
    Scalar("in", "Whether a value is one of a list.", "customer.segment in ('trade', 'retail')", (2, MANY),
           rules.comparison, _KLEENE, "in"),
    Scalar("between", "Whether a value lies between two bounds, both included.", "order.weight between 1 and 5", (3, 3),
           rules.comparison, _KLEENE, "between"),
    Scalar("case", "The value of the first condition that holds.", "case when order.heavy then 2 else 1 end", (2, MANY),
           rules.branches, "null where no condition holds and there is no else", "case"),
    Scalar("coalesce", "The first value that is not null.", "coalesce(order.weight, 0)", (1, MANY), rules.one_of,
           "null where all operands are"),
    Scalar("nullif", "Null where both are equal, else the first.", "nullif(ORDERS, 0)", (2, 2), rules.one_of,
           "null where the first is, or both are equal"),
    Scalar("greatest", "The greatest of the values.", "greatest(order.weight, 1)", (1, MANY), rules.one_of),
    Scalar("least", "The least of the values.", "least(order.weight, 30)", (1, MANY), rules.one_of),
    Scalar("abs", "The number without its sign.", "abs(movement.amount)", (1, 1), rules.same_as_first),
    Scalar("ln", "The natural logarithm; null of 0 and below.", "ln(REVENUE / SALES)", (1, 1), rules.real,
           "null where the operand is null or not above 0"),
    Scalar("exp", "e to the power of a number.", "exp(CANCELLATION_RATE)", (1, 1), rules.real),
    Scalar("sqrt", "The square root; null of a negative number.", "sqrt(CANCELLATION_RATE)", (1, 1), rules.real,
           "null where the operand is null or negative"),
    Scalar("power", "A number to the power of another.", "power(CANCELLATION_RATE, 2)", (2, 2), rules.real,
           "null where an operand is null or the power is no real number"),
    Scalar("round", "The number to so many decimals, none if not said; halves away from zero.",
           "round(order.weight, 1)", (1, 2), rules.rounded),
    Scalar("in_minutes", "The same time in minutes.", "in_minutes(shift.hours)", (1, 1), rules.converted("min")),
    Scalar("in_hours", "The same time in hours.", "in_hours(shift.hours)", (1, 1), rules.converted("h")),
    Scalar("in_days", "The same time in days of 24 hours.", "in_days(shift.hours)", (1, 1), rules.converted("day")),
    Scalar("minutes_between", "Elapsed minutes from the first to the second.",
           "minutes_between(order.ordered_at, order.delivered_at)", (2, 2), rules.elapsed("min")),
    Scalar("hours_between", "Elapsed hours from the first to the second.",
           "hours_between(order.ordered_at, order.delivered_at)", (2, 2), rules.elapsed("h")),
    Scalar("days_between", "Elapsed days of 24 hours from the first to the second.",
           "days_between(order.ordered_at, order.delivered_at)", (2, 2), rules.elapsed("day")),
    Scalar("year", "The year, in the query's zone.", "year(order.ordered_at)", (1, 1), rules.date_part),
    Scalar("quarter", "The quarter, 1 to 4, in the query's zone.", "quarter(order.ordered_at)", (1, 1),
           rules.date_part),
    Scalar("month", "The month, 1 to 12, in the query's zone.", "month(order.ordered_at)", (1, 1), rules.date_part),
    Scalar("week", "The week of ISO 8601, 1 to 53, in the query's zone.", "week(order.ordered_at)", (1, 1),
           rules.date_part),
    Scalar("day", "The day of the month, in the query's zone.", "day(order.ordered_at)", (1, 1), rules.date_part),
    Scalar("weekday", "The day of the week, Monday 1 to Sunday 7, in the query's zone.", "weekday(order.ordered_at)",
           (1, 1), rules.date_part),
    Scalar("hour", "The hour, 0 to 23, in the query's zone.", "hour(order.ordered_at)", (1, 1), rules.clock_part),
    Scalar("minute", "The minute, 0 to 59, in the query's zone.", "minute(order.ordered_at)", (1, 1), rules.clock_part),
    Scalar("second", "The whole second, 0 to 59.", "second(order.ordered_at)", (1, 1), rules.clock_part),
    Scalar("growth_of", "The change of the first against the second, as a ratio.", "growth(a, 1 year)", (2, 2),
           rules.quotient, "null where an operand is null or the second is 0 or below", internal=True),
    Scalar("truncated", "The start of the day, week (Monday), month, ... that holds a time, in the query's zone.",
           "truncated(order.ordered_at, month)", (2, 2), rules.truncated),
)  # fmt: skip

AGGREGATES: dict[str, Aggregate] = {aggregate.name: aggregate for aggregate in _AGGREGATES}
SCALARS: dict[str, Scalar] = {scalar.name: scalar for scalar in _SCALARS}
CALLABLE_SCALARS: frozenset[str] = frozenset(
    scalar.name for scalar in _SCALARS if not (scalar.symbol or scalar.internal)
)
CALLABLE_AGGREGATES: frozenset[str] = frozenset(AGGREGATES) - {"count_distinct"}

_SAME = "Any value gives one of its type and unit."
_RATIO = "A number gives a bare ratio."
_CELL_FUNCTIONS = (
    CellFunction("previous", "The value of the period a length of time earlier.", _SAME, "previous(ORDERS, 1 month)",
                 "as the value is there"),
    CellFunction("growth", "The change against the period a length of time earlier.", _RATIO, "growth(ORDERS, 1 year)",
                 "null where either is null, or the earlier is 0 or below"),
    CellFunction("to_date", "The value from the start of the enclosing period to the end of this one.", _SAME,
                 "to_date(ORDERS, year)", "as the value of that span"),
    CellFunction("rolling", "The value of the window that ends with the period.", _SAME, "rolling(ORDERS, 28 days)",
                 "as the value of that span"),
    CellFunction("at_period", "The value of the first or last period of the enclosing one.", _SAME,
                 "at_period(ORDERS, end of year)", "as the value is there"),
    CellFunction("time_avg", "The mean over the days of the period of the value at each day's end.",
                 "A number gives a decimal or a float of its unit.", "time_avg(sum(stock.quantity) at end)",
                 "null where the value of a day is null"),
    CellFunction("share_of_total", "The share of the value of all members of the dimensions together.", _RATIO,
                 "share_of_total(ORDERS)", "null where either is null, or the total is 0"),
    CellFunction("rank", "The place among the cells of the period, 1 for the greatest; equals share a place.",
                 "Any value gives a bare integer.", "rank(ORDERS)", "null where the value is null or has no rows"),
)  # fmt: skip

_CHILD_FUNCTIONS = (
    ChildFunction("every", "Whether a condition holds for every child; an unknown one does not hold.",
                  "A condition gives a condition.", "every(order.lines, quantity > 0)", "true"),
    ChildFunction("any", "Whether a child is there, or one that meets a condition.", "A condition gives a condition.",
                  "any(order.lines, quantity > 9)", "false"),
    ChildFunction("count", "How many children, or how many whose operand is not null.",
                  "Any value gives an integer, measured in the children.", "count(order.lines)", "0"),
    ChildFunction("sum", "The sum over the children.", "A number gives one of its type and unit.",
                  "sum(order.lines.quantity)", "0"),
    ChildFunction("avg", "The mean over the children.", "A number gives a decimal or a float of its unit.",
                  "avg(order.lines.quantity)", "null"),
    ChildFunction("min", "The least of the children's values.", _SAME, "min(order.lines.quantity)", "null"),
    ChildFunction("max", "The greatest of the children's values.", _SAME, "max(order.lines, quantity * unit_price)",
                  "null"),
)  # fmt: skip

_PERIOD_FUNCTIONS = (
    PeriodFunction("days", "How many calendar days the period has; stands outside of aggregates.",
                   "An integer in day.", "ORDERS / days(period)"),
    PeriodFunction("start_of", "When the period begins in which a row is counted; stands in expressions over rows.",
                   "A timestamp, beside a date a date.",
                   "count(order) filter (where order.promised_on < start_of(period))"),
    PeriodFunction("end_of", "When the period ends in which a row is counted; stands in expressions over rows.",
                   "A timestamp, beside a date a date.",
                   "count(order) filter (where order.delivered_at < end_of(period))"),
)  # fmt: skip

PERIOD_FUNCTIONS: dict[str, PeriodFunction] = {function.name: function for function in _PERIOD_FUNCTIONS}
CELL_FUNCTIONS: dict[str, CellFunction] = {function.name: function for function in _CELL_FUNCTIONS}
CHILD_FUNCTIONS: dict[str, ChildFunction] = {function.name: function for function in _CHILD_FUNCTIONS}
KNOWN_FUNCTIONS: frozenset[str] = frozenset(
    CALLABLE_SCALARS | CALLABLE_AGGREGATES | CELL_FUNCTIONS.keys() | CHILD_FUNCTIONS.keys() | PERIOD_FUNCTIONS.keys()
)
"""Every name that may stand in front of a parenthesis."""
