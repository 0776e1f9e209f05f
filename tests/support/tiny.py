"""A tiny company for examples worked out by hand: one object model of each nature, rows written as plain texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import yaml

from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.formula.typed import Term
from analytics_engine.kpi.model.catalog import Catalog, ObjectModelVersion
from analytics_engine.kpi.model.kpi import KpiParameter
from analytics_engine.kpi.model.object_model import DataType, ObjectModel
from analytics_engine.kpi.model.time import Calendar, Window
from support.reference import Answer, Question, Reference

_MODELS = """
- code: customer
  nature: dimension
  key: [id]
  attributes: {id: integer, segment: text, home: text}
- code: order
  nature: event
  key: [id]
  time_attribute: placed_at
  attributes: {id: integer, placed_at: timestamp!, paid_at: timestamp, due_on: date, customer_id: integer,
               payer_id: integer, plan_id: integer, amount: decimal, weight: float, items: integer, gift: boolean,
               channel: text}
  relations:
    - {name: customer, target: customer, by: {customer_id: id}}
    - {name: payer, target: customer, by: {payer_id: id}, inverse: paid_orders}
    - {name: plan, target: plan, by: {plan_id: plan_id}, as_of: placed_at}
  segments:
    - {name: large, condition: amount >= 100}
- code: line
  nature: event
  key: [id]
  time_attribute: booked_at
  attributes: {id: integer, order_id: integer, booked_at: timestamp!, quantity: integer, ok: boolean}
  relations:
    - {name: order, target: order, by: {order_id: id}, inverse: lines}
- code: note
  nature: event
  key: [id]
  time_attribute: written_at
  attributes: {id: integer, order_id: integer, written_at: timestamp!, stars: integer}
  relations:
    - {name: order, target: order, by: {order_id: id}, inverse: note, cardinality: one_to_one}
- code: delivery
  nature: event
  key: [id]
  time_attribute: day
  attributes: {id: integer, day: date!, customer_id: integer, weight: float}
- code: invoice
  nature: event
  key: [id]
  time_attribute: issued_at
  attributes: {id: integer, issued_at: timestamp!, amount: decimal in money, money: text}
- code: fx_rate
  nature: snapshot
  key: [from_currency, to_currency, quoted_on]
  time_attribute: quoted_on
  staleness: 3 days
  attributes: {from_currency: text, to_currency: text, quoted_on: date!, rate: decimal}
- code: plan
  nature: interval
  key: [plan_id, starts_at]
  time_attribute: starts_at
  valid_from: starts_at
  valid_to: ends_at
  attributes: {plan_id: integer, starts_at: timestamp!, ends_at: timestamp, customer_id: integer, fee: decimal,
               tier: text}
- code: quota
  nature: interval
  key: [owner, starts_on]
  time_attribute: starts_on
  valid_from: starts_on
  valid_to: ends_on
  attributes: {owner: text, starts_on: date!, ends_on: date, amount: decimal}
- code: stock
  nature: snapshot
  key: [product, taken_at]
  time_attribute: taken_at
  staleness: 2 days
  attributes: {product: text, taken_at: timestamp!, level: integer, place: text}
"""


def _attributes(raw: Mapping[str, str]) -> list[dict[str, Any]]:
    """Read ``name: type``, with ``!`` where it is never null, and for amounts the attribute that names the currency."""
    found = []
    for name, text in raw.items():
        kind, _, currency = text.partition(" in ")
        attribute = {"name": name, "type": kind.rstrip("!"), "nullable": not kind.endswith("!")}
        found.append(attribute | ({"currency": currency} if currency else {}))
    return found


def _object_model(raw: dict[str, Any]) -> ObjectModel:
    relations = [{"on": relation.pop("by"), **relation} for relation in raw.pop("relations", [])]
    return ObjectModel(name=raw["code"], attributes=_attributes(raw.pop("attributes")), relations=relations, **raw)


TINY = Catalog(
    version="tiny",
    object_models=tuple(ObjectModelVersion(definition=_object_model(raw)) for raw in yaml.safe_load(_MODELS)),
)
_CHECKER = KpiChecker(TINY)


@dataclass(frozen=True)
class Loaded:
    start: datetime
    end: datetime


LOADED = ("2025-01-01", "2027-01-01")
LATER = "2028-01-01"

Written = Mapping[str, Any]
"""A row as a test writes it: times and decimals as texts, what is missing is null."""


def instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READERS: dict[DataType, Callable[[Any], Any]] = {
    DataType.TIMESTAMP: instant,
    DataType.DATE: date.fromisoformat,
    DataType.DECIMAL: Decimal,
}


def _row(model: ObjectModel, written: Written) -> dict[str, Any]:
    unknown = set(written) - {attribute.name for attribute in model.attributes}
    assert not unknown, unknown
    return {attribute.name: _read(attribute.type, written.get(attribute.name)) for attribute in model.attributes}


def _read(kind: DataType, value: Any) -> Any:
    return None if value is None else _READERS.get(kind, lambda same: same)(value)


def answer(
    formulas: Mapping[str, str],
    rows: Mapping[str, Sequence[Written]],
    *,
    window: tuple[str, str] = ("2026-01-01", "2026-02-01"),
    grain: str | None = None,
    by: Sequence[str] = (),
    where: Sequence[str] = (),
    zone: str = "UTC",
    loaded: tuple[str, str] | None = LOADED,
    now: str = LATER,
    parameters: Mapping[str, Any] | None = None,
    declared: Sequence[KpiParameter] = (),
) -> Answer:
    """Return what the reference answers about rows of the tiny company."""
    models = {version.definition.code: version.definition for version in TINY.object_models}
    coverage = dict.fromkeys(models, Loaded(*map(instant, loaded))) if loaded else {}
    reference = Reference(
        TINY,
        {code: [_row(models[code], written) for written in found] for code, found in rows.items()},
        calendar=Calendar(zone),
        coverage=coverage,
        now=instant(now),
    )
    question = Question(
        measures=tuple(
            (name, _CHECKER.formula(text, parameters=declared).expression) for name, text in formulas.items()
        ),
        window=Window(*map(datetime.fromisoformat, window)),
        grain=grain,
        dimensions=tuple(by),
        filters=tuple(where),
        parameters=parameters or {},
    )
    return reference.answer(question)


def cells(formula: str, rows: Mapping[str, Sequence[Written]], **asked: Any) -> list[Any]:
    """Return one formula's cells, each as ``[period, member, ..., value]``."""
    found = answer({"it": formula}, rows, **asked)
    return [[period, *members, values["it"]] for (period, members), values in found.cells.items()]


def values(formula: str, rows: Mapping[str, Sequence[Written]], **asked: Any) -> list[Any]:
    """Return one formula's value in every period."""
    return [cell[-1] for cell in cells(formula, rows, **asked)]


def value(formula: str, rows: Mapping[str, Sequence[Written]], **asked: Any) -> Any:
    """Return one formula's value in the only cell there is."""
    (only,) = values(formula, rows, **asked)
    return only


def row_count(formula: str, rows: Mapping[str, Sequence[Written]], **asked: Any) -> int:
    """Return how many rows are behind the only term of the only cell."""
    (counts,) = answer({"it": formula}, rows, **asked).rows.values()
    ((term, count),) = counts.items()
    assert isinstance(term, Term)
    return count
