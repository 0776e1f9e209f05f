"""ClickHouse: its 64-bit integers wrap around and its decimals may, so what is computed is widened to 76 digits.

Statements need these settings: ``join_use_nulls``, ``aggregate_functions_null_for_empty``, ``cast_keep_nullable``,
``prefer_column_name_to_alias`` and ``enable_extended_results_for_datetime_functions`` on, and ``session_timezone`` UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.formula.typed import Constant, Expression, Given, Parameter
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects.building import call, cast, data_type, divided, subtracted, table_of, tight, when
from analytics_engine.kpi.sql.dialects.counting import Counting
from analytics_engine.kpi.sql.dialects.dialect import Dialect, ScalarCall, ScalarWriter, StateWriter
from analytics_engine.kpi.sql.dialects.exactness import digits, exact, precision
from analytics_engine.kpi.sql.dialects.remainders import Decimals
from analytics_engine.kpi.sql.dialects.widening import Widening
from analytics_engine.kpi.sql.nodes import column, identifier, not_zero, number, rank_in_doubles, some
from analytics_engine.kpi.states.catalogue import StateKind

_NAME = "clickhouse"
_VALUES = {
    DataType.INTEGER: "Int64",
    DataType.DECIMAL: "Decimal(76, 38)",
    DataType.FLOAT: "Float64",
    DataType.TEXT: "String",
    DataType.BOOLEAN: "Bool",
    DataType.DATE: "Date32",
    DataType.TIMESTAMP: "DateTime64(6, 'UTC')",
}
"""The types of parameters, which are never null unless they are in an array."""
TYPES = {kind: f"Nullable({name})" for kind, name in _VALUES.items()} | {DataType.DECIMAL: "Nullable(Decimal(38, 6))"}
_NULLS_IN_ARRAYS = frozenset({DataType.DATE, DataType.TIMESTAMP, DataType.DECIMAL, DataType.FLOAT})
_MOST_DIGITS = 76
_WHOLE = "Nullable(Decimal(76, 0))"
_HALVES = "Nullable(Decimal(76, 38))"
_SECONDS_A_DAY = 86_400
_MICROSECONDS = 1_000_000
_OVERFLOW = "A product outgrows 76 digits."


def _placeholder(position: int, sql_type: str) -> exp.Expr:
    return exp.Placeholder(this=f"p{position}", kind=data_type(sql_type, _NAME))


def _parameter(position: int, kind: DataType, array: bool) -> exp.Expr:
    if not array:
        return _placeholder(position, _VALUES[kind])
    element = TYPES[kind] if kind in _NULLS_IN_ARRAYS else _VALUES[kind]
    return _placeholder(position, f"Array({element})")


def _constant(position: int, value: LiteralValue, kind: DataType) -> exp.Expr:
    if kind is DataType.DECIMAL and isinstance(value, int | Decimal):
        length, scale = precision(value)
        return _placeholder(position, f"Decimal({length}, {scale})")
    return _parameter(position, kind, array=False)


def _cast(value: exp.Expr, kind: DataType) -> exp.Expr:
    return value if kind is DataType.DECIMAL else cast(value, TYPES[kind], _NAME)


def _double(value: exp.Expr) -> exp.Expr:
    return cast(value, TYPES[DataType.FLOAT], _NAME)


def _widest(value: exp.Expr) -> exp.Expr:
    """Return a number times 1 with 76 digits: a decimal keeps its scale, a double stays one."""
    return exp.Mul(this=tight(value), expression=cast(number(1), "Decimal(76, 0)", _NAME))


# --- time --------------------------------------------------------------------------------------------------------


def _instant(moment: exp.Expr) -> exp.Expr:
    return cast(moment, TYPES[DataType.TIMESTAMP], _NAME)


def _microseconds(moment: exp.Expr) -> exp.Expr:
    return call("toUnixTimestamp64Micro", _instant(moment))


def _units(moment: exp.Expr, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return call("toInt64", call("toInt32", moment))
    return _microseconds(moment)


_COUNTING = Counting(
    units=_units,
    whole=lambda dividend, divisor: call("intDiv", dividend, divisor),
    length=lambda array: call("length", array),
    element=lambda array, position: call("arrayElement", array, position),
)


def _rows_of_arrays(alias: str, columns: Sequence[tuple[str, exp.Expr]], numbered: str) -> exp.Expr:
    arrays = [array for _, array in columns]
    zipped = call("arrayZip", *arrays, call("arrayEnumerate", arrays[0].copy()))
    rows = table_of([("z", call("arrayJoin", zipped))], "z")
    names = [*(name for name, _ in columns), numbered]
    parts = [(name, call("tupleElement", column("z", "z"), number(place + 1))) for place, name in enumerate(names)]
    return table_of(parts, alias, rows)


def _add_seconds(moment: exp.Expr, seconds: int, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return call("addDays", moment, number(seconds // _SECONDS_A_DAY))
    return call("addSeconds", _instant(moment), number(seconds))


def _local_date(instant: exp.Expr, zone: exp.Expr) -> exp.Expr:
    return call("toDate32", _instant(instant), zone)


def _units_between(first: exp.Expr, second: exp.Expr, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return call("dateDiff", exp.Literal.string("day"), first, second)
    return subtracted(_microseconds(second), _microseconds(first))


def _part(function: str) -> ScalarWriter:
    def write(use: ScalarCall) -> exp.Expr:
        return use.cast(call(function, *_local(use)), DataType.INTEGER)

    return write


def _weekday(use: ScalarCall) -> exp.Expr:
    moment, *zone = _local(use)
    return use.cast(call("toDayOfWeek", moment, number(0), *zone), DataType.INTEGER)


def _local(use: ScalarCall) -> list[exp.Expr]:
    """Return a moment and its zone; a date has none."""
    if use.operation.operands[0].type is DataType.DATE:
        return [use.operands[0]]
    return [_instant(use.operands[0]), use.zone()]


_CUTS_OF_DAYS = {
    "week": "toMonday",
    "month": "toStartOfMonth",
    "quarter": "toStartOfQuarter",
    "year": "toStartOfYear",
}
_PASSED_IN: dict[str, tuple[tuple[str, int], ...]] = {
    "second": (),
    "minute": (("toSecond", 1),),
    "hour": (("toMinute", 60), ("toSecond", 1)),
}
"""What of a time has passed of its minute or hour: the parts of its clock, in seconds."""


def _truncated(use: ScalarCall) -> exp.Expr:
    grain = use.operation.operands[1]
    assert isinstance(grain, Constant)
    moment, *zone = _local(use)
    if grain.value in _PASSED_IN:
        return _without_passed(moment, zone, _PASSED_IN[str(grain.value)])
    day = call("toDate32", moment, *zone)
    return day if grain.value == "day" else call(_CUTS_OF_DAYS[str(grain.value)], day)


def _without_passed(moment: exp.Expr, zone: list[exp.Expr], parts: Sequence[tuple[str, int]]) -> exp.Expr:
    """Take away what has passed on the clock: the engine's own functions begin in 1970."""
    micros = call("toUnixTimestamp64Micro", moment)
    whole: exp.Expr = exp.Sub(this=micros, expression=call("positiveModulo", micros.copy(), number(_MICROSECONDS)))
    for part, seconds in parts:
        passed = call(part, moment.copy(), *(each.copy() for each in zone))
        whole = exp.Sub(this=whole, expression=exp.Mul(this=passed, expression=number(seconds * _MICROSECONDS)))
    return call("fromUnixTimestamp64Micro", whole, exp.Literal.string("UTC"))


# --- numbers -----------------------------------------------------------------------------------------------------


def _divide(dividend: exp.Expr, divisor: exp.Expr, _: DataType | None) -> exp.Expr:
    return divided(_double(dividend), not_zero(divisor, _double(divisor)))


def _product(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Mul(this=_widest(one), expression=tight(other))


def _multiply(use: ScalarCall) -> exp.Expr:
    """A product that may outgrow 76 digits is compared with that of doubles: one that wrapped is far from it."""
    product = exp.Mul(this=tight(use.operands[0]), expression=tight(use.operands[1]))
    if not exact(use.operation) or digits(use.operation) <= _MOST_DIGITS:
        return product
    near = exp.Mul(this=_double(use.operands[0].copy()), expression=_double(use.operands[1].copy()))
    far = call("abs", exp.Sub(this=_double(product.copy()), expression=exp.Paren(this=near)))
    wrapped = exp.GT(this=far, expression=divided(call("abs", near.copy()), number(2)))
    checked = call("throwIf", call("ifNull", wrapped, number(0)), exp.Literal.string(_OVERFLOW))
    return when((exp.EQ(this=checked, expression=number(0)), product))


def _among(use: ScalarCall) -> exp.Expr:
    """ClickHouse's IN knows no unknown and takes its members as of the value's type: it is for known ones of that."""
    value, *members = use.operands
    first, *others = use.operation.operands
    if first.type is not DataType.DECIMAL and all(_known(other) and other.type is first.type for other in others):
        return exp.In(this=tight(value), expressions=members)
    return exp.Paren(this=some([exp.EQ(this=tight(value.copy()), expression=tight(part)) for part in members]))


def _known(expression: Expression) -> bool:
    match expression:
        case Constant(value=value):
            return value is not None
        case Given() | Parameter():
            return True
        case _:
            return False


_DECIMALS = Decimals(
    of_double=lambda value: call("toDecimal256OrNull", call("toString", value), number(38)),
    double=_double,
    round=lambda value, places: call("round", value, number(places)),
    remainder=lambda dividend, divisor: call("modulo", cast(dividend, _HALVES, _NAME), cast(divisor, _HALVES, _NAME)),
)


def _modulo(use: ScalarCall) -> exp.Expr:
    """Decimals of different scales would be taken for integers, so they are given one scale."""
    if use.operation.type is not DataType.INTEGER:
        return _DECIMALS.modulo(use)
    dividend, divisor = (cast(operand, _WHOLE, _NAME) for operand in use.operands)
    return call("modulo", dividend, exp.Nullif(this=divisor, expression=number(0)))


def _of_one_scale(decimals: Sequence[exp.Expr]) -> Sequence[exp.Expr]:
    """Add to each decimal a 0 that has the greatest scale among them: branches of different scales are refused."""
    zeros = [call("defaultValueOfArgumentType", call("assumeNotNull", value.copy())) for value in decimals]
    zero, *others = zeros
    for other in others:
        zero = exp.Add(this=zero, expression=other)
    return [exp.Add(this=tight(value), expression=exp.Paren(this=zero.copy())) for value in decimals]


_WIDENING = Widening(
    integer=lambda value: cast(value, _WHOLE, _NAME),
    decimal=_widest,
    double=_double,
    alike=_of_one_scale,
)


# --- aggregates --------------------------------------------------------------------------------------------------


def _of_doubles(function: str) -> StateWriter:
    """An aggregate of doubles; of one row, or of values that do not differ, it may be no number."""

    def write(value: exp.Expr, second: exp.Expr | None, _: LiteralValue, __: DataType) -> exp.Expr:
        found = call(function, *(_double(part) for part in (value, second) if part is not None))
        return when((call("isFinite", found), found.copy()))

    return write


def _quantile(function: str) -> StateWriter:
    def write(value: exp.Expr, _: exp.Expr | None, rank: LiteralValue, __: DataType) -> exp.Expr:
        return exp.ParameterizedAgg(this=function, expressions=[number(str(rank))], params=[_double(value)])

    return write


def _discrete(value: exp.Expr, _: exp.Expr | None, rank: LiteralValue, __: DataType) -> exp.Expr:
    """The least value at or above the rank: no function of the engine takes just that one."""
    count = exp.Count(this=value.copy())
    ceiling = call("ceil", exp.Mul(this=rank_in_doubles(rank), expression=count))
    place = call("toUInt64", call("greatest", ceiling, number(1)))
    ordered = call("arraySort", call("groupArray", value))
    return when((exp.GT(this=count.copy(), expression=number(0)), call("arrayElement", ordered, place)))


def _finished(query: exp.Expr) -> exp.Expr:
    """Name every column that is selected, let what a window looks for be missing, and count in signed integers.

    Else a column of one of several joined tables would be called ``table.column``, the row behind the last one would
    have 0, or 1970, in a column that is never null, and counts would not go into one column with other integers.
    """
    for part in [*query.find_all(exp.Select, exp.Window, exp.Count)]:
        match part:
            case exp.Select():
                part.set("expressions", [_named(value) for value in part.expressions])
            case exp.Count():
                whole = part.parent if isinstance(part.parent, exp.Filter) else part
                whole.replace(cast(whole.copy(), "Int64", _NAME))
            case exp.Window(this=exp.Anonymous() as function) if function.name.upper() in _NEIGHBOURS:
                function.set("expressions", [call("toNullable", function.expressions[0])])
    return query


_NEIGHBOURS = frozenset({"LEAD", "LAG"})


def _named(value: exp.Expr) -> exp.Expr:
    if not isinstance(value, exp.Column) or not value.table or isinstance(value.this, exp.Star):
        return value
    return exp.Alias(this=value, alias=identifier(value.name))


def _approximate_distinct(value: exp.Expr, *_: object) -> exp.Expr:
    """Of rows without a value there are 0 different ones, though the settings would have it null."""
    found = exp.Coalesce(this=call("uniqCombined64", value), expressions=[number(0)])
    return cast(found, "Int64", _NAME)


CLICKHOUSE = Dialect(
    name=_NAME,
    stacks_by_type=False,
    types=TYPES,
    parameter=_parameter,
    bucket=_COUNTING.bucket,
    cell=_COUNTING.cell,
    of_cell=_COUNTING.of_cell,
    rows_of_arrays=_rows_of_arrays,
    divide=_divide,
    add_seconds=_add_seconds,
    local_date=_local_date,
    units_between=_units_between,
    cast=_cast,
    null=lambda _: exp.Null(),
    constant=_constant,
    total=lambda value: exp.Sum(this=_widest(value)),
    product=_product,
    as_value=lambda value, kind: _cast(value, kind) if kind is DataType.BOOLEAN else value,
    operands=_WIDENING,
    finished=_finished,
    states={
        StateKind.STDDEV: _of_doubles("stddevSampStable"),
        StateKind.VARIANCE: _of_doubles("varSampStable"),
        StateKind.COVARIANCE: _of_doubles("covarSampStable"),
        StateKind.CORRELATION: _of_doubles("corrStable"),
        StateKind.QUANTILE: _quantile("quantileExactInclusive"),
        StateKind.DISCRETE_QUANTILE: _discrete,
        StateKind.APPROXIMATE_DISTINCT: _approximate_distinct,
    },
    scalars={
        "multiply": _multiply,
        "modulo": _modulo,
        "round": _DECIMALS.rounded,
        "in": _among,
        "year": _part("toYear"),
        "quarter": _part("toQuarter"),
        "month": _part("toMonth"),
        "week": _part("toISOWeek"),
        "day": _part("toDayOfMonth"),
        "weekday": _weekday,
        "hour": _part("toHour"),
        "minute": _part("toMinute"),
        "second": _part("toSecond"),
        "truncated": _truncated,
    },
)
