"""Operands in types in which an engine computes exactly: integers become decimals, all beside a double doubles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Constant, Expression, Operation
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects.exactness import exact, wide

_COMPUTED = frozenset({"add", "subtract", "multiply", "negate", "abs"})
_ALIKE = frozenset({"case", "coalesce", "greatest", "least"})
"""Operations whose operands meet in one column."""


@dataclass(frozen=True, slots=True)
class Widening:
    """How an engine widens numbers.

    Args:
        integer: a 64-bit integer as a decimal.
        decimal: a decimal in the widest type of its scale.
        double: a number as a double.
        alike: decimals that meet in one column, as ones that can.
    """

    integer: Callable[[exp.Expr], exp.Expr]
    decimal: Callable[[exp.Expr], exp.Expr]
    double: Callable[[exp.Expr], exp.Expr]
    alike: Callable[[Sequence[exp.Expr]], Sequence[exp.Expr]] = lambda decimals: decimals

    def __call__(self, operation: Operation, operands: Sequence[exp.Expr]) -> Sequence[exp.Expr]:
        """Return an operation's operands, those widened that need it."""
        if operation.operator in _COMPUTED and exact(operation):
            return self._computed(operation, operands)
        if operation.operator in _ALIKE:
            return self._alike(operation, operands)
        return operands

    def _computed(self, operation: Operation, operands: Sequence[exp.Expr]) -> Sequence[exp.Expr]:
        """One wide operand is enough: the engine computes in the wider type."""
        if any(map(wide, operation.operands)):
            return operands
        first, *rest = operands
        if operation.operands[0].type is DataType.INTEGER:
            return [self.integer(first), *rest]
        return [self.decimal(first), *rest] if operation.operator == "multiply" else operands

    def _alike(self, operation: Operation, operands: Sequence[exp.Expr]) -> Sequence[exp.Expr]:
        places = [place for place in _values(operation) if _number(operation.operands[place])]
        typed = [operation.operands[place] for place in places]
        numbers = [operands[place] for place in places]
        if not all(map(exact, typed)):
            numbers = [self.double(value) for value in numbers]
        elif any(part.type is DataType.DECIMAL or wide(part) for part in typed):
            decimals = [
                self.integer(value) if part.type is DataType.INTEGER and not wide(part) else value
                for part, value in zip(typed, numbers, strict=True)
            ]
            numbers = list(self.alike(decimals))
        changed = list(operands)
        for place, value in zip(places, numbers, strict=True):
            changed[place] = value
        return changed


def _values(operation: Operation) -> list[int]:
    """Return the places of the operands that meet in one type."""
    count = len(operation.operands)
    if operation.operator != "case":
        return list(range(count))
    return [*range(1, count, 2), *([count - 1] if count % 2 else [])]


def _number(expression: Expression) -> bool:
    missing = isinstance(expression, Constant) and expression.value is None
    return expression.type is not None and expression.type.numeric and not missing
