"""The fixtures of all tests: databases of their own, and each service's own login."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg
import pytest
import redis

from analytics_engine.contracts.services import Service
from support.servers import ON_EACH_SERVER, POSTGRESQL, TestDatabase, TestServers


async def owner_value(database: TestDatabase, statement: str) -> object:
    connection = await asyncpg.connect(database.owner_url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("attempt", [1, 2])
async def test_a_test_database_is_migrated_and_of_the_test_alone(database: TestDatabase, attempt: int) -> None:
    """Each test finds the schema, and nothing another test wrote."""
    assert await owner_value(database, "SELECT to_regclass('messaging.outbox') IS NOT NULL")
    assert await owner_value(database, "SELECT to_regclass('public.mine') IS NULL")
    await owner_value(database, "CREATE TABLE public.mine ()")


@pytest.mark.parametrize("service", Service)
async def test_each_service_logs_in_as_itself(service_url: Callable[[Service], str], service: Service) -> None:
    """The URL of a service opens a session of its own role, which is no superuser."""
    connection = await asyncpg.connect(service_url(service))
    try:
        assert await connection.fetchval("SELECT current_user") == f"ae_{service.value}"
        assert await connection.fetchval("SHOW is_superuser") == "off"
    finally:
        await connection.close()


@pytest.mark.parametrize("attempt", [1, 2])
def test_redis_is_empty_at_first(redis_url: str, attempt: int) -> None:
    """Each test finds no key of another."""
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("mine", attempt)


@pytest.mark.parametrize("server", ON_EACH_SERVER)
async def test_a_database_is_on_the_server_that_was_asked_for(servers: TestServers, server: str) -> None:
    """Plain PostgreSQL knows nothing of TimescaleDB; on the others every migrated database has it."""
    database = servers.new_database(on=server)
    found = await owner_value(database, "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')")
    servers.drop_database(database)
    assert found is (server != POSTGRESQL)
