"""The whole product under observation: its metrics, its canary, the levels of its logs, request ids, and traces."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from analytics_engine.contracts.clients import CANARY
from analytics_engine.contracts.services import Service
from support.metrics import Metrics
from support.metrics_page import documented_metrics
from support.otlp import Collector, collector
from support.waiting import wait_until
from system.product import Product

pytestmark = [pytest.mark.system]

TRIP = {
    "code": "observed_trip",
    "name": "Trip",
    "nature": "event",
    "key": ["trip_id"],
    "time_attribute": "begun_at",
    "attributes": [
        {"name": "trip_id", "type": "integer", "nullable": False},
        {"name": "begun_at", "type": "timestamp", "nullable": False},
        {"name": "fare", "type": "decimal", "unit": "EUR"},
    ],
}
FARES = {
    "code": "FARES",
    "name": "Fares",
    "module": "TAXI",
    "direction": "higher",
    "formula": "sum(observed_trip.fare)",
}
QUESTION = {"kpis": ["FARES"], "range": {"from": "2026-01-01", "to": "2026-02-01"}}
NUMBERS = """
select relname, attname
  from pg_class
  join pg_attribute on attrelid = pg_class.oid and attnum > 0 and atttypid = 'numeric'::regtype
 where relnamespace = 'rollups'::regnamespace
   and relname ~ ('^r' || (select id from rollups.rollups where code = 'CANARY' and status = 'ready') || '_')
"""


@pytest.fixture(scope="module")
def traces() -> Iterator[Collector]:
    with collector() as collected:
        yield collected


@pytest.fixture(scope="module")
def product(traces: Collector) -> Iterator[Product]:
    """A product of its own, whose canary runs all the time and whose traces are sent."""
    settings = {
        "AE_CANARY_EVERY_S": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": traces.url,
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    running = Product(sample=False, settings=settings)
    try:
        running.system.start(within_s=600)
        yield running
    finally:
        if running.system.up.poll() is None:
            running.system.stop()
        running.system.clean_up()


def metrics(product: Product, service: Service) -> Metrics:
    return Metrics.of(httpx.get(f"{product.system.url(service)}/metrics", timeout=30).text)


def canary(product: Product, outcome: str) -> float:
    return metrics(product, Service.GATEWAY).value("canary_runs_total", outcome=outcome)


def lines(product: Product, name: str) -> list[dict[str, Any]]:
    text = (product.system.home / "logs" / f"{name}.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def distort(product: Product) -> None:
    """Add one to all numbers of the canary's rollup, behind everybody's back."""

    async def run() -> None:
        connection = await asyncpg.connect(product.system.owner_url)
        try:
            for table, column in await connection.fetch(NUMBERS):
                await connection.execute(f"update rollups.{table} set {column} = {column} + 1")
        finally:
            await connection.close()

    asyncio.run(run())


def test_the_canary_finds_right_numbers_right_and_is_in_nobodys_list(product: Product) -> None:
    wait_until(lambda: canary(product, "ok") >= 2, within_s=240)
    found = metrics(product, Service.GATEWAY)
    assert found.value("canary_last_success_timestamp_seconds") > 1.7e9
    assert found.value("canary_commit_to_answer_seconds_count") >= 2
    assert found.value("canary_runs_total", outcome="wrong") == 0
    listed = product.send("GET", "/api/v1/config/clients").document
    assert listed["total"] == 0
    refused = product.send("POST", "/api/v1/config/clients", {"client_id": CANARY, "name": "Mine"})
    assert refused.status == 409


def test_the_canary_keeps_one_row(product: Product) -> None:
    """However often it runs: a row takes the place of the one before."""

    async def count() -> int:
        connection = await asyncpg.connect(product.system.owner_url)
        try:
            return int(await connection.fetchval("select count(*) from facts.canary_signal"))
        finally:
            await connection.close()

    before = canary(product, "ok")
    wait_until(lambda: canary(product, "ok") > before, within_s=180)
    assert asyncio.run(count()) == 1


def test_the_metrics_page_names_what_all_services_expose(product: Product) -> None:
    """Each metric of each service is on the page, and each one there is exposed by the services it names."""
    exposed = {(name, service.value) for service in Service for name in metrics(product, service).names}
    assert documented_metrics() == exposed


def test_a_log_level_is_set_for_a_while_by_an_operator_and_heard_by_the_service(product: Product) -> None:
    """One logger of one service tells more; the deed is in the audit log; and it ends at once when it is taken back."""
    wanted = {"level": "DEBUG", "service": "messaging_service", "logger": "request", "minutes": 5}
    reply = product.send("PUT", "/api/v1/admin/log-level", wanted)
    assert reply.status == 200, reply
    assert product.send("GET", "/api/v1/admin/log-level").document == [reply.document]

    def is_told() -> bool:
        httpx.get(f"{product.system.url(Service.MESSAGING)}/live", timeout=30)
        return any(
            line["level"] == "debug" and line.get("path") == "/live" for line in lines(product, "messaging_service")
        )

    wait_until(is_told, within_s=120)
    assert not any(line["level"] == "debug" for line in lines(product, "database_service"))
    assert product.send("DELETE", "/api/v1/admin/log-level").status == 204
    assert product.send("GET", "/api/v1/admin/log-level").document == []
    wait_until(
        lambda: (
            [
                line.get("levels")
                for line in lines(product, "messaging_service")
                if line["event"] == "log_levels_changed"
            ][-1]
            == "as configured"
        ),
        within_s=120,
    )
    actions = [entry["action"] for entry in product.send("GET", "/api/v1/admin/audit").document["items"]]
    assert {"log_level.set", "log_level.unset"} <= set(actions)


def test_one_request_has_one_id_and_one_trace_in_all_services_it_passes(product: Product, traces: Collector) -> None:
    """From the gateway to the database, and on with the event it caused."""
    client = {"client_id": "nyc-flights", "name": "Flights"}
    assert product.send("POST", "/api/v1/config/clients", client).status == 201
    for path, body in (
        ("value-chains", {"code": "TAXIS", "name": "Taxis"}),
        ("modules", {"code": "TAXI", "name": "Taxi", "value_chains": ["TAXIS"]}),
        ("object-models", TRIP),
        ("kpis", FARES),
    ):
        assert product.send("POST", f"/api/v1/metadata/{path}", body).status == 201
    identity, trace_id = f"observed-{uuid4().hex}", uuid4().hex
    headers = {"X-Request-ID": identity, "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    loaded = product.send(
        "POST",
        "/api/v1/data/observed_trip?mode=append",
        b"trip_id,begun_at,fare\n1,2026-01-02T00:00:00Z,12.5\n",
        headers=headers | {"Content-Type": "text/csv"},
    )
    assert loaded.status == 201, loaded
    answer = product.send("POST", "/api/v1/calculate", QUESTION, headers=headers)
    assert answer.status == 200, answer.document
    assert answer.document["kpis"][0]["values"] == ["12.5"]
    for service in (Service.GATEWAY, Service.DATABASE, Service.CALCULATION, Service.METADATA):
        found = [line for line in lines(product, service.value) if line.get("request_id") == identity]
        assert found, service
        assert {line["trace_id"] for line in found} == {trace_id}

    def is_whole() -> bool:
        names = {(span.service, span.name) for span in traces.trace(trace_id)}
        return {
            ("api_gateway", "POST /api/v1/calculate/{path}"),
            ("api_gateway", "POST calculation_engine_service"),
            ("calculation_engine_service", "POST /calculate"),
            ("database_service", "POST /data/{object_model}"),
            ("calculation_engine_service", "process data.ingested"),
        } <= names

    wait_until(is_whole, within_s=180)
    spans = traces.trace(trace_id)
    known = {span.span_id for span in spans} | {"00f067aa0ba902b7"}
    assert {span.parent_id for span in spans} <= known
    statements = [span for span in spans if span.attributes.get("db.system.name") == "postgresql"]
    assert {"database_service", "calculation_engine_service"} <= {span.service for span in statements}
    assert "12.5" not in str(spans)


def test_the_canary_finds_a_wrong_rollup_wrong(product: Product) -> None:
    """The gateway's health has the numbers; and when the rollup is right again, so is the canary."""
    distort(product)
    wait_until(lambda: canary(product, "wrong") >= 1, within_s=240)
    report = wait_until(
        lambda: (
            found if (found := product.system.health(Service.GATEWAY)["dependencies"]["canary"])["detail"] else None
        ),
        within_s=120,
    )
    assert report["status"] == "degraded"
    assert "its rollup says" in report["detail"]
    assert any(line["event"] == "canary_wrong" and line["level"] == "error" for line in lines(product, "api_gateway"))
