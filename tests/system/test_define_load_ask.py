"""A company's own KPI: define it, load rows, ask, load more, and the answer follows by itself."""

from __future__ import annotations

from typing import Any

import pytest

from support.waiting import wait_until
from system.product import Product

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]

SALE = {
    "code": "sale",
    "name": "Sale",
    "nature": "event",
    "key": ["sale_id"],
    "time_attribute": "sold_at",
    "attributes": [
        {"name": "sale_id", "type": "integer", "nullable": False},
        {"name": "sold_at", "type": "timestamp", "nullable": False},
        {"name": "amount", "type": "decimal", "unit": "EUR"},
        {"name": "shop", "type": "text"},
    ],
}
REVENUE = {
    "code": "SHOP_REVENUE",
    "name": "Revenue",
    "module": "SHOP",
    "direction": "higher",
    "formula": "sum(sale.amount)",
}
QUERY = {"kpis": ["SHOP_REVENUE"], "range": {"from": "2026-01-01", "to": "2026-03-01"}, "grain": "month",
         "time_zone": "UTC"}  # fmt: skip


def created(product: Product, path: str, body: dict[str, Any]) -> None:
    reply = product.send("POST", path, body)
    assert reply.status == 201, reply


def load(product: Product, csv: str, **headers: str) -> dict[str, Any]:
    path = "/api/v1/data/sale?covers_from=2026-01-01T00:00:00Z&covers_until=2026-03-01T00:00:00Z"
    reply = product.send("POST", path, csv.encode(), headers={"Content-Type": "text/csv", **headers})
    assert reply.status == 201, reply
    receipt: dict[str, Any] = reply.document
    return receipt


def ask(product: Product) -> dict[str, Any]:
    return product.post("/api/v1/calculate", QUERY)


def values(result: dict[str, Any]) -> list[Any]:
    return list(result["kpis"][0]["values"])


@pytest.fixture(scope="module")
def shop(running_product: Product) -> Product:
    created(running_product, "/api/v1/metadata/value-chains", {"code": "RETAIL", "name": "Retail"})
    created(running_product, "/api/v1/metadata/modules", {"code": "SHOP", "name": "Shop", "value_chains": ["RETAIL"]})
    created(running_product, "/api/v1/metadata/object-models", SALE)
    created(running_product, "/api/v1/metadata/kpis", REVENUE)
    return running_product


def test_an_answer_follows_the_data_and_the_definition(shop: Product) -> None:
    first = load(shop, "sale_id,sold_at,amount,shop\n1,2026-01-31T23:59:59Z,10.10,a\n2,2026-02-01T00:00:00Z,0.20,b\n")
    assert (first["rows"], first["inserted"]) == (2, 2)
    wait_until(lambda: values(ask(shop)) == ["10.1", "0.2"])
    assert wait_until(lambda: ask(shop)["cached"])

    second = load(shop, "sale_id,sold_at,amount,shop\n3,2026-02-02T00:00:00Z,5,a\n")
    wait_until(lambda: values(ask(shop))[1] == "5.2")
    # an older transaction of somebody else may be under way for a moment; what is explained is never kept
    wait_until(lambda: shop.post("/api/v1/calculate/explain", QUERY)["watermark"] > second["watermark"])

    edited = shop.send("GET", "/api/v1/metadata/kpis/SHOP_REVENUE")
    definition = {**REVENUE, "formula": "sum(sale.amount) filter (where sale.shop = 'a')"}
    reply = shop.send("PUT", "/api/v1/metadata/kpis/SHOP_REVENUE", definition)
    assert reply.status == 200, (edited, reply)
    result = wait_until(lambda: answer if values(answer := ask(shop)) == ["10.1", "5"] else None)
    assert result["kpis"][0]["version"] == 2


def test_the_same_load_twice_is_one_load(shop: Product) -> None:
    """With an idempotency key a caller may send again after a lost answer."""
    rows = "sale_id,sold_at,amount,shop\n10,2026-01-10T00:00:00Z,1,z\n"
    one = load(shop, rows, **{"Idempotency-Key": "january-10"})
    two = load(shop, rows, **{"Idempotency-Key": "january-10"})
    assert two == {**one, "replayed": True}
    other = rows.replace("10,2026", "11,2026")
    reply = shop.send(
        "POST", "/api/v1/data/sale", other.encode(),
        headers={"Content-Type": "text/csv", "Idempotency-Key": "january-10"},
    )  # fmt: skip
    assert reply.status == 409
    assert reply.document["type"] == "urn:analytics-engine:problem:idempotency-conflict"


def test_nothing_is_loaded_when_one_row_is_wrong(shop: Product) -> None:
    """The problem names line, column, value and reason; the good rows beside it stay out."""
    rows = (
        "sale_id,sold_at,amount,shop\n20,2026-01-10T00:00:00Z,1,z\n21,yesterday,2,z\n22,2026-01-10T00:00:00Z,much,z\n"
    )
    before = shop.post("/api/v1/calculate", {**QUERY, "dimensions": ["sale.shop"]})
    reply = shop.send("POST", "/api/v1/data/sale", rows.encode(), headers={"Content-Type": "text/csv"})
    assert reply.status == 422
    errors = [(error["line"], error["column"], error["value"]) for error in reply.document["errors"]]
    assert errors == [(3, "sold_at", "yesterday"), (4, "amount", "much")]
    assert all(error["reason"] for error in reply.document["errors"])
    after = shop.post("/api/v1/calculate", {**QUERY, "dimensions": ["sale.shop"]})
    assert (after["kpis"], after["dimensions"]) == (before["kpis"], before["dimensions"])


def test_a_formula_is_checked_before_it_is_saved(shop: Product) -> None:
    good = shop.post("/api/v1/calculate/validate", {"formula": "SHOP_REVENUE / count(sale)"})
    assert (good["valid"], good["unit"], good["type"]) == (True, "EUR/sale", "decimal")
    bad = shop.post("/api/v1/calculate/validate", {"formula": "SHOP_REVENUE +\n count(sale)"})
    assert not bad["valid"]
    (problem,) = bad["problems"]
    assert (problem["line"], problem["column"]) == (2, 2)
    assert problem["detail"] == "Units do not fit: EUR and sale."


def test_an_answer_can_be_explained(shop: Product) -> None:
    explanation = shop.post("/api/v1/calculate/explain", QUERY)
    assert [step["name"] for step in explanation["steps"]] == ["resolve", "share", "place", "emit"]
    assert 'FROM "facts"."sale"' in explanation["sql"]
    assert "nyc-flights" in explanation["parameters"].values()


def test_a_batch_answers_what_it_can(shop: Product) -> None:
    unknown = {**QUERY, "kpis": ["NO_SUCH_KPI"]}
    batch = shop.post("/api/v1/calculate/batch", {"queries": [QUERY, unknown]})
    assert (batch["succeeded"], batch["failed"]) == (1, 1)
    assert batch["items"][1]["problem"]["status"] == 404


def test_a_dashboard_the_members_and_the_rows_behind_a_value(shop: Product) -> None:
    """What a page of charts asks: several answers of one state, what to filter by, and what a number is made of."""
    february = {**QUERY, "range": {"from": "2026-02-01", "to": "2026-03-01"}, "dimensions": ["sale.shop"]}
    dashboard = shop.post("/api/v1/calculate/dashboard", {"queries": [february, {**february, "totals": True}]})
    assert dashboard["failed"] == 0
    assert {item["result"]["watermark"] for item in dashboard["items"]} == {dashboard["watermark"]}
    members = shop.post("/api/v1/calculate/dimensions/values", {"dimension": "sale.shop", "search": "A"})
    assert members["values"] == ["a"]
    cell = {"kpi": "SHOP_REVENUE", "range": february["range"], "grain": "month", "members": {"sale.shop": "a"}}
    rows = shop.post("/api/v1/calculate/rows", {**cell, "time_zone": "UTC"})
    assert rows["value"]["values"] == ["5"]
    assert rows["columns"][0]["values"] == [3]
