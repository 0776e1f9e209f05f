"""Expressions over rows and cells as SQL."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Column, Constant, Expression, Given, Operation, Term
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.parameters import ConstantSlot, GivenSlot, Parameters, ZoneSlot
from analytics_engine.kpi.sql.scalars import SCALAR_WRITERS, Call

Leaf = Callable[[Column | Term], exp.Expr]
"""How the leaves of an expression are written: columns in a scan, terms in the answer."""


class ExpressionWriter:
    """Writes typed expressions; what a leaf is depends on where it stands."""

    def __init__(self, dialect: Dialect, parameters: Parameters) -> None:
        self._dialect = dialect
        self._parameters = parameters

    def write(self, expression: Expression, leaf: Leaf) -> exp.Expr:
        match expression:
            case Constant(value=None):
                return exp.Null()
            case Constant(value=value, type=kind):
                assert kind is not None
                return self._parameters(ConstantSlot(value, kind), self._dialect.types[kind])
            case Given(position=position, type=kind):
                return self._parameters(GivenSlot(position, kind), self._dialect.types[kind])
            case Column() | Term():
                return leaf(expression)
            case Operation(operator=operator, operands=operands):
                written = [self.write(operand, leaf) for operand in operands]
                return SCALAR_WRITERS[operator](Call(written, expression, self._zone))

    def _zone(self) -> exp.Expr:
        return self._parameters(ZoneSlot(), "TEXT")
