"""Things are killed, held up, filled and exhausted, and the right people are told of it and of its end."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from analytics_engine.contracts.services import Service
from monitoring import dashboards, memory_limit, rendering
from monitoring.watched import PEOPLE, WITHIN_S, Watched, small_disk, watched
from support import prometheus
from support.waiting import eventually

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not prometheus.is_here(), reason=prometheus.NOT_HERE),
]

OF_MACHINES = "node_"
IS_ROOT = os.geteuid() == 0
NO_DISK = "of a disk that fills up (only root may mount a small one)"
DISK_BYTES = 32 * 2**20
TEAM = ("email", "slack", "teams")
CRITICAL = {name for name, alert in rendering.alerts().items() if alert["labels"]["severity"] == "critical"}


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the product has its temporary files: a small disk of its own, where there may be one."""
    if not IS_ROOT:
        yield tmp_path_factory.mktemp("temp")
        return
    with small_disk(DISK_BYTES) as folder:
        yield folder


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def product(disk: Path) -> AsyncIterator[Watched]:
    async with watched(disk) as running:
        yield running


@asynccontextmanager
async def definitions_locked(product: Watched) -> AsyncIterator[None]:
    """Hold the tables of definitions, as a person with a forgotten transaction does."""
    connection = await asyncpg.connect(product.system.owner_url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE metadata.catalogs, metadata.definitions IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


@asynccontextmanager
async def profiles_taken_away(product: Watched) -> AsyncIterator[None]:
    connection = await asyncpg.connect(product.system.owner_url)
    try:
        await connection.execute("REVOKE SELECT ON connect.connector_profiles FROM ae_connector_service")
        yield
    finally:
        await connection.execute("GRANT SELECT ON connect.connector_profiles TO ae_connector_service")
        await connection.close()


async def test_all_seven_services_are_scraped(product: Watched) -> None:
    async def seen() -> bool:
        found = await asyncio.to_thread(product.prometheus.query, 'up{job="analytics_engine"} == 1')
        return {one["metric"]["service"] for one in found} == {service.value for service in Service}

    await eventually(seen, within_s=WITHIN_S)


async def test_rules_and_dashboards_ask_for_metrics_that_there_are(product: Watched) -> None:
    asked_for = {name for name in dashboards.metrics_asked_for() if not name.startswith(OF_MACHINES)} - {"up"}

    async def there() -> bool:
        """Backups are told of when there are some, and drills when there was one."""
        return asked_for <= await product.metrics()

    await eventually(there, within_s=WITHIN_S, every_s=0.5)


async def test_every_panel_has_something_to_show(product: Watched) -> None:
    """The queries of the dashboards, at a Prometheus that has watched the product for some seconds."""
    for _, expression in dashboards.queries():

        async def shows(expression: str = expression) -> bool:
            return bool(await asyncio.to_thread(product.prometheus.query, expression))

        await eventually(shows, within_s=WITHIN_S, every_s=0.5)


async def test_the_receiver_outside_is_told_again_and_again_that_monitoring_works(product: Watched) -> None:
    await product.sinks["dead_man"].got(2, within_s=WITHIN_S)
    assert product.alerts_told("dead_man") == {("Watchdog", "firing")}


async def test_of_a_killed_service_everybody_on_call_is_told_and_of_its_return(product: Watched) -> None:
    with product.nobody_restarts():
        product.process(Service.CONNECTOR).kill()
        await product.tells("ServiceDown", "firing", *PEOPLE)
    await product.tells("ServiceDown", "resolved", *PEOPLE)
    (message,) = [one for one in product.told("sms") if ("ServiceDown", "firing") in one.alerts]
    assert message.text == "ServiceDown: connector_service is down"


async def test_of_requests_that_fail_everybody_on_call_is_told(product: Watched) -> None:
    """A service that lost its rights in the database cannot answer, and says that it is our mistake."""
    async with profiles_taken_away(product):

        async def fails() -> bool:
            assert set(await product.asks("/api/v1/connector/profiles", times=5)) == {500}
            return ("HighErrorRate", "firing") in product.alerts_told("sms")

        await eventually(fails, within_s=WITHIN_S, every_s=0.5)
        await product.tells("HighErrorRate", "firing", *PEOPLE)
    await product.tells("HighErrorRate", "resolved", *PEOPLE)


async def test_slow_answers_and_a_pool_without_connections_are_told(product: Watched) -> None:
    """Twelve requests wait for a lock, eight of them with a connection and four for one, and then are answered late."""
    asked = asyncio.Event()

    async def ask() -> list[int]:
        asked.set()
        return await product.asks("/api/v1/metadata/kpis?limit=1", times=12)

    async with definitions_locked(product):
        waiting = asyncio.create_task(ask())
        await product.tells("ConnectionPoolExhausted", "firing", *PEOPLE)
    assert 200 in await waiting
    await product.tells("SlowResponses", "firing", *TEAM)
    await product.tells("ConnectionPoolExhausted", "resolved", *PEOPLE)
    await product.tells("SlowResponses", "resolved", *TEAM)


@pytest.mark.skipif(not IS_ROOT, reason=NO_DISK)
async def test_a_disk_that_fills_up_is_told_to_the_team_and_then_to_whoever_is_on_call(
    product: Watched, disk: Path
) -> None:
    filling = disk / "filling"
    filling.write_bytes(bytes(int(DISK_BYTES * 0.93)))
    await product.tells("DiskSpaceLow", "firing", *TEAM)
    assert not {name for name, _ in product.alerts_told("sms")} & {"DiskSpaceLow", "DiskAlmostFull"}

    filling.write_bytes(bytes(int(DISK_BYTES * 0.99)))
    await product.tells("DiskAlmostFull", "firing", *PEOPLE)
    filling.unlink()
    await product.tells("DiskAlmostFull", "resolved", *PEOPLE)
    await product.tells("DiskSpaceLow", "resolved", *TEAM)


@pytest.mark.skipif(not memory_limit.can_be_set(), reason=memory_limit.NOT_HERE)
async def test_a_service_that_needs_nearly_all_of_its_memory_is_told_to_the_team(product: Watched) -> None:
    """It is started anew with a limit just above what it needs, and then without."""
    needed_bytes = product.process(Service.CONNECTOR).memory_info().rss
    with memory_limit.limited(int(needed_bytes * 1.03), product.system.up.pid):
        product.process(Service.CONNECTOR).kill()
        await product.tells("MemoryHigh", "firing", *TEAM)
    product.process(Service.CONNECTOR).send_signal(signal.SIGKILL)
    await product.tells("MemoryHigh", "resolved", *TEAM)


async def test_text_messages_were_of_critical_alerts_only(product: Watched) -> None:
    told = {name for name, _ in product.alerts_told("sms")}
    assert told >= {"ServiceDown", "HighErrorRate", "ConnectionPoolExhausted"}
    assert told <= CRITICAL
    assert {name for name, _ in product.alerts_told("pagerduty")} <= CRITICAL
