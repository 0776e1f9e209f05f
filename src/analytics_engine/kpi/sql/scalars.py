"""How each scalar of the function catalogue is written in SQL, under its name there."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Constant
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import SECONDS, time_factor
from analytics_engine.kpi.sql.dialects.dialect import ScalarCall, ScalarWriter
from analytics_engine.kpi.sql.nodes import number, some

Operands = Sequence[exp.Expr]
Call = ScalarCall
Writer = ScalarWriter

_MICROSECONDS = 1_000_000
ELAPSED_S = {"minutes_between": SECONDS["min"], "hours_between": SECONDS["h"], "days_between": SECONDS["day"]}
"""The scalars that give elapsed time, and how many seconds are one of their unit."""
_LOOSE = (exp.Binary, exp.Not, exp.Neg, exp.In, exp.Between, exp.AtTimeZone)
"""What needs parentheses to be an operand."""


def wrap(operand: exp.Expr) -> exp.Expr:
    """Return an operand in parentheses where it would bind too loosely without."""
    return exp.Paren(this=operand) if isinstance(operand, _LOOSE) else operand


def _binary(node: type[exp.Binary]) -> Writer:
    def write(call: Call) -> exp.Expr:
        return node(this=wrap(call.operands[0]), expression=wrap(call.operands[1]))

    return write


def _logical(node: type[exp.Connector]) -> Writer:
    """A chain of one connective is written flat."""

    def write(call: Call) -> exp.Expr:
        first, second = call.operands
        return node(this=first if isinstance(first, node) else wrap(first), expression=wrap(second))

    return write


def _any_null(operands: Operands) -> exp.Expr:
    return some([exp.Is(this=wrap(operand.copy()), expression=exp.Null()) for operand in operands])


def _strict(name: str) -> Writer:
    """LEAST and GREATEST pass over nulls in PostgreSQL; ours give null for one."""

    def write(call: Call) -> exp.Expr:
        found = exp.Anonymous(this=name, expressions=list(call.operands))
        return exp.Case(ifs=[exp.If(this=_any_null(call.operands), true=exp.Null())], default=found)

    return write


def _guarded(name: str, guard: type[exp.Binary]) -> Writer:
    """A function that is null where its operand is out of its domain, instead of an error."""

    def write(call: Call) -> exp.Expr:
        operand = call.cast(call.operands[0], DataType.FLOAT)
        inside = guard(this=operand.copy(), expression=number(0))
        return exp.Case(ifs=[exp.If(this=inside, true=exp.Anonymous(this=name, expressions=[operand]))])

    return write


def _modulo(call: Call) -> exp.Expr:
    dividend, divisor = call.operands
    if call.operation.type is DataType.FLOAT:
        dividend, divisor = call.cast(dividend, DataType.DECIMAL), call.cast(divisor, DataType.DECIMAL)
    divisor = exp.Nullif(this=divisor, expression=number(0))
    return exp.Anonymous(this="MOD", expressions=[dividend, divisor])


def _case(call: Call) -> exp.Expr:
    operands = call.operands
    branches = [
        exp.If(this=condition, true=value) for condition, value in zip(operands[0::2], operands[1::2], strict=False)
    ]
    return exp.Case(ifs=branches, default=operands[-1] if len(operands) % 2 else None)


def _convert(unit: str) -> Writer:
    """Multiply by an exact ratio of units of elapsed time."""

    def write(call: Call) -> exp.Expr:
        factor = time_factor(call.operation.operands[0].unit, unit)
        assert factor is not None
        return _scaled(call, factor)

    return write


def _scaled(call: Call, factor: Fraction) -> exp.Expr:
    scaled: exp.Expr = wrap(call.operands[0])
    if factor.numerator != 1:
        scaled = exp.Mul(this=scaled, expression=number(factor.numerator))
    return call.dialect.divide(scaled, number(factor.denominator), call.operation.type)


def _elapsed(seconds: int) -> Writer:
    def write(call: Call) -> exp.Expr:
        first, second = call.operands
        units = call.dialect.units_between(wrap(first), wrap(second), DataType.TIMESTAMP)
        return call.dialect.divide(units, number(seconds * _MICROSECONDS), DataType.DECIMAL)

    return write


def local(call: Call) -> exp.Expr:
    """Return the first operand as a local time of the question's zone; a date has none."""
    moment = call.operands[0]
    if call.operation.operands[0].type is DataType.TIMESTAMP:
        return exp.AtTimeZone(this=wrap(moment), zone=call.zone())
    return moment


def _date_part(part: str) -> Writer:
    return lambda call: call.cast(exp.Extract(this=exp.var(part), expression=local(call)), DataType.INTEGER)


def _whole_second(call: Call) -> exp.Expr:
    seconds = exp.Anonymous(this="FLOOR", expressions=[exp.Extract(this=exp.var("SECOND"), expression=local(call))])
    return call.cast(seconds, DataType.INTEGER)


def _truncated(call: Call) -> exp.Expr:
    grain = call.operation.operands[1]
    assert isinstance(grain, Constant)
    cut = exp.Anonymous(this="DATE_TRUNC", expressions=[exp.Literal.string(str(grain.value)), local(call)])
    if call.operation.type is DataType.DATE:
        return call.cast(cut, DataType.DATE)
    # not the cut time of day as an instant: in autumn an hour comes twice
    past = exp.Paren(this=exp.Sub(this=local(call), expression=cut))
    return exp.Sub(this=wrap(call.operands[0].copy()), expression=past)


def _round(call: Call) -> exp.Expr:
    """Halves go away from zero, as NUMERIC rounds; floats would round halves to even."""
    digits = call.operation.operands[1] if len(call.operation.operands) > 1 else None
    value = call.cast(call.operands[0], DataType.DECIMAL)
    count = number(str(digits.value) if isinstance(digits, Constant) else 0)
    rounded = exp.Anonymous(this="ROUND", expressions=[value, count])
    return call.cast(rounded, call.operation.type or DataType.DECIMAL)


def _power(call: Call) -> exp.Expr:
    """Null where the power of a negative number is none, or 0 would be divided by."""
    base, exponent = (call.cast(operand, DataType.FLOAT) for operand in call.operands)
    whole = exp.EQ(this=exponent.copy(), expression=exp.Anonymous(this="FLOOR", expressions=[exponent.copy()]))
    negative = exp.LT(this=base.copy(), expression=number(0))
    zero = exp.EQ(this=base.copy(), expression=number(0))
    downward = exp.LT(this=exponent.copy(), expression=number(0))
    impossible = [exp.And(this=negative, expression=exp.Not(this=exp.Paren(this=whole))),
                  exp.And(this=zero, expression=downward)]  # fmt: skip
    found = exp.Anonymous(this="POWER", expressions=[base, exponent])
    return exp.Case(ifs=[exp.If(this=case, true=exp.Null()) for case in impossible], default=found)


def _growth(call: Call) -> exp.Expr:
    """The quotient less 1; null against a base of 0 or below."""
    present, base = call.operands
    change = exp.Paren(this=exp.Sub(this=wrap(present), expression=wrap(base)))
    kind = call.operation.type
    positive = exp.GT(this=wrap(base.copy()), expression=number(0))
    return exp.Case(ifs=[exp.If(this=positive, true=call.dialect.divide(change, wrap(base.copy()), kind))])


SCALAR_WRITERS: dict[str, Writer] = {
    "add": _binary(exp.Add),
    "subtract": _binary(exp.Sub),
    "multiply": _binary(exp.Mul),
    "divide": lambda call: call.dialect.divide(wrap(call.operands[0]), wrap(call.operands[1]), call.operation.type),
    "modulo": _modulo,
    "negate": lambda call: exp.Neg(this=wrap(call.operands[0])),
    "equal": _binary(exp.EQ),
    "not_equal": _binary(exp.NEQ),
    "less": _binary(exp.LT),
    "less_or_equal": _binary(exp.LTE),
    "greater": _binary(exp.GT),
    "greater_or_equal": _binary(exp.GTE),
    "and": _logical(exp.And),
    "or": _logical(exp.Or),
    "not": lambda call: exp.Not(this=wrap(call.operands[0])),
    "is_null": lambda call: exp.Is(this=wrap(call.operands[0]), expression=exp.Null()),
    "is_not_null": lambda call: exp.Not(this=exp.Is(this=wrap(call.operands[0]), expression=exp.Null())),
    "in": lambda call: exp.In(this=wrap(call.operands[0]), expressions=list(call.operands[1:])),
    "between": lambda call: exp.Between(
        this=wrap(call.operands[0]), low=wrap(call.operands[1]), high=wrap(call.operands[2])
    ),
    "case": _case,
    "coalesce": lambda call: exp.Coalesce(this=call.operands[0], expressions=list(call.operands[1:])),
    "nullif": lambda call: exp.Nullif(this=call.operands[0], expression=call.operands[1]),
    "greatest": _strict("GREATEST"),
    "least": _strict("LEAST"),
    "abs": lambda call: exp.Abs(this=call.operands[0]),
    "ln": _guarded("LN", exp.GT),
    "exp": lambda call: exp.Exp(this=call.cast(call.operands[0], DataType.FLOAT)),
    "sqrt": _guarded("SQRT", exp.GTE),
    "power": _power,
    "round": _round,
    "growth_of": _growth,
    "in_minutes": _convert("min"),
    "in_hours": _convert("h"),
    "in_days": _convert("day"),
    **{name: _elapsed(seconds) for name, seconds in ELAPSED_S.items()},
    "year": _date_part("YEAR"),
    "quarter": _date_part("QUARTER"),
    "month": _date_part("MONTH"),
    "week": _date_part("WEEK"),
    "day": _date_part("DAY"),
    "weekday": _date_part("ISODOW"),
    "hour": _date_part("HOUR"),
    "minute": _date_part("MINUTE"),
    "second": _whole_second,
    "truncated": _truncated,
}
