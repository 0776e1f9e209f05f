"""One version takes over from another, and gives back to it, while requests keep coming: none fails, none is lost."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from analytics_engine.contracts.services import Service
from support.editions import NEWER_TABLE, install_edition
from support.sinks import HttpSink, http_sink
from support.waiting import eventually
from system.live import Follower
from system.product import Product
from system.readings import define
from system.traffic import QUERY, VISIT, VISITS, Traffic

OLD, NEW = "1.0.0", "1.1.0"
_RATE = float(os.environ.get("AE_UPGRADE_REQUESTS_PER_S", "5"))
"""`make soak-upgrade` says 100. A rate that the machine has no room for is answered with 503s, upgrade or not."""
pytestmark = [pytest.mark.system, pytest.mark.xdist_group("upgrade"), pytest.mark.timeout(3000)]
_KEY = "the-key-of-a-program-that-loads-rows-and-asks"
_SETTINGS = {"API_KEY": _KEY, "AE_MESSAGE_ALLOWED_NETWORKS": "127.0.0.0/8"}
_MANY = 60.0
if _RATE > _MANY:  # one client loads as many would, and more at once than one may by default
    _SETTINGS |= {"AE_MAX_LOADS": "50", "AE_MAX_LOADS_PER_CLIENT": "50"}
_START_S = 400.0
_UPGRADE_S = 1000.0
_SETTLED_S = 120.0


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_edition(tmp_path_factory.mktemp("old"), OLD, newer_schema=False)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_edition(tmp_path_factory.mktemp("new"), NEW, newer_schema=True)


@pytest.fixture
async def sink() -> AsyncIterator[HttpSink]:
    async with http_sink() as one:
        yield one


@pytest.fixture
def product(old: Path) -> AsyncIterator[Product]:
    """The older version, running, with a KPI of its own."""
    running = Product(sample=False, settings=_SETTINGS)
    running.system.python = str(old / "bin" / "python")
    try:
        running.system.start(within_s=_START_S)
        client = {"client_id": "nyc-flights", "name": "Parks", "time_zone": "UTC"}
        assert running.send("POST", "/api/v1/config/clients", client).status == 201
        define(running, "value-chains", {"code": "PARKS", "name": "Parks"})
        define(running, "modules", {"code": "PARK", "name": "Park", "value_chains": ["PARKS"]})
        define(running, "object-models", VISIT)
        define(running, "kpis", VISITS)
        yield running
        assert running.system.stop() == 0, running.system.said()
    finally:
        running.system.clean_up()


async def _upgrade(product: Product, *options: str) -> str:
    """Run the command to its end and return what it printed; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        *product.system.command("upgrade", *options),
        env=product.system.environment(),
        cwd=product.system.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(_UPGRADE_S):
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode() + product.system.said()
    return said.decode()


async def _all_are_of(product: Product, version: str) -> None:
    """Return when every service says that it is of a version; one that is busy may need to be asked again."""

    async def said() -> bool:
        answers = await asyncio.gather(*(asyncio.to_thread(product.system.health, service) for service in Service))
        return {answer.get("version") for answer in answers} == {version}

    await eventually(said, within_s=_SETTLED_S)


async def test_nobody_notices_an_upgrade_nor_the_way_back(product: Product, new: Path, sink: HttpSink) -> None:
    """Every request is answered, every row is there once, every load is told of once, and followers see the end."""
    subscription = {"url": sink.url, "types": ["data.ingested"], "filters": {"subjects": ["visit"]}}
    made = await asyncio.to_thread(product.send, "POST", "/api/v1/messages/subscriptions", subscription)
    assert made.status == 201, made
    with Follower(product, [QUERY]) as follower:
        async with Traffic(product.gateway_url, _KEY, _RATE) as traffic:
            await _all_are_of(product, OLD)
            await _upgrade(product, "--to", str(new))
            await _all_are_of(product, NEW)
            upgraded = traffic.answered.total()
            await _upgrade(product, "--rollback")
            await _all_are_of(product, OLD)
        print(f"{traffic.answered.total()} requests, {len(traffic.failures)} of them failed")
        assert traffic.failures[:5] == []
        assert set(traffic.answered) == {"load", "calculate", "definition"}
        assert traffic.answered.total() > upgraded > 0
        answer = await asyncio.to_thread(product.post, "/api/v1/calculate", QUERY)
        assert answer["kpis"][0]["values"] == [traffic.loaded_rows]

        async def told() -> bool:
            return len({one.headers["webhook-id"] for one in sink.received}) >= len(traffic.loads)

        await eventually(told, within_s=_SETTLED_S)

        async def followed() -> bool:
            newest = follower.newest.get(0, {}).get("result") or {}
            return bool(newest) and newest["kpis"][0]["values"] == [traffic.loaded_rows]

        await eventually(followed, within_s=_SETTLED_S)
    assert len(set(traffic.loads)) == len(traffic.loads)
    events = [one.headers["webhook-id"] for one in sink.received]
    assert (len(events), len(set(events))) == (len(traffic.loads), len(traffic.loads))
    assert follower.connections > 2
    connection = await asyncpg.connect(product.system.owner_url)
    assert await connection.fetchval("select to_regclass($1)::text", NEWER_TABLE) == NEWER_TABLE
    await connection.close()
