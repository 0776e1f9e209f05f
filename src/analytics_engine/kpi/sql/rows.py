"""Expressions over rows and cells as SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from analytics_engine.kpi.formula.typed import (
    Child,
    Column,
    Constant,
    Expression,
    Given,
    Operation,
    Parameter,
    PeriodBound,
    PeriodDays,
    Rate,
    Term,
    TimeAverage,
)
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.dialects.dialect import ScalarCall
from analytics_engine.kpi.sql.parameters import ConstantSlot, GivenSlot, Parameters, ParameterSlot, ZoneSlot
from analytics_engine.kpi.sql.scalars import SCALAR_WRITERS

_OF_ONE_VALUE = frozenset({"round", "truncated"})
"""Scalars whose further operands are part of how they are written, and no values."""

Leaf = Callable[[Expression], exp.Expr]
"""How the leaves of an expression are written: columns and children in a scan, terms in the answer."""


class ExpressionWriter:
    """Writes typed expressions; what a leaf is depends on where it stands."""

    def __init__(self, dialect: Dialect, parameters: Parameters) -> None:
        self.dialect = dialect
        self.parameters = parameters

    def write(self, expression: Expression, leaf: Leaf) -> exp.Expr:
        match expression:
            case Constant(value=None):
                return exp.Null()
            case Constant(value=value, type=kind):
                assert kind is not None
                return self.parameters(ConstantSlot(value, kind), kind)
            case Given(position=position, type=kind):
                return self.parameters(GivenSlot(position, kind), kind)
            case Parameter(name=name, type=kind, default=default):
                return self.parameters(ParameterSlot(name, kind, default), kind)
            case Operation(operator="rank"):
                return leaf(expression)
            case Operation(operator=operator, operands=operands):
                written = operands[:1] if operator in _OF_ONE_VALUE else operands
                return self._scalar(expression, operator, [self.write(operand, leaf) for operand in written])
            case Column() | Rate() | PeriodBound() | Child() | Term() | TimeAverage() | PeriodDays():
                return leaf(expression)

    def _scalar(self, operation: Operation, operator: str, operands: Sequence[exp.Expr]) -> exp.Expr:
        write = self.dialect.scalars.get(operator) or SCALAR_WRITERS[operator]
        operands = self.dialect.operands(operation, operands)
        return write(ScalarCall(operands, operation, self.zone, self.dialect))

    def zone(self) -> exp.Expr:
        """Return the parameter of the question's time zone."""
        return self.parameters(ZoneSlot(), DataType.TEXT)
