"""Rows that hold for a time, asked at instants: what was there, and what came, stayed and went between two of them."""

from __future__ import annotations

from sqlglot import exp

from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType, Nature
from analytics_engine.kpi.plan.plan import Cut, Way
from analytics_engine.kpi.sql.nodes import alias, column, every, number, select, table
from analytics_engine.kpi.sql.parameters import CountSlot, WindowSlot
from analytics_engine.kpi.sql.scans import (
    ScanWriting,
    StateNames,
    Written,
    by_position,
    dimension_names,
    one_part,
    with_cells,
)
from analytics_engine.kpi.sql.sources import (
    ENTRY,
    ROWS,
    attribute,
    begins_of,
    following,
    with_columns,
)
from analytics_engine.kpi.sql.writing import FIRST, LAST, PERIOD
from analytics_engine.kpi.states.catalogue import State, StateKind

_BEGINS, _ENDS = "ae_begins", "ae_ends"
_START, _END = "at_start", "at_end"


def holding(work: ScanWriting) -> exp.Expr:
    """Return the rows with the segments they begin and end in: they hold after the one, up to the other.

    An interval ends where it says, a snapshot where the next of its series begins, or when it is too old.
    """
    moment = attribute(ROWS, begins_of(work.model))
    parameters = work.writing.parameters
    last = parameters(WindowSlot(work.grid, end=True), work.grid.type)
    before = exp.LT(this=moment.copy(), expression=last)
    bucket = parameters.bucket
    columns = {_BEGINS: bucket(moment, work.grid), _ENDS: _ends(work, moment)}
    return with_columns(work.writing, work.model, columns, ROWS, until=before)


def _ends(work: ScanWriting, moment: exp.Expr) -> exp.Expr:
    bucket = work.writing.parameters.bucket
    never = work.writing.parameters(CountSlot(work.grid), DataType.INTEGER)
    if work.model.nature is Nature.INTERVAL:
        end: exp.Expr = attribute(ROWS, work.model.valid_to or "")
    else:
        end = following(moment, [attribute(ROWS, name) for name in work.model.series])
    last = exp.Coalesce(this=bucket(end, work.grid), expressions=[never])
    age = work.model.staleness_s
    if age is None:
        return last
    stale = work.writing.dialect.add_seconds(moment.copy(), age, work.grid.type)
    return exp.Anonymous(this="LEAST", expressions=[last, bucket(stale, work.grid)])


def instants(work: ScanWriting) -> Written:
    """Return a scan of rows that hold at instants."""
    return _by_segments(work) if work.scan.way is Way.SEGMENTS else _by_rows(work)


def _by_segments(work: ScanWriting) -> Written:
    source = work.plain_source(holding(work))
    keys = [
        alias(column(_BEGINS, ROWS), _BEGINS),
        alias(column(_ENDS, ROWS), _ENDS),
        *work.dimensions(source),
    ]
    local = {state: f"a{index}" for index, state in enumerate(work.scan.states)}
    states = work.states(source, local)
    conditions = list(work.conditions(source))
    query = select(
        [*keys, *states], source.source, joins=source.joins(), where=conditions, group_by=by_position(len(keys))
    )

    def joined(cut: Cut) -> tuple[str, exp.Expr]:
        return work.writing.helpers.cut(work.grid, cut), begun("s")

    def only(state: State) -> exp.Expr | None:
        return None if state.kind is StateKind.PRESENT else still("s")

    return with_cells(work, query, local, joined, only=only)


def _by_rows(work: ScanWriting) -> Written:
    source = work.spread_source(holding(work))
    keys: list[exp.Expr] = [column(PERIOD, ENTRY), *work.dimensions(source)]
    names = work.named()
    states = work.states(source, names, only=still(ROWS))
    conditions = list(work.conditions(source))
    entries = table(work.writing.helpers.cut(work.grid, work.scan.cut), alias=ENTRY)
    join = exp.Join(this=entries, on=begun(ROWS))
    query = select(
        [*keys, *states], source.source, joins=source.joins(join), where=conditions, group_by=by_position(len(keys))
    )
    return one_part(work, query, names)


def begun(rows: str) -> exp.Expr:
    """Return that a row began before an instant, whether it still holds or not."""
    return exp.LT(this=column(_BEGINS, rows), expression=column(LAST, ENTRY))


def still(rows: str) -> exp.Expr:
    """Return that a row still holds at an instant."""
    return exp.GTE(this=column(_ENDS, rows), expression=column(LAST, ENTRY))


def changes(work: ScanWriting) -> Written:
    """Return a scan of the things that were there at the start, at the end, or at both ends of each span."""
    source = work.spread_source(holding(work))
    keys: list[exp.Expr] = [column(PERIOD, ENTRY), *work.dimensions(source)]
    series = [attribute(ROWS, name) for name in work.model.series]
    flags = [alias(_held(edge), name) for edge, name in ((Edge.START, _START), (Edge.END, _END))]
    conditions = list(work.conditions(source))
    entries = table(work.writing.helpers.cut(work.grid, work.scan.cut), alias=ENTRY)
    things = select(
        [*keys, *flags],
        source.source,
        joins=source.joins(exp.Join(this=entries, on=begun(ROWS))),
        where=conditions,
        group_by=[*(key.this if isinstance(key, exp.Alias) else key.copy() for key in keys), *series],
    )
    names = work.named()
    inner = f"{work.name}_things"
    outer_keys = [column(name) for name in (PERIOD, *dimension_names(work.scan))]
    query = select([*outer_keys, *_counted(names)], table(inner), group_by=by_position(len(outer_keys)))
    written = one_part(work, query, names)
    return Written(((inner, things), *written.parts), written.cells)


def _held(edge: Edge) -> exp.Expr:
    """Return 1 where one of a thing's rows holds at an edge of the span, else 0."""
    instant = column(FIRST if edge is Edge.START else LAST, ENTRY)
    holds = exp.And(
        this=exp.LT(this=column(_BEGINS, ROWS), expression=instant),
        expression=exp.GTE(this=column(_ENDS, ROWS), expression=instant.copy()),
    )
    return exp.Max(this=exp.Case(ifs=[exp.If(this=holds, true=number(1))], default=number(0)))


_COUNTED: dict[StateKind, tuple[int | None, int | None]] = {
    StateKind.LOST: (1, 0),
    StateKind.KEPT: (1, 1),
    StateKind.GAINED: (0, 1),
}


def _counted(names: StateNames) -> list[exp.Expr]:
    return [alias(_count(state), name) for state, name in names.items()]


def _count(state: State) -> exp.Expr:
    start, end = column(_START), column(_END)
    if state.kind is StateKind.PRESENT:
        return exp.Count(this=exp.Star())
    if state.kind in _COUNTED:
        wanted = _COUNTED[state.kind]
        pairs = zip((start, end), wanted, strict=True)
        met: exp.Expr = every([exp.EQ(this=flag, expression=number(value or 0)) for flag, value in pairs])
    else:
        met = exp.GT(this=exp.Add(this=start, expression=end), expression=number(0))
    return exp.Sum(this=exp.Case(ifs=[exp.If(this=met, true=number(1))], default=number(0)))
