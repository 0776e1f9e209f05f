"""What a cell expression gives for known values of its terms, in plain Python: the meaning of every scalar."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from analytics_engine.kpi.formula.typed import Column, Constant, Expression, Given, Operation, Term
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import SECONDS, time_factor

Value = Any
TermValues = Mapping[Term, Value]


def evaluate(expression: Expression, terms: TermValues) -> Value:
    """Return the value of an expression over cells.

    Nulls: as the function catalogue says of each function; null is None.
    """
    match expression:
        case Constant(value=value):
            return value
        case Term():
            return terms[expression]
        case Operation():
            return apply(expression, [evaluate(operand, terms) for operand in expression.operands])
        case Column() | Given():
            raise TypeError("rows are not evaluated over cells")


def apply(operation: Operation, values: list[Value]) -> Value:
    """Return what an operation gives for the values of its operands."""
    if operation.operator in _LENIENT:
        return _LENIENT[operation.operator](values)
    if any(value is None for value in values):
        return None
    if operation.operator in _CONVERSIONS:
        return _convert(operation, values[0])
    floats = operation.type is DataType.FLOAT or any(isinstance(value, float) for value in values)
    return _STRICT[operation.operator]([_number(value, floats=floats) for value in values])


def _number(value: Value, *, floats: bool) -> Value:
    return float(value) if floats and isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _divide(values: list[Value]) -> Value:
    dividend, divisor = values
    if divisor == 0:
        return None
    return dividend / divisor if isinstance(dividend, float) else Decimal(dividend) / Decimal(divisor)


def _modulo(values: list[Value]) -> Value:
    dividend, divisor = values
    if divisor == 0:
        return None
    if isinstance(dividend, float):
        return math.fmod(dividend, divisor)
    remainder = Decimal(dividend) % Decimal(divisor)
    return int(remainder) if isinstance(dividend, int) and isinstance(divisor, int) else remainder


def _and(values: list[Value]) -> Value:
    if False in values:
        return False
    return None if None in values else True


def _or(values: list[Value]) -> Value:
    if True in values:
        return True
    return None if None in values else False


def _in(values: list[Value]) -> Value:
    wanted, *members = values
    if wanted is None:
        return None
    if any(member is not None and member == wanted for member in members):
        return True
    return None if None in members else False


def _between(values: list[Value]) -> Value:
    value, low, high = values
    above = None if value is None or low is None else value >= low
    below = None if value is None or high is None else value <= high
    return _and([above, below])


def _case(values: list[Value]) -> Value:
    for condition, value in zip(values[0::2], values[1::2], strict=False):
        if condition is True:
            return value
    return values[-1] if len(values) % 2 else None


def _nullif(values: list[Value]) -> Value:
    first, second = values
    return None if first is not None and first == second else first


def _convert(operation: Operation, value: Value) -> Value:
    factor = time_factor(operation.operands[0].unit, _CONVERSIONS[operation.operator])
    assert factor is not None
    if isinstance(value, float):
        return value * factor.numerator / factor.denominator
    return Decimal(value) * factor.numerator / Decimal(factor.denominator)


def _elapsed(unit: str) -> Callable[[list[Value]], Value]:
    def between(values: list[Value]) -> Value:
        difference = values[1] - values[0]
        microseconds = (difference.days * 86_400 + difference.seconds) * 1_000_000 + difference.microseconds
        return Decimal(microseconds) / Decimal(SECONDS[unit] * 1_000_000)

    return between


def _date_part(part: Callable[[date], int]) -> Callable[[list[Value]], Value]:
    return lambda values: part(values[0])


def _hour(moment: date) -> int:
    return moment.hour if isinstance(moment, datetime) else 0


_CONVERSIONS = {"in_minutes": "min", "in_hours": "h", "in_days": "day"}

_LENIENT: dict[str, Callable[[list[Value]], Value]] = {
    "and": _and,
    "or": _or,
    "in": _in,
    "between": _between,
    "case": _case,
    "nullif": _nullif,
    "coalesce": lambda values: next((value for value in values if value is not None), None),
    "is_null": lambda values: values[0] is None,
    "is_not_null": lambda values: values[0] is not None,
}
"""Functions that look at nulls themselves."""

_STRICT: dict[str, Callable[[list[Value]], Value]] = {
    "add": lambda values: values[0] + values[1],
    "subtract": lambda values: values[0] - values[1],
    "multiply": lambda values: values[0] * values[1],
    "divide": _divide,
    "modulo": _modulo,
    "negate": lambda values: -values[0],
    "equal": lambda values: values[0] == values[1],
    "not_equal": lambda values: values[0] != values[1],
    "less": lambda values: values[0] < values[1],
    "less_or_equal": lambda values: values[0] <= values[1],
    "greater": lambda values: values[0] > values[1],
    "greater_or_equal": lambda values: values[0] >= values[1],
    "not": lambda values: not values[0],
    "greatest": max,
    "least": min,
    "abs": lambda values: abs(values[0]),
    "ln": lambda values: math.log(values[0]) if values[0] > 0 else None,
    "exp": lambda values: math.exp(values[0]),
    "sqrt": lambda values: math.sqrt(values[0]) if values[0] >= 0 else None,
    "minutes_between": _elapsed("min"),
    "hours_between": _elapsed("h"),
    "days_between": _elapsed("day"),
    "year": _date_part(lambda moment: moment.year),
    "month": _date_part(lambda moment: moment.month),
    "weekday": _date_part(lambda moment: moment.isoweekday()),
    "hour": _date_part(_hour),
}
"""Functions that are null where an operand is; the operands here never are."""

EVALUATED = frozenset(_LENIENT) | frozenset(_STRICT) | frozenset(_CONVERSIONS)
"""Every scalar that can be evaluated; a test holds it equal to the function catalogue."""
