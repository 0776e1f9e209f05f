"""What differs between engines, as data; only true divergences are functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.model.object_model import DataType


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one engine says things.

    Args:
        name: sqlglot's name of the dialect.
        types: the SQL type of each attribute type.
        bucket: the 1-based number of the period that holds a time, given the array of period starts.
        spine: a table ``spine(covered_0, ..., period)``: one row per period, from arrays of equal length.
    """

    name: str
    types: Mapping[DataType, str]
    bucket: Callable[[exp.Expr, exp.Expr], exp.Expr]
    spine: Callable[[list[exp.Expr]], exp.Expr]


def _postgres_bucket(time: exp.Expr, starts: exp.Expr) -> exp.Expr:
    """Binary search in C; right for every calendar and zone, as the starts are computed outside of the engine."""
    return exp.Anonymous(this="WIDTH_BUCKET", expressions=[time, starts])


def _postgres_spine(covered: list[exp.Expr]) -> exp.Expr:
    names = [exp.to_identifier(f"covered_{index}") for index in range(len(covered))]
    return exp.Unnest(
        expressions=covered,
        offset=exp.to_identifier("period"),
        alias=exp.TableAlias(this=exp.to_identifier("spine"), columns=names),
    )


POSTGRES = Dialect(
    name="postgres",
    types={
        DataType.INTEGER: "BIGINT",
        DataType.DECIMAL: "NUMERIC",
        DataType.FLOAT: "DOUBLE PRECISION",
        DataType.TEXT: "TEXT",
        DataType.BOOLEAN: "BOOLEAN",
        DataType.DATE: "DATE",
        DataType.TIMESTAMP: "TIMESTAMPTZ",
    },
    bucket=_postgres_bucket,
    spine=_postgres_spine,
)
