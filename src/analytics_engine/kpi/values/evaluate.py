"""What a cell expression gives for known values of its terms, in plain Python: the meaning of every scalar."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from analytics_engine.kpi.formula.typed import (
    Constant,
    Expression,
    Leaf,
    Operation,
    Parameter,
    PeriodDays,
    Term,
    TimeAverage,
)
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import SECONDS, time_factor

Value = Any
LeafValues = Mapping[Leaf, Value]


def evaluate(expression: Expression, leaves: LeafValues) -> Value:
    """Return the value of an expression over cells.

    Nulls: as the function catalogue says of each function; null is None.
    """
    match expression:
        case Constant(value=value):
            return value
        case Parameter(default=value):
            return value
        case Term() | TimeAverage() | PeriodDays():
            return leaves[expression]
        case Operation(operator="rank", operands=operands):
            return evaluate(operands[0], leaves)  # null where this is; its place is among other cells
        case Operation():
            return apply(expression, [evaluate(operand, leaves) for operand in expression.operands])
        case _:
            raise TypeError(f"not of a cell: {expression!r}")


def apply(operation: Operation, values: list[Value], *, zone: tzinfo = UTC) -> Value:
    """Return what an operation gives for the values of its operands; clocks are read in a zone.

    Where one operand is a float, all numbers are.
    """
    floats = operation.type is DataType.FLOAT or any(isinstance(value, float) for value in values)
    values = [_number(value, floats=floats) for value in values]
    if operation.operator in _LENIENT:
        return _LENIENT[operation.operator](values)
    if any(value is None for value in values):
        return None
    if operation.operator in _CONVERSIONS:
        return _convert(operation, values[0])
    if operation.operator in _CLOCK:
        return _CLOCK[operation.operator](_local(values[0], zone), values[1:])
    return _STRICT[operation.operator](values)


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


def _growth(values: list[Value]) -> Value:
    now, earlier = values
    return _divide([now, earlier]) - 1 if earlier > 0 else None


def _round(values: list[Value]) -> Value:
    """Halves go away from zero; a float is rounded as it is written."""
    value, digits = values[0], int(values[1]) if len(values) > 1 else 0
    if isinstance(value, int):
        return value
    with localcontext(prec=1_000):
        rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(rounded) if isinstance(value, float) else rounded


def _real(function: Callable[..., float]) -> Callable[[list[Value]], Value]:
    """A function of real numbers; null where it is not defined, or its value is too great for a float."""

    def guarded(values: list[Value]) -> Value:
        try:
            return function(*values)
        except (ValueError, OverflowError):
            return None

    return guarded


def _local(moment: date, zone: tzinfo) -> datetime:
    """Return what the clock of a zone shows at an instant; a date is its midnight everywhere."""
    if isinstance(moment, datetime):
        return moment.astimezone(zone)
    return datetime(moment.year, moment.month, moment.day)  # noqa: DTZ001 - a date has no zone


def _part(read: Callable[[datetime], int]) -> Callable[[datetime, list[Value]], Value]:
    return lambda local, _: read(local)


def _truncated(local: datetime, operands: list[Value]) -> Value:
    """The start of the grain's period: a date, or within a day an instant."""
    day = local.date()
    match operands[0]:
        case "second":
            return local.replace(microsecond=0).astimezone(UTC)
        case "minute":
            return local.replace(second=0, microsecond=0).astimezone(UTC)
        case "hour":
            return local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=3 * _quarter(local) - 2, day=1)
        case "year":
            return day.replace(month=1, day=1)
        case _:
            return day


def _quarter(local: datetime) -> int:
    return (local.month + 2) // 3


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
    "round": _round,
    "growth_of": _growth,
    "ln": _real(math.log),
    "exp": _real(math.exp),
    "sqrt": _real(math.sqrt),
    "power": _real(math.pow),
    "minutes_between": _elapsed("min"),
    "hours_between": _elapsed("h"),
    "days_between": _elapsed("day"),
}
"""Functions that are null where an operand is; the operands here never are."""

_CLOCK: dict[str, Callable[[datetime, list[Value]], Value]] = {
    "year": _part(lambda local: local.year),
    "quarter": _part(_quarter),
    "month": _part(lambda local: local.month),
    "week": _part(lambda local: local.isocalendar().week),
    "day": _part(lambda local: local.day),
    "weekday": _part(lambda local: local.isoweekday()),
    "hour": _part(lambda local: local.hour),
    "minute": _part(lambda local: local.minute),
    "second": _part(lambda local: local.second),
    "truncated": _truncated,
}
"""Functions of what a clock shows; they too are null where an operand is."""

EVALUATED = frozenset(_LENIENT) | frozenset(_STRICT) | frozenset(_CONVERSIONS) | frozenset(_CLOCK)
"""Every scalar that can be evaluated; a test holds it equal to the function catalogue."""
