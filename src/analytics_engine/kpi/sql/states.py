"""States as SQL: over the rows of a group, and merged from partial ones."""

from __future__ import annotations

from sqlglot import exp

from analytics_engine.kpi.formula.typed import Expression, Operation
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.sql.bins import bin_of
from analytics_engine.kpi.sql.dialects.dialect import StateWriter as AggregateWriter
from analytics_engine.kpi.sql.nodes import every, number
from analytics_engine.kpi.sql.scalars import ELAPSED_S, wrap
from analytics_engine.kpi.sql.sources import RowSource
from analytics_engine.kpi.sql.writing import Writing
from analytics_engine.kpi.states.catalogue import Merge, State, StateKind


class StateWriter:
    """Writes the states of the rows of a source.

    Args:
        shared: the condition that all rows meet already.
        only: a condition under which rows count, beside their own, but for whether they are present.
    """

    def __init__(self, source: RowSource, *, shared: Expression | None, only: exp.Expr | None = None) -> None:
        self._source = source
        self._shared = shared
        self._only = only

    def write(self, state: State) -> exp.Expr:
        """Return a state as an aggregate, of those rows that count."""
        conditions: list[exp.Expr] = []
        if state.where is not None and state.where != self._shared:
            conditions.append(self._source.write(state.where))
        if self._only is not None and state.kind is not StateKind.PRESENT:
            conditions.append(self._only.copy())
        if state.argument is None:
            return filtered(exp.Count(this=exp.Star()), conditions)
        if state.kind is StateKind.APPROXIMATE_QUANTILE:
            return self._quantile_of_bins(state, conditions)
        special = self._source.writing.dialect.states.get(state.kind)
        if special is None:
            return filtered(self._aggregate(state, self._source.write(state.argument)), conditions)
        if state.kind is StateKind.QUANTILE and isinstance(state.argument, Operation):
            found = self._quantile_of_elapsed(state, state.argument, special, conditions)
            if found is not None:
                return found
        value = self._source.write(state.argument)
        second = self._source.write(state.second) if state.second is not None else None
        return special(_only(value, conditions), second, state.parameter, state.type)

    def _quantile_of_bins(self, state: State, conditions: list[exp.Expr]) -> exp.Expr:
        """Return the number of the bin at a rank."""
        assert state.argument is not None
        dialect = self._source.writing.dialect
        number_ = _only(bin_of(dialect, self._source.write(state.argument)), conditions)
        return dialect.states[StateKind.DISCRETE_QUANTILE](number_, None, state.parameter, state.type)

    def _quantile_of_elapsed(
        self, state: State, argument: Operation, quantile: AggregateWriter, conditions: list[exp.Expr]
    ) -> exp.Expr | None:
        """Return a quantile of elapsed time, brought into its unit when it is found instead of row by row."""
        dialect = self._source.writing.dialect
        seconds = ELAPSED_S.get(argument.operator)
        if dialect.elapsed is None or seconds is None:
            return None
        moments = (wrap(self._source.write(operand)) for operand in argument.operands)
        value = _only(dialect.elapsed.between(*moments), conditions)
        found = quantile(value, None, state.parameter, DataType.INTEGER)
        return dialect.divide(found, number(seconds * dialect.elapsed.per_second), DataType.FLOAT)

    def _aggregate(self, state: State, value: exp.Expr) -> exp.Expr:
        match state.kind:
            case StateKind.NOT_NULL:
                return exp.Count(this=value)
            case StateKind.DISTINCT:
                return exp.Count(this=exp.Distinct(expressions=[value]))
            case StateKind.SUM:
                return self._source.writing.dialect.total(value)
            case _:
                return exp.Anonymous(this=state.kind.value.upper(), expressions=[value])


def _only(value: exp.Expr, conditions: list[exp.Expr]) -> exp.Expr:
    """Return a value that is missing where conditions are not met: aggregates of one's own pass over it."""
    if not conditions:
        return value
    return exp.Case(ifs=[exp.If(this=every(conditions), true=value)])


def filtered(aggregate: exp.Expr, conditions: list[exp.Expr]) -> exp.Expr:
    """Return an aggregate over only those rows that meet conditions."""
    if not conditions:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=every(conditions)))


def merged(writing: Writing, state: State, partial: exp.Expr, *, only: exp.Expr | None = None) -> exp.Expr:
    """Return the whole of partial states: those that meet a condition, where there is one."""
    if only is not None:
        partial = exp.Case(ifs=[exp.If(this=only, true=partial)])
    match state.merge:
        case Merge.SUM:
            return writing.dialect.cast(writing.dialect.total(partial), state.type)
        case Merge.MIN:
            return exp.Min(this=partial)
        case Merge.MAX | Merge.ONCE:
            return exp.Max(this=partial)
