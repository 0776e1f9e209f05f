"""What database_service's metrics tell of the server and of rollups."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from prometheus_client import generate_latest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.account import server_account
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.postgres import EmbeddedPostgres
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.services.database_service.monitoring.sampling import Sampling
from support.databases import OwnDatabases
from support.metrics import Metrics
from support.servers import TestDatabase

ROLLUP = """
insert into rollups.rollups (client_id, code, object_model, status, kept, written, left_out)
values ('', $1, 'orders', $2, '{}', '{}', '{}') returning id
"""
MARK = """
insert into rollups.marks (rollup_id, client_id, starts, ends, every_state, reason, marked_at)
values ($1, 'acme', '2024-01-01', '2024-01-02', true, 'removed', now() - interval '1 hour')
"""
SLOT = "select pg_create_physical_replication_slot('standby', immediately_reserve => true)"


class Sampled:
    """The sampling as database_service does it, and the server as its owner has it."""

    def __init__(self, database: TestDatabase) -> None:
        self.telemetry = Telemetry("database_service")
        self.owner = PostgresDatabase(database.owner_url, application_name="owner")
        self.own = PostgresDatabase(database.service_url(Service.DATABASE), application_name="own")
        self._sampling = Sampling(self.own, self.telemetry)

    async def metrics(self) -> Metrics:
        await self._sampling.sample()
        return Metrics.of(generate_latest(self.telemetry.registry).decode())

    async def run(self, statement: str, *args: Any) -> Any:
        async with self.owner.transaction() as connection:
            return await connection.fetch_value(statement, *args)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.own.stop()
        await self.owner.stop()


async def test_the_server_is_measured(each_database: TestDatabase) -> None:
    async with Sampled(each_database) as sampled, sampled.owner.transaction() as connection:
        size = await connection.fetch_value("select pg_database_size(current_database())")
        most = await connection.fetch_value("select current_setting('max_connections')::integer")
        await connection.execute("select pg_sleep(0.2)")
        found = await sampled.metrics()
    assert found.value("database_size_bytes") == pytest.approx(size, rel=0.2)
    assert found.value("database_connections_max") == most
    assert 2 <= found.value("database_connections") <= most
    assert found.value("database_oldest_transaction_seconds") >= 0.2


@pytest.fixture
def replicating() -> Iterator[TestDatabase]:
    """A migrated database on a server that keeps what standbys need, as those do that hold people's data."""
    folder = Path(tempfile.mkdtemp(prefix="ae-tests-"))
    folder.chmod(0o755)
    home = Home(folder / "embedded", account=server_account())
    server = EmbeddedPostgres(home)
    server.start()
    try:
        yield OwnDatabases("replicating", server, home.secrets / "roles").new(migrated=True)
    finally:
        server.stop()
        home.delete_data()
        shutil.rmtree(folder)


async def test_what_a_replication_slot_keeps_is_measured_while_there_is_one(replicating: TestDatabase) -> None:
    async with Sampled(replicating) as sampled:
        await sampled.run(SLOT)
        try:
            await sampled.run("select pg_logical_emit_message(true, 'test', repeat('x', 100000))::text")
            kept = (await sampled.metrics()).value("database_replication_slot_retained_bytes", slot="standby")
        finally:
            await sampled.run("select pg_drop_replication_slot('standby')")
        after = (await sampled.metrics()).values("database_replication_slot_retained_bytes", slot="standby")
    assert kept >= 100_000
    assert after == []


async def test_what_waits_to_be_computed_anew_is_counted_by_rollup(each_database: TestDatabase) -> None:
    """A rollup without any is told of too; one that is retired is not."""
    async with Sampled(each_database) as sampled:
        by_day = await sampled.run(ROLLUP, "orders_by_day", "ready")
        await sampled.run(ROLLUP, "orders_by_hour", "ready")
        retired = await sampled.run(ROLLUP, "orders_by_week", "retired")
        for rollup in (by_day, by_day, retired):
            await sampled.run(MARK + " returning id", rollup)
        found = await sampled.metrics()
    assert found.labels("rollup_marked_buckets", "rollup") == {"orders_by_day", "orders_by_hour"}
    assert found.value("rollup_marked_buckets", rollup="orders_by_day") == 2
    assert found.value("rollup_marked_buckets", rollup="orders_by_hour") == 0
    assert found.value("rollup_oldest_mark_seconds") == pytest.approx(3_600, abs=600)
