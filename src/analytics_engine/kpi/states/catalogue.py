"""Which states an aggregate is made of, and how partial states of one cell become one.

Merge is associative and commutative, so a cell may be held in any number of places. A state of merge ``ONCE``
cannot be merged: it is computed from all rows of a cell in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.formula.typed import Expression, Term
from analytics_engine.kpi.model.object_model import DataType


class StateKind(StrEnum):
    """What is kept of a cell's rows."""

    ROWS = "rows"
    """how many rows meet the condition"""
    NOT_NULL = "not_null"
    """how many of them have a value"""
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"
    STDDEV = "stddev"
    VARIANCE = "variance"
    QUANTILE = "quantile"


class Merge(StrEnum):
    """How partial states become one."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    ONCE = "once"


MERGES: dict[StateKind, Merge] = {
    StateKind.ROWS: Merge.SUM,
    StateKind.NOT_NULL: Merge.SUM,
    StateKind.SUM: Merge.SUM,
    StateKind.MIN: Merge.MIN,
    StateKind.MAX: Merge.MAX,
    StateKind.DISTINCT: Merge.ONCE,
    StateKind.STDDEV: Merge.ONCE,
    StateKind.VARIANCE: Merge.ONCE,
    StateKind.QUANTILE: Merge.ONCE,
}

_RECIPES: dict[str, tuple[StateKind, ...]] = {
    "count": (StateKind.NOT_NULL,),
    "count_distinct": (StateKind.DISTINCT,),
    "sum": (StateKind.SUM,),
    "avg": (StateKind.SUM, StateKind.NOT_NULL),
    "min": (StateKind.MIN,),
    "max": (StateKind.MAX,),
    "stddev": (StateKind.STDDEV,),
    "variance": (StateKind.VARIANCE,),
    "median": (StateKind.QUANTILE,),
    "percentile": (StateKind.QUANTILE,),
}
"""The states of each aggregate, in the order its finish takes them; every term also keeps ROWS."""

_MIDDLE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class State:
    """One state of one cell: a kind, over an expression of the rows that meet a condition. Equal states are shared."""

    kind: StateKind
    argument: Expression | None
    where: Expression | None
    parameter: LiteralValue = None

    @property
    def merge(self) -> Merge:
        return MERGES[self.kind]

    @property
    def type(self) -> DataType:
        """The type of the state's value; sums of integers are exact and may outgrow an integer, so decimal."""
        match self.kind:
            case StateKind.ROWS | StateKind.NOT_NULL | StateKind.DISTINCT:
                return DataType.INTEGER
            case StateKind.STDDEV | StateKind.VARIANCE | StateKind.QUANTILE:
                return DataType.FLOAT
            case StateKind.SUM:
                assert self.argument is not None
                return DataType.FLOAT if self.argument.type is DataType.FLOAT else DataType.DECIMAL
            case _:
                assert self.argument is not None
                assert self.argument.type is not None
                return self.argument.type


def rows_of(term: Term) -> State:
    """Return the state that counts the rows behind a term."""
    return State(StateKind.ROWS, None, term.where)


def states_of(term: Term) -> tuple[State, ...]:
    """Return the states a term is finished from, in the order its finish takes them."""
    if term.function == "count" and term.argument is None:
        return (rows_of(term),)
    parameter: LiteralValue = None
    if term.function in {"median", "percentile"}:
        parameter = term.parameters[0] if term.parameters else _MIDDLE
    return tuple(State(kind, term.argument, term.where, parameter) for kind in _RECIPES[term.function])
