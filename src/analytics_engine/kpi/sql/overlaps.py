"""Rows that last, counted by how much of them falls into a span: prorated amounts, and means weighted by time."""

from __future__ import annotations

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Expression
from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType, Nature
from analytics_engine.kpi.plan.plan import shared_where
from analytics_engine.kpi.sql.nodes import alias, column, every, select, table
from analytics_engine.kpi.sql.scans import ScanWriting, Written, by_position, one_part
from analytics_engine.kpi.sql.sources import (
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
from analytics_engine.kpi.sql.states import StateWriter, filtered
from analytics_engine.kpi.sql.writing import PERIOD
from analytics_engine.kpi.states.catalogue import State, StateKind

_SINCE = "ae_since"


def overlaps(work: ScanWriting) -> Written:
    """Return a scan of intervals, each with the part of its amount that falls into a span."""
    source = work.spread_source(entry=SPAN)
    begins, ends = attribute(ROWS, begins_of(work.model)), attribute(ROWS, work.model.valid_to or "")
    return _scan(work, source, begins, ends, held=False)


def holdings(work: ScanWriting) -> Written:
    """Return a scan of values, each with how long it held in a span, until the next of its series."""
    term = work.scan.terms[0]
    inner = work.plain_source()
    moment = inner.column(work.scan.anchor)
    series: list[exp.Expr] = [inner.column(part) for part in term.per]
    if not series and work.model.nature is not Nature.EVENT:
        series = [attribute(ROWS, name) for name in work.model.series]
    ties = [attribute(ROWS, name) for name in work.model.key]
    columns = {_SINCE: moment, NEXT: following(moment.copy(), series, ties=ties)}
    rows = with_columns(work.writing, work.model, columns, ROWS, joins=inner.joins())
    return _scan(work, work.spread_source(rows, entry=SPAN), column(_SINCE, ROWS), column(NEXT, ROWS), held=True)


def _scan(work: ScanWriting, source: RowSource, begins: exp.Column, ends: exp.Column, *, held: bool) -> Written:
    kind = work.scan.anchor.type
    start = source.bound(Edge.START, kind)
    end = source.bound(Edge.END, kind, held=held)
    keys: list[exp.Expr] = [column(PERIOD, SPAN), *work.dimensions(source)]
    names = work.named()
    shared = shared_where(work.scan)
    part = _Part(source, kind, row=(begins, ends), span=(start, end))
    states = [alias(part.state(state, shared), name) for state, name in names.items()]
    conditions = list(work.conditions(source))
    assert source.span is not None
    later = exp.GT(this=ends.copy(), expression=start.copy())
    lasting = exp.GT(this=ends.copy(), expression=begins.copy())
    on = [
        exp.LT(this=begins.copy(), expression=end.copy()),
        open_ended(exp.And(this=later, expression=lasting), ends),
        *([exp.LT(this=start.copy(), expression=end.copy())] if held else []),
    ]
    spans = table(work.writing.helpers.spans(*source.span), alias=SPAN)
    query = select(
        [*keys, *states],
        source.source,
        joins=source.joins(exp.Join(this=spans, on=every(on))),
        where=conditions,
        group_by=by_position(len(keys)),
    )
    return one_part(work, query, names)


class _Part:
    """The part of a row that falls into a span."""

    def __init__(
        self, source: RowSource, kind: DataType, *, row: tuple[exp.Expr, exp.Expr], span: tuple[exp.Expr, exp.Expr]
    ) -> None:
        self._source = source
        self._kind = kind
        self._begins, self._ends = row
        self._start, self._end = span

    def state(self, state: State, shared: Expression | None) -> exp.Expr:
        own = [self._source.write(state.where)] if state.where is not None and state.where != shared else []
        if state.argument is None:
            return StateWriter(self._source, shared=shared).write(state)
        value = self._source.write(state.argument)
        dialect, writing = self._source.writing.dialect, self._source.writing
        match state.kind:
            case StateKind.PRORATED:
                amount = dialect.product(_tight(value), self._overlap(self._ends.copy()))
                length = dialect.units_between(self._begins.copy(), self._ends.copy(), self._kind)
                return filtered(dialect.total(dialect.divide(amount, length, state.type)), own)
            case StateKind.HELD_TIME:
                time = writing.dialect.cast(self._until_next(), DataType.FLOAT)
                known = exp.Not(this=exp.Is(this=_tight(value), expression=exp.Null()))
                return filtered(exp.Sum(this=time), [*own, known])
            case _:
                time = writing.dialect.cast(self._until_next(), DataType.FLOAT)
                held = exp.Mul(this=writing.dialect.cast(value, DataType.FLOAT), expression=time)
                return filtered(exp.Sum(this=held), own)

    def _until_next(self) -> exp.Expr:
        return self._overlap(exp.Coalesce(this=self._ends.copy(), expressions=[self._end.copy()]))

    def _overlap(self, ends: exp.Expr) -> exp.Expr:
        later = exp.Anonymous(this="GREATEST", expressions=[self._begins.copy(), self._start.copy()])
        earlier = exp.Anonymous(this="LEAST", expressions=[ends, self._end.copy()])
        return self._source.writing.dialect.units_between(later, earlier, self._kind)


def _tight(value: exp.Expr) -> exp.Expr:
    return exp.Paren(this=value) if isinstance(value, exp.Binary) else value
