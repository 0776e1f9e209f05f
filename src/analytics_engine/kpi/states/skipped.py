"""How many of a term's rows have a value: the others are passed over, which the answer tells."""

from __future__ import annotations

from analytics_engine.kpi.formula.typed import Child, Column, Constant, Expression, Operation, Rate, Term
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.states.catalogue import State, StateKind

_NEVER_NULL = frozenset({"is_null", "is_not_null"})
_PARTIAL = frozenset({"divide", "modulo", "nullif", "ln", "sqrt", "power", "exp"})
"""Functions that may be null where no operand is."""
_STRICT = frozenset(
    {"add", "subtract", "multiply", "negate", "abs", "round", "in_minutes", "in_hours", "in_days"}
    | {"minutes_between", "hours_between", "days_between"}
)
"""Functions that are null just where an operand is."""
_KNOWN_CHILDREN = frozenset({"count", "sum", "every", "any"})
"""Aggregates over children that have a value where there are none."""


def known_of(term: Term) -> State | None:
    """Return the state that counts the rows behind a term that have a value; None where every row has one."""
    value = term.argument
    if value is None:
        return None
    if term.second is not None:
        both = Operation("is_not_null", (term.second,), DataType.BOOLEAN)
        value = Operation("case", (both, value), value.type, value.unit)
    return State(StateKind.NOT_NULL, decisive(value), term.where) if may_be_null(value) else None


def decisive(expression: Expression) -> Expression:
    """Return what is null just where an expression is: the one attribute that decides it, where there is one."""
    match expression:
        case Operation(operator=operator, operands=operands) if operator in _STRICT:
            open_ = [operand for operand in operands if may_be_null(operand)]
            return decisive(open_[0]) if len(open_) == 1 else expression
        case _:
            return expression


def may_be_null(expression: Expression) -> bool:
    """Return whether an expression over a row may have no value there."""
    match expression:
        case Column(nullable=nullable):
            return nullable
        case Constant(value=value):
            return value is None
        case Rate():
            return True
        case Child(function=function):
            return function not in _KNOWN_CHILDREN
        case Operation(operator=operator, operands=operands):
            return _operation_may_be_null(operator, operands)
        case _:
            return False


def _operation_may_be_null(operator: str, operands: tuple[Expression, ...]) -> bool:
    match operator:
        case "coalesce":
            return all(map(may_be_null, operands))
        case "case":
            has_else = len(operands) % 2 == 1
            return not has_else or any(map(may_be_null, (*operands[1::2], operands[-1])))
        case _ if operator in _NEVER_NULL:
            return False
        case _:
            return operator in _PARTIAL or any(map(may_be_null, operands))
