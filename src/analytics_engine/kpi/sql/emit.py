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
from analytics_engine.kpi.formula.typed import Column, Expression, Term
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.plan import Plan, Scan, columns_of
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.parameters import (
    ClientSlot,
    CoveredSlot,
    LimitSlot,
    Parameters,
    PeriodStartsSlot,
    Slot,
    WindowSlot,
)
from analytics_engine.kpi.sql.rows import ExpressionWriter
from analytics_engine.kpi.sql.scalars import cast, divide, number
from analytics_engine.kpi.states.catalogue import Merge, State, StateKind, rows_of, states_of

_ROWS = "f"
"""The alias of the scanned object model's rows."""


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


def _name(text: str) -> exp.Identifier:
    return exp.to_identifier(text, quoted=True)


def _column(table: str, name: str) -> exp.Column:
    return exp.column(_name(name) if table == _ROWS or table.startswith("j") else name, table=table)


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
        query = self._answer()
        for alias, part in [*self._scan_parts(), *self._merge_parts(), ("terms", self._terms())]:
            query = query.with_(alias, as_=part, copy=False)
        return Statement(query.sql(dialect=self._dialect.name, pretty=True), self._parameters.slots)

    # --- scans: rows to partial states, one pass each -----------------------------------------------------------

    def _scan_parts(self) -> Iterator[tuple[str, exp.Select]]:
        for index, scan in enumerate(self._plan.scans):
            yield f"scan_{index}", self._scan(index, scan)

    def _scan(self, index: int, scan: Scan) -> exp.Select:
        joins = _Joins(scan, self._checker)
        anchor = joins.column(scan.anchor)
        keys = [
            exp.alias_(self._bucket(anchor, scan.anchor.type), "period"),
            *(
                exp.alias_(self._expressions.write(dimension, joins.leaf), name)
                for dimension, name in zip(scan.dimensions, self._dimension_names, strict=True)
            ),
        ]
        states = [exp.alias_(self._state(state, scan, joins), self._states[index, state]) for state in scan.states]
        table = exp.table_(_name(scan.place.table), db=_name(scan.place.schema), alias=_ROWS)
        query = exp.select(*keys, *states).from_(table)
        for join in joins.joins():
            query = query.join(join, join_type="left", copy=False)
        return query.where(*self._conditions(scan, joins, anchor)).group_by(
            *(number(position + 1) for position in range(len(keys)))
        )

    def _bucket(self, anchor: exp.Expr, kind: DataType) -> exp.Expr:
        if self._plan.grain is None:
            return cast(number(1), "INT")
        starts = self._parameters(PeriodStartsSlot(kind), f"{self._dialect.types[kind]}[]")
        return self._dialect.bucket(anchor.copy(), starts)

    def _conditions(self, scan: Scan, joins: _Joins, anchor: exp.Expr) -> Iterator[exp.Expr]:
        client = self._parameters(ClientSlot(), "TEXT")
        yield exp.EQ(this=_column(_ROWS, scan.place.client_column), expression=client)
        kind = scan.anchor.type
        start = self._parameters(WindowSlot(end=False, type=kind), self._dialect.types[kind])
        end = self._parameters(WindowSlot(end=True, type=kind), self._dialect.types[kind])
        yield exp.GTE(this=anchor.copy(), expression=start)
        yield exp.LT(this=anchor.copy(), expression=end)
        if scan.condition is not None:
            yield self._expressions.write(scan.condition, joins.leaf)
        if (where := self._shared_where(scan)) is not None:
            yield self._expressions.write(where, joins.leaf)

    @staticmethod
    def _shared_where(scan: Scan) -> Expression | None:
        """Return the condition that all terms of a scan have, which then is the scan's own."""
        conditions = {term.where for term in scan.terms}
        return conditions.pop() if len(conditions) == 1 else None

    def _state(self, state: State, scan: Scan, joins: _Joins) -> exp.Expr:
        aggregate = self._aggregate(state, joins)
        if state.where is None or state.where == self._shared_where(scan):
            return aggregate
        condition = self._expressions.write(state.where, joins.leaf)
        return exp.Filter(this=aggregate, expression=exp.Where(this=condition))

    def _aggregate(self, state: State, joins: _Joins) -> exp.Expr:
        if state.argument is None:
            return exp.Count(this=exp.Star())
        value = self._expressions.write(state.argument, joins.leaf)
        match state.kind:
            case StateKind.NOT_NULL:
                return exp.Count(this=value)
            case StateKind.DISTINCT:
                return exp.Count(this=exp.Distinct(expressions=[value]))
            case StateKind.QUANTILE:
                rank = number(str(state.parameter))
                ordered = exp.Order(expressions=[exp.Ordered(this=cast(value, "DOUBLE PRECISION"))])
                return exp.WithinGroup(this=exp.PercentileCont(this=rank), expression=ordered)
            case StateKind.STDDEV:
                return cast(exp.StddevSamp(this=value), "DOUBLE PRECISION")
            case StateKind.VARIANCE:
                return cast(exp.Anonymous(this="VAR_SAMP", expressions=[value]), "DOUBLE PRECISION")
            case _:
                return exp.Anonymous(this=state.kind.value.upper(), expressions=[value])

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
            stacked = exp.union(stacked, self._cells(index), distinct=False, copy=False)
        yield "cells", stacked
        states = [exp.alias_(self._merge(state, name), name) for (_, state), name in self._states.items()]
        yield (
            "merged",
            exp.select(*map(exp.column, self._keys), *states).from_("cells").group_by(*map(exp.column, self._keys)),
        )

    def _cells(self, scan: int) -> exp.Select:
        states = [
            exp.column(name) if index == scan else exp.alias_(cast(exp.null(), self._dialect.types[state.type]), name)
            for (index, state), name in self._states.items()
        ]
        return exp.select(*map(exp.column, self._keys), *states).from_(f"scan_{scan}")

    def _merge(self, state: State, name: str) -> exp.Expr:
        match state.merge:
            case Merge.SUM:
                return cast(exp.Sum(this=exp.column(name)), self._dialect.types[state.type])
            case Merge.MIN:
                return exp.Min(this=exp.column(name))
            case Merge.MAX | Merge.ONCE:
                return exp.Max(this=exp.column(name))

    # --- states to terms ---------------------------------------------------------------------------------------------

    def _terms(self) -> exp.Select:
        """Finish every term of every cell; without dimensions every period is a cell."""
        models = self._plan.object_models
        covered = [self._parameters(CoveredSlot(model), "BOOLEAN[]") for model in models]
        source = exp.table_(self._merged)
        period = exp.column("period", table="spine")
        on_period = exp.EQ(this=exp.column("period", table=self._merged), expression=period)
        columns: list[exp.Expr] = [period.copy()]
        columns += [exp.column(name, table=self._merged) for name in self._dimension_names]
        for number_, term in enumerate(self._plan.terms):
            columns.append(exp.alias_(self._finish(term, models.index(term.model)), f"t{number_}"))
            columns.append(exp.alias_(self._rows(term), f"r{number_}"))
        kind = "inner" if self._dimension_names else "left"
        return exp.select(*columns).from_(self._dialect.spine(covered)).join(source, on=on_period, join_type=kind)

    def _state_column(self, term: Term, state: State) -> exp.Expr:
        return exp.column(self._states[self._scan_of[term], state], table=self._merged)

    def _rows(self, term: Term) -> exp.Expr:
        rows = self._state_column(term, rows_of(term))
        return exp.Coalesce(this=rows, expressions=[number(0)])

    def _finish(self, term: Term, model_number: int) -> exp.Expr:
        """Return a term's value: its finished states; of no rows 0, where 0 is meant and the period was loaded."""
        states = [self._state_column(term, state) for state in states_of(term)]
        value = divide(states[0], states[1], kind=term.type) if term.function == "avg" else states[0]
        if AGGREGATES[term.function].empty is None:
            return value
        covered = exp.column(f"covered_{model_number}", table="spine")
        empty = exp.Case(ifs=[exp.If(this=covered, true=number(0))])
        none = exp.EQ(this=self._rows(term), expression=number(0))
        return exp.Case(ifs=[exp.If(this=none, true=empty)], default=value)

    # --- terms to measures -------------------------------------------------------------------------------------------

    def _answer(self) -> exp.Select:
        columns: list[exp.Expr] = [exp.column(name) for name in self._keys]
        columns += [
            exp.alias_(self._expressions.write(measure.expression, self._term_column), f"k{index}")
            for index, measure in enumerate(self._plan.measures)
        ]
        count = len(self._plan.terms)
        columns += [exp.column(f"t{index}") for index in range(count)]
        columns += [exp.column(f"r{index}") for index in range(count)]
        query = exp.select(*columns).from_("terms")
        if self._dimension_names:
            rows = [exp.GT(this=exp.column(f"r{index}"), expression=number(0)) for index in range(count)]
            query = query.where(exp.or_(*rows))
        limit = self._parameters(LimitSlot(), "BIGINT")
        return query.order_by(*self._order()).limit(limit)

    def _term_column(self, leaf: Column | Term) -> exp.Expr:
        assert isinstance(leaf, Term)
        return exp.column(f"t{self._plan.terms.index(leaf)}")

    def _order(self) -> list[exp.Expr]:
        """Return what was asked, then period and dimensions, so that the order is always whole."""
        names = {"period": "period"}
        names |= {d.name: f"d{index}" for index, d in enumerate(self._plan.dimensions)}
        names |= {m.definition.code: f"k{index}" for index, m in enumerate(self._plan.measures)}
        asked = [(names[order.by], order.descending) for order in self._plan.order]
        rest = [(name, False) for name in self._keys if name not in {name for name, _ in asked}]
        return [
            exp.Ordered(this=exp.column(name), desc=descending, nulls_first=False)
            for name, descending in [*asked, *rest]
        ]


class _Joins:
    """The many-to-one joins one scan needs: each route once, as a left join that repeats no row."""

    def __init__(self, scan: Scan, checker: KpiChecker) -> None:
        self._scan = scan
        self._checker = checker
        self._aliases: dict[tuple[str, ...], str] = {(): _ROWS}
        for column in columns_of(scan):
            for length in range(1, len(column.relations) + 1):
                route = column.relations[:length]
                self._aliases.setdefault(route, f"j{len(self._aliases)}")

    def column(self, column: Column) -> exp.Expr:
        return _column(self._aliases[column.relations], column.attribute)

    def leaf(self, leaf: Column | Term) -> exp.Expr:
        assert isinstance(leaf, Column)
        return self.column(leaf)

    def joins(self) -> Iterator[exp.Expr]:
        paths = self._checker.paths
        root = paths.model(self._scan.model)
        for route, alias in self._aliases.items():
            if not route:
                continue
            parent = paths.end_of(root, route[:-1])
            relation = parent.relation(route[-1])
            assert relation is not None
            binding = paths.model(relation.target).bound_to
            client = exp.EQ(
                this=_column(alias, binding.client_column),
                expression=_column(_ROWS, self._scan.place.client_column),
            )
            keys = [
                exp.EQ(this=_column(alias, key), expression=_column(self._aliases[route[:-1]], source))
                for source, key in relation.on.items()
            ]
            table = exp.table_(_name(binding.table), db=_name(binding.schema_name), alias=alias)
            yield exp.Join(this=table, on=exp.and_(client, *keys))
