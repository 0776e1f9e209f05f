"""States from tallies: different values counted and ranks found from how often each value occurs in a segment."""

from __future__ import annotations

from sqlglot import exp

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.plan import Cut
from analytics_engine.kpi.sql.bins import bin_of
from analytics_engine.kpi.sql.nodes import alias, column, number, select, table
from analytics_engine.kpi.sql.scans import Cells, ScanWriting, StateNames, by_position, dimension_names, same_segment
from analytics_engine.kpi.sql.sources import ENTRY, RowSource
from analytics_engine.kpi.sql.steps import VALUE, Steps
from analytics_engine.kpi.sql.writing import PERIOD, SEGMENT, Part
from analytics_engine.kpi.states.catalogue import State, StateKind
from analytics_engine.kpi.states.kept import occurrences_of

_UP_TO, _ALL = "up_to", "all"


def value_of_row(work: ScanWriting, source: RowSource, state: State) -> exp.Expr:
    """Return the value by which a row is counted in the tally of a state."""
    assert state.argument is not None
    value = source.write(state.argument)
    return bin_of(work.writing.dialect, value) if state.kind is StateKind.APPROXIMATE_QUANTILE else value


class TallyWriter:
    """Writes the states of a scan that are found in one tally.

    Args:
        work: the scan, with these states alone.
        name: the relation that has the values of each segment with their counts; names of other parts begin with it.
    """

    def __init__(self, work: ScanWriting, name: str) -> None:
        self._work = work
        self.name = name
        states = dict.fromkeys(map(occurrences_of, work.scan.states))
        self.counts: StateNames = {state: f"n{index}" for index, state in enumerate(states)}
        self._dimensions = dimension_names(work.scan)

    def cells(self, cut: Cut) -> tuple[list[Part], list[Cells]]:
        """Return the parts that find what a cut wants, and their cells."""
        place = self._work.scan.cuts.index(cut)
        names = self._work.named(self._work.scan.wanted[place])
        prefix = f"{self.name}_{place}"
        if not names:
            return [], []
        if any(state.kind is StateKind.APPROXIMATE_QUANTILE for state in names):
            return self._at_ranks(cut, names, prefix)
        if not cut.plain and not cut.spine:
            return self._in_windows(cut, names, prefix)
        relation = f"{prefix}_count"
        counted = [alias(self._integer(self._number_of(state)), name) for state, name in names.items()]
        return [(prefix, self._values(cut)), (relation, self._by_cell(prefix, counted))], [Cells(relation, names)]

    def _in_windows(self, cut: Cut, names: StateNames, prefix: str) -> tuple[list[Part], list[Cells]]:
        """Count values in spans that overlap, by steps."""
        parts: list[Part] = []
        cells: list[Cells] = []
        for position, (state, name) in enumerate(names.items()):
            steps = Steps(self._work, cut, f"{prefix}_{position}", [name])
            keys = [column(each) for each in (SEGMENT, *self._dimensions, VALUE)]
            there = exp.GT(this=exp.Sum(this=column(self._count(state))), expression=number(0))
            held = select(keys, table(self.name), group_by=[key.copy() for key in keys], having=there)
            parts += [(f"{prefix}_{position}", held), *steps.parts()]
            cells.append(Cells(steps.relation, {state: name}))
        return parts, cells

    def _at_ranks(self, cut: Cut, names: StateNames, prefix: str) -> tuple[list[Part], list[Cells]]:
        """Find the values at ranks: the first up to which there are so many."""
        ranked, relation = f"{prefix}_ranked", f"{prefix}_ranks"
        found = [alias(self._at_rank(state), name) for state, name in names.items()]
        parts: list[Part] = [
            (prefix, self._values(cut)),
            (ranked, self._ranked(prefix)),
            (relation, self._by_cell(ranked, found)),
        ]
        return parts, [Cells(relation, names)]

    def _values(self, cut: Cut) -> exp.Select:
        """Return the values of each cell of a cut, with their counts."""
        keys = [column(PERIOD, ENTRY), *(column(each, "s") for each in (*self._dimensions, VALUE))]
        counts = [alias(exp.Sum(this=column(name, "s")), name) for name in self.counts.values()]
        return select(
            [*keys, *counts],
            table(self.name, alias="s"),
            joins=[exp.Join(this=table(self._work.pairs(cut), alias=ENTRY), on=same_segment())],
            group_by=by_position(len(keys)),
        )

    def _ranked(self, values: str) -> exp.Select:
        """Return the values of cells, each with how many there are up to it, and how many in all, of each count."""
        cell = [column(each) for each in self._cell]
        order = exp.Order(expressions=[exp.Ordered(this=column(VALUE), nulls_first=False)])
        sums = []
        for name in self.counts.values():
            up_to, every = (
                exp.Window(this=exp.Sum(this=column(name)), partition_by=[key.copy() for key in cell], order=ordered)
                for ordered in (order.copy(), None)
            )
            sums += [alias(up_to, f"{name}_{_UP_TO}"), alias(every, f"{name}_{_ALL}")]
        counts = [column(name) for name in self.counts.values()]
        return select([*cell, column(VALUE), *counts, *sums], table(values))

    def _at_rank(self, state: State) -> exp.Expr:
        name = self._count(state)
        rank = exp.Mul(this=number(str(state.parameter)), expression=column(f"{name}_{_ALL}"))
        reached = exp.GTE(this=column(f"{name}_{_UP_TO}"), expression=rank)
        there = exp.And(this=self._there(state), expression=reached)
        return exp.Filter(this=exp.Min(this=column(VALUE)), expression=exp.Where(this=there))

    def _by_cell(self, relation: str, found: list[exp.Expr]) -> exp.Select:
        keys = [column(each) for each in self._cell]
        return select([*keys, *found], table(relation), group_by=by_position(len(keys)))

    def _number_of(self, state: State) -> exp.Expr:
        return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=self._there(state)))

    def _there(self, state: State) -> exp.Expr:
        return exp.GT(this=column(self._count(state)), expression=number(0))

    def _integer(self, value: exp.Expr) -> exp.Expr:
        return self._work.writing.dialect.cast(value, DataType.INTEGER)

    def _count(self, state: State) -> str:
        return self.counts[occurrences_of(state)]

    @property
    def _cell(self) -> list[str]:
        return [PERIOD, *self._dimensions]
