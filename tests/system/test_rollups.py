"""A rollup from its definition to the answer: made over rows that are there, kept, verified, and taken away."""

from __future__ import annotations

from typing import Any

import pytest

from support.waiting import wait_until
from system.product import Product

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]

TRIP = {
    "code": "trip",
    "name": "Trip",
    "nature": "event",
    "key": ["trip_id"],
    "time_attribute": "begun_at",
    "attributes": [
        {"name": "trip_id", "type": "integer", "nullable": False},
        {"name": "begun_at", "type": "timestamp", "nullable": False},
        {"name": "fare", "type": "decimal", "unit": "EUR"},
        {"name": "city", "type": "text"},
    ],
}
FARES = {"code": "TAXI_FARES", "name": "Fares", "module": "TAXI", "direction": "higher", "formula": "sum(trip.fare)"}
ROLLUP = {"code": "TRIPS", "name": "Trips", "object_model": "trip", "dimensions": ["city"], "kpis": ["TAXI_FARES"]}
QUERY = {"kpis": ["TAXI_FARES"], "range": {"from": "2026-01-01", "to": "2026-03-01"}, "grain": "month",
         "time_zone": "UTC", "dimensions": ["trip.city"]}  # fmt: skip
DATABASE = "/api/v1/admin/database/rollups"


def load(product: Product, rows: str, **params: str) -> None:
    span = "covers_from=2026-01-01T00:00:00Z&covers_until=2026-03-01T00:00:00Z"
    more = "".join(f"&{name}={value}" for name, value in params.items())
    body = f"trip_id,begun_at,fare,city\n{rows}".encode()
    reply = product.send("POST", f"/api/v1/data/trip?{span}{more}", body, headers={"Content-Type": "text/csv"})
    assert reply.status == 201, reply


def values(product: Product) -> list[Any]:
    return list(product.post("/api/v1/calculate", QUERY)["kpis"][0]["values"])


def place(product: Product) -> dict[str, Any]:
    """Return where the rows of the question are read."""
    explanation = product.post("/api/v1/calculate/explain", QUERY)
    (found,) = next(step["detail"] for step in explanation["steps"] if step["name"] == "place")
    return dict(found)


def rollup(product: Product) -> dict[str, Any]:
    found = product.send("GET", DATABASE).document
    return next((one for one in found if one["code"] == "TRIPS"), {})


@pytest.fixture(scope="module")
def taxi(running_product: Product) -> Product:
    for path, body in (
        ("value-chains", {"code": "TAXIS", "name": "Taxis"}),
        ("modules", {"code": "TAXI", "name": "Taxi", "value_chains": ["TAXIS"]}),
        ("object-models", TRIP),
        ("kpis", FARES),
    ):
        reply = running_product.send("POST", f"/api/v1/metadata/{path}", body)
        assert reply.status == 201, reply
    load(running_product, "1,2026-01-31T23:59:59Z,10.10,Bern\n2,2026-02-01T00:00:00Z,0.20,Basel\n")
    return running_product


def test_a_rollup_is_made_over_what_is_there_and_kept_as_rows_come(taxi: Product) -> None:
    assert place(taxi)["place"] == "raw"
    reply = taxi.send("POST", "/api/v1/metadata/rollups", ROLLUP)
    assert reply.status == 201, reply
    wait_until(lambda: rollup(taxi).get("status") == "ready", within_s=30)
    found = wait_until(lambda: now if (now := place(taxi))["place"] == "rollup TRIPS" else None)
    assert set(found["spans"]) == {"month", "day", "hour", "rows"}
    assert values(taxi) == ["10.1", "0.2"]
    load(taxi, "3,2026-02-02T10:00:00Z,5,Bern\n4,2026-01-01T00:00:00Z,1,Bern\n")
    wait_until(lambda: values(taxi) == ["11.1", "0.2", "5"])
    load(taxi, "3,2026-01-02T10:00:00Z,7,Basel\n", mode="upsert")
    wait_until(lambda: values(taxi) == ["7", "11.1", "0.2"])


def test_it_is_what_the_rows_are(taxi: Product) -> None:
    verified = taxi.post(f"{DATABASE}/TRIPS/verify", {})
    assert verified["wrong"] == []
    assert verified["spans"]
    reply = taxi.send("POST", f"{DATABASE}/TRIPS/rebuild", {})
    assert reply.status == 202, reply
    assert values(taxi) == ["7", "11.1", "0.2"]
    wait_until(lambda: rollup(taxi)["marks"] == 0, within_s=30)
    assert rollup(taxi)["built"] == 1.0


def test_what_cannot_be_kept_is_refused_with_the_reason(taxi: Product) -> None:
    for change, reason in (
        ({"dimensions": ["town"]}, "dimensions names 'town', which trip has not."),
        ({"anchor": "fare"}, "anchor 'fare' must be a date or a timestamp."),
        ({"kpis": ["FL_DEPARTURE_DELAY_MEDIAN"]}, "Nothing of these KPIs can be kept over trip by begun_at"),
    ):
        reply = taxi.send("POST", "/api/v1/metadata/rollups", ROLLUP | {"code": "WRONG"} | change)
        assert reply.status == 422, reply
        assert reply.document["detail"].startswith(reason)


def test_it_is_taken_away_without_a_trace_in_the_answers(taxi: Product) -> None:
    reply = taxi.send("PUT", "/api/v1/metadata/rollups/TRIPS", ROLLUP | {"enabled": False})
    assert reply.status == 200, reply
    wait_until(lambda: rollup(taxi) == {})
    wait_until(lambda: place(taxi)["place"] == "raw")
    assert values(taxi) == ["7", "11.1", "0.2"]
