"""Rounding and remainders, which are defined on decimals: a double is read as the decimal it is written as.

So 2.675 rounds to 2.68 and 0.3 % 0.1 is 0, as PostgreSQL's NUMERIC has it, though no double is 2.675 or 0.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Constant
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects.building import call, when
from analytics_engine.kpi.sql.dialects.dialect import ScalarCall
from analytics_engine.kpi.sql.dialects.exactness import exact
from analytics_engine.kpi.sql.nodes import number

_WHOLE_FROM = "1E15"
"""Doubles as large as this have at most one decimal, and that is no longer sure."""


@dataclass(frozen=True, slots=True)
class Decimals:
    """How an engine computes with decimals.

    Args:
        of_double: the decimal that a double is written as; null where that has too many digits.
        double: a value as a double.
        round: a decimal to so many decimals, halves away from zero.
        remainder: the remainder of two decimals, of the dividend's sign.
    """

    of_double: Callable[[exp.Expr], exp.Expr]
    double: Callable[[exp.Expr], exp.Expr]
    round: Callable[[exp.Expr, int], exp.Expr]
    remainder: Callable[[exp.Expr, exp.Expr], exp.Expr]

    def rounded(self, use: ScalarCall) -> exp.Expr:
        """Return a number rounded: an integer is already."""
        operand, typed = use.operands[0], use.operation.operands[0]
        if not exact(typed):
            return self._of_double(operand, lambda value: self.round(value, _digits(use)), otherwise=lambda same: same)
        return operand if typed.type is DataType.INTEGER else self.round(operand, _digits(use))

    def modulo(self, use: ScalarCall) -> exp.Expr:
        """Return the remainder of a division; null where the divisor is 0."""
        dividend, divisor = use.operands
        divisor = exp.Nullif(this=divisor, expression=number(0))
        if all(map(exact, use.operation.operands)):
            return self.remainder(dividend, divisor)
        by = self.double(divisor)
        read = self.of_double(by.copy())
        return self._of_double(
            dividend,
            lambda value: self.remainder(value, read),
            otherwise=lambda value: self.double(self.remainder(value, by)),
        )

    def _of_double(
        self,
        value: exp.Expr,
        compute: Callable[[exp.Expr], exp.Expr],
        *,
        otherwise: Callable[[exp.Expr], exp.Expr],
    ) -> exp.Expr:
        value = self.double(value)
        small = exp.LT(this=call("ABS", value), expression=number(_WHOLE_FROM))
        found = self.double(compute(self.of_double(value.copy())))
        return when((small, found), otherwise=otherwise(value.copy()))


def _digits(use: ScalarCall) -> int:
    digits = use.operation.operands[1] if len(use.operation.operands) > 1 else None
    assert digits is None or isinstance(digits, Constant)
    return int(str(digits.value)) if digits is not None else 0
