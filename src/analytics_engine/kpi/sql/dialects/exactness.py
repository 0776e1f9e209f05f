"""What is known of a number before it is computed: whether it stays exact, and how many digits it may have.

PostgreSQL's NUMERIC holds any of them. The decimals of other engines are of limited length, and their integers may wrap
around without a word; so their writers widen where these bounds say that it is needed.
"""

from __future__ import annotations

from decimal import Decimal

from analytics_engine.kpi.formula.typed import Child, Constant, Expression, Operation, Term, TimeAverage
from analytics_engine.kpi.model.object_model import DataType

INTEGER_DIGITS = 19
"""A 64-bit integer has no more."""
DECIMAL_DIGITS = 38
"""A column of decimals is taken to have no more, before and behind the point together."""
_MOST_ROWS_DIGITS = 19

_DIVIDED = frozenset(
    {"divide", "growth_of", "in_minutes", "in_hours", "in_days", "minutes_between", "hours_between", "days_between"}
)
_MEANS = frozenset({"avg", "weighted_avg", "time_weighted_avg", "prorate"})
_PRODUCTS = frozenset({"multiply"})
_SUMS = frozenset({"add", "subtract"})
_WIDENED = frozenset({"add", "subtract", "multiply", "negate", "abs", "modulo"})


def values_of(operation: Operation) -> tuple[Expression, ...]:
    """Return the operands that an operation's value may come from: of a case its results, not its conditions."""
    operands = operation.operands
    if operation.operator != "case":
        return operands
    return (*operands[1::2], *operands[-1:]) if len(operands) % 2 else operands[1::2]


def exact(expression: Expression) -> bool:
    """Return whether a number comes from integers and decimals alone, without division, so that no digit is lost."""
    if expression.type is DataType.FLOAT:
        return False
    match expression:
        case Operation(operator=operator):
            return operator not in _DIVIDED and all(map(exact, _numbers(values_of(expression))))
        case Term(function=function, argument=argument, second=second):
            parts = [part for part in (argument, second) if part is not None]
            return function not in _MEANS and all(map(exact, _numbers(tuple(parts))))
        case Child(function=function, argument=argument):
            return function != "avg" and (argument is None or exact(argument))
        case TimeAverage():
            return False
        case _:
            return True


def wide(expression: Expression) -> bool:
    """Return whether an exact number was computed already, so that an engine holds it in its widest type."""
    match expression:
        case Operation(operator=operator, type=kind) if operator in _WIDENED:
            if kind is DataType.INTEGER or operator in _PRODUCTS:
                return True
            return any(map(wide, expression.operands))
        case Operation():
            return any(map(wide, values_of(expression)))
        case Term(function="sum"):
            return True
        case _:
            return False


def digits(expression: Expression) -> int:
    """Return how many digits an exact number has at most, before and behind the point together."""
    match expression:
        case Constant(value=value):
            return precision(value)[0] if isinstance(value, int | Decimal) else INTEGER_DIGITS
        case Operation(operator=operator, operands=operands) if operator in _PRODUCTS:
            return sum(map(digits, operands))
        case Operation(operator=operator, operands=operands) if operator in _SUMS:
            return max(map(digits, operands)) + 1
        case Operation(operands=operands):
            return max([INTEGER_DIGITS, *map(digits, _numbers(operands))])
        case Term(function="sum", argument=argument) if argument is not None:
            return digits(argument) + _MOST_ROWS_DIGITS
        case _:
            return INTEGER_DIGITS if expression.type is DataType.INTEGER else DECIMAL_DIGITS


def precision(value: int | Decimal) -> tuple[int, int]:
    """Return the digits a number has, and how many of them stand behind the point.

    >>> precision(Decimal("12.50")), precision(Decimal("0.001")), precision(Decimal("1E+3")), precision(7)
    ((4, 2), (3, 3), (4, 0), (1, 0))
    """
    _, figures, exponent = Decimal(value).as_tuple()
    assert isinstance(exponent, int)
    scale = max(-exponent, 0)
    return max(len(figures) + max(exponent, 0), scale, 1), scale


def _numbers(expressions: tuple[Expression, ...]) -> tuple[Expression, ...]:
    return tuple(part for part in expressions if part.type is not None and part.type.numeric)
