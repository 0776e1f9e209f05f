"""What the operator sees of the service and its server, and what it may do to it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest
import structlog

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.services import Service
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.security.principal import Role
from support.services import internal_headers
from support.waiting import eventually

from .conftest import DatabaseService


async def post(service: DatabaseService, path: str) -> httpx.Response:
    return await service.http.post(path, headers=internal_headers(Service.DATABASE, "any", Role.OPERATOR))


async def pid_of(connection: Connection) -> int:
    pid: int = await connection.fetch_value("select pg_backend_pid()")
    return pid


async def test_activity_names_who_is_connected_and_who_waits_for_whom(service: DatabaseService) -> None:
    async with service.owner.transaction() as holder, service.own.transaction() as busy:
        await holder.execute("select 1 /* the owner's statement */")
        await busy.execute("select 2")
        sessions = (await service.get("/activity", "any")).json()
    by_application = {session["application"]: session for session in sessions}
    assert by_application["owner"]["state"] == "idle in transaction"
    assert by_application["owner"]["statement"] == "select 1 /* the owner's statement */"
    assert by_application["owner"]["transaction_s"] >= 0
    assert by_application["owner"]["waiting_s"] is None
    assert by_application["own"]["login"] == "ae_database_service"


async def test_blocking_shows_who_waits_for_whom_as_a_tree_and_for_how_long(service: DatabaseService) -> None:
    """The owner holds a table that two others want."""
    async with service.owner.transaction() as holder:
        await holder.execute("create table public.held (x integer)")
        await holder.execute("grant select, insert on public.held to ae_database_service")
        await holder.execute("grant usage on schema public to ae_calculation_engine_service")
        await holder.execute("grant select on public.held to ae_calculation_engine_service")
    async with service.owner.transaction() as holder:
        await holder.execute("lock table public.held in access exclusive mode")

        async def insert() -> None:
            async with service.own.transaction() as connection:
                await connection.execute("lock table public.held in row exclusive mode")

        async def read() -> None:
            async with service.calculation.transaction() as connection:
                await connection.execute("lock table public.held in access share mode")

        tasks = [asyncio.create_task(insert()), asyncio.create_task(read())]

        async def both_wait() -> dict[str, Any] | None:
            roots = (await service.get("/activity/blocking", "any")).json()
            found = [root for root in roots if len(root["blocks"]) == 2]
            return found[0] if found else None

        root = await eventually(both_wait)
        assert (root["application"], root["state"], root["blocked_by"]) == ("owner", "idle in transaction", [])
        assert root["statement"] == "lock table public.held in access exclusive mode"
        assert root["waiting_s"] is None
        waiting = {below["login"]: below for below in root["blocks"]}
        assert set(waiting) == {"ae_database_service", "ae_calculation_engine_service"}
        assert waiting["ae_database_service"]["blocked_by"] == [root["pid"]]
        assert waiting["ae_database_service"]["waiting_s"] > 0
    await asyncio.gather(*tasks)
    assert (await service.get("/activity/blocking", "any")).json() == []


async def test_a_statement_is_cancelled_and_its_session_stays(service: DatabaseService) -> None:
    async with service.own.transaction() as connection:
        pid = await pid_of(connection)

    async def sleep() -> None:
        async with service.own.transaction() as connection:
            await connection.execute("select pg_sleep(60)")

    task = asyncio.create_task(sleep())

    async def sleeps() -> bool:
        sessions = (await service.get("/activity", "any")).json()
        return any(one["pid"] == pid and "pg_sleep(60)" in one["statement"] for one in sessions)

    await eventually(sleeps)
    with structlog.testing.capture_logs() as logged:
        answer = await post(service, f"/activity/{pid}/cancel")
    assert answer.status_code == 202
    signalled = {"pid": pid, "login": "ae_database_service", "application": "own", "action": "cancel"}
    assert answer.json() == signalled
    (entry,) = [entry for entry in logged if entry["event"] == "session_signalled"]
    assert entry.items() >= {**signalled, "by": "user:tester", "client_id": "any", "log_level": "warning"}.items()
    with pytest.raises(DependencyUnavailable, match="An operator stopped the statement"):
        await task
    async with service.own.transaction() as connection:
        assert await pid_of(connection) == pid


async def test_a_session_is_ended_and_the_next_request_has_a_new_one(service: DatabaseService) -> None:
    async def lose() -> int:
        async with service.own.transaction() as connection:
            pid = await pid_of(connection)
            assert (await post(service, f"/activity/{pid}/terminate")).json()["action"] == "terminate"
            await connection.execute("select pg_sleep(60)")
        return pid

    with pytest.raises(DependencyUnavailable, match="was lost"):
        await lose()
    async with service.own.transaction() as connection:
        assert await connection.fetch_value("select 1") == 1


async def test_a_report_writer_may_be_stopped_and_nobody_else(service: DatabaseService) -> None:
    """The owner's own session, say a migration, is left alone; so is a login of somebody else."""
    async with service.owner.transaction() as connection:
        pid = await pid_of(connection)
        for action in ("cancel", "terminate"):
            answer = await post(service, f"/activity/{pid}/{action}")
            assert answer.status_code == 403
            assert f"The session {pid} is none of the product's" in answer.json()["detail"]
            assert "administrator" in answer.json()["remedy"]
        assert await connection.fetch_value("select 1") == 1
    login = f"report_{uuid4().hex[:8]}"
    async with service.owner.transaction() as connection:
        await connection.execute(f"create role {login} login password 'a' in role reporting")
        await connection.execute("insert into access.report_logins values ($1, 'any')", login)
    scheme, _, rest = service.url.partition("://")
    writer = PostgresDatabase(f"{scheme}://{login}:a@{rest.rpartition('@')[2]}", application_name="report")
    async with writer.transaction() as connection:
        pid = await pid_of(connection)
    assert (await post(service, f"/activity/{pid}/terminate")).status_code == 202
    await writer.stop()
    async with service.owner.transaction() as connection:
        await connection.execute("delete from access.report_logins where login = $1", login)
        await connection.execute(f"drop role {login}")


@pytest.mark.parametrize("action", ["cancel", "terminate"])
async def test_a_session_that_is_not_there_is_not_found(service: DatabaseService, action: str) -> None:
    answer = await post(service, f"/activity/{2**31 - 1}/{action}")
    assert answer.status_code == 404
    assert answer.json()["remedy"].startswith("List those there are: /activity.")


async def test_slow_queries_are_those_of_the_longest_mean_time(service: DatabaseService) -> None:
    async with service.own.transaction() as connection:
        await connection.execute("select pg_sleep(0.6)")
    slowest = (await service.get("/slow-queries?limit=5", "any")).json()["items"]
    (sleep,) = [query for query in slowest if "pg_sleep(" in query["statement"] and query["calls"] == 1]
    assert sleep["mean_exec_time_ms"] >= 600
    means = [query["mean_exec_time_ms"] for query in slowest]
    assert means == sorted(means, reverse=True)


@pytest.mark.parametrize(
    ("order", "column"),
    [
        ("mean", "mean_exec_time_ms"),
        ("total", "total_exec_time_ms"),
        ("max", "max_exec_time_ms"),
        ("calls", "calls"),
        ("rows", "rows"),
    ],
)
async def test_slow_queries_come_in_the_order_asked_for_page_by_page(
    service: DatabaseService, order: str, column: str
) -> None:
    page = (await service.get(f"/slow-queries?order={order}&limit=4", "any")).json()
    assert (len(page["items"]), page["limit"], page["offset"]) == (4, 4, 0)
    assert page["total"] > 4
    values = [query[column] for query in page["items"]]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0
    later = (await service.get(f"/slow-queries?order={order}&limit=4&offset={page['total'] + 100}", "any")).json()
    assert later["items"] == []


async def test_counting_begins_anew_when_an_operator_says_so(service: DatabaseService) -> None:
    async with service.own.transaction() as connection:
        await connection.execute("select 1, 2, 3, 4, 5, 6, 7")

    async def counted() -> bool:
        found = (await service.get("/slow-queries?limit=500&order=calls", "any")).json()["items"]
        return any(query["statement"] == "select $1, $2, $3, $4, $5, $6, $7" for query in found)

    assert await counted()
    with structlog.testing.capture_logs() as logged:
        assert (await post(service, "/slow-queries/reset")).status_code == 204
    assert [entry["by"] for entry in logged if entry["event"] == "statement_statistics_reset"] == ["user:tester"]
    assert not await counted()


async def test_slow_queries_say_what_is_missing_where_statements_are_not_counted(service: DatabaseService) -> None:
    async with service.owner.transaction() as connection:
        await connection.execute("drop extension pg_stat_statements")
    answers = [await service.get("/slow-queries", "any"), await post(service, "/slow-queries/reset")]
    indexes = await service.get("/indexes", "any")
    async with service.owner.transaction() as connection:
        await connection.execute("create extension pg_stat_statements schema public")
    for answer in answers:
        assert answer.status_code == 404
        assert "pg_stat_statements is not installed" in answer.json()["detail"]
        assert "shared_preload_libraries" in answer.json()["remedy"]
    assert indexes.status_code == 200


@pytest.mark.parametrize("path", ["/activity", "/slow-queries"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.CONSULTANT])
async def test_only_operators_see_what_the_server_does(service: DatabaseService, path: str, role: Role) -> None:
    assert (await service.get(path, "any", role=role)).status_code == 403


async def test_all_dependencies_are_well(service: DatabaseService) -> None:
    health = (await service.http.get("/health")).json()
    assert health["status"] == "healthy"
    assert set(health["dependencies"]) == {
        "database",
        "business_metadata",
        "demo_config_service",
        "redis",
        "workers",
    }
