"""Different values in windows that overlap, as steps: a value enters the windows that hold it, and leaves them.

Each value of each segment enters at the first entry whose span holds the segment, and leaves behind the last, or when
the value's next segment takes over. A running sum of these steps is the exact count in every entry: the work grows with
the values and the entries, and not with their product, as in a join of rows with windows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.plan import Cut
from analytics_engine.kpi.sql.nodes import alias, column, every, number, select, table
from analytics_engine.kpi.sql.parameters import SegmentsSlot, StepSlot
from analytics_engine.kpi.sql.scans import Cells, ScanWriting, Written, by_position, dimension_names, same_segment
from analytics_engine.kpi.sql.sources import ENTRY, following
from analytics_engine.kpi.sql.writing import PERIOD, SEGMENT, Part
from analytics_engine.kpi.states.catalogue import State, StateKind

VALUE = "value"
_COUNTED, _VALUED = "counted", "valued"
_ENTERS, _LEAVES, _FOLLOWS, _UNTIL = "enters", "leaves", "follows", "until"
_AT, _MOVED, _PRESENT = "at", "moved", "present"


def steps(work: ScanWriting) -> Written:
    """Return a scan that counts the different values of each span, of spans that follow each other in order."""
    names = work.named()
    distinct = {state: name for state, name in names.items() if state.kind is StateKind.DISTINCT}
    rows = {state: name for state, name in names.items() if state not in distinct}
    writer = Steps(work, work.scan.cut, work.name, list(distinct.values()))
    behind = f"{work.name}_rows"
    parts = [writer.keys(), *writer.parts(), (behind, writer.rows(rows))]
    return Written(tuple(parts), {work.scan.cut: (Cells(writer.relation, distinct), Cells(behind, rows))})


class Steps:
    """Writes the steps of one cut of a scan.

    Args:
        keys: the relation that has each value once a segment; the names of all its parts begin with that.
        names: what the count is called, each name the same count.
    """

    def __init__(self, work: ScanWriting, cut: Cut, keys: str, names: Sequence[str]) -> None:
        self._work = work
        self._dimensions = dimension_names(work.scan)
        self._cut = cut
        self._keys = keys
        self._names = names

    @property
    def relation(self) -> str:
        """The relation of the counts."""
        return f"{self._keys}_cells"

    def parts(self) -> list[Part]:
        """Return the parts that count the values of each entry."""
        return [self._held(), self._moves(), self._sums(), self._running(), (self.relation, self._counts())]

    def keys(self) -> Part:
        """Each value once a segment, with how many rows have it."""
        work = self._work
        argument = work.scan.terms[0].argument
        assert argument is not None
        source = work.plain_source()
        moment = source.column(work.scan.anchor)
        keys = [
            alias(work.bucket(moment, inside=self._cut.at is None), SEGMENT),
            *work.dimensions(source),
            alias(source.write(argument), VALUE),
        ]
        first, *conditions = work.conditions(source)
        window = work.window(source.column(work.scan.anchor), bounded=self._cut.at is None)
        query = select(
            [*keys, alias(exp.Count(this=exp.Star()), _COUNTED)],
            source.source,
            joins=source.joins(),
            where=[first, *window, *conditions],
            group_by=by_position(len(keys)),
        )
        return self._keys, query

    def _held(self) -> Part:
        """Each value of each segment, with the entries between which its segment is held."""
        dimensions = [column(name, "k") for name in self._dimensions]
        value = column(VALUE, "k")
        enters, leaves = column(_ENTERS, "s"), column(_LEAVES, "s")
        follows = following(enters.copy(), [*dimensions, value], ties=[column(SEGMENT, "k")])
        known = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
        query = select(
            [*(part.copy() for part in dimensions), enters, leaves, alias(follows, _FOLLOWS)],
            table(self._keys, alias="k"),
            joins=[
                exp.Join(this=self._spans("s"), on=exp.EQ(this=column(SEGMENT, "s"), expression=column(SEGMENT, "k")))
            ],
            where=[known, exp.LTE(this=enters.copy(), expression=leaves.copy())],
        )
        return f"{self._keys}_held", query

    def _spans(self, name: str) -> exp.Expr:
        make, grid = self._work.writing.parameters, self._work.grid
        arrays = [
            (SEGMENT, make(SegmentsSlot(grid), DataType.INTEGER, array=True)),
            (_ENTERS, make(StepSlot(grid, self._cut, Edge.START), DataType.INTEGER, array=True)),
            (_LEAVES, make(StepSlot(grid, self._cut, Edge.END), DataType.INTEGER, array=True)),
        ]
        return self._work.writing.dialect.rows_of_arrays(name, arrays, "position")

    def _moves(self) -> Part:
        """A step up where a value enters, one down behind the last entry it is counted in."""
        held = f"{self._keys}_held"
        before = exp.Sub(this=column(_FOLLOWS), expression=number(1))
        taken = exp.And(
            this=exp.Not(this=exp.Is(this=column(_FOLLOWS), expression=exp.Null())),
            expression=exp.LTE(this=column(_FOLLOWS), expression=column(_LEAVES)),
        )
        last = exp.Case(ifs=[exp.If(this=taken, true=before)], default=column(_LEAVES))
        counted = exp.LTE(this=column(_ENTERS), expression=last)
        dimensions = [column(name) for name in self._dimensions]
        up = select([*dimensions, alias(column(_ENTERS), _AT), alias(number(1), _MOVED)], table(held), where=[counted])
        behind = exp.Add(this=exp.Paren(this=last.copy()), expression=number(1))
        down = select(
            [*(part.copy() for part in dimensions), alias(behind, _AT), alias(number(-1), _MOVED)],
            table(held),
            where=[counted.copy()],
        )
        return f"{self._keys}_moves", exp.Union(this=up, expression=down, distinct=False)

    def _sums(self) -> Part:
        """The steps of one entry together."""
        keys = [*(column(name) for name in self._dimensions), column(_AT)]
        moved = alias(exp.Sum(this=column(_MOVED)), _MOVED)
        query = select([*keys, moved], table(f"{self._keys}_moves"), group_by=[key.copy() for key in keys])
        return f"{self._keys}_sums", query

    def _running(self) -> Part:
        """How many values are held from an entry on, and until which."""
        dimensions = [column(name) for name in self._dimensions]
        order = exp.Order(expressions=[exp.Ordered(this=column(_AT), nulls_first=False)])
        present = exp.Window(
            this=exp.Sum(this=column(_MOVED)),
            partition_by=[part.copy() for part in dimensions] or None,
            order=order,
        )
        until = following(column(_AT), dimensions)
        query = select(
            [*(part.copy() for part in dimensions), column(_AT), alias(present, _PRESENT), alias(until, _UNTIL)],
            table(f"{self._keys}_sums"),
        )
        return f"{self._keys}_running", query

    def _counts(self) -> exp.Select:
        dialect = self._work.writing.dialect
        entries = table(self._work.writing.helpers.cut(self._work.grid, self._cut), alias=ENTRY)
        period = column(PERIOD, ENTRY)
        ended = exp.Or(
            this=exp.Is(this=column(_UNTIL, "s"), expression=exp.Null()),
            expression=exp.LT(this=period.copy(), expression=column(_UNTIL, "s")),
        )
        on = every([exp.GTE(this=period, expression=column(_AT, "s")), exp.Paren(this=ended)])
        return select(
            [
                period.copy(),
                *(column(name, "s") for name in self._dimensions),
                *(alias(dialect.cast(column(_PRESENT, "s"), DataType.INTEGER), name) for name in self._names),
            ],
            table(f"{self._keys}_running", alias="s"),
            joins=[exp.Join(this=entries, on=on)],
            where=[exp.GT(this=column(_PRESENT, "s"), expression=number(0))],
        )

    def rows(self, names: Mapping[State, str]) -> exp.Select:
        """Return how many rows there are behind each entry."""
        dialect = self._work.writing.dialect
        keys = [column(PERIOD, ENTRY), *(column(name, "s") for name in self._dimensions)]
        return select(
            [*keys, *(alias(dialect.cast(_total(state), DataType.INTEGER), name) for state, name in names.items())],
            self._by_segment(),
            joins=[exp.Join(this=table(self._work.pairs(self._cut), alias=ENTRY), on=same_segment())],
            group_by=by_position(len(keys)),
        )

    def _by_segment(self) -> exp.Expr:
        keys = [column(name) for name in (SEGMENT, *self._dimensions)]
        missing = exp.Is(this=column(VALUE), expression=exp.Null())
        valued = exp.Case(ifs=[exp.If(this=missing, true=number(0))], default=column(_COUNTED))
        sums = [alias(exp.Sum(this=column(_COUNTED)), _COUNTED), alias(exp.Sum(this=valued), _VALUED)]
        query = select([*keys, *sums], table(self._keys), group_by=[key.copy() for key in keys])
        return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("s")))


def _total(state: State) -> exp.Expr:
    """Return how many rows there are, or how many of them have a value."""
    return exp.Sum(this=column(_VALUED if state.kind is StateKind.NOT_NULL else _COUNTED, "s"))
