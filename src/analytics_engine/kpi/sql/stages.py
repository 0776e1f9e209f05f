"""A stage as SQL: scans > cells, stacked and merged > terms. For the asked periods, and for the days of averages.

Each scan gives states of its cells. Without dimensions they meet in the entries of the spine. With dimensions the cells
of all scans are stacked and merged, null members included, which is a full outer join that no engine refuses. States
are then finished to terms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.formula.functions import AGGREGATES
from analytics_engine.kpi.formula.typed import Expression, Operation, PeriodDays, Term, TimeAverage, leaves_of
from analytics_engine.kpi.model.object_model import DataType, Nature
from analytics_engine.kpi.plan.plan import Cut, Scan, Shape, Stage, cut_of
from analytics_engine.kpi.sql.bins import value_of
from analytics_engine.kpi.sql.nodes import alias, column, number, select, some, table
from analytics_engine.kpi.sql.parameters import CoveredSlot, DaysSlot, OwnerSlot
from analytics_engine.kpi.sql.scans import Cells
from analytics_engine.kpi.sql.shapes import write_scan
from analytics_engine.kpi.sql.writing import PERIOD, Part, Writing
from analytics_engine.kpi.states.catalogue import DIVIDED, EVERY_ROW, State, StateKind, present_of, rows_of, states_of
from analytics_engine.kpi.states.skipped import known_of

OWNER = "owner"
_PIECE = "piece"


@dataclass(frozen=True)
class Piece:
    """A relation with a row per cell, and the columns it brings, with their types."""

    relation: str
    columns: tuple[tuple[str, DataType], ...]

    def slots(self, *, shared: bool) -> list[tuple[str, str, DataType]]:
        """Return for each column the place it has in a stack: ``integer_0``, shared by type, or one of its own."""
        if not shared:
            return [(name, name, kind) for name, kind in self.columns]
        seen: dict[DataType, int] = {}
        found: list[tuple[str, str, DataType]] = []
        for name, kind in self.columns:
            position = seen[kind] = seen.get(kind, -1) + 1
            found.append((name, f"{kind.value}_{position}", kind))
        return found


class StageWriter:
    """Writes one stage: first its scans, and when those of all stages are written, what becomes of their cells.

    Args:
        prefix: what the names of the stage's own parts start with; empty for the main stage.
        dimensions: how many dimensions its cells have.
        names: gives new names for states, of the whole statement.
    """

    def __init__(
        self,
        writing: Writing,
        stage: Stage,
        *,
        prefix: str,
        dimensions: int,
        names: Callable[[], str],
        one_period: bool = False,
    ) -> None:
        self._writing = writing
        self._stage = stage
        self._numbers = {term: place for place, term in enumerate(stage.terms)}
        self._prefix = prefix
        self._dimensions = dimensions
        self._names = names
        self._averages: Sequence[tuple[TimeAverage, Piece]] = ()
        self._one_period = one_period
        self._columns: dict[tuple[Term, State], str] = {}
        self._relations: dict[str, str] = {}
        self.scans: list[Part] = []
        self.parts: list[Part] = []
        self._single: list[Piece] = []
        self._totals: list[Piece] = []
        for position, scan in enumerate(stage.scans):
            (self._totals if scan.total else self._single).extend(self._scan(scan, position))

    # --- what others read ----------------------------------------------------------------------------------------

    @property
    def keys(self) -> list[str]:
        return [PERIOD, *(f"d{index}" for index in range(self._dimensions))]

    @property
    def terms(self) -> str:
        return f"{self._prefix}terms"

    def value(self, term: Term) -> str:
        return f"t{self._numbers[term]}"

    def rows(self, term: Term) -> str:
        return f"r{self._numbers[term]}"

    def present(self, term: Term) -> str:
        """Return the column that counts what lets the term's cell exist."""
        same = present_of(term) == rows_of(term)
        return self.rows(term) if same else f"p{self._numbers[term]}"

    def known(self, term: Term) -> str | None:
        """Return the column that counts the rows behind a term that have a value, where some may have none."""
        known = known_of(term)
        counted = known is not None and (term, known) in self._columns
        return f"n{self._numbers[term]}" if counted else None

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

    def members(self) -> list[exp.Select]:
        """Return the members of every scan's cells, each with the asked period it is of."""
        names = self.keys[1:]
        if not self._prefix:
            return [
                select([alias(column(PERIOD), OWNER), *map(column, names)], table(piece.relation))
                for piece in self._single
            ]
        return [
            select(
                [column(OWNER, "o"), *(column(name, "s") for name in names)],
                table(piece.relation, alias="s"),
                joins=[
                    exp.Join(
                        this=self._owners("o"), on=exp.EQ(this=column(PERIOD, "o"), expression=column(PERIOD, "s"))
                    )
                ],
            )
            for piece in self._single
        ]

    def finish(
        self,
        averages: Sequence[tuple[TimeAverage, Piece]] = (),
        *,
        members: str | None = None,
        everywhere: bool = False,
    ) -> None:
        """Write what becomes of the cells of all scans.

        Args:
            averages: what other stages computed for the cells of this one, or for its totals.
            members: the table of members that have a cell in every entry of their period.
            everywhere: they have one in every entry.
        """
        self._averages = averages
        single = [*self._single, *(piece for leaf, piece in averages if not leaf.total)]
        totals = [*self._totals, *(piece for leaf, piece in averages if leaf.total)]
        self._joined(totals)
        merged: str | None = None
        if single and self._dimensions:
            merged = self._stacked(single, members, everywhere=everywhere)
        else:
            self._joined(single)
        others = [piece.relation for piece in (totals if merged else [*single, *totals])]
        self.parts.append((self.terms, self._terms(merged, others)))

    def _scan(self, scan: Scan, position: int) -> list[Piece]:
        name = f"{self._prefix}scan_{position}"
        written = write_scan(self._writing, scan, name, self._names, one_period=self._one_period)
        self.scans += written.parts
        for term in scan.terms:
            known = known_of(term)
            wanted = [*states_of(term), rows_of(term), present_of(term), *([known] if known else []), EVERY_ROW]
            for cells in written.cells[cut_of(term, self._stage.spine)]:
                found = {state: cells.states[state] for state in wanted if state in cells.states}
                self._columns |= {(term, state): name for state, name in found.items()}
        return [_piece(cells) for of_cut in written.cells.values() for cells in of_cut]

    def _joined(self, pieces: Sequence[Piece]) -> None:
        """Let each piece stand on its own: they meet in the entry, which every one of them has once."""
        for piece in pieces:
            self._relations |= dict.fromkeys((name for name, _ in piece.columns), piece.relation)

    def _stacked(self, pieces: Sequence[Piece], members: str | None, *, everywhere: bool) -> str:
        """Return the relation of all pieces together, a row per cell."""
        keys = self.keys
        if len(pieces) == 1 and members is None:
            self._joined(pieces)
            return pieces[0].relation
        relation = f"{self._prefix}merged"
        cells = f"{self._prefix}cells"
        stacked = self._union(pieces, keys)
        if members is not None:
            empty = self._empty_cells(pieces, members, keys, everywhere=everywhere)
            stacked = exp.Union(this=stacked, expression=empty, distinct=False)
        self.parts.append((cells, stacked))
        merges = [
            alias(self._of_piece(number_, slot), name)
            for number_, piece in enumerate(pieces)
            for name, slot, _ in piece.slots(shared=self._shared)
        ]
        merge = select([*map(column, keys), *merges], table(cells), group_by=[column(key) for key in keys])
        self.parts.append((relation, merge))
        self._joined([Piece(relation, piece.columns) for piece in pieces])
        return relation

    @staticmethod
    def _of_piece(number_: int, slot: str) -> exp.Expr:
        """Return the one value a piece has for a cell."""
        own = exp.EQ(this=column(_PIECE), expression=number(number_))
        return exp.Filter(this=exp.Max(this=column(slot)), expression=exp.Where(this=own))

    def _union(self, pieces: Sequence[Piece], keys: Sequence[str]) -> exp.Expr:
        """Stack the cells of all pieces; columns of one type share places, so that the stack stays narrow."""
        stacked: exp.Expr | None = None
        places = self._places(pieces)
        for number_, piece in enumerate(pieces):
            names = {slot: name for name, slot, _ in piece.slots(shared=self._shared)}
            columns = [
                alias(column(names[slot]) if slot in names else self._writing.dialect.null(kind), slot)
                for slot, kind in places.items()
            ]
            own = alias(number(number_), _PIECE)
            cells = select([*map(column, keys), own, *columns], table(piece.relation))
            stacked = cells if stacked is None else exp.Union(this=stacked, expression=cells, distinct=False)
        assert stacked is not None
        return stacked

    @property
    def _shared(self) -> bool:
        return self._writing.dialect.stacks_by_type

    def _places(self, pieces: Sequence[Piece]) -> dict[str, DataType]:
        """Return the columns of a stack of pieces."""
        return {slot: kind for piece in pieces for _, slot, kind in piece.slots(shared=self._shared)}

    def _owners(self, name: str) -> exp.Expr:
        owners = self._writing.parameters(OwnerSlot(self._stage.spine), DataType.INTEGER, array=True)
        return self._writing.dialect.rows_of_arrays(name, [(OWNER, owners)], PERIOD)

    def _empty_cells(
        self, pieces: Sequence[Piece], members: str, keys: Sequence[str], *, everywhere: bool
    ) -> exp.Select:
        """Return a cell without states for every entry and each of its members."""
        places = self._places(pieces)
        empty: list[exp.Expr] = [alias(self._writing.dialect.null(kind), slot) for slot, kind in places.items()]
        same = None if everywhere else exp.EQ(this=column(OWNER, "o"), expression=column(OWNER, "m"))
        join = exp.Join(this=table(members, alias="m"), on=same, kind="CROSS" if everywhere else None)
        none = alias(number(len(pieces)), _PIECE)
        return select(
            [column(PERIOD, "o"), *(column(key, "m") for key in keys[1:]), none, *empty],
            self._owners("o"),
            joins=[join],
        )

    # --- states to terms -------------------------------------------------------------------------------------------

    def _terms(self, merged: str | None, others: Sequence[str]) -> exp.Select:
        """Finish every term of every cell; without dimensions every entry is a cell."""
        columns: list[exp.Expr] = [column(PERIOD, "spine")]
        columns += [column(name, merged or "") for name in self.keys[1:]]
        covered: dict[tuple[str, Cut], str] = {}
        for position, term in enumerate(self._stage.terms):
            key = (term.model, cut_of(term, self._stage.spine))
            flag = covered.setdefault(key, f"covered_{len(covered)}")
            columns.append(alias(self._finish(term, flag), f"t{position}"))
            columns.append(alias(self._count(term, rows_of(term)), f"r{position}"))
            if present_of(term) != rows_of(term):
                columns.append(alias(self._count(term, present_of(term)), f"p{position}"))
            known = known_of(term)
            if known is not None and (term, known) in self._columns:
                columns.append(alias(self._count(term, known), f"n{position}"))
        columns += [self._column(name) for _, piece in self._averages for name, _ in piece.columns]
        columns += [column(f"days_{index}", "spine") for index in range(len(self._stage.days))]
        if self._prefix:
            columns.append(column(OWNER, "spine"))
        return select(columns, self._spine_table(covered), joins=_cell_joins(merged, others))

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

    def _column(self, name: str) -> exp.Expr:
        return column(name, self._relations[name])

    def _is_snapshot(self, term: Term) -> bool:
        """Return whether a term is over the last snapshots: where there is none, nothing is known."""
        held = any(scan.shape is Shape.VALIDITY and term in scan.terms for scan in self._stage.scans)
        return held and self._writing.paths.model(term.model).nature is Nature.SNAPSHOT

    def _is_total(self, term: Term) -> bool:
        return next(scan.total for scan in self._stage.scans if term in scan.terms)

    def _state(self, term: Term, state: State) -> exp.Expr:
        return self._column(self._columns[term, state])

    def _count(self, term: Term, state: State) -> exp.Expr:
        return exp.Coalesce(this=self._state(term, state), expressions=[number(0)])

    def _finish(self, term: Term, covered: str) -> exp.Expr:
        """Return a term's value: its finished states; of no rows 0, where 0 is meant and the period was loaded."""
        value = self._of_states(term)
        if AGGREGATES[term.function].empty is None:
            return value
        known: exp.Expr = column(covered, "spine")
        if self._is_snapshot(term):
            valid = exp.GT(this=self._count(term, EVERY_ROW), expression=number(0))
            known = exp.And(this=known, expression=valid)
        zero = exp.Case(ifs=[exp.If(this=known, true=number(0))])
        none = exp.EQ(this=self._count(term, rows_of(term)), expression=number(0))
        return exp.Case(ifs=[exp.If(this=none, true=zero)], default=value)

    def _of_states(self, term: Term) -> exp.Expr:
        dialect = self._writing.dialect
        first, *others = (self._state(term, state) for state in states_of(term))
        if term.function in DIVIDED:
            return dialect.divide(first, others[0], term.type)
        match states_of(term)[0].kind:
            case StateKind.DISTINCT:  # rows without a value may be no cell of their own
                return exp.Coalesce(this=first, expressions=[number(0)])
            case StateKind.APPROXIMATE_QUANTILE:
                return value_of(dialect, first)
            case _:
                return first

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


def _cell_joins(merged: str | None, others: Sequence[str]) -> list[exp.Join]:
    """Return the joins of the cells to the spine: only cells that are there of the merged one, if there is one."""
    joins: list[exp.Join] = []
    for relation in [*([merged] if merged else []), *others]:
        same = exp.EQ(this=column(PERIOD, relation), expression=column(PERIOD, "spine"))
        joins.append(exp.Join(this=table(relation), on=same, side=None if relation == merged else "LEFT"))
    return joins


def rows_of_average(name: str) -> str:
    """Return the column that counts the rows behind a mean over days."""
    return f"{name}_rows"


def _piece(cells: Cells) -> Piece:
    return Piece(cells.relation, tuple((name, state.type) for state, name in cells.states.items()))
