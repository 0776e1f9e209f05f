"""Which writer writes which scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from analytics_engine.kpi.plan.plan import Scan, Shape, Way
from analytics_engine.kpi.sql.distinct import distinct_values
from analytics_engine.kpi.sql.kept import from_rollup
from analytics_engine.kpi.sql.overlaps import holdings, overlaps
from analytics_engine.kpi.sql.picks import havings, picks
from analytics_engine.kpi.sql.ranges import ranges, suits_ranges
from analytics_engine.kpi.sql.scans import ScanWriting, Written, direct, in_one_period, segments, spread
from analytics_engine.kpi.sql.steps import steps
from analytics_engine.kpi.sql.validity import changes, instants
from analytics_engine.kpi.sql.wholes import wholes
from analytics_engine.kpi.sql.writing import Writing
from analytics_engine.kpi.states.catalogue import Merge

_BY_WAY: Mapping[Way, Callable[[ScanWriting], Written]] = {
    Way.SEGMENTS: segments,
    Way.SPREAD: spread,
    Way.STEPS: steps,
}
_BY_SHAPE: Mapping[Shape, Callable[[ScanWriting], Written]] = {
    Shape.VALIDITY: instants,
    Shape.CHANGE: changes,
    Shape.OVERLAP: overlaps,
    Shape.HOLDING: holdings,
    Shape.PICK: picks,
    Shape.HAVING: havings,
}


def write_scan(writing: Writing, scan: Scan, name: str, names: Callable[[], str], *, one_period: bool) -> Written:
    """Return a scan as SQL.

    Args:
        writing: the statement.
        scan: what is read.
        name: what its parts are called.
        names: gives a new name for a state, of the whole statement.
        one_period: the question is of one period, so no row need be put into one.
    """
    work = ScanWriting(writing, scan, name, names)
    if scan.place.kept is not None:
        return from_rollup(work, scan.place.kept)
    if scan.shape is not Shape.ROWS:
        return _BY_SHAPE[scan.shape](work)
    if scan.way is Way.DIRECT:
        if one_period:
            return in_one_period(work)
        return ranges(work) if suits_ranges(work) else direct(work, values=distinct_values)
    if scan.way is Way.SEGMENTS and any(state.merge is Merge.ONCE for state in scan.states):
        return wholes(work)
    return _BY_WAY[scan.way](work)
