"""What tables and indexes take, and what is said of those worth a look."""

from __future__ import annotations

from typing import Any

import pytest

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from support.services import internal_headers
from support.waiting import eventually

from .conftest import DatabaseService, Measurements


async def tables(service: DatabaseService, query: str = "") -> dict[str, dict[str, Any]]:
    answer = await service.get(f"/tables{query}", "any")
    assert answer.status_code == 200, answer.text
    return {f"{table['schema_name']}.{table['name']}": table for table in answer.json()["tables"]}


async def indexes(service: DatabaseService, table: str) -> dict[str, dict[str, Any]]:
    answer = await service.get("/indexes", "any")
    assert answer.status_code == 200, answer.text
    found = answer.json()["indexes"]
    return {index["name"]: index for index in found if f"{index['schema_name']}.{index['table']}" == table}


async def on_server(service: DatabaseService, *statements: str) -> None:
    """Run statements as the owner, and have what they did counted."""
    async with service.owner.transaction() as connection:
        for statement in statements:
            await connection.execute(statement)
        await connection.execute("select pg_stat_force_next_flush()")


async def test_the_months_of_a_table_are_summed_up_to_it(
    service: DatabaseService, measurements: Measurements, client_id: str
) -> None:
    """On partitions and on chunks alike: one line for the table, its sizes those of all its parts."""
    for month in (1, 2, 3):
        rows = measurements(1000, start=month * 1000, at=f"2024-0{month}-05T00:00:00Z", note="a" * 100)
        assert (await service.load("measurement", rows, client_id)).status_code == 201
    await on_server(service, "analyze facts.measurement")
    found = await tables(service)
    assert not [name for name in found if name.startswith(("fact_partitions.", "pg_", "_timescaledb_"))]
    table = found["facts.measurement"]
    assert table["parts"] == 3
    assert table["estimated_rows"] == 3000
    assert table["heap_bytes"] > 3000 * 100
    assert table["index_bytes"] > 3 * 8192
    assert table["total_bytes"] == table["heap_bytes"] + table["index_bytes"] + table["toast_bytes"]
    assert table["last_analyze"] is not None
    sizes = [one["total_bytes"] for one in found.values()]
    assert sizes == sorted(sizes, reverse=True)


async def test_long_values_are_counted_apart(service: DatabaseService) -> None:
    await on_server(
        service,
        "create table public.long_values (x text)",
        "alter table public.long_values alter x set storage external",
        "insert into public.long_values select repeat('x', 100000)",
    )
    table = (await tables(service))["public.long_values"]
    assert table["toast_bytes"] > 100_000
    assert 0 < table["heap_bytes"] <= 5 * 8192
    assert table["index_bytes"] == 0


async def test_bloat_is_an_estimate_that_says_so(service: DatabaseService) -> None:
    """Half of the rows are deleted and vacuumed away: half of the pages are room that is not needed."""
    await on_server(
        service,
        "create table public.bloated (x integer not null, y text not null) with (autovacuum_enabled = off)",
        "insert into public.bloated select n, repeat('y', 100) from generate_series(1, 20000) as n",
    )
    assert (await tables(service))["public.bloated"]["bloat"] is None
    await on_server(service, "analyze public.bloated")
    full = (await tables(service))["public.bloated"]["bloat"]
    assert (full["method"], full["share"] < 0.05) == ("estimated", True)
    await on_server(service, "delete from public.bloated where x % 2 = 0", "analyze public.bloated")
    half = (await tables(service))["public.bloated"]
    assert half["bloat"]["method"] == "estimated"
    assert half["bloat"]["share"] == pytest.approx(0.5, abs=0.05)
    assert half["bloat"]["bytes"] == pytest.approx(half["heap_bytes"] / 2, rel=0.1)


async def test_bloat_is_measured_where_pgstattuple_is_installed_and_that_is_asked_for(service: DatabaseService) -> None:
    await on_server(
        service,
        "create table public.measured (x integer not null) with (autovacuum_enabled = off)",
        "insert into public.measured select n from generate_series(1, 10000) as n",
        "delete from public.measured where x > 5000",
        "analyze public.measured",
    )
    without = (await tables(service, "?measure=true"))["public.measured"]["bloat"]
    assert without["method"] == "estimated"
    await on_server(service, "create extension pgstattuple schema public")
    unasked = (await tables(service))["public.measured"]["bloat"]
    measured = (await tables(service, "?measure=true"))["public.measured"]["bloat"]
    await on_server(service, "drop extension pgstattuple")
    assert unasked["method"] == "estimated"
    assert measured["method"] == "measured"
    assert 0.3 < measured["share"] < 0.7


async def test_dead_rows_and_the_last_vacuum_are_told(service: DatabaseService) -> None:
    await on_server(
        service,
        "create table public.dying (x integer) with (autovacuum_enabled = off)",
        "insert into public.dying select generate_series(1, 100)",
        "delete from public.dying where x <= 40",
    )

    async def told() -> bool:
        return (await tables(service))["public.dying"]["dead_rows"] == 40

    assert await eventually(told)
    assert (await tables(service))["public.dying"]["last_vacuum"] is None


async def test_the_index_of_a_table_is_one_for_all_its_months(
    service: DatabaseService, measurements: Measurements, client_id: str
) -> None:
    for month in (1, 2):
        rows = measurements(10, start=month * 100, at=f"2024-0{month}-05T00:00:00Z")
        assert (await service.load("measurement", rows, client_id)).status_code == 201
    (primary,) = (await indexes(service, "facts.measurement")).values()
    assert primary["name"] == "measurement_pkey"
    assert primary["parts"] >= 2
    assert primary["columns"] == ["client_id", "measured_at", "sensor_code", "number"]
    assert (primary["primary_key"], primary["enforces"], primary["unused"]) == (True, True, False)
    assert primary["size_bytes"] >= 2 * 8192


async def test_indexes_nobody_needs_are_flagged(service: DatabaseService) -> None:
    await on_server(
        service,
        "create table public.indexed (x integer primary key, y integer, z integer)",
        "create index y_alone on public.indexed (y)",
        "create index y_again on public.indexed (y)",
        "create index y_and_z on public.indexed (y, z)",
        "create index some_z on public.indexed (z) where z > 0",
        "insert into public.indexed select n, n, n from generate_series(1, 1000) as n",
        "set local enable_seqscan = off",
        "select * from public.indexed where y = 1 and z = 1",
    )

    async def used() -> bool:
        return bool((await indexes(service, "public.indexed"))["y_and_z"]["scans"])

    assert await eventually(used)
    found = await indexes(service, "public.indexed")
    assert set(found) == {"indexed_pkey", "y_again", "y_and_z", "some_z"}
    assert (found["y_again"]["duplicates"], found["y_again"]["covered_by"]) == (["y_alone"], "y_and_z")
    assert (found["y_again"]["unused"], found["y_and_z"]["unused"]) == (True, False)
    assert (found["indexed_pkey"]["scans"], found["indexed_pkey"]["unused"]) == (0, False)
    assert found["some_z"]["predicate"] == "(z > 0)"
    assert found["some_z"]["covered_by"] is None
    async with service.owner.transaction() as connection:
        knows = int(await connection.fetch_value("show server_version_num")) >= 160_000
    assert (found["y_and_z"]["last_used"] is not None) is knows


async def test_a_table_read_from_end_to_end_often_is_named_with_what_its_statements_compare(
    service: DatabaseService,
) -> None:
    await on_server(
        service,
        "create table public.scanned (x integer primary key, y integer, z integer)",
        "insert into public.scanned select n, n, n from generate_series(1, 20000) as n",
    )
    async with service.owner.transaction() as connection:
        for wanted in range(25):
            await connection.fetch("select x from public.scanned where y = $1", wanted)
        await connection.execute("select pg_stat_force_next_flush()")

    async def advised() -> list[dict[str, Any]]:
        report = (await service.get("/indexes", "any")).json()
        return [one for one in report["missing"] if one["table"] == "scanned"]

    (advice,) = await eventually(advised)
    assert advice["columns"] == [{"column": "y", "calls": 25}]
    assert advice["rows_per_scan"] >= 10_000
    assert advice["advice"].startswith("Statements compare y of public.scanned, and no index leads there.")
    await on_server(service, "create index on public.scanned (y)")
    (advice,) = await advised()
    assert advice["columns"] == []
    assert "with EXPLAIN" in advice["advice"]


@pytest.mark.parametrize("path", ["/tables", "/indexes", "/connections", "/activity/blocking"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.CONSULTANT])
async def test_only_operators_look_after_the_database(service: DatabaseService, path: str, role: Role) -> None:
    assert (await service.get(path, "any", role=role)).status_code == 403


@pytest.mark.parametrize("path", ["/activity/1/cancel", "/activity/1/terminate", "/slow-queries/reset"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.CONSULTANT])
async def test_only_operators_change_what_the_server_does(service: DatabaseService, path: str, role: Role) -> None:
    answer = await service.http.post(path, headers=internal_headers(Service.DATABASE, "any", role))
    assert answer.status_code == 403
