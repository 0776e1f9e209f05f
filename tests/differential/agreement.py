"""When two answers are the same number: exactly, or as near as what was computed allows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from analytics_engine.kpi.formula.typed import Child, Expression, Operation, Term, TimeAverage
from analytics_engine.kpi.model.object_model import DataType


class Kind(StrEnum):
    """How exactly a value is known."""

    EXACT = "exact"
    """counts, sums and extremes of integers and decimals, and everything that is no number"""
    DIVIDED = "divided"
    """something was divided: decimals have to end somewhere"""
    FLOAT = "float"
    ROUNDED = "rounded"
    """an approximate percentile: of values half way between two bins, engines may take either"""
    APPROXIMATE = "approximate"
    """an engine's own sketch, or computed from what is rounded: only whether there is a value is compared"""


_DIVIDING = frozenset(
    {"divide", "growth_of", "in_minutes", "in_hours", "in_days", "minutes_between", "hours_between", "days_between"}
)
_AVERAGING = frozenset({"avg", "weighted_avg", "prorate"})
_COUNTING = frozenset({"count", "count_distinct", "lost", "kept", "gained"})
_RELATIVE = {Kind.DIVIDED: 1e-12, Kind.FLOAT: 1e-9, Kind.ROUNDED: 1e-2}


def kind_of(expression: Expression) -> Kind:
    """Return how exactly engines agree on the values of a cell expression."""
    if isinstance(expression, Term) and expression.function == "approx_percentile":
        return Kind.ROUNDED
    parts = list(_numbers(expression))
    if any(isinstance(part, Term) and part.function.startswith("approx_") for part in parts):
        return Kind.APPROXIMATE
    if any(part.type is DataType.FLOAT for part in parts):
        return Kind.FLOAT
    return Kind.DIVIDED if any(map(_divides, parts)) else Kind.EXACT


def _divides(part: Expression) -> bool:
    match part:
        case Operation(operator=operator):
            return operator in _DIVIDING
        case Term(function=function) | Child(function=function):
            return function in _AVERAGING
        case TimeAverage():
            return True
        case _:
            return False


def _numbers(expression: Expression | None) -> Iterator[Expression]:
    """Yield the numbers that a number is computed from; what is only counted, ranked or tested is none of them."""
    if expression is None or expression.type is DataType.BOOLEAN:
        return
    yield expression
    match expression:
        case Operation(operator=operator, operands=operands) if operator != "rank":
            for operand in operands:
                yield from _numbers(operand)
        case Term(function=function) | Child(function=function) if function in _COUNTING:
            return
        case Term():
            yield from _numbers(expression.argument)
            yield from _numbers(expression.second)
        case Child():
            yield from _numbers(expression.argument)
        case TimeAverage():
            yield from _numbers(expression.operand)
        case _:
            return


def agree(expected: Any, actual: Any, kind: Kind, magnitude: float = 0.0) -> bool:
    """Return whether two values are the same.

    Args:
        magnitude: the greatest number that was met on the way; a difference of great numbers is as exact as they are.
    """
    if expected is None or actual is None:
        return expected is actual
    if kind is Kind.APPROXIMATE:
        return True
    if not _is_number(expected) or not _is_number(actual):
        return type(expected) is type(actual) and bool(expected == actual)
    if kind is Kind.EXACT:
        return bool(expected == actual)
    difference = abs(Decimal(expected) - Decimal(actual))
    greatest = max(abs(Decimal(expected)), abs(Decimal(actual)), Decimal(magnitude))
    return difference <= Decimal(_RELATIVE[kind]) * greatest


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal | float) and not isinstance(value, bool | date)
