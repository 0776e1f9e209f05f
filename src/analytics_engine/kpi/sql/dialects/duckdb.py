"""DuckDB: integers and decimals are exact or an error; what is divided is a double."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects.building import (
    call,
    cast,
    divided,
    scalar_query,
    subtracted,
    table_of,
    tight,
    when,
)
from analytics_engine.kpi.sql.dialects.counting import Counting
from analytics_engine.kpi.sql.dialects.dialect import Dialect, Elapsed, StateWriter
from analytics_engine.kpi.sql.dialects.remainders import Decimals
from analytics_engine.kpi.sql.nodes import not_zero, number
from analytics_engine.kpi.states.catalogue import StateKind

_NAME = "duckdb"
TYPES = {
    DataType.INTEGER: "BIGINT",
    DataType.DECIMAL: "DECIMAL(38, 6)",
    DataType.FLOAT: "DOUBLE",
    DataType.TEXT: "TEXT",
    DataType.BOOLEAN: "BOOLEAN",
    DataType.DATE: "DATE",
    DataType.TIMESTAMP: "TIMESTAMPTZ",
}
_MICROSECONDS = 1_000_000
_SECONDS_A_DAY = 86_400
_SMALL = 10_000
_ONE = "DECIMAL(1, 0)"


def _parameter(position: int, kind: DataType, array: bool) -> exp.Expr:
    """A decimal keeps the digits it is bound with: a cast would round it."""
    bound = exp.Parameter(this=number(position))
    if kind is DataType.DECIMAL:
        return bound
    return cast(bound, f"{TYPES[kind]}[]" if array else TYPES[kind], _NAME)


def _cast(value: exp.Expr, kind: DataType) -> exp.Expr:
    return value if kind is DataType.DECIMAL else cast(value, TYPES[kind], _NAME)


def _double(value: exp.Expr) -> exp.Expr:
    return cast(value, "DOUBLE", _NAME)


def _units(moment: exp.Expr, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return subtracted(moment, cast(exp.Literal.string("1970-01-01"), "DATE", _NAME))
    return call("EPOCH_US", moment)


_COUNTING = Counting(
    units=_units,
    whole=lambda dividend, divisor: exp.IntDiv(this=dividend, expression=divisor),
    length=lambda array: call("LEN", array),
    element=lambda array, position: call("LIST_EXTRACT", scalar_query(array), position),
)


def _rows_of_arrays(alias: str, columns: Sequence[tuple[str, exp.Expr]], numbered: str) -> exp.Expr:
    unnested = [(name, call("UNNEST", array)) for name, array in columns]
    positions = call("GENERATE_SUBSCRIPTS", columns[0][1].copy(), number(1))
    return table_of([*unnested, (numbered, positions)], alias)


def _divide(dividend: exp.Expr, divisor: exp.Expr, _: DataType | None) -> exp.Expr:
    return divided(_double(dividend), not_zero(divisor, _double(divisor)))


def _add_seconds(moment: exp.Expr, seconds: int, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return exp.Add(this=moment, expression=number(seconds // _SECONDS_A_DAY))
    return exp.Add(this=moment, expression=call("TO_SECONDS", number(seconds)))


def _local_date(instant: exp.Expr, zone: exp.Expr) -> exp.Expr:
    return cast(exp.AtTimeZone(this=instant, zone=zone), "DATE", _NAME)


def _units_between(first: exp.Expr, second: exp.Expr, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return subtracted(second, first)
    return subtracted(call("EPOCH_US", second), call("EPOCH_US", first))


def _product(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Return a product of integers as a decimal: it soon outgrows 64 bits."""
    widened = exp.Mul(this=tight(one), expression=cast(number(1), _ONE, _NAME))
    return exp.Mul(this=widened, expression=tight(other))


def _of_doubles(function: str) -> StateWriter:
    """An aggregate of doubles; of one row, or of values that do not differ, it may be no number."""

    def write(value: exp.Expr, second: exp.Expr | None, _: LiteralValue, __: DataType) -> exp.Expr:
        found = call(function, *(_double(part) for part in (value, second) if part is not None))
        return when((exp.Not(this=call("ISNAN", found)), found.copy()))

    return write


def _quantile(function: str, kind: DataType | None = None) -> StateWriter:
    def write(value: exp.Expr, _: exp.Expr | None, rank: LiteralValue, given: DataType) -> exp.Expr:
        whole = given is DataType.INTEGER
        return call(function, value if kind is None or whole else _cast(value, kind), number(str(rank)))

    return write


_DECIMALS = Decimals(
    of_double=lambda value: exp.TryCast(
        this=cast(value, "TEXT", _NAME), to=exp.DataType.build("DECIMAL(38, 22)", dialect=_NAME)
    ),
    double=_double,
    round=lambda value, digits: call("ROUND", value, number(digits)),
    remainder=lambda dividend, divisor: call("MOD", dividend, divisor),
)


def _literal(value: LiteralValue) -> exp.Expr | None:
    """A small whole number is written out: cast to 64 bits it would widen the decimals it is computed with."""
    small = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _SMALL
    return number(str(value)) if small else None


DUCKDB = Dialect(
    name=_NAME,
    literal=_literal,
    bits=True,
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
    elapsed=Elapsed(lambda first, second: _units_between(first, second, DataType.TIMESTAMP), _MICROSECONDS),
    cast=_cast,
    null=lambda _: exp.Null(),
    constant=lambda position, _, kind: _parameter(position, kind, array=False),
    product=_product,
    states={
        StateKind.STDDEV: _of_doubles("STDDEV_SAMP"),
        StateKind.VARIANCE: _of_doubles("VAR_SAMP"),
        StateKind.COVARIANCE: _of_doubles("COVAR_SAMP"),
        StateKind.CORRELATION: _of_doubles("CORR"),
        StateKind.QUANTILE: _quantile("QUANTILE_CONT", DataType.FLOAT),
        StateKind.DISCRETE_QUANTILE: _quantile("QUANTILE_DISC"),
        StateKind.APPROXIMATE_DISTINCT: lambda value, *_: call("APPROX_COUNT_DISTINCT", value),
    },
    scalars={
        "round": _DECIMALS.rounded,
        "modulo": _DECIMALS.modulo,
    },
)
