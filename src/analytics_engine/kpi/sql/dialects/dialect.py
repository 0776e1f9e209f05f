"""What differs between engines: types and names as data, true divergences as functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.formula.typed import Operation
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.nodes import release
from analytics_engine.kpi.states.catalogue import StateKind


class GridOfBoundaries(Protocol):
    """The ascending boundaries that divide time into segments, as parameters that are made when they are asked for.

    ``lookup``, ``base``, ``unit``, ``count`` and ``odds`` say the same as ``starts`` in whole numbers, microseconds
    since 1970 or days: position ``(time - base) // unit`` of the lookup, counted from 0, is how many of the regular
    boundaries are not after the time; before the base there are none, behind the lookup all, which is their count.
    ``inside``: only times from the first boundary to before the last are looked at.
    Odd boundaries, at which a range was cut, come one by one; those that a question has no use for lie after all time.
    """

    @property
    def type(self) -> DataType: ...
    @property
    def inside(self) -> bool: ...
    def starts(self) -> exp.Expr: ...
    def lookup(self) -> exp.Expr: ...
    def base(self) -> exp.Expr: ...
    def unit(self) -> exp.Expr: ...
    def count(self) -> exp.Expr: ...
    def odds(self) -> Sequence[exp.Expr]: ...


StateWriter = Callable[[exp.Expr, exp.Expr | None, LiteralValue, DataType], exp.Expr]
"""Writes a state over a value, perhaps a second one, with its parameter, in its type."""


@dataclass(frozen=True, slots=True)
class ScalarCall:
    """One use of a scalar: its operands as SQL, and what it was resolved to.

    ``zone`` makes the parameter of the question's time zone when it is asked for.
    """

    operands: Sequence[exp.Expr]
    operation: Operation
    zone: Callable[[], exp.Expr]
    dialect: Dialect

    def cast(self, operand: exp.Expr, kind: DataType) -> exp.Expr:
        """Return an operand in the engine's type of a kind."""
        return self.dialect.cast(operand, kind)


ScalarWriter = Callable[[ScalarCall], exp.Expr]


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Elapsed time as a number that grows with it.

    Args:
        between: from a moment to a later one; quantiles of it are found as of whole numbers.
        per_second: what a second is.
    """

    between: Callable[[exp.Expr, exp.Expr], exp.Expr]
    per_second: int


@dataclass(frozen=True)
class Dialect:
    """How one engine says things.

    Args:
        name: sqlglot's name of the dialect.
        types: the SQL type of each attribute type.
        parameter: the placeholder of a numbered parameter, with the type of its values, or of an array of them.
        bucket: the number of boundaries of a grid that are not after a time; null for no time.
        rows_of_arrays: a table of an alias: a row per position of arrays of equal length, numbered from 1 in a column.
        divide: true division in a type; null where the divisor is 0.
        add_seconds: a moment of a type, so many seconds later.
        local_date: the date of an instant in a zone.
        units_between: from a moment to a later one: whole microseconds, of dates whole days.
        states: how states are written that are not written alike everywhere.
        scalars: how scalars are written that are not written alike everywhere.
        operands: the operands of a scalar, of types in which the engine computes with them exactly or not at all.
        cell, of_cell: the whole number of the unit of time that holds a moment, and the segment of such a number;
            where they are given, rows are grouped by that number first, and only the few groups put into periods.
        cast: a value in the engine's type of a kind; of decimals nothing, where the type would fix a scale.
        null: a missing value of a kind.
        constant: the placeholder of a constant of a formula.
        total: the sum of numbers, exact or an error.
        product: the product of numbers, exact or an error.
        literal: a constant of a formula written out, where a parameter's type would make arithmetic wider; else None.
        stacks_by_type: columns of one kind may stand one below the other; else the engine may type them differently.
        bits: different values are best counted by bits of the periods they occur in.
        arms: in how many queries side by side, each of every so manieth period, rows of ranges of time are best read
            for what cannot be merged; 0 where reading all of them once is as good.
        overestimates: an expression over time is taken for as many groups as there are times, unless it is a column of
            a table that nothing is known of.
        elapsed: how elapsed time is compared fastest, where that is not in the unit of a formula.
        keys_enforced: no two rows of an object model can have one key; else a statement looks for such rows itself.
        as_value: a computed value as a column of a kind.
        finished: a whole statement as the engine takes it.
    """

    name: str
    types: Mapping[DataType, str]
    parameter: Callable[[int, DataType, bool], exp.Expr]
    bucket: Callable[[exp.Expr, GridOfBoundaries], exp.Expr]
    rows_of_arrays: Callable[[str, Sequence[tuple[str, exp.Expr]], str], exp.Expr]
    divide: Callable[[exp.Expr, exp.Expr, DataType | None], exp.Expr]
    add_seconds: Callable[[exp.Expr, int, DataType], exp.Expr]
    local_date: Callable[[exp.Expr, exp.Expr], exp.Expr]
    units_between: Callable[[exp.Expr, exp.Expr, DataType], exp.Expr]
    states: Mapping[StateKind, StateWriter]
    cast: Callable[[exp.Expr, DataType], exp.Expr]
    null: Callable[[DataType], exp.Expr]
    constant: Callable[[int, LiteralValue, DataType], exp.Expr]
    scalars: Mapping[str, ScalarWriter] = field(default_factory=dict)
    operands: Callable[[Operation, Sequence[exp.Expr]], Sequence[exp.Expr]] = lambda _, operands: operands
    cell: Callable[[exp.Expr, GridOfBoundaries], exp.Expr] | None = None
    of_cell: Callable[[exp.Expr, GridOfBoundaries], exp.Expr] | None = None
    total: Callable[[exp.Expr], exp.Expr] = lambda value: exp.Sum(this=value)
    product: Callable[[exp.Expr, exp.Expr], exp.Expr] = lambda one, other: exp.Mul(this=one, expression=other)
    keys_enforced: bool = False
    bits: bool = False
    arms: int = 0
    overestimates: bool = False
    elapsed: Elapsed | None = None
    stacks_by_type: bool = True
    literal: Callable[[LiteralValue], exp.Expr | None] = lambda _: None
    as_value: Callable[[exp.Expr, DataType], exp.Expr] = lambda value, _: value
    finished: Callable[[exp.Expr], exp.Expr] = lambda query: query

    def text(self, query: exp.Expr) -> str:
        """Return a whole statement as SQL; its tree is used up."""
        tree = self.finished(query)
        text = tree.sql(dialect=self.name, pretty=True, copy=False)
        release(tree)
        return text
