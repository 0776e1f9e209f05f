"""Jobs and schedules of the running product, through its gateway."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from support.waiting import wait_until
from system.product import Product

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("product")]

KPIS = ["FL_FLIGHTS", "FL_CANCELLATION_RATE"]
JANUARY = {"from": "2013-01-01", "to": "2013-02-01"}


@pytest.fixture
def http(running_product: Product) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {running_product.token}"}
    with httpx.Client(base_url=running_product.gateway_url + "/api/v1", headers=headers, timeout=30) as client:
        yield client


def ended(http: httpx.Client, location: str) -> dict[str, Any]:
    """Return a job once it has ended; its location is as the gateway gave it."""

    def found() -> dict[str, Any] | None:
        job: dict[str, Any] = http.get(f"{http.base_url.copy_with(path='')}{location}").json()
        return job if job["ended_at"] else None

    job = wait_until(found, within_s=60)
    assert job is not None
    assert job["state"] == "completed", job
    return job


def test_values_are_kept_and_exported(http: httpx.Client) -> None:
    params = {"kpis": KPIS, "grain": "day", "range": JANUARY}
    started = http.post("/jobs", json={"kind": "recalculate", "params": params}, headers={"Idempotency-Key": "january"})
    assert started.status_code == 202, started.text
    assert started.headers["Location"] == f"/api/v1/jobs/{started.json()['id']}"
    job = ended(http, started.headers["Location"])
    assert (job["progress"]["done"], job["failures"]) == (len(KPIS), [])

    query = {"kpis": KPIS, "grain": "day", "range": JANUARY}
    export = http.post("/jobs", json={"kind": "export", "params": {"queries": [query]}})
    job = ended(http, export.headers["Location"])
    file = http.get(f"/jobs/{job['id']}/result")
    assert (file.status_code, file.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    result = http.post("/calculate", json=query).json()
    assert [row["period_start"] for row in rows] == result["period"]["start"]
    assert [row[KPIS[0]] for row in rows] == ["" if v is None else str(v) for v in result["kpis"][0]["values"]]


def test_a_schedule_is_made_previewed_and_run(http: httpx.Client) -> None:
    preview = http.get("/schedules/preview", params={"cron": "30 2 * * *", "zone": "Europe/Berlin", "count": 3})
    assert len(preview.json()["next_runs"]) == 3
    params = {"kpis": KPIS, "range": JANUARY}
    made = http.post(
        "/schedules", json={"name": "nightly", "kind": "recalculate", "cron": "30 2 * * *", "params": params}
    )
    assert made.status_code == 201, made.text
    assert made.json()["time_zone"] == "America/New_York"
    run = http.post(f"{made.headers['Location'].removeprefix('/api/v1')}/run")
    assert ended(http, run.headers["Location"])["schedule_id"] == made.json()["id"]
    assert http.delete(f"/schedules/{made.json()['id']}", headers={"If-Match": made.headers["ETag"]}).status_code == 204
