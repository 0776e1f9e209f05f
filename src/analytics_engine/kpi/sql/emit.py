"""A plan to one statement: the stages of averages, the main stage, and the answer made of its terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from sqlglot import exp

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.plan.plan import Average, Plan
from analytics_engine.kpi.plan.question import ValueFilter
from analytics_engine.kpi.sql.children import ChildrenOfRows
from analytics_engine.kpi.sql.dialects import Dialect
from analytics_engine.kpi.sql.nodes import alias, column, number, select, table, with_parts
from analytics_engine.kpi.sql.parameters import GivenSlot, LimitSlot, OffsetSlot, Slot
from analytics_engine.kpi.sql.stages import OWNER, Piece, StageWriter, rows_of_average
from analytics_engine.kpi.sql.writing import PERIOD, Part, Writing


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with numbered parameters, and what each parameter is.

    Shape: one row per cell; columns ``period`` (1-based), ``d0..`` (dimensions), ``k0..`` (measures), and for each
    leaf of the plan its value and the rows behind it: ``v0..`` and ``r0..``, in the plan's order.
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
        self._writing = Writing(dialect, checker.paths, ChildrenOfRows())
        self._numbers = count()

    def statement(self) -> Statement:
        averages = [self._average(position, average) for position, average in enumerate(self._plan.averages)]
        self._main = StageWriter(
            self._writing,
            self._plan.main,
            prefix="",
            dimensions=[dimension.type for dimension in self._plan.dimensions],
            names=self._state_name,
            averages=[(average.leaf, piece) for average, (_, piece) in zip(self._plan.averages, averages, strict=True)],
            every_member=self._plan.every_member,
            one_period=self._plan.grain is None,
        )
        parts = [part for stage, _ in averages for part in stage]
        answer, more = self._answer()
        query = with_parts(answer, [*self._writing.helpers.parts(), *parts, *self._main.parts, *more])
        sql = query.sql(dialect=self._dialect.name, pretty=True, copy=False)
        return Statement(sql, self._writing.parameters.slots)

    def _state_name(self) -> str:
        return f"s{next(self._numbers)}"

    def _average(self, position: int, average: Average) -> tuple[list[Part], Piece]:
        """Write a mean over days: the stage of the days, then one row for each period and member."""
        dimensions = [] if average.leaf.total else [dimension.type for dimension in self._plan.dimensions]
        prefix = f"a{position}_"
        stage = StageWriter(
            self._writing,
            average.stage,
            prefix=prefix,
            dimensions=dimensions,
            names=self._state_name,
            every_member=bool(dimensions),
        )
        name = f"m{position}"
        members = stage.keys[1:]
        value = self._writing.expressions.write(average.leaf.operand, stage.leaf)
        rows = [column(stage.present(term)) for term in average.stage.terms if not term.total or average.leaf.total]
        present: exp.Expr = rows[0]
        for other in rows[1:]:
            present = exp.Add(this=present, expression=other)
        daily = select(
            [column(OWNER), *map(column, members), alias(value, "value"), alias(present, "present")],
            table(stage.terms),
        )
        known = exp.Count(this=column("value"))
        whole = exp.EQ(this=exp.Count(this=exp.Star()), expression=known)
        mean = self._dialect.divide(self._dialect.total(column("value")), known.copy(), average.leaf.type)
        averaged = select(
            [
                alias(column(OWNER), PERIOD),
                *map(column, members),
                alias(exp.Case(ifs=[exp.If(this=whole, true=mean)]), name),
                alias(
                    self._writing.dialect.cast(exp.Sum(this=column("present")), DataType.INTEGER), rows_of_average(name)
                ),
            ],
            table(f"{prefix}days"),
            group_by=[column(OWNER), *map(column, members)],
        )
        parts = [*stage.parts, (f"{prefix}days", daily), (f"{prefix}mean", averaged)]
        columns = ((name, average.leaf.type), (rows_of_average(name), DataType.INTEGER))
        return parts, Piece(f"{prefix}mean", columns)

    # --- terms to measures -------------------------------------------------------------------------------------------

    def _answer(self) -> tuple[exp.Select, list[Part]]:
        keys = [column(name) for name in self._main.keys]
        values = [
            alias(self._writing.expressions.write(measure.expression, self._main.leaf), f"k{index}")
            for index, measure in enumerate(self._plan.measures)
        ]
        leaves = list(self._leaves())
        exists = self._main.exists() if self._plan.dimensions and not self._plan.every_member else None
        query = select([*keys, *values, *leaves], table(self._main.terms), where=[exists] if exists is not None else [])
        more: list[Part] = []
        if self._plan.value_filters:
            more = [("measures", query)]
            query = select([exp.Star()], table("measures"), where=list(self._value_conditions()))
        query.set("order", exp.Order(expressions=self._order()))
        query.set("limit", exp.Limit(expression=self._writing.parameters(LimitSlot(), DataType.INTEGER)))
        query.set("offset", exp.Offset(expression=self._writing.parameters(OffsetSlot(), DataType.INTEGER)))
        return query, more

    def _leaves(self) -> Iterator[exp.Expr]:
        for position, term in enumerate(self._plan.main.terms):
            yield alias(column(self._main.value(term)), f"v{position}")
            yield alias(column(self._main.rows(term)), f"r{position}")
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
