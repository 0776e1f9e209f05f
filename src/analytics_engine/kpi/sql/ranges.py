"""Rows of each span of time by a range of their index: for an engine that sorts a group's rows for what does not merge.

Rows come grouped as they are read, so that only those of one span are sorted at a time. Such an engine computes these
aggregates with one worker a query; therefore the spans are divided among several arms, which workers take in turns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.nodes import alias, column, number, select
from analytics_engine.kpi.sql.parameters import BoundSlot, SegmentBoundSlot, Slot
from analytics_engine.kpi.sql.scans import ScanWriting, StateNames, Written, by_position, one_part
from analytics_engine.kpi.sql.sources import ENTRY
from analytics_engine.kpi.sql.writing import PERIOD, SEGMENT
from analytics_engine.kpi.states.catalogue import Merge

_STARTS, _ENDS = "starts", "ends"


@dataclass(frozen=True)
class _Spans:
    """Spans of time: what the column of their numbers is called, and the parameters with their bounds."""

    numbered: str
    bounds: Callable[[Edge], Slot]


def suits_ranges(work: ScanWriting) -> bool:
    """Return whether a scan is best read by ranges: what it computes cannot be merged, and rows lie by its anchor."""
    own = (work.scan.anchor.relations, work.scan.anchor.attribute) == ((), work.model.time_attribute)
    return work.writing.dialect.arms > 0 and own and any(state.merge is Merge.ONCE for state in work.scan.states)


def ranges(work: ScanWriting) -> Written:
    """Read the rows of each period by a range of time."""
    names = work.named()
    return one_part(work, by_periods(work, names), names)


def by_periods(work: ScanWriting, names: StateNames) -> exp.Expr:
    """Return the states of the rows of each period."""
    cut, kind = work.scan.cut, work.scan.anchor.type or DataType.TIMESTAMP
    return _in_arms(work, names, _Spans(PERIOD, lambda edge: BoundSlot(cut.spine, cut.frame, edge, kind)))


def by_segments(work: ScanWriting, names: StateNames) -> exp.Expr:
    """Return the states of the rows of each segment."""
    return _in_arms(work, names, _Spans(SEGMENT, lambda edge: SegmentBoundSlot(work.grid, edge)))


def _in_arms(work: ScanWriting, names: StateNames, spans: _Spans) -> exp.Expr:
    union: exp.Expr = _arm(work, names, spans, 0)
    for position in range(1, work.writing.dialect.arms):
        arm = _arm(work, names, spans, position)
        union = exp.Union(this=union, expression=arm, distinct=False)
    return union


def _arm(work: ScanWriting, names: StateNames, spans: _Spans, position: int) -> exp.Select:
    """Return the spans whose number leaves a remainder, with the states of their rows."""
    source = work.plain_source()
    moment = source.column(work.scan.anchor)
    keys: list[exp.Expr] = [alias(column(spans.numbered, ENTRY), spans.numbered), *work.dimensions(source)]
    states = work.states(source, names)
    first, *conditions = work.conditions(source)
    remainder = exp.Mod(this=column(spans.numbered, ENTRY), expression=number(work.writing.dialect.arms))
    inside = exp.And(
        this=exp.GTE(this=moment, expression=column(_STARTS, ENTRY)),
        expression=exp.LT(this=moment.copy(), expression=column(_ENDS, ENTRY)),
    )
    return select(
        [*keys, *states],
        _entries(work, spans),
        joins=[exp.Join(this=source.source, on=inside), *source.joins()],
        where=[
            exp.EQ(this=remainder, expression=number(position)),
            first,
            *work.window(source.column(work.scan.anchor), bounded=True),
            *conditions,
        ],
        group_by=by_position(len(keys)),
    )


def _entries(work: ScanWriting, spans: _Spans) -> exp.Expr:
    """Return the spans with their bounds, in place: of a part of the statement no order would be known."""
    make, kind = work.writing.parameters, work.scan.anchor.type or DataType.TIMESTAMP
    edges = [(_STARTS, Edge.START), (_ENDS, Edge.END)]
    arrays = [(name, make(spans.bounds(edge), kind, array=True)) for name, edge in edges]
    return work.writing.dialect.rows_of_arrays(ENTRY, arrays, spans.numbered)
