"""Values of KPIs computed by a job and kept in history."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from analytics_engine.contracts.calculation import KpiQuery, KpiResult
from golden.shop import CLIENT
from integration.jobs.engines import Engine, running
from support.databases import TestDatabase

YEAR = {"from": "2026-01-01", "to": "2027-01-01"}
SEGMENT = "order.customer.segment"


@pytest.fixture
async def engine(shop: TestDatabase, tmp_path: Path) -> AsyncIterator[Engine]:
    """One calculation engine over the shop's rows."""
    async with running(shop, tmp_path) as replica:
        yield replica


async def history(database: TestDatabase) -> list[dict[str, Any]]:
    owner = await asyncpg.connect(database.owner_url)
    try:
        rows = await owner.fetch("select * from kpi.kpi_data order by kpi_code, dimensions::text, period_start")
    finally:
        await owner.close()
    return [dict(row) for row in rows]


def kept(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(
        (row["kpi_code"], row["dimensions"], row["period_start"], row["value"], row["reason"]) for row in rows
    )


def answered(result: KpiResult) -> list[tuple[Any, ...]]:
    """Return an answer's cells as history has them."""
    (column,), (dimension,) = result.kpis, result.dimensions
    cells = []
    for row, value in enumerate(column.values):
        shown = json.dumps({dimension.name: dimension.values[row]})
        start = datetime.fromisoformat(result.period.start[row])
        reason = column.reasons[row].code.value if row in column.reasons else ""
        cells.append((column.code, shown, start, None if value is None else Decimal(str(value)), reason))
    return cells


async def test_a_job_keeps_what_the_engine_answers(engine: Engine, shop: TestDatabase) -> None:
    """From POST to history: each cell once, with its version, its members, and the reason where it is null."""
    params = {"kpis": ["ORDERS", "AVERAGE_WEIGHT"], "grain": "month", "range": YEAR, "dimensions": [SEGMENT]}
    started = await engine.ask("POST", "/jobs", json={"kind": "recalculate", "params": params})
    assert (started.status_code, started.headers["Location"]) == (202, f"/jobs/{started.json()['id']}")
    job = await engine.in_state(started.json()["id"], "completed")
    assert (job["progress"]["done"], job["progress"]["total"], job["attempts"]) == (2, 2, 1)
    assert (job["started_by"], job["failures"], job["schedule_id"], job["tick"]) == ("Tester", [], None, None)

    rows = await history(shop)
    expected: list[tuple[Any, ...]] = []
    for code in params["kpis"]:
        query = KpiQuery.model_validate({**params, "kpis": [code]})
        expected += answered(KpiResult.model_validate_json(await engine.calculation.calculate(CLIENT, query)))
    assert kept(rows) == sorted(expected)
    assert len(rows) == 8
    assert any(row["reason"] for row in rows)
    assert {row["time"] for row in rows} == {datetime.fromisoformat(job["as_of"])}
    assert {(row["client_id"], row["kpi_version"], row["grain"]) for row in rows} == {(CLIENT, 3, "month")}
    assert all(row["watermark"] > 0 for row in rows)


async def test_a_batch_of_hundreds_reports_each_failure(shop: TestDatabase, tmp_path: Path) -> None:
    """KPIs that cannot be computed, or are no numbers, stop none of the 300 others; each has its problem."""
    good = [f"GOOD_{number:03}" for number in range(300)]
    bad = ["BROKEN_1", "BROKEN_2"]
    formulas = {code: f"count(order) * {number}" for number, code in enumerate(good)} | dict.fromkeys(
        bad, "count(order) / sum(order.nothing)"
    )
    more = formulas | {"LATEST": "max(order.ordered_at)"}
    codes = [*good[:150], *bad, "UNKNOWN", "LATEST", *good[150:]]
    async with running(shop, tmp_path, more_kpis=more) as engine:
        job_id = await engine.start("recalculate", kpis=codes, range=YEAR)
        job = await engine.in_state(job_id, "completed", within_s=60)
    assert (job["progress"]["done"], job["progress"]["total"]) == (304, 304)
    assert {failure["what"]: failure["problem"]["type"].rpartition(":")[2] for failure in job["failures"]} == {
        "BROKEN_1": "formula-error",
        "BROKEN_2": "formula-error",
        "UNKNOWN": "kpi-not-found",
        "LATEST": "query-error",
    }
    assert job["failed_parts"] == 4
    values = {row["kpi_code"]: row["value"] for row in await history(shop)}
    orders = values["GOOD_001"]
    assert orders > 0
    assert values == {code: orders * number for number, code in enumerate(good)}


async def test_without_codes_all_of_the_catalog_is_computed(engine: Engine, shop: TestDatabase) -> None:
    """A relative range is as of the job; what a KPI may not be asked by is its failure."""
    job_id = await engine.start("recalculate", range={"current": "year"})
    job = await engine.in_state(job_id, "completed", within_s=60)
    codes = await engine.calculation.codes(CLIENT)
    rows = await history(shop)
    assert job["progress"]["total"] == len(codes)
    assert sorted({row["kpi_code"] for row in rows} | {each["what"] for each in job["failures"]}) == sorted(codes)
    year = datetime.fromisoformat(job["as_of"]).year
    assert {(row["grain"], row["period_start"]) for row in rows} == {
        ("range", datetime.fromisoformat(f"{year}-01-01T00:00:00-05:00"))
    }


async def test_a_retry_does_what_failed_and_nothing_else(shop: TestDatabase, tmp_path: Path) -> None:
    """The KPI that was missing is there now; the other's value is not kept once more."""
    async with running(shop, tmp_path) as engine:
        job_id = await engine.start("recalculate", kpis=["ORDERS", "LATER"], range=YEAR)
        job = await engine.in_state(job_id, "completed")
        assert [failure["what"] for failure in job["failures"]] == ["LATER"]
    async with running(shop, tmp_path, more_kpis={"LATER": "count(order)"}) as engine:
        assert (await engine.ask("POST", f"/jobs/{job_id}/retry")).status_code == 202
        job = await engine.in_state(job_id, "completed")
    assert (job["failures"], job["progress"]["done"]) == ([], 2)
    assert [row["kpi_code"] for row in await history(shop)] == ["LATER", "ORDERS"]
