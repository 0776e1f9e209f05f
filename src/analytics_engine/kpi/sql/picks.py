"""Scans that look at rows twice: one row of each series in a span, and values that meet a condition on their rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Expression, Term, leaves_of
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.plan import is_held
from analytics_engine.kpi.sql.nodes import alias, column, every, number, select, table
from analytics_engine.kpi.sql.scans import ScanWriting, StateNames, Written, by_position, dimension_names, one_part
from analytics_engine.kpi.sql.sources import ENTRY, ROWS, RowSource, attribute
from analytics_engine.kpi.sql.states import StateWriter, filtered
from analytics_engine.kpi.sql.validity import begun, holding, still
from analytics_engine.kpi.sql.writing import PERIOD, Part, Writing
from analytics_engine.kpi.states.catalogue import DIVIDED, State, StateKind, rows_of, states_of

_VALUE, _PLACE, _THERE, _COUNT = "value", "place", "there", "counted"


def picks(work: ScanWriting) -> Written:
    """Return a scan of one row of each series: the first or last that has a value, ties broken by the key."""
    term = work.scan.terms[0]
    assert term.argument is not None
    held = is_held(term, work.model)
    source = work.spread_source(holding(work) if held else None)
    value = source.write(term.argument)
    dimensions = work.dimensions(source)
    moment = source.column(work.scan.anchor)
    counts: list[exp.Expr] = [exp.Not(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null()))]
    counts += [still(ROWS)] if held else []
    place = _place(work, source, _flag(every(counts)), [_unnamed(part) for part in dimensions])
    there = _flag(still(ROWS)) if held else number(1)
    conditions = list(work.conditions(source))
    inner = select(
        [column(PERIOD, ENTRY), *dimensions, alias(value, _VALUE), alias(there, _THERE), alias(place, _PLACE)],
        source.source,
        joins=source.joins(_held_entries(work) if held else work.entries(work.scan.cut, moment)),
        where=conditions,
    )
    names = work.named()
    return _outer(work, inner, names, [alias(_of_first(work.writing, state), name) for state, name in names.items()])


def _place(work: ScanWriting, source: RowSource, counts: exp.Expr, dimensions: list[exp.Expr]) -> exp.Expr:
    """Return a row's place in its series: first those that count, then by the anchor and the key."""
    term = work.scan.terms[0]
    descending = (term.pick or term.function) == "last"
    moments = [source.column(work.scan.anchor), *(attribute(ROWS, name) for name in work.model.key)]
    order = [exp.Ordered(this=counts, desc=True), *(exp.Ordered(this=part, desc=descending) for part in moments)]
    per = [source.column(part) for part in term.per]
    return exp.Window(
        this=exp.Anonymous(this="ROW_NUMBER", expressions=[]),
        partition_by=[part.copy() for part in (column(PERIOD, ENTRY), *dimensions, *per)],
        order=exp.Order(expressions=order),
    )


def _held_entries(work: ScanWriting) -> exp.Join:
    entries = table(work.writing.helpers.cut(work.grid, work.scan.cut), alias=ENTRY)
    return exp.Join(this=entries, on=begun(ROWS))


def _flag(condition: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=condition, true=number(1))], default=number(0))


def _unnamed(value: exp.Expr) -> exp.Expr:
    return value.this if isinstance(value, exp.Alias) else value


def _of_first(writing: Writing, state: State) -> exp.Expr:
    there = exp.EQ(this=column(_THERE), expression=number(1))
    if state.kind is StateKind.PRESENT:
        return exp.Count(this=exp.Star())
    if state.kind is not StateKind.PICKED:
        return filtered(exp.Count(this=exp.Star()), [there])
    value = column(_VALUE)
    if state.parameter == "sum":
        picked = writing.dialect.total(value)
    else:
        picked = exp.Anonymous(this=str(state.parameter).upper(), expressions=[value])
    return filtered(picked, [exp.EQ(this=column(_PLACE), expression=number(1)), there])


def havings(work: ScanWriting) -> Written:
    """Return a scan that groups rows by a value, and counts the values that meet the condition on their rows."""
    term = work.scan.terms[0]
    assert term.argument is not None
    assert term.having is not None
    source = work.spread_source()
    value = source.write(term.argument)
    dimensions = work.dimensions(source)
    of_value = _OfValue(source, term.having)
    counted = alias(exp.Count(this=exp.Star()), _COUNT)
    conditions = list(work.conditions(source))
    moment = source.column(work.scan.anchor)
    keys: list[exp.Expr] = [column(PERIOD, ENTRY), *dimensions, alias(value, _VALUE)]
    inner = select(
        [*keys, counted, *of_value.states()],
        source.source,
        joins=source.joins(work.entries(work.scan.cut, moment)),
        where=conditions,
        group_by=by_position(len(keys)),
    )
    names = work.named()
    known = exp.Not(this=exp.Is(this=column(_VALUE), expression=exp.Null()))
    met = every([known, exp.Paren(this=of_value.condition())])
    having = exp.Sum(this=exp.Case(ifs=[exp.If(this=met, true=number(1))], default=number(0)))
    rows = exp.Sum(this=column(_COUNT))
    return _outer(
        work,
        inner,
        names,
        [
            alias(
                work.writing.dialect.cast(having if state.kind is StateKind.HAVING else rows, DataType.INTEGER).copy(),
                name,
            )
            for state, name in names.items()
        ],
    )


class _OfValue:
    """The condition on a value, over the states of its rows."""

    def __init__(self, source: RowSource, having: Expression) -> None:
        self._source = source
        self._having = having
        self._names: dict[State, str] = {}
        for leaf in leaves_of(having):
            assert isinstance(leaf, Term)
            for state in (*states_of(leaf), rows_of(leaf)):
                self._names.setdefault(state, f"h{len(self._names)}")

    def states(self) -> Iterator[exp.Expr]:
        writer = StateWriter(self._source, shared=None)
        for state, name in self._names.items():
            yield alias(writer.write(state), name)

    def condition(self) -> exp.Expr:
        return self._source.writing.expressions.write(self._having, self._finished)

    def _finished(self, leaf: Expression) -> exp.Expr:
        assert isinstance(leaf, Term)
        states = [column(self._names[state]) for state in states_of(leaf)]
        if leaf.function in DIVIDED:
            return self._source.writing.dialect.divide(states[0], states[1], leaf.type)
        if leaf.function == "sum":
            none = exp.EQ(this=column(self._names[rows_of(leaf)]), expression=number(0))
            return exp.Case(ifs=[exp.If(this=none, true=number(0))], default=states[0])
        return states[0]


def _outer(work: ScanWriting, inner: exp.Select, names: StateNames, states: list[exp.Expr]) -> Written:
    """Return a scan whose rows are grouped again to cells."""
    within = f"{work.name}_rows"
    keys: list[exp.Expr] = [column(name) for name in (PERIOD, *dimension_names(work.scan))]
    query = select([*keys, *states], table(within), group_by=by_position(len(keys)))
    written = one_part(work, query, names)
    parts: tuple[Part, ...] = ((within, inner), *written.parts)
    return Written(parts, written.cells)
