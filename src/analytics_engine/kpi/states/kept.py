"""What a rollup keeps: which states of which rows, under which columns, by which buckets of time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, Self

from analytics_engine.kpi.formula.typed import Expression, Operation, conjunction
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.rollup import Level
from analytics_engine.kpi.states.catalogue import EVERY_ROW, Merge, State, StateKind
from analytics_engine.kpi.states.skipped import decisive, may_be_null

SCHEMA = "rollups"
BUCKET = "ae_bucket"
"""The column of the start of a row's bucket."""
TALLIED = "ae_value"
"""The column of a tally's values."""
MERGED = "ae_merged"
"""The column that tells that a row is the only one of its cell, as far as compaction knows."""


def digest_of(state: State) -> str:
    """Return what tells a state from every other, in whichever process it is computed."""
    return hashlib.sha256(repr(state).encode()).hexdigest()[:32]


def held_as(state: State) -> State:
    """Return the state a rollup holds for a state: every row that is there counts as present."""
    return State(StateKind.ROWS, None, state.where) if state.kind is StateKind.PRESENT else state


def companion_of(state: State) -> State | None:
    """Return the count that tells whether a sum is of any value: what was added and taken away again leaves zero."""
    if state.kind is not StateKind.SUM:
        return None
    assert state.argument is not None
    if may_be_null(state.argument):
        return State(StateKind.NOT_NULL, decisive(state.argument), state.where)
    return State(StateKind.ROWS, None, state.where)


def retracts(state: State) -> bool:
    """Return whether a row can be taken out of a state again: counts and exact sums can be subtracted from."""
    return state.merge is Merge.SUM and not (state.kind is StateKind.SUM and state.type is DataType.FLOAT)


def tallied_of(state: State) -> State | None:
    """Return what tells the tally that a state is found in: how often each value, or bin of values, occurs."""
    match state.kind:
        case StateKind.DISTINCT | StateKind.APPROXIMATE_QUANTILE:
            return State(state.kind, state.argument, None)
        case _:
            return None


def occurrences_of(state: State) -> State:
    """Return the state that a tally holds for each value: how many rows meet the condition."""
    return State(StateKind.ROWS, None, state.where)


def is_kept(state: State) -> bool:
    """Return whether a rollup can have a state: one that merges, or is found in a tally."""
    return state.merge is not Merge.ONCE or tallied_of(state) is not None


class Columns(Protocol):
    """What has columns of states."""

    def column(self, state: State) -> str | None:
        """Return the column that holds a state, if one does."""
        ...


@dataclass(frozen=True)
class Tally:
    """How often each value of an expression occurs in the cells of a rollup: one row for each value, or several.

    Counts retract, so from a tally different values are counted, and ranks are found, whatever is deleted or merged.

    Args:
        digest: what tells it from others, of its rollup too.
        columns: the column of each count, by the digest of its state.
    """

    digest: str
    columns: tuple[tuple[str, str], ...]

    def column(self, state: State) -> str | None:
        return dict(self.columns).get(digest_of(state))


@dataclass(frozen=True)
class Read:
    """An object model whose rows are read beside a rollup's own: one row of it at most for each.

    Args:
        route: the relations that lead there.
        model: its code.
        pairs: an attribute of the row before it, and the attribute there that equals it.
    """

    route: tuple[str, ...]
    model: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Kept:
    """One rollup as it is held by the server.

    Args:
        id: its number on the server; its tables are named by it.
        code: its definition's.
        anchor: the attribute that puts a row into a bucket, with what leads to it, and its type.
        dimensions: the attributes its cells are told apart by.
        levels: the lengths of its buckets, the finest first.
        columns: the column of each state, by the state's digest.
        reads: the rows beside its own that its states and its anchor need, those before that lead to others.
        tallies: the values that are counted in its cells.
        rows: about how many rows its coarsest level has; of two that fit the smaller is read.
        sparse: the tallies, each with a level, that are hardly smaller than the rows, so that these are read instead.
    """

    id: int
    code: str
    model: str
    anchor: str
    anchor_type: DataType
    dimensions: tuple[str, ...]
    levels: tuple[Level, ...]
    columns: tuple[tuple[str, str], ...]
    reads: tuple[Read, ...] = ()
    tallies: tuple[Tally, ...] = ()
    rows: int = field(default=0, compare=False)
    sparse: frozenset[tuple[int, Level]] = field(default=frozenset(), compare=False)

    @cached_property
    def _by_digest(self) -> Mapping[str, str]:
        return dict(self.columns)

    def column(self, state: State) -> str | None:
        """Return the column that holds a state, if one does."""
        return self._by_digest.get(digest_of(held_as(state)))

    def tally(self, state: State) -> int | None:
        """Return the number of the tally that a state is found in, if there is one."""
        tallied = tallied_of(state)
        wanted = digest_of(tallied) if tallied is not None else None
        return next((number for number, tally in enumerate(self.tallies) if tally.digest == wanted), None)

    def table(self, level: Level, tally: int | None = None) -> str:
        """Return the table of a level: of the cells themselves, or of a tally."""
        return f"r{self.id}_{level.value}" + (f"_v{tally}" if tally is not None else "")

    def level_within(self, longest: Level) -> Level:
        """Return the coarsest of its levels whose buckets are no longer than those of a level, else its finest."""
        order = tuple(Level)
        return next((one for one in reversed(self.levels) if order.index(one) <= order.index(longest)), self.levels[0])

    def as_json(self) -> dict[str, Any]:
        """Return all but the number, to be kept on the server."""
        return {
            "code": self.code,
            "model": self.model,
            "anchor": self.anchor,
            "anchor_type": self.anchor_type.value,
            "dimensions": list(self.dimensions),
            "levels": [level.value for level in self.levels],
            "columns": [list(pair) for pair in self.columns],
            "reads": [
                {"route": list(read.route), "model": read.model, "pairs": [list(pair) for pair in read.pairs]}
                for read in self.reads
            ],
            "tallies": [
                {"digest": tally.digest, "columns": [list(pair) for pair in tally.columns]} for tally in self.tallies
            ],
        }

    @classmethod
    def of_json(
        cls, number: int, kept: Mapping[str, Any], *, rows: int = 0, sparse: Collection[tuple[int, Level]] = ()
    ) -> Self:
        return cls(
            id=number,
            code=kept["code"],
            model=kept["model"],
            anchor=kept["anchor"],
            anchor_type=DataType(kept["anchor_type"]),
            dimensions=tuple(kept["dimensions"]),
            levels=tuple(Level(level) for level in kept["levels"]),
            columns=tuple((digest, column) for digest, column in kept["columns"]),
            reads=tuple(
                Read(
                    route=tuple(read["route"]),
                    model=read["model"],
                    pairs=tuple((here, there) for here, there in read["pairs"]),
                )
                for read in kept["reads"]
            ),
            tallies=tuple(
                Tally(tally["digest"], tuple((digest, column) for digest, column in tally["columns"]))
                for tally in kept.get("tallies", ())
            ),
            rows=rows,
            sparse=frozenset(sparse),
        )


@dataclass(frozen=True)
class Source:
    """Where a rollup has a state: a column, and which of the cells count."""

    state: State
    column: str
    only: Expression | None


def source_of(kept: Columns, state: State, told: Callable[[Expression], bool]) -> Source | None:
    """Return where a rollup has a state: as it is, or as one of fewer conditions.

    Args:
        kept: the rollup, or one of its tallies.
        state: the state.
        told: whether the rollup's cells tell if an expression holds.
    """
    held = held_as(state)
    column = kept.column(held)
    if column is not None:
        return Source(held, column, None)
    conditions = _conjuncts(held.where) if held.where is not None else ()
    own = [condition for condition in conditions if told(condition)]
    if not own:
        return None
    others = [condition for condition in conditions if condition not in own]
    wider = replace_where(held, conjunction(*others) if others else None)
    column = kept.column(wider)
    return None if column is None else Source(wider, column, conjunction(*own))


def replace_where(state: State, where: Expression | None) -> State:
    """Return a state of the rows that meet another condition."""
    return State(state.kind, state.argument, where, state.parameter, state.second, state.condition)


def _conjuncts(condition: Expression) -> tuple[Expression, ...]:
    match condition:
        case Operation(operator="and", operands=operands):
            return tuple(part for operand in operands for part in _conjuncts(operand))
        case _:
            return (condition,)


def with_companions(states: Iterable[State]) -> tuple[State, ...]:
    """Return states with all that a rollup holds beside them, the count of all rows first."""
    found: dict[State, None] = {EVERY_ROW: None}
    for state in map(held_as, states):
        found[state] = None
        companion = companion_of(state)
        if companion is not None:
            found[companion] = None
    return tuple(found)
