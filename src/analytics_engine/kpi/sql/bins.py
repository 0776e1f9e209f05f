"""Numbers rounded to three significant digits, as whole numbers in their order: the bins of approximate percentiles.

A bin's number is ``900 * e + m - 100`` for magnitudes ``m * 10**(e - 402)`` with three digits ``m``, negated for
numbers below 0, and 0 for 0. A magnitude that is rounded up to the next power of ten has the bin of that power, so it
does not matter by which of both it was counted. What is left of a number is at most 0.5 % of it; numbers of up to three
digits are kept as they are. Numbers nearer to 0 than 1e-99 are taken for that.
"""

from __future__ import annotations

from sqlglot import exp

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects.dialect import Dialect
from analytics_engine.kpi.sql.nodes import number
from analytics_engine.kpi.sql.scalars import wrap

_A_DECADE, _LEAST, _OFFSET = 900, 100, 402
_SMALLEST = "1e-99"


def bin_of(dialect: Dialect, value: exp.Expr) -> exp.Expr:
    """Return the number of the bin of a number; null of null."""
    value = dialect.cast(value, DataType.FLOAT)
    least = dialect.cast(number(_SMALLEST), DataType.FLOAT)
    magnitude = _call("GREATEST", _call("ABS", value), least)
    decade = exp.Sub(this=_call("FLOOR", _call("LOG10", magnitude)), expression=number(2))
    unit = _call("POWER", dialect.cast(number(10), DataType.FLOAT), decade)
    digits = _call("FLOOR", exp.Add(this=exp.Div(this=magnitude.copy(), expression=unit), expression=number("0.5")))
    places = exp.Mul(
        this=exp.Paren(this=exp.Add(this=exp.Paren(this=decade.copy()), expression=number(_OFFSET))),
        expression=number(_A_DECADE),
    )
    code = exp.Sub(this=exp.Add(this=places, expression=digits), expression=number(_LEAST))
    signed = exp.Mul(this=_call("SIGN", value.copy()), expression=exp.Paren(this=code))
    return dialect.cast(signed, DataType.INTEGER)


def value_of(dialect: Dialect, code: exp.Expr) -> exp.Expr:
    """Return the number that stands for a bin, as a float; null of null."""
    code = dialect.cast(code, DataType.FLOAT)
    magnitude = _call("ABS", code)
    a_decade = dialect.cast(number(_A_DECADE), DataType.FLOAT)
    decade = _call("FLOOR", exp.Div(this=magnitude, expression=a_decade))
    within = exp.Sub(this=magnitude.copy(), expression=exp.Mul(this=a_decade.copy(), expression=decade))
    digits = exp.Mul(
        this=_call("SIGN", code.copy()),
        expression=exp.Paren(this=exp.Add(this=within, expression=number(_LEAST))),
    )
    ten = dialect.cast(number(10), DataType.FLOAT)
    down = _call("POWER", ten, exp.Sub(this=number(_OFFSET), expression=decade.copy()))
    up = _call("POWER", ten.copy(), exp.Sub(this=decade.copy(), expression=number(_OFFSET)))
    of_parts = exp.If(
        this=exp.LT(this=decade.copy(), expression=number(_OFFSET)), true=exp.Div(this=digits, expression=down)
    )
    of_none = exp.If(this=exp.EQ(this=code.copy(), expression=number(0)), true=dialect.cast(number(0), DataType.FLOAT))
    return exp.Case(ifs=[of_none, of_parts], default=exp.Mul(this=digits.copy(), expression=up))


def _call(name: str, *operands: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=[wrap(operand) for operand in operands])
