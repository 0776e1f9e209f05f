"""A plan to one statement: the stages of averages, the main stage, and the answer made of its terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from sqlglot import exp

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.plan import Plan, Stage
from analytics_engine.kpi.plan.question import ValueFilter
from analytics_engine.kpi.sql.averages import AverageWriter
from analytics_engine.kpi.sql.children import ChildrenOfRows
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.guards import guard_columns, guards
from analytics_engine.kpi.sql.nodes import alias, column, identifier, number, select, table, with_parts
from analytics_engine.kpi.sql.parameters import GivenSlot, LimitSlot, OffsetSlot, Slot
from analytics_engine.kpi.sql.stages import OWNER, StageWriter, rows_of_average
from analytics_engine.kpi.sql.writing import PERIOD, Part, Writing


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with numbered parameters, and what each parameter is.

    Shape: one row per cell; columns ``period`` (1-based), ``d0..`` (dimensions), ``k0..`` (measures), and for each
    leaf of the plan its value and the rows behind it: ``v0..`` and ``r0..``, in the plan's order; where some of these
    rows may have no value, ``n0..`` is how many have one.
    """

    sql: str
    slots: tuple[Slot, ...]


def emit(plan: Plan, checker: KpiChecker, dialect: Dialect) -> Statement:
    """Return the statement that answers a plan on an engine.

    Raises:
        QueryError: the engine cannot compute it exactly.
    """
    return _Emitter(plan, checker, dialect).statement()


class _Emitter:
    def __init__(self, plan: Plan, checker: KpiChecker, dialect: Dialect) -> None:
        self._plan = plan
        self._dialect = dialect
        self._writing = Writing(dialect, checker.paths, ChildrenOfRows(), few=plan.few)
        self._numbers = count()

    def statement(self) -> Statement:
        self._main = self._stage(self._plan.main, "", one_period=self._plan.grain is None)
        averages = [
            AverageWriter(self._writing, average, self._stage(average.stage, f"a{position}_", total=average.leaf.total),
                          position)
            for position, average in enumerate(self._plan.averages)
        ]  # fmt: skip
        stages = [*(average.stage for average in averages), self._main]
        scans = [part for stage in stages for part in stage.scans]
        members, everywhere = self._members(stages), self._plan.every_member
        name = members[0][0] if members else None
        for average in averages:
            average.finish(None if average.total else name, everywhere=everywhere)
        pieces = [(average.leaf, average.piece) for average in averages]
        self._main.finish(pieces, members=name if everywhere else None, everywhere=everywhere)
        means = [part for average in averages for part in average.parts]
        repeated = guards(self._writing)
        answer, more = self._answer(guard_columns(repeated))
        parts = [*self._writing.helpers.parts(), *scans, *members, *means, *self._main.parts, *repeated, *more]
        sql = self._dialect.text(with_parts(answer, parts))
        return Statement(sql, self._writing.parameters.slots)

    def _stage(self, stage: Stage, prefix: str, *, total: bool = False, one_period: bool = False) -> StageWriter:
        dimensions = 0 if total else len(self._plan.dimensions)
        return StageWriter(
            self._writing, stage, prefix=prefix, dimensions=dimensions, names=self._state_name, one_period=one_period
        )

    def _members(self, stages: list[StageWriter]) -> list[Part]:
        """Return the table of the members that are anywhere in an asked period, or in any, where it is needed."""
        if not self._plan.dimensions or not (self._plan.averages or self._plan.every_member):
            return []
        queries = [query for stage in stages if len(stage.keys) > 1 for query in stage.members()]
        union: exp.Expr = queries[0]
        for query in queries[1:]:
            union = exp.Union(this=union, expression=query, distinct=False)
        named = exp.Subquery(this=union, alias=exp.TableAlias(this=identifier("c")))
        names = [*([] if self._plan.every_member else [OWNER]), *self._main.keys[1:]]
        keys = [column(name, "c") for name in names]
        return [("members", select(keys, named, group_by=[key.copy() for key in keys]))]

    def _state_name(self) -> str:
        return f"s{next(self._numbers)}"

    # --- terms to measures -------------------------------------------------------------------------------------------

    def _answer(self, repeated: list[exp.Expr]) -> tuple[exp.Select, list[Part]]:
        keys = [column(name) for name in self._main.keys]
        values = [
            alias(self._writing.expressions.write(measure.expression, self._main.leaf), f"k{index}")
            for index, measure in enumerate(self._plan.measures)
        ]
        leaves = list(self._leaves())
        query = select([*keys, *values, *leaves, *repeated], table(self._main.terms), where=list(self._shown()))
        more: list[Part] = []
        if self._plan.value_filters:
            more = [("measures", query)]
            query = select([exp.Star()], table("measures"), where=list(self._value_conditions()))
        query.set("order", exp.Order(expressions=self._order()))
        query.set("limit", exp.Limit(expression=self._writing.parameters(LimitSlot(), DataType.INTEGER)))
        query.set("offset", exp.Offset(expression=self._writing.parameters(OffsetSlot(), DataType.INTEGER)))
        return query, more

    def _shown(self) -> Iterator[exp.Expr]:
        """Yield which cells are shown: those that exist, but for the rest of members where it is not asked for."""
        exists = self._main.exists() if self._plan.dimensions and not self._plan.every_member else None
        if exists is not None:
            yield exists
        for index in self._plan.without_rest:
            yield exp.EQ(this=column(f"d{index}"), expression=number(0))

    def _leaves(self) -> Iterator[exp.Expr]:
        for position, term in enumerate(self._plan.main.terms):
            yield alias(column(self._main.value(term)), f"v{position}")
            yield alias(column(self._main.rows(term)), f"r{position}")
            known = self._main.known(term)
            if known is not None:
                yield alias(column(known), f"n{position}")
        first = len(self._plan.main.terms)
        for position, average in enumerate(self._plan.averages):
            name = self._main.average(average.leaf)
            yield alias(column(name), f"v{first + position}")
            rows = exp.Coalesce(this=column(rows_of_average(name)), expressions=[number(0)])
            yield alias(rows, f"r{first + position}")

    def _value_conditions(self) -> Iterator[exp.Expr]:
        names = {measure.name: (f"k{index}", measure.type) for index, measure in enumerate(self._plan.measures)}
        position = self._plan.first_value_given
        for condition in self._plan.value_filters:
            name, kind = names[condition.measure]
            givens = [
                self._writing.parameters(GivenSlot(position + offset, kind), kind) for offset in range(condition.values)
            ]
            position += condition.values
            yield _condition(condition, column(name), givens)

    def _order(self) -> list[exp.Expr]:
        """Return what was asked, then period and dimensions, so that the order is always whole."""
        names = {"period": PERIOD}
        names |= {d.name: f"d{index}" for index, d in enumerate(self._plan.dimensions)}
        names |= {m.name: f"k{index}" for index, m in enumerate(self._plan.measures)}
        asked = [(names[order.by], order.descending) for order in self._plan.order]
        rest = [(name, False) for name in self._main.keys if name not in {name for name, _ in asked}]
        return [
            exp.Ordered(this=column(name), desc=descending, nulls_first=False) for name, descending in [*asked, *rest]
        ]


_COMPARISONS: dict[str, type[exp.Binary]] = {
    "equal": exp.EQ, "not_equal": exp.NEQ, "less": exp.LT, "less_or_equal": exp.LTE, "greater": exp.GT,
    "greater_or_equal": exp.GTE,
}  # fmt: skip


def _condition(condition: ValueFilter, value: exp.Expr, givens: list[exp.Expr]) -> exp.Expr:
    match condition.operator:
        case "is_null":
            met: exp.Expr = exp.Is(this=value, expression=exp.Null())
        case "is_not_null":
            met = exp.Not(this=exp.Is(this=value, expression=exp.Null()))
        case "in":
            met = exp.In(this=value, expressions=givens)
        case operator:
            met = _COMPARISONS[operator](this=value, expression=givens[0])
    return exp.Not(this=exp.Paren(this=met)) if condition.negated else met
