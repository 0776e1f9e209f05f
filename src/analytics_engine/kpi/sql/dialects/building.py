"""Small pieces of SQL trees that several dialects are written with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlglot import exp

from analytics_engine.kpi.sql.nodes import alias, identifier, select

_LOOSE = (exp.Binary, exp.Not, exp.Neg, exp.In, exp.Between, exp.AtTimeZone)


def tight(operand: exp.Expr) -> exp.Expr:
    """Return an operand in parentheses where it would bind too loosely without."""
    return exp.Paren(this=operand) if isinstance(operand, _LOOSE) else operand


def call(name: str, *operands: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(operands))


def when(*branches: tuple[exp.Expr, exp.Expr], otherwise: exp.Expr | None = None) -> exp.Expr:
    """Return the value of the first condition that holds."""
    return exp.Case(ifs=[exp.If(this=condition, true=value) for condition, value in branches], default=otherwise)


def cast(value: exp.Expr, sql_type: str, dialect: str) -> exp.Expr:
    """Return a value in a type, named as the engine names it."""
    return exp.Cast(this=value, to=data_type(sql_type, dialect))


def data_type(sql_type: str, dialect: str) -> exp.DataType:
    return _parsed(sql_type, dialect).copy()


@cache
def _parsed(sql_type: str, dialect: str) -> exp.DataType:
    return exp.DataType.build(sql_type, dialect=dialect)


def divided(dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
    """Return the quotient as the engine's own division gives it."""
    return exp.Div(this=dividend, expression=divisor, typed=False, safe=False)


def subtracted(first: exp.Expr, second: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.Sub(this=tight(first), expression=tight(second)))


def scalar_query(value: exp.Expr) -> exp.Expr:
    """Return a query that gives one value: an engine then makes it once, not for every row."""
    return exp.Subquery(this=exp.Select(expressions=[value]))


def table_of(columns: Sequence[tuple[str, exp.Expr]], name: str, source: exp.Expr | None = None) -> exp.Expr:
    """Return a query of these columns as a table with a name."""
    written = [alias(value, title) for title, value in columns]
    query = exp.Select(expressions=written) if source is None else select(written, source)
    return exp.Subquery(this=query, alias=exp.TableAlias(this=identifier(name)))
