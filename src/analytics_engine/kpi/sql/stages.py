"""A stage as SQL: scans > cells, stacked and merged > terms. For the asked periods, and for the days of averages.

Each scan gives partial states of its cells; the cells of all scans are stacked and merged, null members included,
which is a full outer join that no engine refuses; states are then finished to terms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.formula.functions import AGGREGATES
from analytics_engine.kpi.formula.typed import Expression, Operation, PeriodDays, Term, TimeAverage, leaves_of
from analytics_engine.kpi.model.object_model import DataType, Nature
from analytics_engine.kpi.plan.plan import Cut, Scan, Shape, Stage, cut_of
from analytics_engine.kpi.sql.nodes import alias, column, number, select, some, table
from analytics_engine.kpi.sql.parameters import CoveredSlot, DaysSlot, OwnerSlot
from analytics_engine.kpi.sql.scans import Cells
from analytics_engine.kpi.sql.shapes import write_scan
from analytics_engine.kpi.sql.writing import PERIOD, Part, Writing
from analytics_engine.kpi.states.catalogue import DIVIDED, State, present_of, rows_of, states_of, valid_of

OWNER = "owner"


@dataclass(frozen=True)
class Piece:
    """A relation with a row per cell, and the columns it brings, with their types."""

    relation: str
    columns: tuple[tuple[str, DataType], ...]


class StageWriter:
    """Writes one stage.

    Args:
        prefix: what the names of the stage's own parts start with; empty for the main stage.
        dimensions: the types of the dimensions.
        names: gives new names for states, of the whole statement.
        averages: what other stages computed for the cells of this one, or for its totals.
        every_member: let each member have a cell in every entry.
    """

    def __init__(
        self,
        writing: Writing,
        stage: Stage,
        *,
        prefix: str,
        dimensions: Sequence[DataType],
        names: Callable[[], str],
        averages: Sequence[tuple[TimeAverage, Piece]] = (),
        every_member: bool = False,
        one_period: bool = False,
    ) -> None:
        self._writing = writing
        self._stage = stage
        self._prefix = prefix
        self._dimensions = dimensions
        self._names = names
        self._averages = averages
        self._every_member = every_member
        self._one_period = one_period
        self._columns: dict[tuple[Term, State], str] = {}
        self._spine: dict[str, exp.Expr] = {}
        self.parts: list[Part] = []
        self._write()

    # --- what others read ----------------------------------------------------------------------------------------

    @property
    def keys(self) -> list[str]:
        return [PERIOD, *(f"d{index}" for index in range(len(self._dimensions)))]

    @property
    def terms(self) -> str:
        return f"{self._prefix}terms"

    def value(self, term: Term) -> str:
        return f"t{self._stage.terms.index(term)}"

    def rows(self, term: Term) -> str:
        return f"r{self._stage.terms.index(term)}"

    def present(self, term: Term) -> str:
        """Return the column that counts what lets the term's cell exist."""
        same = present_of(term) == rows_of(term)
        return self.rows(term) if same else f"p{self._stage.terms.index(term)}"

    def average(self, leaf: TimeAverage) -> str:
        """Return the column of a mean over days."""
        return next(piece.columns[0][0] for other, piece in self._averages if other == leaf)

    def leaf(self, leaf: Expression) -> exp.Expr:
        """Return a leaf of a cell expression as a column of the terms."""
        match leaf:
            case Term():
                return column(self.value(leaf))
            case PeriodDays():
                return column(f"days_{self._stage.days.index(leaf)}")
            case TimeAverage():
                return column(self.average(leaf))
            case Operation(operator="rank"):
                return self._rank(leaf)
            case _:
                raise TypeError(f"not of a cell: {leaf!r}")

    def exists(self) -> exp.Expr | None:
        """Return the condition that a cell exists, where some do not."""
        counts = [column(self.present(term)) for term in self._stage.terms if not self._is_total(term)]
        counts += [column(rows_of_average(self.average(leaf))) for leaf, _ in self._averages if not leaf.total]
        return some([exp.GT(this=count, expression=number(0)) for count in counts]) if counts else None

    # --- parts ---------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        single: list[Piece] = []
        totals: list[Piece] = []
        for scan in self._stage.scans:
            (totals if scan.total else single).extend(self._scan(scan))
        for leaf, piece in self._averages:
            (totals if leaf.total else single).append(piece)
        self._merged = self._stacked(single, "merged", self.keys)
        self._totals = self._stacked(totals, "totals", [PERIOD])
        self.parts.append((self.terms, self._terms()))

    def _scan(self, scan: Scan) -> list[Piece]:
        name = f"{self._prefix}scan_{self._stage.scans.index(scan)}"
        written = write_scan(self._writing, scan, name, self._names, one_period=self._one_period)
        self.parts += written.parts
        for term in scan.terms:
            cells = written.cells[cut_of(term, self._stage.spine)]
            for state in (*states_of(term), rows_of(term), present_of(term), valid_of(term)):
                if state in cells.states:
                    self._columns[term, state] = cells.states[state]
        return [_piece(cells) for cells in written.cells.values()]

    def _stacked(self, pieces: Sequence[Piece], name: str, keys: Sequence[str]) -> str | None:
        """Return the relation of all pieces together, a row per cell: each state has one value there, and nulls."""
        densified = self._every_member and len(keys) > 1
        if not pieces or (len(pieces) == 1 and not densified):
            return pieces[0].relation if pieces else None
        relation = f"{self._prefix}{name}"
        cells = f"{relation}_cells"
        self.parts.append((cells, self._union(pieces, keys)))
        if densified:
            members = f"{relation}_members"
            self.parts.append((members, self._members(cells, keys)))
            self.parts.append((f"{cells}_all", self._with_members(pieces, cells, members, keys)))
            cells = f"{cells}_all"
        merges = [alias(exp.Max(this=column(state)), state) for piece in pieces for state, _ in piece.columns]
        grouped = [column(key) for key in keys]
        merge = select([*grouped, *merges], table(cells), group_by=[column(key) for key in keys])
        self.parts.append((relation, merge))
        return relation

    def _union(self, pieces: Sequence[Piece], keys: Sequence[str]) -> exp.Expr:
        stacked: exp.Expr | None = None
        for piece in pieces:
            columns = [
                column(name) if other is piece else alias(self._writing.dialect.null(kind), name)
                for other in pieces
                for name, kind in other.columns
            ]
            cells = select([*map(column, keys), *columns], table(piece.relation))
            stacked = cells if stacked is None else exp.Union(this=stacked, expression=cells, distinct=False)
        assert stacked is not None
        return stacked

    def _members(self, cells: str, keys: Sequence[str]) -> exp.Select:
        """Return each member once: of averages, for each period whose days are averaged."""
        joins = [self._spine_join(cells)] if self._prefix else []
        owner = [column(OWNER, "o")] if self._prefix else []
        members = select(
            [*owner, *(column(key, cells) for key in keys[1:])],
            table(cells),
            joins=joins,
            group_by=[number(position + 1) for position in range(len(owner) + len(keys) - 1)],
        )
        return members

    def _spine_join(self, cells: str) -> exp.Join:
        same = exp.EQ(this=column(PERIOD, "o"), expression=column(PERIOD, cells))
        return exp.Join(this=self._owners("o"), on=same)

    def _owners(self, name: str) -> exp.Expr:
        owners = self._writing.parameters(OwnerSlot(self._stage.spine), DataType.INTEGER, array=True)
        return self._writing.dialect.rows_of_arrays(name, [(OWNER, owners)], PERIOD)

    def _with_members(self, pieces: Sequence[Piece], cells: str, members: str, keys: Sequence[str]) -> exp.Expr:
        """Return the cells, and an empty one for every entry and member."""
        empty: list[exp.Expr] = [
            alias(self._writing.dialect.null(kind), name) for piece in pieces for name, kind in piece.columns
        ]
        same = exp.EQ(this=column(OWNER, "o"), expression=column(OWNER, "m")) if self._prefix else None
        join = exp.Join(this=table(members, alias="m"), on=same, kind=None if same is not None else "CROSS")
        every_cell = select(
            [column(PERIOD, "o"), *(column(key, "m") for key in keys[1:]), *empty], self._owners("o"), joins=[join]
        )
        columns = [column(name) for piece in pieces for name, _ in piece.columns]
        present = select([*map(column, keys), *columns], table(cells))
        return exp.Union(this=present, expression=every_cell, distinct=False)

    # --- states to terms -------------------------------------------------------------------------------------------

    def _terms(self) -> exp.Select:
        """Finish every term of every cell; without dimensions every entry is a cell."""
        columns: list[exp.Expr] = [column(PERIOD, "spine")]
        columns += [column(name, self._merged or "") for name in self.keys[1:]]
        covered: dict[tuple[str, Cut], str] = {}
        for position, term in enumerate(self._stage.terms):
            key = (term.model, cut_of(term, self._stage.spine))
            flag = covered.setdefault(key, f"covered_{len(covered)}")
            columns.append(alias(self._finish(term, flag), f"t{position}"))
            columns.append(alias(self._count(term, rows_of(term)), f"r{position}"))
            if present_of(term) != rows_of(term):
                columns.append(alias(self._count(term, present_of(term)), f"p{position}"))
        for leaf, piece in self._averages:
            relation = self._totals if leaf.total else self._merged
            columns += [column(name, relation or "") for name, _ in piece.columns]
        columns += [column(f"days_{index}", "spine") for index in range(len(self._stage.days))]
        if self._prefix:
            columns.append(column(OWNER, "spine"))
        return select(columns, self._spine_table(covered), joins=self._cell_joins())

    def _spine_table(self, covered: dict[tuple[str, Cut], str]) -> exp.Expr:
        make = self._writing.parameters
        arrays = [
            (name, make(CoveredSlot(model, cut), DataType.BOOLEAN, array=True))
            for (model, cut), name in covered.items()
        ]
        arrays += [
            (f"days_{index}", make(DaysSlot(self._stage.spine, leaf.frame), DataType.INTEGER, array=True))
            for index, leaf in enumerate(self._stage.days)
        ]
        if self._prefix or not arrays:
            arrays.append((OWNER, make(OwnerSlot(self._stage.spine), DataType.INTEGER, array=True)))
        return self._writing.dialect.rows_of_arrays("spine", arrays, PERIOD)

    def _cell_joins(self) -> list[exp.Join]:
        joins: list[exp.Join] = []
        for relation in (self._merged, self._totals):
            if relation is not None:
                same = exp.EQ(this=column(PERIOD, relation), expression=column(PERIOD, "spine"))
                inner = relation == self._merged and bool(self._dimensions)
                joins.append(exp.Join(this=table(relation), on=same, side=None if inner else "LEFT"))
        return joins

    def _is_snapshot(self, term: Term) -> bool:
        """Return whether a term is over the last snapshots: where there is none, nothing is known."""
        held = any(scan.shape is Shape.VALIDITY and term in scan.terms for scan in self._stage.scans)
        return held and self._writing.paths.model(term.model).nature is Nature.SNAPSHOT

    def _is_total(self, term: Term) -> bool:
        return next(scan.total for scan in self._stage.scans if term in scan.terms)

    def _state(self, term: Term, state: State) -> exp.Expr:
        relation = self._totals if self._is_total(term) else self._merged
        return column(self._columns[term, state], relation or "")

    def _count(self, term: Term, state: State) -> exp.Expr:
        return exp.Coalesce(this=self._state(term, state), expressions=[number(0)])

    def _finish(self, term: Term, covered: str) -> exp.Expr:
        """Return a term's value: its finished states; of no rows 0, where 0 is meant and the period was loaded."""
        states = [self._state(term, state) for state in states_of(term)]
        value = states[0]
        if term.function in DIVIDED:
            value = self._writing.dialect.divide(states[0], states[1], term.type)
        if AGGREGATES[term.function].empty is None:
            return value
        known: exp.Expr = column(covered, "spine")
        if self._is_snapshot(term):
            valid = exp.GT(this=self._count(term, valid_of(term)), expression=number(0))
            known = exp.And(this=known, expression=valid)
        zero = exp.Case(ifs=[exp.If(this=known, true=number(0))])
        none = exp.EQ(this=self._count(term, rows_of(term)), expression=number(0))
        return exp.Case(ifs=[exp.If(this=none, true=zero)], default=value)

    # --- comparisons between cells -----------------------------------------------------------------------------------

    def _rank(self, rank: Operation) -> exp.Expr:
        """Return the place of a value among the cells of its period that have rows and a value."""
        operand = rank.operands[0]
        value = self._writing.expressions.write(operand, self.leaf)
        present = [exp.GT(this=column(name), expression=number(0)) for name in self._presences(operand)]
        known: exp.Expr = exp.Not(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null()))
        if present:
            known = exp.And(this=exp.Paren(this=some(present)), expression=known)
        flag = exp.Case(ifs=[exp.If(this=known.copy(), true=number(1))], default=number(0))
        place = exp.Window(
            this=exp.Anonymous(this="RANK", expressions=[]),
            partition_by=[column(PERIOD), flag],
            order=exp.Order(expressions=[exp.Ordered(this=value, desc=True, nulls_first=False)]),
        )
        return exp.Case(ifs=[exp.If(this=known, true=place)])

    def _presences(self, operand: Expression) -> list[str]:
        names: list[str] = []
        for leaf in leaves_of(operand):
            if isinstance(leaf, Term) and not leaf.total:
                names.append(self.present(leaf))
            elif isinstance(leaf, TimeAverage) and not leaf.total:
                names.append(rows_of_average(self.average(leaf)))
        return list(dict.fromkeys(names))


def rows_of_average(name: str) -> str:
    """Return the column that counts the rows behind a mean over days."""
    return f"{name}_rows"


def _piece(cells: Cells) -> Piece:
    return Piece(cells.relation, tuple((name, state.type) for state, name in cells.states.items()))
