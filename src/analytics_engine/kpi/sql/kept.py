"""A scan of a rollup: the states of whole buckets as they are kept, and of the rows only what no whole bucket holds.

Which spans of time are read where is decided when a statement is bound, from the marks in its own snapshot: the
coarsest level that has a span whole and unmarked, then the finer ones, then the rows. So the statement always reads
every span exactly once.
"""

from __future__ import annotations

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Expression
from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.plan.places import tells
from analytics_engine.kpi.plan.plan import Cut, shared_where
from analytics_engine.kpi.sql.nodes import alias, column, number, select, table
from analytics_engine.kpi.sql.parameters import KeptSlot
from analytics_engine.kpi.sql.scans import ScanWriting, StateNames, Written, by_position, same_segment, with_cells
from analytics_engine.kpi.sql.sources import ROWS, RowSource
from analytics_engine.kpi.sql.states import merged
from analytics_engine.kpi.sql.steps import VALUE
from analytics_engine.kpi.sql.tallies import TallyWriter, value_of_row
from analytics_engine.kpi.sql.writing import SEGMENT
from analytics_engine.kpi.states.catalogue import Merge, State, StateKind
from analytics_engine.kpi.states.kept import (
    BUCKET,
    SCHEMA,
    TALLIED,
    Columns,
    Kept,
    companion_of,
    held_as,
    retracts,
    source_of,
    tallied_of,
)

_SPANS = "b"
_STARTS, _ENDS = "starts", "ends"


def from_rollup(work: ScanWriting, kept: Kept) -> Written:
    """Return a scan by segments whose rows are the cells of a rollup, and the rows of what it has not whole."""
    merging = work.only(state for state in work.scan.states if tallied_of(state) is None)
    reader = _Reader(merging, kept, kept, subtracts=all(map(retracts, merging.scan.states)))
    local = {state: f"a{index}" for index, state in enumerate(merging.scan.states)}

    def joined(cut: Cut) -> tuple[str, exp.Expr]:
        return work.pairs(cut), same_segment()

    written = with_cells(merging, reader.everything(local), local, joined)
    parts, cells = list(written.parts), dict(written.cells)
    for number_, states in _by_tally(work, kept).items():
        tally = TallyWriter(work.only(states), f"{work.name}_tally_{number_}")
        reader = _Reader(work, kept, kept.tallies[number_], subtracts=True, tally=number_)
        parts.append((tally.name, reader.everything(tally.counts, states[0])))
        for cut in work.scan.cuts:
            more, counted = tally.cells(cut)
            parts += more
            cells[cut] = (*cells[cut], *counted)
    return Written(tuple(parts), cells)


def _by_tally(work: ScanWriting, kept: Kept) -> dict[int, list[State]]:
    """Return the states that are found in tallies, by the tally."""
    found: dict[int, list[State]] = {}
    for state in work.scan.states:
        if tallied_of(state) is not None:
            number_ = kept.tally(state)
            assert number_ is not None
            found.setdefault(number_, []).append(state)
    return found


class _Reader:
    """Reads states of a rollup's cells, or the values of one of its tallies and how often they occur.

    Args:
        columns: the rollup, or the tally.
        subtracts: only states are read that rows can be taken out of again.
        tally: the number of the tally.
    """

    def __init__(
        self, work: ScanWriting, kept: Kept, columns: Columns, *, subtracts: bool, tally: int | None = None
    ) -> None:
        self._work = work
        self._kept = kept
        self._columns = columns
        self._tally = tally
        self._bounded = all(cut.at is None for cut in work.scan.cuts)
        self._subtracts = subtracts

    def everything(self, names: StateNames, valued: State | None = None) -> exp.Expr:
        """Return states from wherever they are read, with their segments; of a tally by a state's values."""
        union: exp.Expr = self._rows(names, valued)
        for level in self._kept.levels:
            union = exp.Union(this=union, expression=self._level(level, names), distinct=False)
        return union

    def _rows(self, names: StateNames, valued: State | None) -> exp.Select:
        """Return the states of the rows that are in no bucket which is read."""
        work = self._work
        source = work.plain_source()
        moment = source.column(work.scan.anchor)
        keys = [alias(self._segment(moment), SEGMENT), *work.dimensions(source)]
        states = work.states(source, names)
        first, *conditions = work.conditions(source)
        if valued is not None:
            value = value_of_row(work, source, valued)
            keys.append(alias(value, VALUE))
            conditions.append(exp.Not(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null())))
        return select(
            [*keys, *states],
            self._spans(None),
            joins=[exp.Join(this=source.source, kind="CROSS"), *source.joins()],
            where=[
                first,
                _inside(source.column(work.scan.anchor)),
                *self._hull(source.column(work.scan.anchor)),
                *conditions,
            ],
            group_by=by_position(len(keys)),
        )

    def _level(self, level: Level, names: StateNames) -> exp.Select:
        """Return the states of the buckets of a level."""
        work = self._work
        source = work.plain_source(table(self._kept.table(level, self._tally), schema=SCHEMA, alias=ROWS))
        keys = [alias(self._segment(column(BUCKET, ROWS)), SEGMENT), *work.dimensions(source)]
        if self._tally is not None:
            keys.append(alias(column(TALLIED, ROWS), VALUE))
        states = [alias(self._state(state, source), name) for state, name in names.items()]
        conditions = [source.write(work.scan.condition)] if work.scan.condition is not None else []
        present = self._count(State(StateKind.ROWS, None, shared_where(work.scan)), source)
        return select(
            [*keys, *states],
            self._spans(level),
            joins=[exp.Join(this=source.source, on=_inside(column(BUCKET, ROWS))), *source.joins()],
            where=[source.is_clients(), *conditions],
            group_by=by_position(len(keys)),
            having=exp.GT(this=present, expression=number(0)),
        )

    def _segment(self, moment: exp.Expr) -> exp.Expr:
        return self._work.bucket(moment, inside=self._bounded)

    def _slot(self, level: Level | None, edge: Edge, *, hull: bool = False) -> KeptSlot:
        return KeptSlot(
            self._work.grid, self._kept, level, edge, bounded=self._bounded, subtracts=self._subtracts, hull=hull
        )

    def _spans(self, level: Level | None) -> exp.Expr:
        make, kind = self._work.writing.parameters, self._work.scan.anchor.type
        edges = [(_STARTS, Edge.START), (_ENDS, Edge.END)]
        arrays = [(name, make(self._slot(level, edge), kind, array=True)) for name, edge in edges]
        return self._work.writing.dialect.rows_of_arrays(_SPANS, arrays, "span")

    def _hull(self, moment: exp.Expr) -> list[exp.Expr]:
        """Return that a moment lies within the hull of the spans of rows: then partitions outside are not looked at."""
        make, kind = self._work.writing.parameters, self._work.scan.anchor.type
        first, last = (make(self._slot(None, edge, hull=True), kind) for edge in (Edge.START, Edge.END))
        return [exp.GTE(this=moment, expression=first), exp.LT(this=moment.copy(), expression=last)]

    def _state(self, state: State, source: RowSource) -> exp.Expr:
        """Return a state of a group of cells; a sum of no value is none, though the parts of it may add up to 0."""
        if state.merge is Merge.SUM and state.kind is not StateKind.SUM:
            return self._count(state, source)
        held, value, only = self._held(state, source)
        whole = merged(self._work.writing, state, value, only=only)
        beside = companion_of(held)
        if beside is None:
            return whole
        known = self._count_of(beside, only.copy() if only is not None else None)
        return exp.Case(ifs=[exp.If(this=exp.GT(this=known, expression=number(0)), true=whole)])

    def _count(self, state: State, source: RowSource) -> exp.Expr:
        held, _, only = self._held(state, source)
        return self._count_of(held, only)

    def _count_of(self, held: State, only: exp.Expr | None) -> exp.Expr:
        name = self._columns.column(held)
        assert name is not None
        writing = self._work.writing
        whole = merged(writing, held, column(name, ROWS), only=only)
        return exp.Coalesce(this=whole, expressions=[number(0)])

    def _held(self, state: State, source: RowSource) -> tuple[State, exp.Expr, exp.Expr | None]:
        """Return a state as the rollup has it, its column, and the condition on which a cell counts."""
        found = source_of(self._columns, held_as(state), self._told)
        assert found is not None
        only = source.write(found.only) if found.only is not None else None
        return found.state, column(found.column, ROWS), only

    def _told(self, expression: Expression) -> bool:
        return tells(self._kept, expression, self._work.model, self._work.writing.paths)


def _inside(moment: exp.Expr) -> exp.Expr:
    return exp.And(
        this=exp.GTE(this=moment, expression=column(_STARTS, _SPANS)),
        expression=exp.LT(this=moment.copy(), expression=column(_ENDS, _SPANS)),
    )
