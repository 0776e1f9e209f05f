"""Answers as files: every row and every digit, in CSV and in Parquet."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from typing import Any

import asyncpg
import pyarrow.parquet as pq
import pytest

from analytics_engine.contracts.calculation import KpiQuery, KpiResult
from analytics_engine.kernel.security.principal import Role
from golden.shop import STRANGER
from integration.jobs.engines import Engine
from support.databases import TestDatabase

QUERY: dict[str, Any] = {
    "kpis": ["ORDERS", "ORDER_VALUE"],
    "range": {"from": "2026-01-01", "to": "2027-01-01"},
    "grain": "month",
    "dimensions": ["order.customer.segment"],
    "limit": 2,
}


@pytest.fixture
async def engine(module_engine: Engine) -> Engine:
    return module_engine


async def exported(engine: Engine, **params: Any) -> tuple[dict[str, Any], bytes, str]:
    """Return an export's job, and the file it made with its media type."""
    job = await engine.in_state(await engine.start("export", **params), "completed", "failed")
    assert job["state"] == "completed", job
    answer = await engine.ask("GET", f"/jobs/{job['id']}/result", role=Role.VIEWER)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="{job["result"]["file"]["name"]}"'
    return job, answer.content, answer.headers["content-type"]


async def cells(engine: Engine) -> list[tuple[Any, ...]]:
    """Return what the engine answers to the query, whole."""
    query = KpiQuery.model_validate({**QUERY, "limit": 1_000})
    result = KpiResult.model_validate_json(await engine.calculation.calculate("shop", query))
    orders, value = result.kpis
    return [
        (
            result.period.start[row],
            result.dimensions[0].values[row],
            orders.values[row],
            None if value.values[row] is None else Decimal(str(value.values[row])),
            value.reasons[row].code.value if row in value.reasons else None,
        )
        for row in range(result.row_count)
    ]


async def test_csv_has_all_rows_whatever_the_limit(engine: Engine) -> None:
    job, content, media_type = await exported(engine, queries=[QUERY])
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert [
        (
            row["period_start"],
            row["order.customer.segment"] or None,
            int(row["ORDERS"]),
            Decimal(row["ORDER_VALUE"]) if row["ORDER_VALUE"] else None,
            row["ORDER_VALUE reason"] or None,
        )
        for row in rows
    ] == await cells(engine)
    assert (media_type, job["result"]["rows"]) == ("text/csv; charset=utf-8", len(rows))
    assert job["result"]["file"]["size_bytes"] == len(content)
    assert "blob" not in job["result"]["file"]
    assert len(rows) > 2


async def test_parquet_has_the_same_values_with_types(engine: Engine) -> None:
    _, content, media_type = await exported(engine, queries=[QUERY], format="parquet")
    table = pq.read_table(io.BytesIO(content))
    names = ("period_start", "order.customer.segment", "ORDERS", "ORDER_VALUE", "ORDER_VALUE reason")
    assert list(zip(*(table[name].to_pylist() for name in names), strict=True)) == await cells(engine)
    assert str(table.schema.field("ORDERS").type) == "int64"
    assert str(table.schema.field("ORDER_VALUE").type).startswith("decimal128")
    assert media_type == "application/vnd.apache.parquet"


async def test_several_queries_are_an_archive_and_one_that_fails_is_reported(engine: Engine) -> None:
    wrong = {**QUERY, "kpis": ["NOTHING"]}
    job, content, media_type = await exported(engine, queries=[QUERY, wrong, QUERY])
    assert media_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["1.csv", "3.csv"]
        assert archive.read("1.csv") == archive.read("3.csv")
    assert [(each["what"], each["problem"]["type"]) for each in job["failures"]] == [
        ("queries.1", "urn:analytics-engine:problem:kpi-not-found")
    ]


async def test_a_single_query_that_fails_fails_the_job_and_there_is_no_file(engine: Engine) -> None:
    job = await engine.in_state(await engine.start("export", queries=[{**QUERY, "kpis": ["NOTHING"]}]), "failed")
    assert job["problem"]["detail"] == "There is no KPI 'NOTHING'."
    answer = await engine.ask("GET", f"/jobs/{job['id']}/result")
    assert (answer.status_code, answer.json()["detail"]) == (
        404, "The job has no file: it is of the kind export, and failed."
    )  # fmt: skip


async def test_another_client_gets_no_file(engine: Engine) -> None:
    job, _, _ = await exported(engine, queries=[QUERY])
    answer = await engine.ask("GET", f"/jobs/{job['id']}/result", client_id=STRANGER, role=Role.ADMIN)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_old_jobs_are_forgotten_with_their_files(engine: Engine, module_shop: TestDatabase) -> None:
    """After 30 days; what ended later is kept."""
    (old, _, _), (new, _, _) = [await exported(engine, queries=[QUERY]) for _ in range(2)]
    owner = await asyncpg.connect(module_shop.owner_url)
    await owner.execute("update jobs.jobs set ended_at = now() - interval '31 days' where id = $1", old["id"])
    await owner.close()
    await engine.housekeeper.clean_once()
    assert (await engine.ask("GET", f"/jobs/{old['id']}")).status_code == 404
    assert (await engine.ask("GET", f"/jobs/{new['id']}/result")).status_code == 200
    folders = {name.split("/")[1] for name in await engine.jobs.exports.names()}
    assert (old["id"] in folders, new["id"] in folders) == (False, True)
