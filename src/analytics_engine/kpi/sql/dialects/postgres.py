"""PostgreSQL, and TimescaleDB, which speaks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.dialects.dialect import Dialect, Elapsed, GridOfBoundaries, StateWriter
from analytics_engine.kpi.sql.nodes import cast, identifier, not_zero, number, rank_in_doubles
from analytics_engine.kpi.states.catalogue import StateKind

TYPES = {
    DataType.INTEGER: "BIGINT",
    DataType.DECIMAL: "NUMERIC",
    DataType.FLOAT: "DOUBLE PRECISION",
    DataType.TEXT: "TEXT",
    DataType.BOOLEAN: "BOOLEAN",
    DataType.DATE: "DATE",
    DataType.TIMESTAMP: "TIMESTAMPTZ",
}
_MICROSECONDS = 1_000_000
_SECONDS_A_DAY = 86_400
_ARMS = 3
"""As many processes as share a query by default: max_parallel_workers_per_gather of them, and the one asked."""


def _parameter(position: int, kind: DataType, array: bool = False) -> exp.Expr:
    sql_type = TYPES[kind]
    return cast(exp.Parameter(this=number(position)), f"{sql_type}[]" if array else sql_type)


def _bucket(time: exp.Expr, grid: GridOfBoundaries) -> exp.Expr:
    """Binary search in C; right for every calendar and zone, as the boundaries are computed outside of the engine."""
    return exp.Anonymous(this="WIDTH_BUCKET", expressions=[time, grid.starts()])


def _rows_of_arrays(alias: str, columns: Sequence[tuple[str, exp.Expr]], numbered: str) -> exp.Expr:
    """UNNEST as a table: as a node of its own kind it has sqlglot work out the types of all it is given."""
    names = [*(name for name, _ in columns), numbered]
    return exp.Table(
        this=exp.Anonymous(this="UNNEST", expressions=[array for _, array in columns]),
        ordinality=True,
        alias=exp.TableAlias(this=identifier(alias), columns=[identifier(name) for name in names]),
    )


def _divide(dividend: exp.Expr, divisor: exp.Expr, kind: DataType | None) -> exp.Expr:
    sql_type = TYPES[DataType.FLOAT if kind is DataType.FLOAT else DataType.DECIMAL]
    return exp.Div(
        this=cast(dividend, sql_type),
        expression=not_zero(divisor, divisor),
        typed=True,
        safe=False,
    )


def _add_seconds(moment: exp.Expr, seconds: int, kind: DataType) -> exp.Expr:
    if kind is DataType.DATE:
        return exp.Add(this=moment, expression=number(seconds // _SECONDS_A_DAY))
    return exp.Add(this=moment, expression=exp.Interval(this=exp.Literal.string(f"{seconds} seconds")))


def _local_date(instant: exp.Expr, zone: exp.Expr) -> exp.Expr:
    return cast(exp.AtTimeZone(this=instant, zone=zone), "DATE")


def _units_between(first: exp.Expr, second: exp.Expr, kind: DataType) -> exp.Expr:
    difference = exp.Paren(this=exp.Sub(this=second, expression=first))
    if kind is DataType.DATE:
        return difference
    seconds = exp.Extract(this=exp.var("EPOCH"), expression=difference)
    return exp.Paren(this=exp.Mul(this=seconds, expression=number(_MICROSECONDS)))


def _seconds_between(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    """EXTRACT gives a NUMERIC, DATE_PART a double."""
    difference = exp.Sub(this=second, expression=first)
    return exp.Anonymous(this="DATE_PART", expressions=[exp.Literal.string("epoch"), difference])


def _ordered_set(function: str, written: Callable[[LiteralValue], exp.Expr]) -> StateWriter:
    def write(value: exp.Expr, _: exp.Expr | None, rank: LiteralValue, kind: DataType) -> exp.Expr:
        inner = cast(value, TYPES[DataType.FLOAT]) if kind is DataType.FLOAT else value
        ordered = exp.Order(expressions=[exp.Ordered(this=inner)])
        found = exp.Anonymous(this=function, expressions=[written(rank)])
        return exp.WithinGroup(this=found, expression=ordered)

    return write


def _float(function: str) -> StateWriter:
    def write(value: exp.Expr, second: exp.Expr | None, _: LiteralValue, __: DataType) -> exp.Expr:
        operands = [value] if second is None else [cast(part, TYPES[DataType.FLOAT]) for part in (value, second)]
        return cast(exp.Anonymous(this=function, expressions=operands), TYPES[DataType.FLOAT])

    return write


def _distinct(value: exp.Expr, *_: object) -> exp.Expr:
    return exp.Count(this=exp.Distinct(expressions=[value]))


def _cast(value: exp.Expr, kind: DataType) -> exp.Expr:
    return cast(value, TYPES[kind])


POSTGRES = Dialect(
    name="postgres",
    keys_enforced=True,
    arms=_ARMS,
    overestimates=True,
    types=TYPES,
    parameter=_parameter,
    bucket=_bucket,
    rows_of_arrays=_rows_of_arrays,
    divide=_divide,
    add_seconds=_add_seconds,
    local_date=_local_date,
    units_between=_units_between,
    elapsed=Elapsed(_seconds_between, per_second=1),
    cast=_cast,
    null=lambda kind: _cast(exp.Null(), kind),
    constant=lambda position, _, kind: _parameter(position, kind, array=False),
    states={
        StateKind.STDDEV: _float("STDDEV_SAMP"),
        StateKind.VARIANCE: _float("VAR_SAMP"),
        StateKind.QUANTILE: _ordered_set("PERCENTILE_CONT", lambda rank: number(str(rank))),
        StateKind.DISCRETE_QUANTILE: _ordered_set("PERCENTILE_DISC", rank_in_doubles),
        StateKind.APPROXIMATE_DISTINCT: _distinct,
        StateKind.COVARIANCE: _float("COVAR_SAMP"),
        StateKind.CORRELATION: _float("CORR"),
    },
)
