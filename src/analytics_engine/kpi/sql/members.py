"""The members of a dimension: each with how many rows have it, a page at a time, and all of them as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.typed import Column, Expression
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.kpi.plan.plan import Cut
from analytics_engine.kpi.sql.children import ChildrenOfRows
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.emit import Statement
from analytics_engine.kpi.sql.nodes import alias, column, number, select, table, with_parts
from analytics_engine.kpi.sql.parameters import GivenSlot, Grid, LimitSlot, OffsetSlot, WindowSlot
from analytics_engine.kpi.sql.sources import RowSource
from analytics_engine.kpi.sql.writing import Writing

_MEMBER, _COUNT = "member", "counted"


@dataclass(frozen=True)
class Wanted:
    """Which members are looked for.

    Args:
        model: the object model whose rows are counted.
        member: the dimension, over a row.
        condition: which rows count.
        anchor: what puts a row into the asked range; None for rows of all time.
        search: the position of the text that members are searched for, among the values that are given.
        by_count: the most frequent first.
    """

    model: ObjectModel
    member: Expression
    condition: Expression | None
    anchor: Column | None
    search: int | None
    by_count: bool

    @property
    def type(self) -> DataType:
        return self.member.type or DataType.TEXT


def emit_members(checker: KpiChecker, dialect: Dialect, wanted: Wanted) -> Statement:
    """Return the statement of a page of members.

    Shape: one row per member, columns ``member`` and ``counted``; the missing member is one too, the last by value.
    """
    writing = Writing(dialect, checker.paths, ChildrenOfRows())
    query = _searched(writing, wanted, [column(_MEMBER), column(_COUNT)])
    by_value = exp.Ordered(this=column(_MEMBER), nulls_first=False)
    by_count = [exp.Ordered(this=column(_COUNT), desc=True, nulls_first=False)] if wanted.by_count else []
    query.set("order", exp.Order(expressions=[*by_count, by_value]))
    query.set("limit", exp.Limit(expression=writing.parameters(LimitSlot(), DataType.INTEGER)))
    query.set("offset", exp.Offset(expression=writing.parameters(OffsetSlot(), DataType.INTEGER)))
    return _statement(writing, wanted, query)


def emit_whole(checker: KpiChecker, dialect: Dialect, wanted: Wanted) -> Statement:
    """Return the statement of all members together.

    Shape: one row; columns ``members`` (the missing one not counted), ``counted``, ``missing``, and of numbers and
    times ``least`` and ``greatest``.
    """
    writing = Writing(dialect, checker.paths, ChildrenOfRows())
    nothing = exp.Is(this=column(_MEMBER), expression=exp.Null())
    missing = exp.Case(ifs=[exp.If(this=nothing, true=column(_COUNT))], default=number(0))
    columns = [
        alias(exp.Count(this=column(_MEMBER)), "members"),
        alias(_sum(writing, column(_COUNT)), _COUNT),
        alias(_sum(writing, missing), "missing"),
    ]
    if wanted.type.numeric or wanted.type.temporal:
        columns += [
            alias(exp.Min(this=column(_MEMBER)), "least"),
            alias(exp.Max(this=column(_MEMBER)), "greatest"),
        ]
    return _statement(writing, wanted, _searched(writing, wanted, columns))


def _sum(writing: Writing, value: exp.Expr) -> exp.Expr:
    whole = exp.Coalesce(this=writing.dialect.total(value), expressions=[number(0)])
    return writing.dialect.cast(whole, DataType.INTEGER)


def _searched(writing: Writing, wanted: Wanted, columns: list[exp.Expr]) -> exp.Select:
    where = [_contains(writing, wanted)] if wanted.search is not None else []
    return select(columns, table("members"), where=where)


def _contains(writing: Writing, wanted: Wanted) -> exp.Expr:
    """Return whether a member, as text, has the search text in it, in upper or lower case."""
    assert wanted.search is not None
    text = writing.parameters(GivenSlot(wanted.search, DataType.TEXT), DataType.TEXT)
    member: exp.Expr = column(_MEMBER)
    if wanted.type is not DataType.TEXT:
        member = writing.dialect.cast(member, DataType.TEXT)
    place = exp.StrPosition(this=exp.Lower(this=member), substr=exp.Lower(this=text))
    return exp.GT(this=place, expression=number(0))


def _statement(writing: Writing, wanted: Wanted, query: exp.Select) -> Statement:
    counted = _counted(writing, wanted)
    parts = [*writing.helpers.parts(), ("members", counted)]
    sql = writing.dialect.text(with_parts(query, parts))
    return Statement(sql, writing.parameters.slots)


def _counted(writing: Writing, wanted: Wanted) -> exp.Select:
    """Return each member once, with how many rows have it."""
    source = RowSource(writing, wanted.model)
    member = alias(writing.dialect.as_value(source.write(wanted.member), wanted.type), _MEMBER)
    where = [source.is_clients()]
    if wanted.anchor is not None:
        grid = Grid((Cut(),), wanted.anchor.type)
        first, last = (writing.parameters(WindowSlot(grid, end=end), grid.type) for end in (False, True))
        moment = source.column(wanted.anchor)
        where += [exp.GTE(this=moment, expression=first), exp.LT(this=moment.copy(), expression=last)]
    if wanted.condition is not None:
        where.append(source.write(wanted.condition))
    return select(
        [member, alias(exp.Count(this=exp.Star()), _COUNT)],
        source.source,
        joins=source.joins(),
        where=where,
        group_by=[number(1)],
    )
