"""Rows of each period by a range of their index: for an engine that sorts a group's rows for what cannot be merged.

Rows come grouped as they are read, so that only those of one period are sorted at a time. Such an engine computes these
aggregates with one worker a query; therefore the periods are divided among several arms, which workers take in turns.
"""

from __future__ import annotations

from sqlglot import exp

from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.nodes import alias, column, number, select
from analytics_engine.kpi.sql.parameters import BoundSlot
from analytics_engine.kpi.sql.scans import ScanWriting, StateNames, Written, by_position, one_part
from analytics_engine.kpi.sql.sources import ENTRY
from analytics_engine.kpi.sql.writing import PERIOD
from analytics_engine.kpi.states.catalogue import Merge

_STARTS, _ENDS = "starts", "ends"


def suits_ranges(work: ScanWriting) -> bool:
    """Return whether a scan is best read by ranges: what it computes cannot be merged, and rows lie by its anchor."""
    own = (work.scan.anchor.relations, work.scan.anchor.attribute) == ((), work.model.time_attribute)
    return work.writing.dialect.arms > 0 and own and any(state.merge is Merge.ONCE for state in work.scan.states)


def ranges(work: ScanWriting) -> Written:
    """Read the rows of each period by a range of time."""
    names = work.named()
    union: exp.Expr = _arm(work, names, 0)
    for position in range(1, work.writing.dialect.arms):
        union = exp.Union(this=union, expression=_arm(work, names, position), distinct=False)
    return one_part(work, union, names)


def _arm(work: ScanWriting, names: StateNames, position: int) -> exp.Select:
    """Return the periods whose number leaves a remainder, with the states of their rows."""
    source = work.plain_source()
    moment = source.column(work.scan.anchor)
    keys: list[exp.Expr] = [alias(column(PERIOD, ENTRY), PERIOD), *work.dimensions(source)]
    states = work.states(source, names)
    first, *conditions = work.conditions(source)
    remainder = exp.Mod(this=column(PERIOD, ENTRY), expression=number(work.writing.dialect.arms))
    inside = exp.And(
        this=exp.GTE(this=moment, expression=column(_STARTS, ENTRY)),
        expression=exp.LT(this=moment.copy(), expression=column(_ENDS, ENTRY)),
    )
    return select(
        [*keys, *states],
        _periods(work),
        joins=[exp.Join(this=source.source, on=inside), *source.joins()],
        where=[
            exp.EQ(this=remainder, expression=number(position)),
            first,
            *work.window(source.column(work.scan.anchor), bounded=True),
            *conditions,
        ],
        group_by=by_position(len(keys)),
    )


def _periods(work: ScanWriting) -> exp.Expr:
    """Return the periods with their bounds, in place: of a part of the statement no order would be known."""
    cut, kind = work.scan.cut, work.scan.anchor.type or DataType.TIMESTAMP
    make = work.writing.parameters
    edges = [(_STARTS, Edge.START), (_ENDS, Edge.END)]
    bounds = [(name, make(BoundSlot(cut.spine, cut.frame, edge, kind), kind, array=True)) for name, edge in edges]
    return work.writing.dialect.rows_of_arrays(ENTRY, bounds, PERIOD)
