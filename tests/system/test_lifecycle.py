"""Old rows leave for the archive: answers stay what they were, with a rollup and without, and so do the rows behind."""

from __future__ import annotations

from typing import Any

import pytest

from support.waiting import wait_until
from system.product import Product

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]

VISIT = {
    "code": "visit",
    "name": "Visit",
    "nature": "event",
    "key": ["visit_id"],
    "time_attribute": "came_at",
    "attributes": [
        {"name": "visit_id", "type": "integer", "nullable": False},
        {"name": "came_at", "type": "timestamp", "nullable": False},
        {"name": "paid", "type": "decimal", "unit": "EUR"},
        {"name": "note", "type": "text"},
    ],
}
KPIS = (
    {"code": "VISITS_PAID", "name": "Paid", "module": "PARK", "direction": "higher", "formula": "sum(visit.paid)"},
    {
        "code": "VISITS_MIDDLE",
        "name": "Median",
        "module": "PARK",
        "direction": "higher",
        "formula": "median(visit.paid)",
    },
)
QUERY = {"kpis": ["VISITS_PAID", "VISITS_MIDDLE"], "range": {"from": "2026-01-01", "to": "2026-04-01"},
         "grain": "month", "time_zone": "Asia/Kolkata", "dimensions": ["visit.note"]}  # fmt: skip
ROWS = (
    '1,2026-01-31T18:29:59Z,10.10,\n2,2026-01-31T18:30:00Z,0.20,"said ""no"", twice"\n'
    "3,2026-02-10T00:00:00Z,,NULL\n4,2026-03-31T00:00:00Z,123456789012345678.123456,\n"
)
LIFECYCLE = "/api/v1/admin/database/lifecycle"


def load(product: Product, rows: str, **params: str) -> Any:
    span = "covers_from=2026-01-01T00:00:00Z&covers_until=2026-04-01T00:00:00Z"
    more = "".join(f"&{name}={value}" for name, value in params.items())
    body = f"visit_id,came_at,paid,note\n{rows}".encode()
    return product.send("POST", f"/api/v1/data/visit?{span}{more}", body, headers={"Content-Type": "text/csv"})


def state(product: Product) -> dict[str, Any]:
    return next((one for one in product.send("GET", LIFECYCLE).document if one["object_model"] == "visit"), {})


def everything(product: Product) -> list[Any]:
    """Return the answer, the rows behind it, and the members of a dimension."""
    answer = product.post("/api/v1/calculate", {**QUERY, "limit": 99})
    behind = product.post(
        "/api/v1/calculate/rows",
        {"kpi": "VISITS_PAID", "range": QUERY["range"], "time_zone": "UTC", "grain": None, "limit": 10},
    )
    members = product.post("/api/v1/calculate/dimensions/values", {"dimension": "visit.note", "kpi": "VISITS_PAID"})
    return [
        [answer[part] for part in ("period", "dimensions", "kpis")],
        [behind[part] for part in ("columns", "value", "row_count")],
        [members[part] for part in ("values", "counts", "members", "rows", "missing")],
    ]


@pytest.fixture(scope="module")
def park(running_product: Product) -> Product:
    for path, body in (
        ("value-chains", {"code": "PARKS", "name": "Parks"}),
        ("modules", {"code": "PARK", "name": "Park", "value_chains": ["PARKS"]}),
        ("object-models", VISIT),
        *(("kpis", kpi) for kpi in KPIS),
    ):
        reply = running_product.send("POST", f"/api/v1/metadata/{path}", body)
        assert reply.status == 201, reply
    assert load(running_product, ROWS).status == 201
    return running_product


def test_what_rows_have_left_is_answered_as_before(park: Product) -> None:
    before = everything(park)
    assert park.send("PUT", f"{LIFECYCLE}/visit", {"keep_rows_months": 1}).status == 200
    left = wait_until(lambda: now if (now := state(park))["rows"] == 4 else None, within_s=30)
    assert (left["rows_from"], left["files"], left["held_up"]) == ("2026-04-01T00:00:00Z", 3, "")
    assert everything(park) == before
    reply = park.send("POST", "/api/v1/metadata/rollups",
                      {"code": "VISITS", "name": "V", "object_model": "visit", "kpis": ["VISITS_PAID"]})  # fmt: skip
    assert reply.status == 201, reply
    assert everything(park) == before


def test_rows_of_then_are_refused_and_told_why(park: Product) -> None:
    refused = load(park, "5,2026-03-01T00:00:00Z,1,late\n")
    assert refused.status == 422
    assert "before 2026-04-01, and what was before that is archived" in refused.document["detail"]
    moved = load(park, "1,2026-04-02T00:00:00Z,1,moved\n", mode="upsert")
    assert moved.status == 409
    assert "archived" in moved.document["detail"]
    kept = load(park, "5,2026-03-01T00:00:00Z,1,late\n6,2026-04-05T00:00:00Z,1,new\n", on_error="keep_good")
    assert (kept.status, kept.document["rows"], kept.document["rejected"]) == (201, 1, 1)


def test_a_policy_that_cannot_be_kept_is_refused(park: Product) -> None:
    absent = park.send("PUT", f"{LIFECYCLE}/nothing", {"keep_rows_months": 1})
    assert (absent.status, absent.document["type"].rpartition(":")[2]) == (404, "not-found")
    wrong = park.send("PUT", f"{LIFECYCLE}/visit", {"keep_rows_months": 3, "keep_archive_months": 2})
    assert wrong.status == 422
    assert "keep_archive_months is less than keep_rows_months" in str(wrong.document)


def test_what_the_archive_keeps_no_longer_is_an_error_and_no_number(park: Product) -> None:
    assert park.send("PUT", f"{LIFECYCLE}/visit", {"keep_rows_months": 1, "keep_archive_months": 8}).status == 200
    wait_until(lambda: state(park)["archived_from"] is not None, within_s=30)
    gone = park.send("POST", "/api/v1/calculate", QUERY)
    assert gone.status == 422
    assert "which are kept no longer" in gone.document["detail"]
    assert park.send("DELETE", f"{LIFECYCLE}/visit").status == 204
