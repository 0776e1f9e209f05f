"""What is measured of a service's pool, as its /metrics tell it under OpenTelemetry's names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from analytics_engine.adapters.postgres.database import PostgresDatabase, address_of
from analytics_engine.bootstrap import demo_config_service
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.telemetry import Telemetry
from support.services import asgi_client, internal_headers
from support.waiting import eventually


class Pool:
    """A pool of two connections, and what is measured of it."""

    def __init__(self, url: str, *, acquire_timeout_s: float = 30.0) -> None:
        self._telemetry = Telemetry("some_service")
        self.address = address_of(url)
        self.database = PostgresDatabase(
            url,
            pool_size=2,
            acquire_timeout_s=acquire_timeout_s,
            application_name="some_service",
            telemetry=self._telemetry.pools,
        )

    def measures(self) -> dict[str, float]:
        return measures_in(generate_latest(self._telemetry.registry).decode())

    async def hold(self, until: asyncio.Event) -> None:
        async with self.database.transaction() as connection:
            await connection.execute("select 1")
            await until.wait()


def measures_in(text: str) -> dict[str, float]:
    """Return the samples of pools, a state's name behind theirs."""
    return {
        sample.name.removeprefix("db_client_connection_")
        + "".join(
            f" {value}" for name, value in sample.labels.items() if name == "db_client_connection_state"
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("db_client_connection_") and "le" not in sample.labels
    }


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    pool = Pool(postgres_url)
    yield pool
    await pool.database.stop()


@pytest.fixture
async def impatient_pool(postgres_url: str) -> AsyncIterator[Pool]:
    """One whose requests wait as long as a busy machine takes to connect, and not much longer."""
    pool = Pool(postgres_url, acquire_timeout_s=3.0)
    yield pool
    await pool.database.stop()


async def test_used_and_idle_connections_are_counted(pool: Pool) -> None:
    assert pool.measures().items() >= {"count used": 0, "count idle": 0, "max": 2, "pending_requests": 0}.items()
    async with pool.database.transaction():
        assert pool.measures().items() >= {"count used": 1, "count idle": 0}.items()
    assert pool.measures().items() >= {"count used": 0, "count idle": 1}.items()


async def test_requests_that_wait_are_counted_while_the_pool_is_exhausted(pool: Pool) -> None:
    """Two have the connections, two wait; when the first are done nobody waits, and the waiting was timed."""
    done = asyncio.Event()
    holders = [asyncio.create_task(pool.hold(done)) for _ in range(2)]

    async def all_used() -> bool:
        return pool.measures()["count used"] == 2

    await eventually(all_used, within_s=30)
    waiters = [asyncio.create_task(pool.hold(done)) for _ in range(2)]

    async def two_wait() -> bool:
        return pool.measures()["pending_requests"] == 2

    await eventually(two_wait, every_s=0.01)
    done.set()
    await asyncio.gather(*holders, *waiters)
    after = pool.measures()
    assert after["pending_requests"] == 0
    assert (after["wait_time_seconds_count"], after["use_time_seconds_count"]) == (4, 4)
    assert after["wait_time_seconds_sum"] > 0
    assert after["timeouts_total"] == 0


async def test_a_request_that_gets_no_connection_in_time_is_told_why_and_counted(impatient_pool: Pool) -> None:
    pool = impatient_pool
    async with pool.database.transaction(), pool.database.transaction():
        with pytest.raises(DependencyUnavailable, match="All 2 connections of this service") as exhausted:
            async with pool.database.transaction():
                pass
    assert "AE_DATABASE_POOL_SIZE" in exhausted.value.remedy
    assert exhausted.value.facts == {"retry_after_s": 1}
    assert (pool.measures()["timeouts_total"], pool.measures()["pending_requests"]) == (1, 0)
    async with pool.database.transaction() as connection:
        assert await connection.fetch_value("select 1") == 1


async def test_every_service_tells_of_its_pool_where_its_metrics_are(settings_for: Callable[..., Settings]) -> None:
    """demo_config_service stands for all: the platform they are built from makes the pool."""
    settings = settings_for(Service.DEMO_CONFIG, ae_database_pool_sizes={"demo_config_service": 3})
    async with asgi_client(demo_config_service.build(settings)) as http:
        await http.get("/clients", headers=internal_headers(Service.DEMO_CONFIG))
        text = (await http.get("/metrics")).text
    assert measures_in(text)["max"] == 3
    assert measures_in(text)["use_time_seconds_count"] >= 1
    address = address_of(settings.need_database_url())
    assert 'service="demo_config_service"' in text
    assert f'db_client_connection_pool_name="{address}"' in text
