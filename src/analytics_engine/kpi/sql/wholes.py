"""A pass by segments that also computes what does not merge: of each period that is one segment, that is its value.

A period that is not over may be several segments, as the one before it is compared up to the same point. The rows of
such periods are read again; mostly there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from sqlglot import exp

from analytics_engine.kpi.plan.plan import Cut
from analytics_engine.kpi.sql.distinct import distinct_values
from analytics_engine.kpi.sql.nodes import alias, column, number, select, table
from analytics_engine.kpi.sql.ranges import by_periods, by_segments, suits_ranges
from analytics_engine.kpi.sql.scans import (
    Cells,
    ScanWriting,
    StateNames,
    Written,
    dimension_names,
    grouped,
    same_segment,
    segments,
    with_cells,
)
from analytics_engine.kpi.sql.sources import ENTRY
from analytics_engine.kpi.sql.writing import FIRST, LAST, PERIOD, SEGMENT, Part
from analytics_engine.kpi.states.catalogue import Merge, State, StateKind

_PERIODS = Cut()


def wholes(work: ScanWriting) -> Written:
    """Group rows by segments; states that do not merge are of the asked periods, and taken where these are whole."""
    once = [state for state in work.scan.states if state.merge is Merge.ONCE]
    merging = work.only(state for state in work.scan.states if state not in once)
    apart = [state for state in once if state.kind is StateKind.DISTINCT and work.writing.dialect.bits]
    once = [state for state in once if state not in apart]
    written = _with_once(work, merging, once) if once else segments(merging)
    parts, cells = list(written.parts), list(written.cells[_PERIODS])
    for position, state in enumerate(apart):
        counting = work.of_cut(_PERIODS, [state])
        (name,) = counting.named().values()
        more, counted = distinct_values(counting, state, name, position)
        parts += more
        cells.append(counted)
    return Written(tuple(parts), {**written.cells, _PERIODS: tuple(cells)})


def _with_once(work: ScanWriting, merging: ScanWriting, once: list[State]) -> Written:
    reading = work.only([*merging.scan.states, *once])
    local = {state: f"a{index}" for index, state in enumerate(reading.scan.states)}
    if suits_ranges(reading):
        query = by_segments(reading, local)
    else:
        query = grouped(reading, partial(reading.bucket, inside=True), SEGMENT, local)

    def joined(cut: Cut) -> tuple[str, exp.Expr]:
        return work.pairs(cut), same_segment()

    written = with_cells(merging, query, local, joined)
    names = work.of_cut(_PERIODS, once).named()
    split = work.of_cut(_PERIODS, once, "_split", split=True)
    if suits_ranges(split):
        again = by_periods(split, names)
    else:
        again = grouped(split, partial(split.bucket, inside=True), PERIOD, names)
    relation = f"{work.name}_whole"
    union = exp.Union(
        this=_of_segments(work, {name: local[state] for state, name in names.items()}),
        expression=_of_split(work, split.name, names),
        distinct=False,
    )
    parts: list[Part] = [*written.parts, (split.name, again), (relation, union)]
    found = (*written.cells[_PERIODS], Cells(relation, names))
    return Written(tuple(parts), {**written.cells, _PERIODS: found})


def _of_segments(work: ScanWriting, names: Mapping[str, str]) -> exp.Select:
    """Return the states of periods that are one segment."""
    own = exp.EQ(this=column(FIRST, ENTRY), expression=column(SEGMENT, "s"))
    return _cells(work, work.name, exp.And(this=own, expression=_length(exp.EQ)), names)


def _of_split(work: ScanWriting, relation: str, names: StateNames) -> exp.Select:
    """Return the states of periods that are several segments."""
    own = exp.EQ(this=column(PERIOD, ENTRY), expression=column(PERIOD, "s"))
    return _cells(
        work, relation, exp.And(this=own, expression=_length(exp.GT)), {name: name for name in names.values()}
    )


def _cells(work: ScanWriting, relation: str, on: exp.Expr, names: Mapping[str, str]) -> exp.Select:
    entries = table(work.writing.helpers.cut(work.grid, _PERIODS), alias=ENTRY)
    keys = [column(PERIOD, ENTRY), *(column(name, "s") for name in dimension_names(work.scan))]
    states = [alias(column(held, "s"), name) for name, held in names.items()]
    return select([*keys, *states], table(relation, alias="s"), joins=[exp.Join(this=entries, on=on)])


def _length(compare: type[exp.Binary]) -> exp.Expr:
    """Return how the number of segments of a period compares with 1."""
    after = exp.Add(this=column(FIRST, ENTRY), expression=number(1))
    return compare(this=column(LAST, ENTRY), expression=after)
