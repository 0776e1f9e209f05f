"""A plan to one statement: scans > cells > merged > terms > measures.

Each scan gives the partial states of its cells; the cells of all scans are stacked and merged, null keys included,
which is a full outer join that no engine refuses; states are finished to terms, and terms combined by the formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.functions import AGGREGATES
from analytics_engine.kpi.formula.typed import Column, Term
from analytics_engine.kpi.plan.plan import Plan
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.nodes import alias, cast, column, number, select, some, table, with_parts
from analytics_engine.kpi.sql.parameters import (
    CoveredSlot,
    LimitSlot,
    Parameters,
    Slot,
)
from analytics_engine.kpi.sql.rows import ExpressionWriter
from analytics_engine.kpi.sql.scalars import divide
from analytics_engine.kpi.sql.scans import ScanWriter
from analytics_engine.kpi.states.catalogue import Merge, State, rows_of, states_of


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with numbered parameters, and what each parameter is.

    Shape: one row per cell; columns ``period`` (1-based), ``d0..`` (dimensions), ``k0..`` (measures), ``t0..``
    (terms) and ``r0..`` (rows behind each term), in the plan's order.
    """

    sql: str
    slots: tuple[Slot, ...]


def emit(plan: Plan, checker: KpiChecker, dialect: Dialect) -> Statement:
    """Return the statement that answers a plan on an engine."""
    return _Emitter(plan, checker, dialect).statement()


class _Emitter:
    def __init__(self, plan: Plan, checker: KpiChecker, dialect: Dialect) -> None:
        self._plan = plan
        self._checker = checker
        self._dialect = dialect
        self._parameters = Parameters()
        self._expressions = ExpressionWriter(dialect, self._parameters)
        self._dimension_names = [f"d{index}" for index in range(len(plan.dimensions))]
        self._states: dict[tuple[int, State], str] = {}
        for index, scan in enumerate(plan.scans):
            for state in scan.states:
                self._states[index, state] = f"s{len(self._states)}"
        self._scan_of = {term: index for index, scan in enumerate(plan.scans) for term in scan.terms}

    def statement(self) -> Statement:
        parts = [*self._scan_parts(), *self._merge_parts(), ("terms", self._terms())]
        query = with_parts(self._answer(), parts)
        return Statement(query.sql(dialect=self._dialect.name, pretty=True, copy=False), self._parameters.slots)

    def _scan_parts(self) -> Iterator[tuple[str, exp.Expr]]:
        writer = ScanWriter(checker=self._checker, dialect=self._dialect, parameters=self._parameters)
        for index, scan in enumerate(self._plan.scans):
            names = {state: self._states[index, state] for state in scan.states}
            yield f"scan_{index}", writer.write(scan, self._plan.grain, names=names)

    # --- cells of all scans, stacked and merged ----------------------------------------------------------------------

    @property
    def _keys(self) -> list[str]:
        return ["period", *self._dimension_names]

    @property
    def _merged(self) -> str:
        return "scan_0" if len(self._plan.scans) == 1 else "merged"

    def _merge_parts(self) -> Iterator[tuple[str, exp.Expr]]:
        if len(self._plan.scans) == 1:
            return
        stacked: exp.Expr = self._cells(0)
        for index in range(1, len(self._plan.scans)):
            stacked = exp.Union(this=stacked, expression=self._cells(index), distinct=False)
        yield "cells", stacked
        states = [alias(self._merge(state, name), name) for (_, state), name in self._states.items()]
        keys = [column(name) for name in self._keys]
        yield "merged", select([*keys, *states], table("cells"), group_by=[column(name) for name in self._keys])

    def _cells(self, scan: int) -> exp.Select:
        states = [
            column(name) if index == scan else alias(cast(exp.Null(), self._dialect.types[state.type]), name)
            for (index, state), name in self._states.items()
        ]
        return select([*map(column, self._keys), *states], table(f"scan_{scan}"))

    def _merge(self, state: State, name: str) -> exp.Expr:
        match state.merge:
            case Merge.SUM:
                return cast(exp.Sum(this=column(name)), self._dialect.types[state.type])
            case Merge.MIN:
                return exp.Min(this=column(name))
            case Merge.MAX | Merge.ONCE:
                return exp.Max(this=column(name))

    # --- states to terms ---------------------------------------------------------------------------------------------

    def _terms(self) -> exp.Select:
        """Finish every term of every cell; without dimensions every period is a cell."""
        models = self._plan.object_models
        covered = [self._parameters(CoveredSlot(model), "BOOLEAN[]") for model in models]
        period = column("period", table="spine")
        on_period = exp.EQ(this=column("period", table=self._merged), expression=period)
        columns: list[exp.Expr] = [column("period", table="spine")]
        columns += [column(name, table=self._merged) for name in self._dimension_names]
        for number_, term in enumerate(self._plan.terms):
            columns.append(alias(self._finish(term, models.index(term.model)), f"t{number_}"))
            columns.append(alias(self._rows(term), f"r{number_}"))
        join = exp.Join(this=table(self._merged), on=on_period, side=None if self._dimension_names else "LEFT")
        return select(columns, self._dialect.spine(covered), joins=[join])

    def _state_column(self, term: Term, state: State) -> exp.Expr:
        return column(self._states[self._scan_of[term], state], table=self._merged)

    def _rows(self, term: Term) -> exp.Expr:
        rows = self._state_column(term, rows_of(term))
        return exp.Coalesce(this=rows, expressions=[number(0)])

    def _finish(self, term: Term, model_number: int) -> exp.Expr:
        """Return a term's value: its finished states; of no rows 0, where 0 is meant and the period was loaded."""
        states = [self._state_column(term, state) for state in states_of(term)]
        value = divide(states[0], states[1], kind=term.type) if term.function == "avg" else states[0]
        if AGGREGATES[term.function].empty is None:
            return value
        covered = column(f"covered_{model_number}", table="spine")
        empty = exp.Case(ifs=[exp.If(this=covered, true=number(0))])
        none = exp.EQ(this=self._rows(term), expression=number(0))
        return exp.Case(ifs=[exp.If(this=none, true=empty)], default=value)

    # --- terms to measures -------------------------------------------------------------------------------------------

    def _answer(self) -> exp.Select:
        columns: list[exp.Expr] = [column(name) for name in self._keys]
        columns += [
            alias(self._expressions.write(measure.expression, self._term_column), f"k{index}")
            for index, measure in enumerate(self._plan.measures)
        ]
        count = len(self._plan.terms)
        columns += [column(f"t{index}") for index in range(count)]
        columns += [column(f"r{index}") for index in range(count)]
        rows = [exp.GT(this=column(f"r{index}"), expression=number(0)) for index in range(count)]
        query = select(columns, table("terms"), where=[some(rows)] if self._dimension_names else [])
        query.set("order", exp.Order(expressions=self._order()))
        query.set("limit", exp.Limit(expression=self._parameters(LimitSlot(), "BIGINT")))
        return query

    def _term_column(self, leaf: Column | Term) -> exp.Expr:
        assert isinstance(leaf, Term)
        return column(f"t{self._plan.terms.index(leaf)}")

    def _order(self) -> list[exp.Expr]:
        """Return what was asked, then period and dimensions, so that the order is always whole."""
        names = {"period": "period"}
        names |= {d.name: f"d{index}" for index, d in enumerate(self._plan.dimensions)}
        names |= {m.definition.code: f"k{index}" for index, m in enumerate(self._plan.measures)}
        asked = [(names[order.by], order.descending) for order in self._plan.order]
        rest = [(name, False) for name in self._keys if name not in {name for name, _ in asked}]
        return [
            exp.Ordered(this=column(name), desc=descending, nulls_first=False) for name, descending in [*asked, *rest]
        ]
