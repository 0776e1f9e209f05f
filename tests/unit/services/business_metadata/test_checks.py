from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.services.business_metadata.bundle import Entry, Source, read_bundle
from analytics_engine.services.business_metadata.checks import problems_of
from analytics_engine.services.business_metadata.definitions import Kind, Stored
from analytics_engine.services.business_metadata.snapshot import catalog_of

BASE = """\
value_chains: [{code: SALES, name: Sales}]
modules: [{code: ORDERS, name: Orders, value_chains: [SALES]}]
object_models:
  - code: customer
    name: Customer
    nature: dimension
    key: [id]
    attributes: [{name: id, type: CUSTOMER_KEY, nullable: false}, {name: segment, type: text}]
  - code: order
    name: Order
    modules: [ORDERS]
    nature: event
    key: [id]
    time_attribute: placed_at
    attributes:
      - {name: id, type: text, nullable: false}
      - {name: customer_id, type: text}
      - {name: placed_at, type: timestamp, nullable: false}
      - {name: amount, type: decimal, unit: EUR}
    relations: [{name: customer, target: customer, on: {customer_id: RELATION_KEY}}]
kpis:
  - {code: REVENUE, name: Revenue, module: MODULE, formula: sum(order.AMOUNT), direction: higher}
  - {code: ORDER_COUNT, name: Orders, module: ORDERS, formula: count(order), direction: higher}
  - {code: AVERAGE, name: Average, module: ORDERS, formula: REVENUE / ORDER_COUNT, direction: higher}
"""
RIGHT = {"CUSTOMER_KEY": "text", "RELATION_KEY": "id", "MODULE": "ORDERS", "AMOUNT": "amount"}


def catalog_with(**choices: str) -> tuple[Catalog, tuple[Entry, ...]]:
    text = BASE
    for name, value in (RIGHT | choices).items():
        text = text.replace(name, value)
    entries = read_bundle([Source("base.yaml", text)])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return catalog_of("test", [Stored("", 1, "test", now, entry.definition) for entry in entries]), entries


def test_definitions_that_fit_have_no_problems() -> None:
    """The base catalog is right as it stands."""
    catalog, entries = catalog_with()
    assert problems_of(catalog, {entry.key for entry in entries}) == []


@pytest.mark.parametrize(
    ("choice", "key", "detail"),
    [
        (
            {"CUSTOMER_KEY": "integer"},
            (Kind.OBJECT_MODEL, "order"),
            "relations.customer.on joins order.customer_id (text) to customer.id (integer).",
        ),
        (
            {"RELATION_KEY": "segment"},
            (Kind.OBJECT_MODEL, "order"),
            "relations.customer.on must name the whole key of customer (id), and names segment.",
        ),
        ({"MODULE": "ORDRES"}, (Kind.KPI, "REVENUE"), "module names the module 'ORDRES', which does not exist."),
    ],
)
def test_what_does_not_fit_is_named(choice: dict[str, str], key: tuple[Kind, str], detail: str) -> None:
    """A relation that could double rows, or a name that leads nowhere, is refused with the reason."""
    catalog, entries = catalog_with(**choice)
    problems = problems_of(catalog, {entry.key for entry in entries})
    assert [(found, error.detail) for found, error in problems] == [(key, detail)]


def test_a_wrong_formula_is_found_in_it_and_in_what_refers_to_it() -> None:
    """A formula that names no attribute fails, and so does the KPI that is derived from it."""
    catalog, _ = catalog_with(AMOUNT="amuont")
    problems = problems_of(catalog, {(Kind.KPI, "REVENUE")})
    assert [key for key, _ in problems] == [(Kind.KPI, "REVENUE"), (Kind.KPI, "AVERAGE")]
    assert all("amuont" in error.detail for _, error in problems)


def test_only_what_a_change_can_touch_is_checked() -> None:
    """A changed KPI that nothing refers to leaves the others alone, broken or not."""
    catalog, _ = catalog_with(AMOUNT="amuont")
    assert problems_of(catalog, {(Kind.KPI, "ORDER_COUNT"), (Kind.VALUE_CHAIN, "SALES")}) != []
    assert problems_of(catalog, {(Kind.VALUE_CHAIN, "SALES")}) == []
