"""Aggregates of the rows that belong to one row, joined to it as one row: the parent is never repeated."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Child, depends_on_period
from analytics_engine.kpi.model.frames import Duration, Edge
from analytics_engine.kpi.model.object_model import Nature, ObjectModel
from analytics_engine.kpi.sql.nodes import alias, column, every, identifier, number, select, table
from analytics_engine.kpi.sql.sources import (
    ENTRY,
    NEXT,
    ROWS,
    RowSource,
    attribute,
    begins_of,
    open_ended,
    same_client,
    table_of,
    versions_of,
)
from analytics_engine.kpi.sql.writing import PERIOD, Writing

_PARENT = "q"
_VALUE, _COUNT = "value", "children"
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}


class ChildrenOfRows:
    """Writes the children of rows for a statement."""

    def join(self, parent: RowSource, child: Child, *, joined: str, owner: str) -> exp.Join:
        """Return the join of a child aggregate to the rows of its owner."""
        return _join_of(parent, child, joined=joined, owner=owner)

    def value(self, writing: Writing, child: Child, joined: str) -> exp.Expr:
        """Return a child aggregate's value for a row; of no children what the catalogue says."""
        return _value_of(writing, child, joined)


def _join_of(parent: RowSource, child: Child, *, joined: str, owner: str) -> exp.Join:
    if child.within is not None:
        return _followed(parent, child, joined=joined)
    timed = child.at is not None or depends_on_period(child.argument) or depends_on_period(child.where)
    model = parent.writing.paths.model(child.model)
    source = _rows_of(parent, child, model, timed=timed)
    keys = [attribute(ROWS, there) for _, there in child.keys]
    grouped = [*keys, *([column(PERIOD, source.entry)] if timed else [])]
    names = [f"k{index}" for index in range(len(grouped))]
    values = _values(source, child)
    where = _conditions(source, child, model)
    query = select(
        [*map(alias, grouped, names), *values],
        source.source,
        joins=source.joins(*(_entries(source) if timed else [])),
        where=where,
        group_by=[number(position + 1) for position in range(len(grouped))],
    )
    owned: list[exp.Expr] = [attribute(owner, here) for here, _ in child.keys]
    owned += [column(PERIOD, parent.entry)] if timed else []
    on: list[exp.Expr] = [
        exp.EQ(this=column(name, joined), expression=own) for name, own in zip(names, owned, strict=True)
    ]
    return exp.Join(this=_subquery(query, joined), on=every(on), side="LEFT")


def _value_of(writing: Writing, child: Child, joined: str) -> exp.Expr:
    value, count = column(_VALUE, joined), column(_COUNT, joined)
    match child.function:
        case "every":
            return exp.EQ(this=exp.Coalesce(this=value, expressions=[number(1)]), expression=number(1))
        case "any":
            return exp.EQ(this=exp.Coalesce(this=value, expressions=[number(0)]), expression=number(1))
        case "count":
            return exp.Coalesce(this=value, expressions=[number(0)])
        case "sum":
            none = exp.If(this=exp.Is(this=count, expression=exp.Null()), true=number(0))
            return writing.dialect.cast(exp.Case(ifs=[none], default=value), child.type)
        case _:
            return value


def _rows_of(parent: RowSource, child: Child, model: ObjectModel, *, timed: bool) -> RowSource:
    versions = child.at is not None and model.nature is Nature.SNAPSHOT
    source = versions_of(parent.writing, model, ROWS) if versions else None
    return RowSource(parent.writing, model, source=source, span=parent.span if timed else None, entry=ENTRY)


def _entries(source: RowSource) -> list[exp.Join]:
    """Return the join of every entry of the spine: which children count there, the conditions say."""
    assert source.span is not None
    spans = table(source.writing.helpers.spans(*source.span), alias=source.entry)
    return [exp.Join(this=spans, kind="CROSS")]


def _conditions(source: RowSource, child: Child, model: ObjectModel) -> list[exp.Expr]:
    conditions: list[exp.Expr] = [source.is_clients()]
    if child.at is not None:
        conditions += _there(source, child, model, child.at)
    if child.where is not None:
        conditions.append(source.write(child.where))
    return conditions


def _there(source: RowSource, child: Child, model: ObjectModel, at: Edge) -> list[exp.Expr]:
    """Return the conditions that a child is there at an instant."""
    assert child.anchor is not None
    instant = source.bound(at, child.anchor.type)
    conditions: list[exp.Expr] = [exp.LT(this=source.column(child.anchor), expression=instant)]
    if child.anchor.relations or child.anchor.attribute != _begins(model):
        return conditions
    match model.nature:
        case Nature.INTERVAL:
            end = attribute(ROWS, model.valid_to or "")
            conditions.append(open_ended(exp.GTE(this=end, expression=instant.copy()), end))
        case Nature.SNAPSHOT:
            end = column(NEXT, ROWS)
            conditions.append(open_ended(exp.GTE(this=end, expression=instant.copy()), end))
            conditions += _fresh(source, child, model, instant)
        case _:
            pass
    return conditions


def _begins(model: ObjectModel) -> str | None:
    return begins_of(model) if model.nature in {Nature.INTERVAL, Nature.SNAPSHOT} else None


def _fresh(source: RowSource, child: Child, model: ObjectModel, instant: exp.Expr) -> list[exp.Expr]:
    age = model.staleness_s
    if age is None:
        return []
    assert child.anchor is not None
    limit = source.writing.dialect.add_seconds(source.column(child.anchor), age, child.anchor.type)
    return [exp.GTE(this=limit, expression=instant.copy())]


def _values(source: RowSource, child: Child) -> Sequence[exp.Expr]:
    value = source.write(child.argument) if child.argument is not None else None
    counted = alias(exp.Count(this=exp.Star()), _COUNT)
    match child.function:
        case "every" | "any":
            met: exp.Expr = number(1)
            if value is not None:
                met = exp.Case(ifs=[exp.If(this=value, true=number(1))], default=number(0))
            return [alias(exp.Min(this=met) if child.function == "every" else exp.Max(this=met), _VALUE)]
        case "count":
            return [alias(exp.Count(this=value if value is not None else exp.Star()), _VALUE)]
        case "sum":
            assert value is not None
            return [alias(source.writing.dialect.total(value), _VALUE), counted]
        case "avg":
            assert value is not None
            dialect = source.writing.dialect
            mean = dialect.divide(dialect.total(value), exp.Count(this=value.copy()), child.type)
            return [alias(mean, _VALUE)]
        case _:
            return [alias(exp.Anonymous(this=child.function.upper(), expressions=[value]), _VALUE)]


def _followed(parent: RowSource, child: Child, *, joined: str) -> exp.Join:
    """Return the join of those rows of the parent that a child follows in time: each once, however many follow."""
    writing, model = parent.writing, parent.model
    assert child.anchor is not None
    assert child.since is not None
    assert child.within is not None
    there = writing.paths.model(child.model)
    followers = RowSource(writing, there)
    moment = attribute(_PARENT, child.since.attribute)
    follows = followers.column(child.anchor)
    limit = writing.dialect.add_seconds(moment.copy(), _length_s(child.within), child.since.type)
    on = [
        same_client(model, _PARENT, there, ROWS),
        *(exp.EQ(this=attribute(_PARENT, here), expression=attribute(ROWS, key)) for here, key in child.keys),
        exp.GTE(this=follows, expression=moment),
        exp.LT(this=follows.copy(), expression=limit),
        *([_another(there)] if there.code == model.code else []),
    ]
    where = [followers.is_clients(), *([followers.write(child.where)] if child.where is not None else [])]
    names = [f"k{index}" for index in range(len(model.key))]
    query = select(
        [*(alias(attribute(_PARENT, key), name) for key, name in zip(model.key, names, strict=True)),
         alias(exp.Max(this=number(1)), _VALUE)],
        followers.source,
        joins=[*followers.joins(), exp.Join(this=table_of(model, _PARENT), on=every(on))],
        where=where,
        group_by=[number(position + 1) for position in range(len(names))],
    )  # fmt: skip
    own = [
        exp.EQ(this=column(name, joined), expression=attribute(ROWS, key))
        for name, key in zip(names, model.key, strict=True)
    ]
    return exp.Join(this=_subquery(query, joined), on=every(own), side="LEFT")


def _another(model: ObjectModel) -> exp.Expr:
    """Return that a row is not the one it would follow: nothing is followed by itself."""
    same = [exp.EQ(this=attribute(_PARENT, key), expression=attribute(ROWS, key)) for key in model.key]
    return exp.Not(this=exp.Paren(this=every(same)))


def _length_s(within: Duration) -> int:
    return within.count * _SECONDS[within.unit]


def _subquery(query: exp.Select, name: str) -> exp.Expr:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=identifier(name)))
