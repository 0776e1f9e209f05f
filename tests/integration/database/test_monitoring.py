"""What the operator sees of the service and its server."""

from __future__ import annotations

import pytest

from analytics_engine.kernel.security.principal import Role

from .conftest import DatabaseService


async def test_activity_names_who_is_connected_and_who_waits_for_whom(service: DatabaseService) -> None:
    async with service.owner.transaction() as holder, service.own.transaction() as busy:
        await holder.execute("select 1 /* the owner's statement */")
        await busy.execute("select 2")
        sessions = (await service.get("/activity", "any")).json()
    by_application = {session["application"]: session for session in sessions}
    assert by_application["owner"]["state"] == "idle in transaction"
    assert by_application["owner"]["statement"] == "select 1 /* the owner's statement */"
    assert by_application["owner"]["transaction_s"] >= 0
    assert by_application["own"]["login"] == "ae_database_service"


async def test_slow_queries_are_those_of_the_longest_mean_time(service: DatabaseService) -> None:
    async with service.own.transaction() as connection:
        await connection.execute("select pg_sleep(0.6)")
    slowest = (await service.get("/slow-queries?limit=5", "any")).json()["items"]
    (sleep,) = [query for query in slowest if "pg_sleep" in query["statement"]]
    assert sleep["mean_exec_time_ms"] >= 600
    assert sleep["calls"] >= 1
    means = [query["mean_exec_time_ms"] for query in slowest]
    assert means == sorted(means, reverse=True)


async def test_slow_queries_say_what_is_missing_where_statements_are_not_counted(service: DatabaseService) -> None:
    async with service.owner.transaction() as connection:
        await connection.execute("drop extension pg_stat_statements")
    answer = await service.get("/slow-queries", "any")
    async with service.owner.transaction() as connection:
        await connection.execute("create extension pg_stat_statements schema public")
    assert answer.status_code == 404
    assert "pg_stat_statements is not installed" in answer.json()["detail"]
    assert "shared_preload_libraries" in answer.json()["remedy"]


@pytest.mark.parametrize("path", ["/activity", "/slow-queries"])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST, Role.CONSULTANT])
async def test_only_operators_see_what_the_server_does(service: DatabaseService, path: str, role: Role) -> None:
    assert (await service.get(path, "any", role=role)).status_code == 403


async def test_all_dependencies_are_well(service: DatabaseService) -> None:
    health = (await service.http.get("/health")).json()
    assert health["status"] == "healthy"
    assert set(health["dependencies"]) == {"database", "business_metadata", "redis"}
