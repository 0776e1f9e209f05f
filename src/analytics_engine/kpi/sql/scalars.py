"""How each scalar of the function catalogue is written in SQL, under its name there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Operation
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.units import SECONDS, time_factor
from analytics_engine.kpi.sql.nodes import cast, number, some

Operands = Sequence[exp.Expr]


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a scalar: its operands as SQL, and what it was resolved to.

    ``zone`` makes the parameter of the question's time zone when it is asked for.
    """

    operands: Operands
    operation: Operation
    zone: Callable[[], exp.Expr]


Writer = Callable[[Call], exp.Expr]


def divide(dividend: exp.Expr, divisor: exp.Expr, *, kind: DataType | None) -> exp.Expr:
    """True division; null where the divisor is 0."""
    sql_type = "DOUBLE PRECISION" if kind is DataType.FLOAT else "NUMERIC"
    return exp.Div(
        this=cast(dividend, sql_type),
        expression=exp.Nullif(this=divisor, expression=number(0)),
        typed=True,
        safe=False,
    )


_LOOSE = (exp.Binary, exp.Not, exp.Neg, exp.In, exp.Between)
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
        operand = cast(call.operands[0], "DOUBLE PRECISION")
        inside = guard(this=operand.copy(), expression=number(0))
        return exp.Case(ifs=[exp.If(this=inside, true=exp.Anonymous(this=name, expressions=[operand]))])

    return write


def _modulo(call: Call) -> exp.Expr:
    dividend, divisor = call.operands
    if call.operation.type is DataType.FLOAT:
        dividend, divisor = cast(dividend, "NUMERIC"), cast(divisor, "NUMERIC")
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
        return _scaled(call.operands[0], factor, call.operation.type)

    return write


def _scaled(value: exp.Expr, factor: Fraction, kind: DataType | None) -> exp.Expr:
    scaled: exp.Expr = wrap(value)
    if factor.numerator != 1:
        scaled = exp.Mul(this=scaled, expression=number(factor.numerator))
    return divide(scaled, number(factor.denominator), kind=kind)


def _elapsed(unit: str) -> Writer:
    def write(call: Call) -> exp.Expr:
        first, second = call.operands
        difference = exp.Paren(this=exp.Sub(this=wrap(second), expression=wrap(first)))
        seconds = exp.Extract(this=exp.var("EPOCH"), expression=difference)
        return divide(seconds, number(SECONDS[unit]), kind=DataType.DECIMAL)

    return write


def _date_part(part: str) -> Writer:
    def write(call: Call) -> exp.Expr:
        moment = call.operands[0]
        if call.operation.operands[0].type is DataType.TIMESTAMP:
            moment = exp.AtTimeZone(this=moment, zone=call.zone())
        return cast(exp.Extract(this=exp.var(part), expression=moment), "BIGINT")

    return write


SCALAR_WRITERS: dict[str, Writer] = {
    "add": _binary(exp.Add),
    "subtract": _binary(exp.Sub),
    "multiply": _binary(exp.Mul),
    "divide": lambda call: divide(wrap(call.operands[0]), wrap(call.operands[1]), kind=call.operation.type),
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
    "exp": lambda call: exp.Exp(this=cast(call.operands[0], "DOUBLE PRECISION")),
    "sqrt": _guarded("SQRT", exp.GTE),
    "in_minutes": _convert("min"),
    "in_hours": _convert("h"),
    "in_days": _convert("day"),
    "minutes_between": _elapsed("min"),
    "hours_between": _elapsed("h"),
    "days_between": _elapsed("day"),
    "year": _date_part("YEAR"),
    "month": _date_part("MONTH"),
    "weekday": _date_part("ISODOW"),
    "hour": _date_part("HOUR"),
}
