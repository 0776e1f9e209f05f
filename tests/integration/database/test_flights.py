"""The real data of the sample: all of it in, and every value as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pyarrow as pa
import pytest

from analytics_engine.bootstrap import business_metadata, database_service
from analytics_engine.contracts.services import Service
from analytics_engine.services.demo_config_service import nyc_flights
from support.servers import TestDatabase
from support.services import asgi_client, internal_headers, make_settings
from support.waiting import eventually

from .conftest import DatabaseService, served

CLIENT = "nyc-flights"
SAMPLES = {table.object_model: table for table in nyc_flights.TABLES}


@pytest.fixture(scope="module")
async def flights(module_database: TestDatabase, module_redis_url: str) -> AsyncIterator[DatabaseService]:
    """database_service beside the shipped catalog."""

    def settings(of: Service, **overrides: Any) -> Any:
        return make_settings(database_url=module_database.service_url(of), redis_url=module_redis_url, **overrides)

    async with (
        served(business_metadata.build(settings(Service.METADATA))) as url,
        httpx.AsyncClient(base_url=url) as metadata,
        asgi_client(database_service.build(settings(Service.DATABASE, business_metadata_url=url))) as http,
    ):

        async def known() -> bool:
            return bool((await metadata.get("/health")).json()["status"] == "healthy")

        await eventually(known)
        running = DatabaseService(http, metadata, module_database)
        yield running
        await running.close()


def rows_of(code: str, directory: Path | None = None) -> pa.Table:
    return nyc_flights.read_table(SAMPLES[code], directory or nyc_flights.data_directory())


@pytest.mark.parametrize("code", list(SAMPLES))
async def test_every_row_and_value_arrives(flights: DatabaseService, code: str) -> None:
    """Loaded as Parquet and read back, the table equals the source as DuckDB compares them, row by row."""
    source = rows_of(code)
    answer = await flights.http.post(
        f"/data/{code}",
        content=nyc_flights.as_parquet(source),
        headers={"Content-Type": "application/vnd.apache.parquet"} | internal_headers(Service.DATABASE, CLIENT),
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["inserted"] == source.num_rows
    columns = ", ".join(source.column_names)
    async with flights.calculation.transaction(client_id=CLIENT) as connection:
        found = await connection.fetch(f"select {columns} from facts.{code}")
    stored = pa.table(
        {name: pa.array([row[name] for row in found], source.schema.field(name).type) for name in source.column_names}
    )
    with duckdb.connect() as check:
        check.register("source", source)
        check.register("stored", stored)
        for left, right in (("source", "stored"), ("stored", "source")):
            assert check.execute(f"select count(*) from (from {left} except all from {right})").fetchall() == [(0,)]


async def test_a_range_of_time_is_read_from_its_partitions_only(flights: DatabaseService) -> None:
    """Row-level security does not keep the planner from leaving out months."""
    whole_year = rows_of("flight")
    some = whole_year.take(list(range(0, whole_year.num_rows, 1_000)))
    answer = await flights.http.post(
        "/data/flight",
        content=nyc_flights.as_parquet(some),
        headers={"Content-Type": "application/vnd.apache.parquet"} | internal_headers(Service.DATABASE, "few-flights"),
    )
    assert answer.status_code == 201, answer.text
    async with flights.calculation.transaction(client_id="few-flights") as connection:
        plan = await connection.fetch(
            "explain select count(*) from facts.flight where scheduled_departure_at >= '2013-03-01 00:00+00'"
            " and scheduled_departure_at < '2013-04-01 00:00+00'"
        )
    lines = [row["QUERY PLAN"] for row in plan]
    scans = [line for line in lines if " Scan" in line and "ChunkAppend" not in line]
    months_touched = 1 if flights.layout == "partitions" else 2  # a chunk is 30 days, not a calendar month
    assert 1 <= len(scans) <= months_touched, scans
