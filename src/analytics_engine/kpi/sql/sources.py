"""The rows of an object model with all that is joined to them, each join at most one row: nothing is ever repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlglot import exp

from analytics_engine.kpi.formula.currency import RATES
from analytics_engine.kpi.formula.paths import Step
from analytics_engine.kpi.formula.typed import Child, Column, Expression, PeriodBound, Rate
from analytics_engine.kpi.model.frames import Edge, Frame
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel
from analytics_engine.kpi.sql.nodes import alias, column, every, identifier, number, select, table
from analytics_engine.kpi.sql.parameters import ClientSlot, CurrencySlot
from analytics_engine.kpi.sql.writing import PERIOD, Writing

FACTS = "facts"
"""The schema of the rows of object models that say no other."""
ROWS = "f"
"""The alias of an object model's own rows."""
ENTRY = "e"
"""The alias of the entry of a spine that a row is counted in."""
SPAN = "p"
"""The alias of the bounds of the span that is read for that entry."""
GROUP = "ae_group"
"""The column that holds the number rows are grouped by."""
NEXT = "ae_next"
"""The column that holds when the next row of a series begins."""


class RowSource:
    """Writes expressions over the rows of an object model, and gathers the joins they need as they are written.

    Args:
        source: where the rows come from, under the alias ``f``; the object model's table by default.
        span: the spine, and the frame, of the entry that a row is counted in.
        entry: the alias under which that entry stands.
    """

    def __init__(
        self,
        writing: Writing,
        model: ObjectModel,
        *,
        source: exp.Expr | None = None,
        span: tuple[Frame, Frame] | None = None,
        entry: str = ENTRY,
    ) -> None:
        self.writing = writing
        self.model = model
        self.span = span
        self.entry = entry
        self.source = source if source is not None else table_of(model, ROWS)
        self.bounded = False
        self._route_joins: list[exp.Join] = []
        self._child_joins: list[exp.Join] = []
        self._routes: dict[tuple[str, ...], str] = {(): ROWS}
        self._children: dict[Child, str] = {}
        self._rates: dict[Rate, str] = {}

    def joins(self, *entries: exp.Join) -> list[exp.Join]:
        """Return the joins of all that was written: other rows, then entries, then children, which may look at them."""
        spans = [self._span_join()] if entries and self.bounded and self.entry != SPAN else []
        return [*self._route_joins, *entries, *spans, *self._child_joins]

    def write(self, expression: Expression) -> exp.Expr:
        """Return an expression over a row."""
        return self.writing.expressions.write(expression, self._leaf)

    def is_clients(self) -> exp.Expr:
        """Return the condition that a row is the client's."""
        return is_clients(self.writing, self.model, ROWS)

    def column(self, read: Column) -> exp.Expr:
        return attribute(self.route(read.relations), read.attribute)

    def route(self, route: tuple[str, ...]) -> str:
        """Return the alias of the row a route leads to, joined once."""
        if route not in self._routes:
            parent = self.route(route[:-1])
            joined = self._routes[route] = f"j{len(self._routes)}"
            here = self.writing.paths.end_of(self.model, route[:-1])
            step = self.writing.paths.step(here, route[-1])
            assert step is not None
            target = self.writing.paths.model(step.target)
            if step.as_of is None:
                self.writing.joined[target.code] = None
            on = self._joined(step, here, target, parent=parent, joined=joined)
            source = versions_of(self.writing, target, joined) if step.as_of else table_of(target, joined)
            self._route_joins.append(exp.Join(this=source, on=every(on), side="LEFT"))
        return self._routes[route]

    def bound(self, edge: Edge, kind: DataType, *, held: bool = False) -> exp.Expr:
        """Return the start or the end of the span a row is counted in."""
        assert self.span is not None
        self.bounded = True
        return column(self.writing.helpers.bound(*self.span, edge, kind, held=held), SPAN)

    def _span_join(self) -> exp.Join:
        """Return the join of the bounds of the entry's span."""
        assert self.span is not None
        same = exp.EQ(this=column(PERIOD, SPAN), expression=column(PERIOD, self.entry))
        return exp.Join(this=table(self.writing.helpers.spans(*self.span), alias=SPAN), on=same)

    def _leaf(self, leaf: Expression) -> exp.Expr:
        match leaf:
            case Column():
                return self.column(leaf)
            case PeriodBound(edge=edge, type=kind):
                return self.bound(edge, kind)
            case Rate():
                return self._rate(leaf)
            case Child():
                return self._child(leaf)
            case _:
                raise TypeError(f"not of a row: {leaf!r}")

    def _joined(
        self, step: Step, here: ObjectModel, target: ObjectModel, *, parent: str, joined: str
    ) -> list[exp.Expr]:
        on = [
            same_client(target, joined, self.model, ROWS),
            *(exp.EQ(this=attribute(joined, key), expression=attribute(parent, source)) for source, key in step.pairs),
        ]
        if step.as_of is not None:
            on += self._valid_at(step.as_of, here, target, parent=parent, joined=joined)
        return on

    def _valid_at(
        self, as_of: str, here: ObjectModel, target: ObjectModel, *, parent: str, joined: str
    ) -> list[exp.Expr]:
        moment: exp.Expr = attribute(parent, as_of)
        own, begins = here.attribute(as_of), target.attribute(target.valid_from or "")
        assert own is not None
        assert begins is not None
        if (own.type, begins.type) == (DataType.TIMESTAMP, DataType.DATE):
            moment = self.writing.dialect.local_date(moment, self.writing.expressions.zone())
        ends, follows = attribute(joined, target.valid_to or ""), column(NEXT, joined)
        return [
            exp.LTE(this=attribute(joined, begins.name), expression=moment),
            open_ended(exp.LT(this=moment.copy(), expression=ends), ends),
            open_ended(exp.LT(this=moment.copy(), expression=follows), follows),
        ]

    def _rate(self, rate: Rate) -> exp.Expr:
        """Return what a row's currency is worth in the base currency; that is worth 1."""
        base = self.writing.parameters(CurrencySlot(), DataType.TEXT)
        currency = self.column(rate.currency)
        if rate not in self._rates:
            joined = self._rates[rate] = f"x{len(self._rates)}"
            self._route_joins.append(self._rate_join(rate, joined, base))
        own = exp.If(this=exp.EQ(this=currency, expression=base.copy()), true=number(1))
        return exp.Case(ifs=[own], default=attribute(self._rates[rate], "rate"))

    def _rate_join(self, rate: Rate, joined: str, base: exp.Expr) -> exp.Join:
        """Return the join of the last rate on or before the day, if it is not too old."""
        writing = self.writing
        model = writing.paths.model(RATES)
        day = self.column(rate.anchor)
        if rate.anchor.type is DataType.TIMESTAMP:
            day = writing.dialect.local_date(day, writing.expressions.zone())
        quoted = attribute(ROWS, "quoted_on")
        into_base = exp.EQ(this=attribute(ROWS, "to_currency"), expression=base)
        follows = following(quoted, [attribute(ROWS, "from_currency")])
        source = with_columns(writing, model, {NEXT: follows}, joined, until=into_base)
        begins, ends = attribute(joined, "quoted_on"), column(NEXT, joined)
        on = [
            exp.EQ(this=attribute(joined, "from_currency"), expression=self.column(rate.currency)),
            exp.LTE(this=begins, expression=day),
            open_ended(exp.LT(this=day.copy(), expression=ends), ends),
        ]
        age = model.staleness_s
        if age is not None:
            on.append(
                exp.GTE(this=writing.dialect.add_seconds(begins.copy(), age, DataType.DATE), expression=day.copy())
            )
        return exp.Join(this=source, on=every(on), side="LEFT")

    def _child(self, child: Child) -> exp.Expr:
        if child not in self._children:
            joined = self._children[child] = f"c{len(self._children)}"
            owner = self.route(child.relations)
            self._child_joins.append(self.writing.children.join(self, child, joined=joined, owner=owner))
        return self.writing.children.value(self.writing, child, self._children[child])


def attribute(rows: str, name: str) -> exp.Column:
    return column(name, rows, quoted=True)


def read_elsewhere(sql: str, codes: Iterable[str], *, schema: str) -> str:
    """Return a statement for PostgreSQL that reads the rows of some object models in another schema than ``facts``."""
    for code in codes:
        there, elsewhere = (table(code, schema=place).sql("postgres") for place in (FACTS, schema))
        sql = re.sub(rf'(?<![\w".]){re.escape(there)}(?![\w"])', elsewhere, sql)
    return sql


def table_of(model: ObjectModel, name: str) -> exp.Table:
    """Return an object model's table under an alias."""
    return table(model.bound_to.table, schema=model.bound_to.schema_name, alias=name)


def is_clients(writing: Writing, model: ObjectModel, rows: str) -> exp.Expr:
    client = writing.parameters(ClientSlot(), DataType.TEXT)
    return exp.EQ(this=attribute(rows, model.bound_to.client_column), expression=client)


def same_client(model: ObjectModel, rows: str, other: ObjectModel, other_rows: str) -> exp.Expr:
    return exp.EQ(
        this=attribute(rows, model.bound_to.client_column),
        expression=attribute(other_rows, other.bound_to.client_column),
    )


def versions_of(writing: Writing, model: ObjectModel, name: str) -> exp.Expr:
    """Return the rows of an interval or snapshot, each with when the next of its series begins."""
    begins = attribute(ROWS, begins_of(model))
    follows = following(begins, [attribute(ROWS, part) for part in model.series])
    return with_columns(writing, model, {NEXT: follows}, name)


def with_columns(
    writing: Writing,
    model: ObjectModel,
    columns: dict[str, exp.Expr],
    name: str,
    *,
    until: exp.Expr | None = None,
    joins: Sequence[exp.Join] = (),
) -> exp.Expr:
    """Return the client's rows of an object model, with further columns, under an alias."""
    where = [is_clients(writing, model, ROWS), *([until] if until is not None else [])]
    star = exp.Column(this=exp.Star(), table=identifier(ROWS))
    further = [alias(value, key) for key, value in columns.items()]
    query = select([star, *further], table_of(model, ROWS), joins=joins, where=where)
    return exp.Subquery(this=query, alias=exp.TableAlias(this=identifier(name)))


def begins_of(model: ObjectModel) -> str:
    """Return the attribute at which a row of an interval or snapshot begins to hold."""
    name = model.valid_from if model.nature is Nature.INTERVAL else model.time_attribute
    assert name is not None
    return name


def following(moment: exp.Expr, series: Sequence[exp.Expr], *, ties: Sequence[exp.Expr] = ()) -> exp.Expr:
    """Return when the next row of a series begins; null behind the last."""
    order = exp.Order(expressions=[exp.Ordered(this=part.copy(), nulls_first=False) for part in (moment, *ties)])
    return exp.Window(
        this=exp.Anonymous(this="LEAD", expressions=[moment]),
        partition_by=[part.copy() for part in series] or None,
        order=order,
    )


def open_ended(condition: exp.Expr, end: exp.Expr) -> exp.Expr:
    """Return a condition on an end that may be missing, which then is never reached."""
    return exp.Paren(this=exp.Or(this=exp.Is(this=end.copy(), expression=exp.Null()), expression=condition))
