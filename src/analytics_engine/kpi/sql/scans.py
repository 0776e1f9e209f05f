"""Scans as SQL: rows of an object model to states of cells. One shape of rows, one writer; see ``plan.Shape``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlglot import exp

from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.kpi.plan.plan import Cut, Scan, conditions_of, shared_where
from analytics_engine.kpi.sql.nodes import alias, column, identifier, number, select, table
from analytics_engine.kpi.sql.parameters import Grid, GridParameters, Slot, SplitSlot, WindowSlot
from analytics_engine.kpi.sql.sources import ENTRY, GROUP, ROWS, RowSource, table_of
from analytics_engine.kpi.sql.states import StateWriter, merged
from analytics_engine.kpi.sql.writing import PERIOD, SEGMENT, Part, Writing
from analytics_engine.kpi.states.catalogue import Merge, State, StateKind

StateNames = Mapping[State, str]
_CELL = "cell"
_FEW = 2
"""With more dimensions the groups by units of time are hardly fewer than the rows."""


@dataclass(frozen=True)
class Cells:
    """A relation with a row per cell: its name, the states it holds and under which names."""

    relation: str
    states: StateNames


@dataclass(frozen=True)
class Written:
    """A scan as parts of a statement, and the cells of each of its cuts."""

    parts: tuple[Part, ...]
    cells: Mapping[Cut, tuple[Cells, ...]]


def dimension_names(scan: Scan) -> list[str]:
    return [f"d{index}" for index in range(len(scan.dimensions))]


Values = Callable[["ScanWriting", State, str, int], tuple[list[Part], Cells]]
"""Writes how the different values of a state are counted, under a name."""


class ScanWriting:
    """What the writers of all shapes share: a scan, its name, and the names of its states."""

    def __init__(
        self, writing: Writing, scan: Scan, name: str, names: Callable[[], str], *, split_by: Grid | None = None
    ) -> None:
        self.writing = writing
        self.scan = scan
        self.name = name
        self.model = writing.paths.model(scan.model)
        self._names = names
        self._split_by = split_by

    def only(self, states: Iterable[State]) -> ScanWriting:
        """Return the scan with some of its states."""
        kept = dict.fromkeys(states)
        wanted = tuple(tuple(state for state in of_cut if state in kept) for of_cut in self.scan.wanted)
        return ScanWriting(self.writing, replace(self.scan, states=tuple(kept), wanted=wanted), self.name, self._names)

    def of_cut(self, cut: Cut, states: Iterable[State], suffix: str = "", *, split: bool = False) -> ScanWriting:
        """Return the scan of one cut, with some of its states; of its split spans only, and what lies between them."""
        kept = tuple(states)
        scan = replace(self.scan, cuts=(cut,), states=kept, wanted=(kept,))
        return ScanWriting(self.writing, scan, self.name + suffix, self._names, split_by=self.grid if split else None)

    @property
    def grid(self) -> Grid:
        return Grid(self.scan.cuts, self.scan.anchor.type)

    def named(self, states: Sequence[State] | None = None) -> dict[State, str]:
        """Return a new name of the statement for each state of the scan, or of one of its cuts."""
        return {state: self._names() for state in (self.scan.states if states is None else states)}

    @property
    def cells_first(self) -> bool:
        """Whether rows are grouped by whole units of time first: where the engine counts those faster than periods."""
        return self.writing.dialect.cell is not None and len(self.scan.dimensions) <= _FEW

    def foretells_groups(self, names: StateNames) -> bool:
        """Whether the engine needs help to see how few groups there are: then workers share rows whose states merge."""
        merging = all(state.merge is not Merge.ONCE for state in names)
        return self.writing.dialect.overestimates and merging and not self.scan.anchor.relations

    def dimensions(self, source: RowSource) -> list[exp.Expr]:
        return [
            alias(self.writing.dialect.as_value(source.write(dimension), dimension.type or DataType.TEXT), name)
            for dimension, name in zip(self.scan.dimensions, dimension_names(self.scan), strict=True)
        ]

    def conditions(self, source: RowSource) -> Iterator[exp.Expr]:
        """Yield what all rows must meet: they are the client's, the question's condition, one that all terms have."""
        yield source.is_clients()
        for condition in conditions_of(self.scan):
            yield source.write(condition)

    def window(self, moment: exp.Expr, *, bounded: bool) -> Iterator[exp.Expr]:
        """Yield that a moment lies before the last boundary, and not before the first."""
        if bounded:
            yield exp.GTE(this=moment, expression=self.writing.parameters(self._limit(Edge.START), self.grid.type))
        last = self.writing.parameters(self._limit(Edge.END), self.grid.type)
        yield exp.LT(this=moment.copy(), expression=last)

    def _limit(self, edge: Edge) -> Slot:
        if self._split_by is not None:
            return SplitSlot(self._split_by, self.scan.cut, edge)
        return WindowSlot(self.grid, end=edge is Edge.END)

    def states(self, source: RowSource, names: StateNames, *, only: exp.Expr | None = None) -> list[exp.Expr]:
        """Return the states of a group of rows."""
        writer = StateWriter(source, shared=shared_where(self.scan), only=only)
        return [alias(writer.write(state), name) for state, name in names.items()]

    def pairs(self, cut: Cut) -> str:
        return self.writing.helpers.pairs(self.grid, cut)

    def bucket(self, moment: exp.Expr, *, inside: bool = False) -> exp.Expr:
        """Return the segment that holds a moment; ``inside`` if only those of the grid's window are looked at."""
        return self.writing.parameters.bucket(moment, self.grid, inside=inside)

    def cell(self, moment: exp.Expr, *, inside: bool = False) -> exp.Expr:
        """Return the number of the unit of time that holds a moment."""
        assert self.writing.dialect.cell is not None
        return self.writing.dialect.cell(moment, GridParameters(self.writing.parameters, self.grid, inside))

    def of_cell(self, cell: exp.Expr, *, inside: bool = False) -> exp.Expr:
        """Return the segment that holds a unit of time."""
        assert self.writing.dialect.of_cell is not None
        return self.writing.dialect.of_cell(cell, GridParameters(self.writing.parameters, self.grid, inside))

    def entries(self, cut: Cut, moment: exp.Expr) -> exp.Join:
        """Return the join of the entries whose spans hold a moment."""
        segment = self.writing.parameters.bucket(moment, self.grid)
        same = exp.EQ(this=column(SEGMENT, ENTRY), expression=segment)
        return exp.Join(this=table(self.pairs(cut), alias=ENTRY), on=same)

    def plain_source(self, source: exp.Expr | None = None) -> RowSource:
        """Return the rows, whatever entries they are counted in."""
        return RowSource(self.writing, self.model, source=source)

    def spread_source(self, source: exp.Expr | None = None, entry: str = ENTRY) -> RowSource:
        """Return the rows, each to be counted in the entries of the scan's one cut."""
        cut = self.scan.cut
        return RowSource(self.writing, self.model, source=source, span=(cut.spine, cut.frame), entry=entry)


def by_position(count: int) -> list[exp.Expr]:
    return [number(position + 1) for position in range(count)]


def same_segment() -> exp.Expr:
    """Return that partial states are of an entry's segment."""
    return exp.EQ(this=column(SEGMENT, ENTRY), expression=column(SEGMENT, "s"))


def one_part(work: ScanWriting, query: exp.Expr, states: StateNames) -> Written:
    """Return a scan that is one part, whose rows are the cells of its one cut."""
    return Written(((work.name, query),), {work.scan.cut: (Cells(work.name, states),)})


def direct(work: ScanWriting, *, values: Values | None) -> Written:
    """Group rows by the period that holds them.

    Args:
        work: the scan.
        values: how different values are counted beside the other states; None to count them with these.
    """
    names = work.named()
    parts: list[Part] = []
    cells: list[Cells] = []
    if values is not None and work.writing.dialect.bits:
        apart = {state: name for state, name in names.items() if state.kind is StateKind.DISTINCT}
        for position, (state, name) in enumerate(apart.items()):
            more, counted = values(work, state, name, position)
            parts += more
            cells.append(counted)
        names = {state: name for state, name in names.items() if state not in apart}
    folded = {state: name for state, name in names.items() if state.merge is not Merge.ONCE}
    whole = {state: name for state, name in names.items() if state.merge is Merge.ONCE}
    if not work.cells_first or not folded:
        folded, whole = {}, names
    if folded:
        fine = f"{work.name}_fine"
        parts += [
            (fine, grouped(work, partial(work.cell, inside=True), _CELL, folded)),
            (work.name, _of_cells(work, fine, folded)),
        ]
        cells.append(Cells(work.name, folded))
    if whole:
        name = f"{work.name}_whole" if folded else work.name
        parts.append((name, grouped(work, partial(work.bucket, inside=True), PERIOD, whole)))
        cells.append(Cells(name, whole))
    return Written(tuple(parts), {work.scan.cut: tuple(cells)})


def in_one_period(work: ScanWriting) -> Written:
    """Take all rows of the range together."""
    names = work.named()
    return one_part(work, grouped(work, lambda _: exp.cast(number(1), "INT"), PERIOD, names), names)


def grouped(
    work: ScanWriting, key: Callable[[exp.Expr], exp.Expr], name: str, names: StateNames, *, bounded: bool = True
) -> exp.Select:
    """Return the rows in one pass, grouped by a key of their moment and by the dimensions."""
    source = work.plain_source()
    group = key(source.column(work.scan.anchor))
    first, *conditions = work.conditions(source)
    where = [first, *work.window(source.column(work.scan.anchor), bounded=bounded)]
    if work.foretells_groups(names):
        source = work.plain_source(_with_group(work.model, group, where))
        group, where = column(GROUP, ROWS), []
        _, *conditions = work.conditions(source)
    keys = [alias(group, name), *work.dimensions(source)]
    states = work.states(source, names)
    return select(
        [*keys, *states],
        source.source,
        joins=source.joins(),
        where=[*where, *conditions],
        group_by=by_position(len(keys)),
    )


def _with_group(model: ObjectModel, group: exp.Expr, where: Sequence[exp.Expr]) -> exp.Expr:
    """Return the rows with the number they are grouped by; a union with no rows, as nothing is known of its columns."""
    whole = exp.Column(this=exp.Star(), table=identifier(ROWS))
    rows = select([whole, alias(group, GROUP)], table_of(model, ROWS), where=where)
    nothing = alias(exp.cast(exp.Null(), "INT"), GROUP)
    none = select([whole.copy(), nothing], table_of(model, ROWS), where=[exp.false()])
    union = exp.Union(this=rows, expression=none, distinct=False)
    return exp.Subquery(this=union, alias=exp.TableAlias(this=identifier(ROWS)))


def _of_cells(work: ScanWriting, fine: str, names: StateNames) -> exp.Select:
    """Return the groups by units of time, put into the periods."""
    keys: list[exp.Expr] = [
        alias(work.of_cell(column(_CELL), inside=True), PERIOD),
        *map(column, dimension_names(work.scan)),
    ]
    merges = [alias(merged(work.writing, state, column(name)), name) for state, name in names.items()]
    return select([*keys, *merges], table(fine), group_by=by_position(len(keys)))


def segments(work: ScanWriting) -> Written:
    """Group rows by segments, then the few groups by the entries whose spans hold them."""
    local = {state: f"a{index}" for index, state in enumerate(work.scan.states)}
    bounded = all(cut.at is None for cut in work.scan.cuts)
    key, name = (work.cell, _CELL) if work.cells_first else (work.bucket, SEGMENT)
    query = grouped(work, partial(key, inside=bounded), name, local, bounded=bounded)

    def joined(cut: Cut) -> tuple[str, exp.Expr]:
        segment = work.of_cell(column(_CELL, "s"), inside=bounded) if work.cells_first else column(SEGMENT, "s")
        return work.pairs(cut), exp.EQ(this=column(SEGMENT, ENTRY), expression=segment)

    return with_cells(work, query, local, joined)


Joined = Callable[[Cut], tuple[str, exp.Expr]]


def with_cells(
    work: ScanWriting,
    query: exp.Expr,
    local: StateNames,
    joined: Joined,
    *,
    only: Callable[[State], exp.Expr | None] = lambda _: None,
) -> Written:
    """Return a scan of partial states, and for each cut the part that merges them to its cells.

    Args:
        work: the scan.
        query: the partial states, with their segments.
        local: the names of the states there.
        joined: the table of entries to join for a cut, and on what condition.
        only: the condition on which a partial state counts, for a state of which not all joined ones do.
    """
    parts: list[Part] = [(work.name, query)]
    cells: dict[Cut, tuple[Cells, ...]] = {}
    dimensions = [column(name, "s") for name in dimension_names(work.scan)]
    for number_, (cut, wanted) in enumerate(zip(work.scan.cuts, work.scan.wanted, strict=True)):
        names = work.named(wanted)
        entries, on = joined(cut)
        keys: list[exp.Expr] = [column(PERIOD, ENTRY), *dimensions]
        merges = [
            alias(merged(work.writing, state, column(local[state], "s"), only=only(state)), name)
            for state, name in names.items()
        ]
        relation = f"{work.name}_{number_}"
        merge = select(
            [*keys, *merges],
            table(work.name, alias="s"),
            joins=[exp.Join(this=table(entries, alias=ENTRY), on=on)],
            group_by=by_position(len(keys)),
        )
        parts.append((relation, merge))
        cells[cut] = (Cells(relation, names),)
    return Written(tuple(parts), cells)


def spread(work: ScanWriting) -> Written:
    """Count each row in every entry whose span holds it."""
    source = work.spread_source()
    keys: list[exp.Expr] = [column(PERIOD, ENTRY), *work.dimensions(source)]
    names = work.named()
    states = work.states(source, names)
    conditions = list(work.conditions(source))
    entries = work.entries(work.scan.cut, source.column(work.scan.anchor))
    query = select(
        [*keys, *states],
        source.source,
        joins=source.joins(entries),
        where=conditions,
        group_by=by_position(len(keys)),
    )
    return one_part(work, query, names)
