"""One scan as SQL: rows of an object model to partial states of its cells, in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.typed import Column, Expression, Term
from analytics_engine.kpi.model.time import Grain
from analytics_engine.kpi.plan.plan import Scan, columns_of
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.nodes import alias, cast, column, every, number, select, table
from analytics_engine.kpi.sql.parameters import ClientSlot, Parameters, PeriodStartsSlot, WindowSlot
from analytics_engine.kpi.sql.rows import ExpressionWriter
from analytics_engine.kpi.states.catalogue import State, StateKind

_ROWS = "f"
"""The alias of the scanned object model's rows."""


class ScanWriter:
    """Writes scans for one statement, whose parameters it shares."""

    def __init__(self, *, checker: KpiChecker, dialect: Dialect, parameters: Parameters) -> None:
        self._checker = checker
        self._dialect = dialect
        self._parameters = parameters
        self._expressions = ExpressionWriter(dialect, parameters)

    def write(self, scan: Scan, grain: Grain | None, *, names: Mapping[State, str]) -> exp.Select:
        """Return the query of a scan: ``period``, ``d0..``, and each state under its name."""
        joins = _Joins(scan, self._checker)
        keys = [
            alias(self._bucket(scan, joins, grain), "period"),
            *(
                alias(self._expressions.write(dimension, joins.leaf), f"d{index}")
                for index, dimension in enumerate(scan.dimensions)
            ),
        ]
        states = [alias(self._state(state, scan, joins), names[state]) for state in scan.states]
        return select(
            [*keys, *states],
            table(scan.place.table, schema=scan.place.schema, alias=_ROWS),
            joins=list(joins.joins()),
            where=list(self._conditions(scan, joins)),
            group_by=[number(position + 1) for position in range(len(keys))],
        )

    def _bucket(self, scan: Scan, joins: _Joins, grain: Grain | None) -> exp.Expr:
        if grain is None:
            return cast(number(1), "INT")
        kind = scan.anchor.type
        starts = self._parameters(PeriodStartsSlot(kind), f"{self._dialect.types[kind]}[]")
        return self._dialect.bucket(joins.column(scan.anchor), starts)

    def _conditions(self, scan: Scan, joins: _Joins) -> Iterator[exp.Expr]:
        client = self._parameters(ClientSlot(), "TEXT")
        yield exp.EQ(this=column(scan.place.client_column, _ROWS, quoted=True), expression=client)
        kind = scan.anchor.type
        start = self._parameters(WindowSlot(end=False, type=kind), self._dialect.types[kind])
        end = self._parameters(WindowSlot(end=True, type=kind), self._dialect.types[kind])
        yield exp.GTE(this=joins.column(scan.anchor), expression=start)
        yield exp.LT(this=joins.column(scan.anchor), expression=end)
        for condition in (scan.condition, _shared_where(scan)):
            if condition is not None:
                yield self._expressions.write(condition, joins.leaf)

    def _state(self, state: State, scan: Scan, joins: _Joins) -> exp.Expr:
        aggregate = self._aggregate(state, joins)
        if state.where is None or state.where == _shared_where(scan):
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


def _shared_where(scan: Scan) -> Expression | None:
    """Return the condition that all terms of a scan have, which then is the scan's own."""
    conditions = {term.where for term in scan.terms}
    return conditions.pop() if len(conditions) == 1 else None


class _Joins:
    """The many-to-one joins one scan needs: each route once, as a left join that repeats no row."""

    def __init__(self, scan: Scan, checker: KpiChecker) -> None:
        self._scan = scan
        self._checker = checker
        self._aliases: dict[tuple[str, ...], str] = {(): _ROWS}
        for read in columns_of(scan):
            for length in range(1, len(read.relations) + 1):
                route = read.relations[:length]
                self._aliases.setdefault(route, f"j{len(self._aliases)}")

    def column(self, read: Column) -> exp.Expr:
        return _attribute(self._aliases[read.relations], read.attribute)

    def leaf(self, leaf: Column | Term) -> exp.Expr:
        assert isinstance(leaf, Column)
        return self.column(leaf)

    def joins(self) -> Iterator[exp.Join]:
        paths = self._checker.paths
        root = paths.model(self._scan.model)
        for route, joined in self._aliases.items():
            if not route:
                continue
            parent = paths.end_of(root, route[:-1])
            relation = parent.relation(route[-1])
            assert relation is not None
            binding = paths.model(relation.target).bound_to
            client = exp.EQ(
                this=_attribute(joined, binding.client_column),
                expression=_attribute(_ROWS, self._scan.place.client_column),
            )
            keys = [
                exp.EQ(this=_attribute(joined, key), expression=_attribute(self._aliases[route[:-1]], source))
                for source, key in relation.on.items()
            ]
            yield exp.Join(
                this=table(binding.table, schema=binding.schema_name, alias=joined),
                on=every([client, *keys]),
                side="LEFT",
            )


def _attribute(rows: str, name: str) -> exp.Column:
    return column(name, rows, quoted=True)
