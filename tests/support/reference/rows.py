"""Row expressions: what one row gives, the rows its relations lead to and its children included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from analytics_engine.kpi.formula.syntax import LiteralValue
from analytics_engine.kpi.formula.typed import (
    Child,
    Column,
    Constant,
    Expression,
    Given,
    Operation,
    Parameter,
    PeriodBound,
    Rate,
)
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.frames import Edge
from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel, Relation
from analytics_engine.kpi.model.time import Calendar, Period
from analytics_engine.kpi.values.evaluate import apply
from support.reference.aggregates import aggregate
from support.reference.asking import Value
from support.reference.moments import edge_of, fixed, fixed_text, moment

Row = Mapping[str, Value]


@dataclass
class Magnitude:
    """The greatest number met since it was last set to 0."""

    value: float = 0.0

    def meet(self, value: Value) -> Value:
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            self.value = max(self.value, abs(float(value)))
        return value


class RowReader:
    """Reads the rows of every object model."""

    def __init__(
        self,
        catalog: Catalog,
        rows: Mapping[str, Sequence[Row]],
        calendar: Calendar,
        *,
        parameters: Mapping[str, LiteralValue],
        givens: Sequence[Value],
        base_currency: str,
    ) -> None:
        self._models = {version.definition.code: version.definition for version in catalog.object_models}
        self._rows = rows
        self._calendar = calendar
        self._parameters = parameters
        self._givens = givens
        self._base_currency = base_currency
        self.magnitude = Magnitude()

    def model(self, code: str) -> ObjectModel:
        return self._models[code]

    def rows(self, model: ObjectModel) -> Sequence[Row]:
        return self._rows.get(model.code, ())

    # --- the value of an expression -------------------------------------------------------------------------------

    def value(self, expression: Expression, model: ObjectModel, row: Row, period: Period) -> Value:
        """Return what an expression gives for a row that is counted in a period."""
        match expression:
            case Column(relations=route, attribute=attribute):
                _, owner = self.follow(model, row, route)
                return self.magnitude.meet(None if owner is None else owner[attribute])
            case Rate(currency=currency, anchor=anchor):
                return self.magnitude.meet(
                    self._rate(self.value(currency, model, row, period), self.value(anchor, model, row, period))
                )
            case PeriodBound(edge=edge, type=kind):
                bound = edge_of(period, edge, kind)
                return bound.date() if kind is DataType.DATE else bound
            case Child():
                return self._child(expression, model, row, period)
            case Operation(operands=operands):
                return self.scalar(expression, [self.value(part, model, row, period) for part in operands])
            case _:
                return self.constant(expression)

    def holds(self, condition: Expression | None, model: ObjectModel, row: Row, period: Period) -> bool:
        """Return whether a condition holds for a row; one that is unknown does not."""
        return condition is None or self.value(condition, model, row, period) is True

    def constant(self, expression: Expression) -> Value:
        """Return a value that is the same for every row and every cell."""
        match expression:
            case Constant(value=value):
                return self.magnitude.meet(value)
            case Parameter(name=name, default=default):
                return self.magnitude.meet(self._parameters.get(name, default))
            case Given(position=position):
                return self.magnitude.meet(self._givens[position])
            case _:
                raise TypeError(f"{expression!r} has no value of its own")

    def scalar(self, operation: Operation, values: list[Value]) -> Value:
        value = apply(operation, values, zone=self._calendar.tz)
        return self.magnitude.meet(typed(value, operation.type))

    # --- along relations, to at most one row ------------------------------------------------------------------------

    def follow(self, model: ObjectModel, row: Row, route: Sequence[str]) -> tuple[ObjectModel, Row | None]:
        """Return the object model and the row at the end of a route; no row where there is none on the way."""
        here: Row | None = row
        for name in route:
            child, relation, forward = self._relation(model, name)
            target = self.model(relation.target) if forward else child
            found: Row | None = None
            for there in self.rows(target):
                if here is None:
                    break
                belongs = self._belongs(relation, here, there) if forward else self._belongs(relation, there, here)
                if belongs:
                    found = there
            model, here = target, found
        return model, here

    def _relation(self, model: ObjectModel, name: str) -> tuple[ObjectModel, Relation, bool]:
        """Return the relation of a name, the object model that has it, and whether it is followed forward."""
        relation = model.relation(name)
        if relation is not None:
            return model, relation, True
        for child in self._models.values():
            for back in child.relations:
                if back.target == model.code and (back.inverse or child.code) == name:
                    return child, back, False
        raise LookupError(f"{model.code} has no relation {name}")

    def _belongs(self, relation: Relation, child: Row, parent: Row) -> bool:
        """Return whether a relation leads from one row to another; null leads nowhere."""
        if not all(_equal(child[source], parent[key]) for source, key in relation.on.items()):
            return False
        if relation.as_of is None:
            return True
        target = self.model(relation.target)
        if target.valid_from is None or target.valid_to is None or child[relation.as_of] is None:
            return False
        when, begin, end = child[relation.as_of], parent[target.valid_from], parent[target.valid_to]
        if not isinstance(begin, datetime):
            when = self.day(when)
        return moment(begin) <= moment(when) and (end is None or moment(when) < moment(end))

    def day(self, when: date) -> date:
        """Return the local date of an instant; a date is its own."""
        return when.astimezone(self._calendar.tz).date() if isinstance(when, datetime) else when

    # --- exchange rates ---------------------------------------------------------------------------------------------

    def _rate(self, currency: str | None, when: date | None) -> Value:
        """Return what one unit of a currency is worth in the base currency: the last rate on or before the day.

        A rate counts until the next one, and not when it is staler than its object model allows.
        """
        if currency is None or when is None:
            return None
        if currency == self._base_currency:
            return 1
        day, rates = self.day(when), self.model("fx_rate")
        known = [
            row
            for row in self.rows(rates)
            if (row["from_currency"], row["to_currency"]) == (currency, self._base_currency) and row["quoted_on"] <= day
        ]
        if not known:
            return None
        last = max(known, key=lambda row: row["quoted_on"])
        stale = rates.staleness and day - last["quoted_on"] > fixed_text(rates.staleness)
        return None if stale else last["rate"]

    # --- children ---------------------------------------------------------------------------------------------------

    def _child(self, child: Child, model: ObjectModel, row: Row, period: Period) -> Value:
        """Return an aggregate over the rows that belong to the one at the end of the child's route."""
        there = self.model(child.model)
        rows = self._children(child, model, row, period)
        if child.function in {"every", "any"}:
            met = [self.holds(child.argument, there, found, period) for found in rows]
            return all(met) if child.function == "every" else any(met)
        if child.argument is None:
            return len(rows)
        values = [self.value(child.argument, there, found, period) for found in rows]
        if not rows and child.function in {"count", "sum"}:
            return typed(0, child.type)
        return self.magnitude.meet(typed(aggregate(child.function, values), child.type))

    def _children(self, child: Child, model: ObjectModel, row: Row, period: Period) -> list[Row]:
        _, owner = self.follow(model, row, child.relations)
        there = self.model(child.model)
        present = self.rows(there)
        if child.at is not None and child.anchor is not None:
            present = self.rows_at(there, child.anchor, period, child.at)
        return [
            found
            for found in present
            if owner is not None
            and all(_equal(owner[here], found[key]) for here, key in child.keys)
            and self.holds(child.where, there, found, period)
            and self._in_time(child, model, row, there=there, found=found, period=period)
        ]

    def _in_time(
        self, child: Child, model: ObjectModel, row: Row, *, there: ObjectModel, found: Row, period: Period
    ) -> bool:
        """Return whether a child follows its row within the time."""
        if child.within is None or child.since is None or child.anchor is None:
            return True
        if found is row:
            return False
        since = self.value(child.since, model, row, period)
        when = self.value(child.anchor, there, found, period)
        if since is None or when is None:
            return False
        return moment(since) <= moment(when) < moment(since) + fixed(child.within)

    # --- rows at an instant -----------------------------------------------------------------------------------------

    def rows_at(self, model: ObjectModel, anchor: Column, period: Period, edge: Edge) -> list[Row]:
        """Return the rows that are there just before an end of a period.

        An interval's rows are there while they are valid, a snapshot's when they are the last of their series and not
        stale. Rows with any other anchor, and events, are there from their anchor on.
        """
        instant = edge_of(period, edge, anchor.type)
        own = not anchor.relations
        if own and model.nature is Nature.INTERVAL and anchor.attribute == model.valid_from:
            return [row for row in self.rows(model) if _valid(model, row, instant)]
        if own and model.nature is Nature.SNAPSHOT and anchor.attribute == model.time_attribute:
            return self._last_of_series(model, anchor, period, instant)
        return self.rows_before(model, anchor, period, edge)

    def rows_before(self, model: ObjectModel, anchor: Column, period: Period, edge: Edge) -> list[Row]:
        """Return the rows whose anchor lies before an end of a period."""
        instant = edge_of(period, edge, anchor.type)
        found = []
        for row in self.rows(model):
            when = self.value(anchor, model, row, period)
            if when is not None and moment(when) < instant:
                found.append(row)
        return found

    def _last_of_series(self, model: ObjectModel, anchor: Column, period: Period, instant: datetime) -> list[Row]:
        last: dict[Value, Row] = {}
        for row in self.in_order(model, anchor, self.rows(model), period):
            if moment(row[anchor.attribute]) < instant:
                last[tuple(row[name] for name in model.series)] = row
        if not model.staleness:
            return list(last.values())
        oldest = instant - fixed_text(model.staleness)
        return [row for row in last.values() if moment(row[anchor.attribute]) >= oldest]

    def in_order(self, model: ObjectModel, anchor: Column, rows: Sequence[Row], period: Period) -> list[Row]:
        """Return rows that have an anchor, the earliest first; at one moment, by the object model's key."""

        def order(row: Row) -> tuple[Value, ...]:
            return (moment(self.value(anchor, model, row, period)), *(row[name] for name in model.key))

        return sorted((row for row in rows if self.value(anchor, model, row, period) is not None), key=order)


def typed(value: Value, kind: DataType | None) -> Value:
    """Return a number in the type its expression gives; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        return value
    match kind:
        case DataType.INTEGER:
            return int(value)
        case DataType.DECIMAL:
            return Decimal(value)
        case DataType.FLOAT:
            return float(value)
        case _:
            return value


def _equal(one: Value, other: Value) -> bool:
    return one is not None and other is not None and bool(one == other)


def _valid(model: ObjectModel, row: Row, instant: datetime) -> bool:
    """Return whether a row holds just before an instant."""
    assert model.valid_from is not None
    assert model.valid_to is not None
    end = row[model.valid_to]
    return moment(row[model.valid_from]) < instant and (end is None or moment(end) >= instant)
