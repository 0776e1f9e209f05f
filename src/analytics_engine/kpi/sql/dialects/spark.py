"""Spark, spoken to by Spark Connect: integers are computed as decimals, as not every server minds their overflow.

Sessions need ``spark.sql.session.timeZone`` UTC, ``spark.sql.ansi.enabled`` on, and
``spark.sql.decimalOperations.allowPrecisionLoss`` off: a product of decimals then is exact or an error. Sail needs ANSI
mode off: there it makes every division fail that meets no rows, and what overflows is an error without it.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.formula.typed import Constant
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects.building import call, cast, data_type, divided, subtracted, table_of, tight, when
from analytics_engine.kpi.sql.dialects.counting import Counting
from analytics_engine.kpi.sql.dialects.dialect import Dialect, ScalarCall, ScalarWriter, StateWriter
from analytics_engine.kpi.sql.dialects.remainders import Decimals
from analytics_engine.kpi.sql.dialects.widening import Widening
from analytics_engine.kpi.sql.nodes import column, identifier, not_zero, number, rank_in_doubles
from analytics_engine.kpi.states.catalogue import StateKind

_NAME = "spark"
TYPES = {
    DataType.INTEGER: "BIGINT",
    DataType.DECIMAL: "DECIMAL(38, 6)",
    DataType.FLOAT: "DOUBLE",
    DataType.TEXT: "STRING",
    DataType.BOOLEAN: "BOOLEAN",
    DataType.DATE: "DATE",
    DataType.TIMESTAMP: "TIMESTAMP",
}
_NULLS = TYPES | {DataType.DECIMAL: "DECIMAL(1, 0)"}
"""Beside a column in a union, a missing value must not widen its scale."""
_INTEGER = "DECIMAL(19, 0)"
_ONE = "DECIMAL(1, 0)"
_SECONDS_A_DAY = 86_400
_MICROSECONDS = 1_000_000


def _parameter(position: int, kind: DataType, array: bool) -> exp.Expr:
    """A decimal keeps the digits it is bound with: a cast would round it."""
    bound = exp.Placeholder(this=f"p{position}")
    if kind is DataType.DECIMAL:
        return bound
    return cast(bound, f"ARRAY<{TYPES[kind]}>" if array else TYPES[kind], _NAME)


def _cast(value: exp.Expr, kind: DataType) -> exp.Expr:
    return value if kind is DataType.DECIMAL else cast(value, TYPES[kind], _NAME)


def _double(value: exp.Expr) -> exp.Expr:
    return cast(value, TYPES[DataType.FLOAT], _NAME)


def _widest(value: exp.Expr) -> exp.Expr:
    """Return a number times 1 as a decimal, whose sum has ten digits more; a double stays one."""
    return exp.Mul(this=tight(value), expression=cast(number(1), _ONE, _NAME))


# --- time --------------------------------------------------------------------------------------------------------


def _units(moment: exp.Expr, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return cast(call("UNIX_DATE", moment), TYPES[DataType.INTEGER], _NAME)
    return call("UNIX_MICROS", moment)


def _element(array: exp.Expr, position: exp.Expr) -> exp.Expr:
    place = exp.Sub(this=tight(position), expression=number(1))
    return call("GET", array, cast(place, "INT", _NAME))


_COUNTING = Counting(
    units=_units,
    whole=lambda dividend, divisor: exp.IntDiv(this=dividend, expression=divisor),
    length=lambda array: call("SIZE", array),
    element=_element,
)


def _rows_of_arrays(alias: str, columns: Sequence[tuple[str, exp.Expr]], numbered: str) -> exp.Expr:
    zipped = call("ARRAYS_ZIP", *(array for _, array in columns))
    exploded = exp.Aliases(this=call("POSEXPLODE", zipped), expressions=[identifier("pos"), identifier("z")])
    rows = exp.Subquery(this=exp.Select(expressions=[exploded]), alias=exp.TableAlias(this=identifier("z")))
    parts: list[tuple[str, exp.Expr]] = [
        (name, exp.Dot(this=column("z", "z"), expression=identifier(str(place), quoted=True)))
        for place, (name, _) in enumerate(columns)
    ]
    position = exp.Add(this=column("pos", "z"), expression=number(1))
    return table_of([*parts, (numbered, position)], alias, rows)


def _add_seconds(moment: exp.Expr, seconds: int, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return call("DATE_ADD", moment, number(seconds // _SECONDS_A_DAY))
    later = exp.Add(this=call("UNIX_MICROS", moment), expression=number(seconds * _MICROSECONDS))
    return call("TIMESTAMP_MICROS", later)


def _wall_time(instant: exp.Expr, zone: exp.Expr) -> exp.Expr:
    return call("FROM_UTC_TIMESTAMP", instant, zone)


def _local_date(instant: exp.Expr, zone: exp.Expr) -> exp.Expr:
    return cast(_wall_time(instant, zone), TYPES[DataType.DATE], _NAME)


def _units_between(first: exp.Expr, second: exp.Expr, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return call("DATEDIFF", second, first)
    return subtracted(call("UNIX_MICROS", second), call("UNIX_MICROS", first))


def _local(use: ScalarCall) -> exp.Expr:
    moment = use.operands[0]
    return moment if use.operation.operands[0].type is DataType.DATE else _wall_time(moment, use.zone())


def _part(function: str) -> ScalarWriter:
    return lambda use: use.cast(call(function, _local(use)), DataType.INTEGER)


def _weekday(use: ScalarCall) -> exp.Expr:
    """Spark counts from Sunday 1."""
    from_monday = exp.Add(this=call("DAYOFWEEK", _local(use)), expression=number(5))
    weekday = exp.Add(this=exp.Mod(this=exp.Paren(this=from_monday), expression=number(7)), expression=number(1))
    return use.cast(weekday, DataType.INTEGER)


def _truncated(use: ScalarCall) -> exp.Expr:
    grain = use.operation.operands[1]
    assert isinstance(grain, Constant)
    cut = call("DATE_TRUNC", exp.Literal.string(str(grain.value)), _local(use))
    if use.operation.type is DataType.DATE:
        return use.cast(cut, DataType.DATE)
    # not the cut time of day as an instant: in autumn an hour comes twice
    passed = subtracted(call("UNIX_MICROS", _local(use)), call("UNIX_MICROS", cut))
    return call("TIMESTAMP_MICROS", exp.Sub(this=call("UNIX_MICROS", use.operands[0].copy()), expression=passed))


# --- numbers -----------------------------------------------------------------------------------------------------


def _divide(dividend: exp.Expr, divisor: exp.Expr, _: DataType | None) -> exp.Expr:
    return divided(_double(dividend), not_zero(divisor, _double(divisor)))


def _product(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Mul(this=_widest(one), expression=tight(other))


_DECIMALS = Decimals(
    of_double=lambda value: exp.TryCast(this=cast(value, "STRING", _NAME), to=data_type("DECIMAL(38, 22)", _NAME)),
    double=_double,
    round=lambda value, places: call("ROUND", value, number(places)),
    remainder=lambda dividend, divisor: exp.Mod(this=tight(dividend), expression=tight(divisor)),
)


def _negate(use: ScalarCall) -> exp.Expr:
    """Subtract from 0: Sail gives a decimal with a sign before it another type than it says."""
    return exp.Sub(this=cast(number(0), _ONE, _NAME), expression=tight(use.operands[0]))


def _not(use: ScalarCall) -> exp.Expr:
    """Sail names columns by what they are, and forgets what NOT stands before; this it names rightly."""
    return exp.EQ(this=tight(use.operands[0]), expression=exp.false())


# --- aggregates --------------------------------------------------------------------------------------------------


def _of_doubles(function: str) -> StateWriter:
    """An aggregate of doubles; of values that do not differ it may be no number."""

    def write(value: exp.Expr, second: exp.Expr | None, _: LiteralValue, __: DataType) -> exp.Expr:
        found = call(function, *(_double(part) for part in (value, second) if part is not None))
        return when((exp.Not(this=call("ISNAN", found)), found.copy()))

    return write


def _correlation(value: exp.Expr, second: exp.Expr | None, _: LiteralValue, __: DataType) -> exp.Expr:
    """CORR would divide by 0 where values do not differ, and in ANSI mode that is an error."""
    assert second is not None
    one, other = _double(value), _double(second)
    spreads = exp.Mul(this=_spread_beside(one, other), expression=_spread_beside(other, one))
    return divided(call("COVAR_SAMP", one, other), exp.Nullif(this=spreads, expression=number(0)))


def _spread_beside(value: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Return the standard deviation of the values that have another beside them."""
    missing = exp.Is(this=other.copy(), expression=exp.Null())
    return call("STDDEV_SAMP", when((exp.Not(this=missing), value.copy())))


def _quantile(function: str) -> StateWriter:
    return lambda value, _, rank, __: call(function, _double(value), cast(number(str(rank)), "DOUBLE", _NAME))


def _discrete(value: exp.Expr, _: exp.Expr | None, rank: LiteralValue, __: DataType) -> exp.Expr:
    """The least value at or above the rank, in its own type: PERCENTILE_DISC would make it a double."""
    ceiling = call("CEIL", exp.Mul(this=cast(rank_in_doubles(rank), "DOUBLE", _NAME), expression=exp.Count(this=value)))
    place = exp.Sub(this=cast(call("GREATEST", ceiling, number(1)), "INT", _NAME), expression=number(1))
    return call("GET", call("ARRAY_SORT", call("COLLECT_LIST", value.copy())), place)


def _finished(query: exp.Expr) -> exp.Expr:
    """Count rows in 32 bits where they are limited: Spark takes nothing else there."""
    for part in [*query.find_all(exp.Limit, exp.Offset)]:
        part.set("expression", cast(part.expression, "INT", _NAME))
    return query


SPARK = Dialect(
    name=_NAME,
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
    null=lambda kind: cast(exp.Null(), _NULLS[kind], _NAME),
    constant=lambda position, _, kind: _parameter(position, kind, array=False),
    total=lambda value: exp.Sum(this=_widest(value)),
    product=_product,
    finished=_finished,
    operands=Widening(integer=lambda value: cast(value, _INTEGER, _NAME), decimal=lambda value: value, double=_double),
    states={
        StateKind.STDDEV: _of_doubles("STDDEV_SAMP"),
        StateKind.VARIANCE: _of_doubles("VAR_SAMP"),
        StateKind.COVARIANCE: _of_doubles("COVAR_SAMP"),
        StateKind.CORRELATION: _correlation,
        StateKind.QUANTILE: _quantile("PERCENTILE"),
        StateKind.DISCRETE_QUANTILE: _discrete,
        StateKind.APPROXIMATE_DISTINCT: lambda value, *_: call("APPROX_COUNT_DISTINCT", value),
    },
    scalars={
        "negate": _negate,
        "not": _not,
        "modulo": _DECIMALS.modulo,
        "round": _DECIMALS.rounded,
        "year": _part("YEAR"),
        "quarter": _part("QUARTER"),
        "month": _part("MONTH"),
        "week": _part("WEEKOFYEAR"),
        "day": _part("DAY"),
        "weekday": _weekday,
        "hour": _part("HOUR"),
        "minute": _part("MINUTE"),
        "second": _part("SECOND"),
        "truncated": _truncated,
    },
)
