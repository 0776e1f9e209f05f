"""Which states an aggregate is made of, and how partial states of one cell become one.

Merge is associative and commutative, so a cell may be held in any number of places. A state of merge ``ONCE``
cannot be merged: it is computed from all rows of a cell in one place.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.formula.typed import Expression, Operation, Term
from analytics_engine.kpi.model.hashed import Hashed, hashed_once
from analytics_engine.kpi.model.object_model import DataType


class StateKind(StrEnum):
    """What is kept of a cell's rows."""

    ROWS = "rows"
    """how many rows meet the condition"""
    PRESENT = "present"
    """how many of a stock's rows are from before the instant, whether they still hold or not"""
    NOT_NULL = "not_null"
    """how many of them have a value"""
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"
    APPROXIMATE_DISTINCT = "approximate_distinct"
    STDDEV = "stddev"
    VARIANCE = "variance"
    QUANTILE = "quantile"
    DISCRETE_QUANTILE = "discrete_quantile"
    APPROXIMATE_QUANTILE = "approximate_quantile"
    """the number of the bin at a rank"""
    COVARIANCE = "covariance"
    CORRELATION = "correlation"
    PICKED = "picked"
    """an aggregate over one row of each series"""
    HAVING = "having"
    """how many different values meet a condition on their rows"""
    LOST = "lost"
    KEPT = "kept"
    GAINED = "gained"
    PRORATED = "prorated"
    """the sum of amounts, each by its overlap with the period"""
    HELD = "held"
    """the sum of values, each times how long it held in the period"""
    HELD_TIME = "held_time"


class Merge(StrEnum):
    """How partial states become one."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    ONCE = "once"


MERGES: dict[StateKind, Merge] = {
    StateKind.ROWS: Merge.SUM,
    StateKind.PRESENT: Merge.SUM,
    StateKind.NOT_NULL: Merge.SUM,
    StateKind.SUM: Merge.SUM,
    StateKind.MIN: Merge.MIN,
    StateKind.MAX: Merge.MAX,
}
"""The states that merge; every other one is of merge ``ONCE``."""

_RECIPES: dict[str, tuple[StateKind, ...]] = {
    "count": (StateKind.NOT_NULL,),
    "count_distinct": (StateKind.DISTINCT,),
    "approx_count_distinct": (StateKind.APPROXIMATE_DISTINCT,),
    "sum": (StateKind.SUM,),
    "avg": (StateKind.SUM, StateKind.NOT_NULL),
    "min": (StateKind.MIN,),
    "max": (StateKind.MAX,),
    "stddev": (StateKind.STDDEV,),
    "variance": (StateKind.VARIANCE,),
    "median": (StateKind.QUANTILE,),
    "percentile": (StateKind.QUANTILE,),
    "approx_percentile": (StateKind.APPROXIMATE_QUANTILE,),
    "covariance": (StateKind.COVARIANCE,),
    "correlation": (StateKind.CORRELATION,),
    "first": (StateKind.PICKED,),
    "last": (StateKind.PICKED,),
    "lost": (StateKind.LOST,),
    "kept": (StateKind.KEPT,),
    "gained": (StateKind.GAINED,),
    "prorate": (StateKind.PRORATED,),
    "time_weighted_avg": (StateKind.HELD, StateKind.HELD_TIME),
}
"""The states of each aggregate, in the order its finish takes them; every term also keeps ROWS."""

DIVIDED = frozenset({"avg", "weighted_avg", "time_weighted_avg"})
"""The aggregates that are finished by dividing their first state by their second."""

_MIDDLE = Decimal("0.5")
_INTEGERS = frozenset(
    {StateKind.ROWS, StateKind.PRESENT, StateKind.NOT_NULL, StateKind.DISTINCT, StateKind.APPROXIMATE_DISTINCT}
    | {StateKind.HAVING, StateKind.LOST, StateKind.KEPT, StateKind.GAINED, StateKind.APPROXIMATE_QUANTILE}
)
_FLOATS = frozenset(
    {StateKind.STDDEV, StateKind.VARIANCE, StateKind.QUANTILE}
    | {StateKind.COVARIANCE, StateKind.CORRELATION, StateKind.HELD, StateKind.HELD_TIME}
)


@hashed_once
@dataclass(frozen=True, slots=True)
class State(Hashed):
    """One state of one cell: a kind, over an expression of the rows that meet a condition. Equal states are shared.

    ``parameter`` is a rank, or the name of the aggregate over picked rows; ``condition`` is that of HAVING.
    """

    kind: StateKind
    argument: Expression | None
    where: Expression | None
    parameter: LiteralValue = None
    second: Expression | None = None
    condition: Expression | None = None

    @property
    def merge(self) -> Merge:
        return MERGES.get(self.kind, Merge.ONCE)

    @property
    def type(self) -> DataType:
        """The type of the state's value; sums of integers are exact and may outgrow an integer, so decimal."""
        if self.kind in _INTEGERS or (self.kind is StateKind.PICKED and self.parameter == "count"):
            return DataType.INTEGER
        if self.kind in _FLOATS:
            return DataType.FLOAT
        assert self.argument is not None
        assert self.argument.type is not None
        summed = self.kind in {StateKind.SUM, StateKind.PRORATED} or self.parameter == "sum"
        if summed and self.argument.type is not DataType.FLOAT:
            return DataType.DECIMAL
        return self.argument.type


def rows_of(term: Term) -> State:
    """Return the state that counts the rows behind a term."""
    return State(StateKind.ROWS, None, term.where)


def present_of(term: Term) -> State:
    """Return the state that decides whether a cell exists: rows, or for a stock any row before the instant."""
    kind = StateKind.PRESENT if term.at is not None or term.function in _CHANGES else StateKind.ROWS
    return State(kind, None, term.where)


EVERY_ROW = State(StateKind.ROWS, None, None)
"""How many rows there were to choose from, before a term's own condition."""


_CHANGES = frozenset({"lost", "kept", "gained"})


def states_of(term: Term) -> tuple[State, ...]:
    """Return the states a term is finished from, in the order its finish takes them."""
    if term.having is not None:
        return (State(StateKind.HAVING, term.argument, term.where, condition=term.having),)
    if term.pick is not None:
        return _picked(term)
    if term.function == "weighted_avg":
        return _weighted(term)
    if term.function == "count" and term.argument is None:
        return (rows_of(term),)
    kinds = _RECIPES[term.function]
    parameter: LiteralValue = None
    match term.function:
        case "median":
            parameter = _MIDDLE
        case "percentile" if term.parameters[1:] == ("discrete",):
            parameter, kinds = term.parameters[0], (StateKind.DISCRETE_QUANTILE,)
        case "percentile" | "approx_percentile":
            parameter = term.parameters[0]
        case "first" | "last":
            parameter = "max"
    return tuple(State(kind, term.argument, term.where, parameter, term.second) for kind in kinds)


def _picked(term: Term) -> tuple[State, ...]:
    functions = ("sum", "count") if term.function == "avg" else (term.function,)
    return tuple(State(StateKind.PICKED, term.argument, term.where, function) for function in functions)


def _weighted(term: Term) -> tuple[State, ...]:
    """The sum of values times weights, and the sum of the weights of those rows that have a value."""
    value, weight = term.argument, term.second
    assert value is not None
    assert weight is not None
    product = Operation("multiply", (value, weight), term.type, value.unit.times(weight.unit))
    valued = Operation("is_not_null", (value,), DataType.BOOLEAN)
    counted = Operation("case", (valued, weight), weight.type, weight.unit)
    return (State(StateKind.SUM, product, term.where), State(StateKind.SUM, counted, term.where))
