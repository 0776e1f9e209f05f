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

    ``nulls`` says what becomes of null operands; ``symbol`` is how an operator is written.
    """

    name: str
    meaning: str
    example: str
    operands: tuple[int, int]
    rule: TypingRule
    nulls: str = "null where an operand is null"
    symbol: str = ""


class StateClass(StrEnum):
    """What an aggregate's state can do (which decides whether a rollup can hold it)."""

    RETRACTABLE = "retractable"
    MIN_LIKE = "min-like"
    RAW_ONLY = "raw-only"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function of many rows.

    Args:
        operands: how many operands, the aggregated one included; 0 where rows alone are counted.
        empty: what no rows give: 0 or null.
    """

    name: str
    meaning: str
    example: str
    operands: tuple[int, int]
    rule: TypingRule
    state: StateClass
    empty: int | None = None


def _count_unit(_: Sequence[Expression]) -> Signature:
    return Signature(DataType.INTEGER)


def _average(operands: Sequence[Expression]) -> Signature:
    expect_number(operands[:1])
    kind = DataType.FLOAT if operands[0].type is DataType.FLOAT else DataType.DECIMAL
    return Signature(kind, operands[0].unit)


def _spread(power: int) -> TypingRule:
    def rule(operands: Sequence[Expression]) -> Signature:
        expect_number(operands[:1])
        unit = operands[0].unit
        return Signature(DataType.FLOAT, unit if power == 1 else unit.times(unit))

    return rule


def _extreme(operands: Sequence[Expression]) -> Signature:
    if operands[0].type is DataType.BOOLEAN:
        raise TypeMistake("A condition has no least or greatest value.", remedy="Use count(...) filter (where ...).")
    return Signature(operands[0].type, operands[0].unit)


def _quantile(operands: Sequence[Expression]) -> Signature:
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


_AGGREGATES = (
    Aggregate("count", "How many rows, or how many rows whose operand is not null.", "count(order)", (1, 1),
              _count_unit, StateClass.RETRACTABLE, 0),
    Aggregate("count_distinct", "How many different values, null not counted.", "count(distinct order.customer_id)",
              (1, 1), _count_unit, StateClass.RAW_ONLY, 0),
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
              _quantile, StateClass.RAW_ONLY),
    Aggregate("percentile", "The value at a rank between 0 and 1, interpolated.", "percentile(order.weight, 0.95)",
              (2, 2), _quantile, StateClass.RAW_ONLY),
)  # fmt: skip

_KLEENE = "three-valued logic, as in SQL"
_SCALARS = (
    Scalar("add", "The sum of two numbers of one unit.", "a + b", (2, 2), rules.additive, symbol="+"),
    Scalar("subtract", "The difference of two numbers of one unit.", "a - b", (2, 2), rules.additive, symbol="-"),
    Scalar("multiply", "The product; units multiply.", "a * b", (2, 2), rules.product, symbol="*"),
    Scalar("divide", "The quotient, never cut to an integer; units divide.", "a / b", (2, 2), rules.quotient,
           "null where an operand is null or the divisor is 0", "/"),
    Scalar("modulo", "The remainder of a division, with the dividend's sign.", "a % b", (2, 2), rules.additive,
           "null where an operand is null or the divisor is 0", "%"),
    Scalar("negate", "The number with the other sign.", "-a", (1, 1), rules.same_as_first, symbol="-"),
    Scalar("equal", "Whether two values are equal.", "a = b", (2, 2), rules.comparison, symbol="="),
    Scalar("not_equal", "Whether two values differ.", "a != b", (2, 2), rules.comparison, symbol="!="),
    Scalar("less", "Whether the first is less.", "a < b", (2, 2), rules.comparison, symbol="<"),
    Scalar("less_or_equal", "Whether the first is not greater.", "a <= b", (2, 2), rules.comparison, symbol="<="),
    Scalar("greater", "Whether the first is greater.", "a > b", (2, 2), rules.comparison, symbol=">"),
    Scalar("greater_or_equal", "Whether the first is not less.", "a >= b", (2, 2), rules.comparison, symbol=">="),
    Scalar("and", "Whether both hold.", "a and b", (2, 2), rules.condition, _KLEENE, "and"),
    Scalar("or", "Whether at least one holds.", "a or b", (2, 2), rules.condition, _KLEENE, "or"),
    Scalar("not", "Whether it does not hold.", "not a", (1, 1), rules.condition, _KLEENE, "not"),
    Scalar("is_null", "Whether a value is missing.", "a is null", (1, 1), rules.null_test, "never null", "is null"),
    Scalar("is_not_null", "Whether a value is there.", "a is not null", (1, 1), rules.null_test, "never null",
           "is not null"),
    Scalar("in", "Whether a value is one of a list.", "a in (1, 2)", (2, MANY), rules.comparison, _KLEENE, "in"),
    Scalar("between", "Whether a value lies between two bounds, both included.", "a between 1 and 2", (3, 3),
           rules.comparison, _KLEENE, "between"),
    Scalar("case", "The value of the first condition that holds.", "case when a > 0 then 1 else 0 end", (2, MANY),
           rules.branches, "null where no condition holds and there is no else", "case"),
    Scalar("coalesce", "The first value that is not null.", "coalesce(a, b)", (1, MANY), rules.one_of,
           "null where all operands are"),
    Scalar("nullif", "Null where both are equal, else the first.", "nullif(a, 0)", (2, 2), rules.one_of,
           "null where the first is, or both are equal"),
    Scalar("greatest", "The greatest of the values.", "greatest(a, b)", (1, MANY), rules.one_of),
    Scalar("least", "The least of the values.", "least(a, b)", (1, MANY), rules.one_of),
    Scalar("abs", "The number without its sign.", "abs(a)", (1, 1), rules.same_as_first),
    Scalar("ln", "The natural logarithm; null of 0 and below.", "ln(a)", (1, 1), rules.real,
           "null where the operand is null or not above 0"),
    Scalar("exp", "e to the power of a number.", "exp(a)", (1, 1), rules.real),
    Scalar("sqrt", "The square root; null of a negative number.", "sqrt(a)", (1, 1), rules.real,
           "null where the operand is null or negative"),
    Scalar("in_minutes", "The same time in minutes.", "in_minutes(a)", (1, 1), rules.converted("min")),
    Scalar("in_hours", "The same time in hours.", "in_hours(a)", (1, 1), rules.converted("h")),
    Scalar("in_days", "The same time in days of 24 hours.", "in_days(a)", (1, 1), rules.converted("day")),
    Scalar("minutes_between", "Elapsed minutes from the first to the second.", "minutes_between(a, b)", (2, 2),
           rules.elapsed("min")),
    Scalar("hours_between", "Elapsed hours from the first to the second.", "hours_between(a, b)", (2, 2),
           rules.elapsed("h")),
    Scalar("days_between", "Elapsed days of 24 hours from the first to the second.", "days_between(a, b)", (2, 2),
           rules.elapsed("day")),
    Scalar("year", "The year, in the query's zone.", "year(a)", (1, 1), rules.date_part),
    Scalar("month", "The month, 1 to 12, in the query's zone.", "month(a)", (1, 1), rules.date_part),
    Scalar("weekday", "The day of the week, Monday 1 to Sunday 7, in the query's zone.", "weekday(a)", (1, 1),
           rules.date_part),
    Scalar("hour", "The hour, 0 to 23, in the query's zone.", "hour(a)", (1, 1), rules.date_part),
)  # fmt: skip

AGGREGATES: dict[str, Aggregate] = {aggregate.name: aggregate for aggregate in _AGGREGATES}
SCALARS: dict[str, Scalar] = {scalar.name: scalar for scalar in _SCALARS}
CALLABLE_SCALARS: frozenset[str] = frozenset(scalar.name for scalar in _SCALARS if not scalar.symbol)
CALLABLE_AGGREGATES: frozenset[str] = frozenset(AGGREGATES) - {"count_distinct"}
