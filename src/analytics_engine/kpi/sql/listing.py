"""The rows behind a term's value in one cell, through the same sources as the value itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlglot import exp

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.typed import Expression, Term
from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType, Nature
from analytics_engine.kpi.plan.plan import Scan, Shape, Way, cut_of, is_held
from analytics_engine.kpi.sql.children import ChildrenOfRows
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.emit import Statement
from analytics_engine.kpi.sql.nodes import alias, column, every, select, some, table, with_parts
from analytics_engine.kpi.sql.parameters import LimitSlot, OffsetSlot
from analytics_engine.kpi.sql.scans import ScanWriting
from analytics_engine.kpi.sql.sources import (
    ENTRY,
    NEXT,
    ROWS,
    SPAN,
    RowSource,
    attribute,
    begins_of,
    following,
    open_ended,
    with_columns,
)
from analytics_engine.kpi.sql.validity import begun, holding, still
from analytics_engine.kpi.sql.writing import FIRST, Writing

_SINCE = "ae_since"


def emit_rows(
    checker: KpiChecker, dialect: Dialect, *, scan: Scan, term: Term, members: Sequence[Expression] = ()
) -> Statement:
    """Return the statement of the rows behind a term's value in the one cell that it is bound to.

    Shape: one row per data row, by its anchor and then its key; columns ``a0..`` (the object model's attributes, in
    their order) and ``value`` (what the term counts of the row).

    Args:
        checker: the definitions.
        dialect: the engine's.
        scan: the scan that the term is read in.
        term: the term; of means over days, one of their own terms.
        members: the conditions that put a row into the cell, beside its time.
    """
    writing = Writing(dialect, checker.paths, ChildrenOfRows())
    conditions = tuple(part for part in (scan.condition, *members) if part is not None)
    own = replace(
        scan, way=Way.SPREAD, terms=(term,), cuts=(cut_of(term, ()),), dimensions=(), condition=None, states=()
    )
    work = ScanWriting(writing, own, "listed", lambda: "")
    found = _FOUND[own.shape](work, term)
    source = found.source
    where = [source.is_clients(), *found.where, *(source.write(condition) for condition in conditions)]
    where += [source.write(term.where)] if term.where is not None else []
    listed = [
        alias(dialect.as_value(attribute(ROWS, each.name), each.type), f"a{number}")
        for number, each in enumerate(work.model.attributes)
    ]
    value = found.value if found.value is not None else exp.Null()
    order = [found.moment, *(attribute(ROWS, name) for name in work.model.key)]
    query = select([*listed, alias(value, "value")], source.source, joins=source.joins(found.entries), where=where)
    query.set("order", exp.Order(expressions=[exp.Ordered(this=part, nulls_first=False) for part in order]))
    query.set("limit", exp.Limit(expression=writing.parameters(LimitSlot(), DataType.INTEGER)))
    query.set("offset", exp.Offset(expression=writing.parameters(OffsetSlot(), DataType.INTEGER)))
    parts = writing.helpers.parts()
    sql = dialect.text(with_parts(query, parts) if parts else query)
    return Statement(sql, writing.parameters.slots)


def value_type(term: Term) -> DataType | None:
    """Return the type of what a term counts of each row; None where it counts the row itself."""
    if term.function == "prorate":
        return term.type
    return term.argument.type if term.argument is not None else None


@dataclass(frozen=True)
class _Found:
    """How the rows of a cell are found: where they come from, when they are, what joins them to their period."""

    source: RowSource
    moment: exp.Expr
    entries: exp.Join
    value: exp.Expr | None
    where: tuple[exp.Expr, ...] = ()


class _Finder(Protocol):
    def __call__(self, work: ScanWriting, term: Term) -> _Found: ...


def _value(source: RowSource, term: Term) -> exp.Expr | None:
    return source.write(term.argument) if term.argument is not None else None


def _by_moment(work: ScanWriting, term: Term) -> _Found:
    """The rows whose anchor lies in the span, or before the instant."""
    if is_held(term, work.model):
        return _held(work, term)
    source = work.spread_source()
    value = _value(source, term)
    moment = source.column(work.scan.anchor)
    window = tuple(work.window(moment.copy(), bounded=term.at is None))
    return _Found(source, moment, work.entries(work.scan.cut, moment.copy()), value, window)


def _held(work: ScanWriting, term: Term) -> _Found:
    """The rows that hold at the instant."""
    source = work.spread_source(holding(work))
    on = every([begun(ROWS), still(ROWS)])
    return _Found(source, source.column(work.scan.anchor), _cut_entries(work, on), _value(source, term))


def _changed(work: ScanWriting, term: Term) -> _Found:
    """The rows that hold at the start or at the end."""
    source = work.spread_source(holding(work))
    at_start = exp.And(
        this=exp.LT(this=column("ae_begins", ROWS), expression=column(FIRST, ENTRY)),
        expression=exp.GTE(this=column("ae_ends", ROWS), expression=column(FIRST, ENTRY)),
    )
    at_end = every([begun(ROWS), still(ROWS)])
    on = some([exp.Paren(this=at_start), exp.Paren(this=at_end)])
    return _Found(source, source.column(work.scan.anchor), _cut_entries(work, on), _value(source, term))


def _cut_entries(work: ScanWriting, on: exp.Expr) -> exp.Join:
    return exp.Join(this=table(work.writing.helpers.cut(work.grid, work.scan.cut), alias=ENTRY), on=on)


def _overlapping(work: ScanWriting, term: Term) -> _Found:
    """The intervals that overlap the span, with the part of their amount that falls into it."""
    source = work.spread_source(entry=SPAN)
    begins, ends = attribute(ROWS, begins_of(work.model)), attribute(ROWS, work.model.valid_to or "")
    entries, start, end = _spans(work, source, begins, ends, held=False)
    dialect, kind = work.writing.dialect, work.scan.anchor.type
    later = exp.Anonymous(this="GREATEST", expressions=[begins.copy(), start])
    earlier = exp.Anonymous(this="LEAST", expressions=[ends.copy(), end])
    amount = _value(source, term)
    assert amount is not None
    product = dialect.product(exp.Paren(this=amount), dialect.units_between(later, earlier, kind))
    length = dialect.units_between(begins.copy(), ends.copy(), kind)
    return _Found(source, begins.copy(), entries, dialect.divide(product, length, term.type))


def _holding(work: ScanWriting, term: Term) -> _Found:
    """The rows whose value held in the span, until the next of their series."""
    inner = work.plain_source()
    moment = inner.column(work.scan.anchor)
    series: list[exp.Expr] = [inner.column(part) for part in term.per]
    if not series and work.model.nature is not Nature.EVENT:
        series = [attribute(ROWS, name) for name in work.model.series]
    ties = [attribute(ROWS, name) for name in work.model.key]
    columns = {_SINCE: moment, NEXT: following(moment.copy(), series, ties=ties)}
    rows = with_columns(work.writing, work.model, columns, ROWS, joins=inner.joins())
    source = work.spread_source(rows, entry=SPAN)
    entries, *_ = _spans(work, source, column(_SINCE, ROWS), column(NEXT, ROWS), held=True)
    return _Found(source, column(_SINCE, ROWS), entries, _value(source, term))


def _spans(
    work: ScanWriting, source: RowSource, begins: exp.Column, ends: exp.Column, *, held: bool
) -> tuple[exp.Join, exp.Expr, exp.Expr]:
    """Return the join of the spans that a row overlaps, and their bounds."""
    kind = work.scan.anchor.type
    start, end = source.bound(Edge.START, kind), source.bound(Edge.END, kind, held=held)
    later = exp.GT(this=ends.copy(), expression=start.copy())
    lasting = exp.GT(this=ends.copy(), expression=begins.copy())
    on = [
        exp.LT(this=begins.copy(), expression=end.copy()),
        open_ended(exp.And(this=later, expression=lasting), ends),
    ]
    assert source.span is not None
    spans = table(work.writing.helpers.spans(*source.span), alias=SPAN)
    return exp.Join(this=spans, on=every(on)), start, end


_FOUND: dict[Shape, _Finder] = {
    Shape.ROWS: _by_moment,
    Shape.PICK: _by_moment,
    Shape.HAVING: _by_moment,
    Shape.VALIDITY: _held,
    Shape.CHANGE: _changed,
    Shape.OVERLAP: _overlapping,
    Shape.HOLDING: _holding,
}
