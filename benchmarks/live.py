"""From a load's acknowledgement to the sockets of those who follow: how long it takes, and what a follower costs."""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
from reporting import Report, machine

from analytics_engine.contracts.services import Service
from support.system import SystemUnderTest

DAY = "2026-01-01"
RANGE = {"from": DAY, "to": "2026-01-02"}
_SEQUENCE = re.compile(rb'"values":\["?(\d+)')
_SETTLE_S = 20.0
_LOADERS = 4


@dataclass
class Follower:
    """When it was told of which batch."""

    told: list[tuple[float, int]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def has(self, batch: int) -> None:
        """Return when it was told of a batch, or a newer one."""
        while not self.told or self.told[-1][1] < batch:
            self.changed.clear()
            await self.changed.wait()


class Product:
    """The product on this machine, with a reading of each sensor in every batch."""

    def __init__(self, system: SystemUnderTest, session: aiohttp.ClientSession, sensors: int) -> None:
        self._url = system.url(Service.GATEWAY)
        self._password = system.admin_password
        self._session = session
        self._sensors = sensors

    async def sign_in(self) -> None:
        login = {"email": "admin@example.com", "password": self._password}
        async with self._session.post(f"{self._url}/api/v1/auth/login", json=login) as response:
            token = (await response.json())["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    async def define(self) -> None:
        attributes = [
            {"name": "reading_id", "type": "integer", "nullable": False},
            {"name": "taken_at", "type": "timestamp", "nullable": False},
            {"name": "sensor", "type": "text"},
            {"name": "batch", "type": "integer"},
        ]
        model = {"code": "reading", "name": "Reading", "nature": "event", "key": ["reading_id"],
                 "time_attribute": "taken_at", "attributes": attributes}  # fmt: skip
        await self._post("config/clients", {"client_id": "nyc-flights", "name": "Readings", "time_zone": "UTC"})
        await self._post("metadata/value-chains", {"code": "LIVE", "name": "Live"})
        await self._post("metadata/modules", {"code": "LV", "name": "Live", "value_chains": ["LIVE"]})
        await self._post("metadata/object-models", model)
        for code, condition in {
            "ALL": "",
            **{f"S{n}": f" filter (where reading.sensor = 's{n}')" for n in self._all},
        }.items():
            kpi = {"code": f"LV_{code}", "name": code, "module": "LV", "direction": "higher",
                   "formula": f"max(reading.batch){condition}"}  # fmt: skip
            await self._post("metadata/kpis", kpi)
        rollup = {"code": "READINGS", "name": "Readings", "object_model": "reading", "dimensions": ["sensor"],
                  "kpis": ["LV_ALL"]}  # fmt: skip
        await self.load(0)
        await self._post("metadata/rollups", rollup)

    async def load(self, batch: int) -> float:
        """Load a reading of each sensor, and return when that was acknowledged."""
        rows = "\n".join(
            json.dumps({"reading_id": batch * self._sensors + n, "taken_at": f"{DAY}T{batch % 24:02}:00:00Z",
                        "sensor": f"s{n}", "batch": batch})
            for n in self._all
        )  # fmt: skip
        span = f"covers_from={DAY}T00:00:00Z&covers_until=2026-01-02T00:00:00Z"
        await self._post(f"data/reading?{span}", rows.encode(), "application/x-ndjson")
        return time.perf_counter()

    async def follow(self, number: int, follower: Follower) -> None:
        query = {"kpis": [f"LV_S{number % self._sensors}"], "range": RANGE, "time_zone": "UTC"}
        timeout = aiohttp.ClientTimeout(total=None, sock_read=60)
        async with self._session.post(
            f"{self._url}/api/v1/live", json={"queries": [query]}, timeout=timeout
        ) as response:
            assert response.status == 200, await response.text()
            async for line in response.content:
                found = _SEQUENCE.search(line)
                if found:
                    follower.told.append((time.perf_counter(), int(found[1])))
                    follower.changed.set()

    @property
    def _all(self) -> range:
        return range(self._sensors)

    async def _post(self, path: str, body: Any, media: str = "application/json") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._session.post(
            f"{self._url}/api/v1/{path}", data=data, headers={"Content-Type": media}
        ) as answer:
            assert answer.status in {200, 201}, await answer.text()


async def loading(product: Product, batches: range, a_second: float) -> dict[int, float]:
    """Load batches at a pace, and return when each was acknowledged."""
    acknowledged: dict[int, float] = {}
    gate = asyncio.Semaphore(_LOADERS)
    began = time.perf_counter()

    async def one(batch: int) -> None:
        async with gate:
            acknowledged[batch] = await product.load(batch)

    async with asyncio.TaskGroup() as group:
        for place, batch in enumerate(batches):
            await asyncio.sleep(max(0.0, began + place / a_second - time.perf_counter()))
            group.create_task(one(batch))
    return acknowledged


def latencies(followers: Sequence[Follower], acknowledged: dict[int, float]) -> np.ndarray:
    """Return for each follower and batch how long it took until it was told of this batch or a newer one, in ms."""
    batches = np.array(sorted(acknowledged))
    newest = np.maximum.accumulate([acknowledged[batch] for batch in batches])
    found = []
    for follower in followers:
        at = np.array([moment for moment, _ in follower.told])
        of = np.maximum.accumulate([batch for _, batch in follower.told])
        places = np.searchsorted(of, batches)
        assert places.max() < len(at), "a follower was not told of the last batch"
        found.append((at[places] - newest) * 1000)
    return np.maximum(np.concatenate(found), 0.0)


async def measure(given: argparse.Namespace, report: Report, system: SystemUnderTest) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        product = Product(system, session, given.queries)
        await product.sign_in()
        await product.define()
        gateway, engine = (system.process(rf"serve {name}") for name in ("api_gateway", "calculation_engine_service"))
        for run, count in enumerate(given.followers):
            batches = range(run * given.batches + 1, (run + 1) * given.batches + 1)
            before = gateway.memory_info().rss
            followers = [Follower() for _ in range(count)]
            tasks = [asyncio.create_task(product.follow(*each)) for each in enumerate(followers)]
            await asyncio.wait_for(asyncio.gather(*(each.has(0) for each in followers)), 60)
            a_follower = (gateway.memory_info().rss - before) / count
            cpu = [process.cpu_times() for process in (gateway, engine)]
            began = time.perf_counter()
            acknowledged = await loading(product, batches, given.pace)
            took = time.perf_counter() - began
            used = [now.user + now.system - then.user - then.system
                    for now, then in zip([gateway.cpu_times(), engine.cpu_times()], cpu, strict=True)]  # fmt: skip
            await asyncio.wait_for(asyncio.gather(*(each.has(batches[-1]) for each in followers)), _SETTLE_S)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            found = latencies(followers, acknowledged)
            percentiles = {f"p{rank}": float(np.percentile(found, rank)) for rank in (50, 95, 99)}
            told = sum(len(follower.told) for follower in followers)
            report.table(
                ["followers", "queries", "rows/s", "p50, ms", "p95, ms", "p99, ms", "updates/s", "KiB a follower",
                 "gateway, cores", "engine, cores"],
                [[f"{count:,}", str(min(count, given.queries)), f"{given.batches * given.queries / took:,.0f}",
                  *(f"{value:,.0f}" for value in percentiles.values()), f"{told / took:,.0f}",
                  f"{a_follower / 1024:,.0f}", *(f"{seconds / took:.2f}" for seconds in used)]],
            )  # fmt: skip
            report.keep("live", str(count), figures={**percentiles, "a_follower": a_follower, "took_s": took})


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--followers", nargs="+", type=int, default=[100, 1_000])
    arguments.add_argument("--queries", type=int, default=100, help="different queries that are followed")
    arguments.add_argument("--batches", type=int, default=400)
    arguments.add_argument("--pace", type=float, default=20.0, help="batches a second, each of a row for each query")
    arguments.add_argument("--record", action="store_true", help="write the figures to results/")
    given = arguments.parse_args()
    report = Report(
        "live",
        "The product on one machine. Batches of a row for each of the followed queries are loaded through the gateway. "
        "A follower's time is that from a batch's acknowledgement until it was told of it, or of a newer one. "
        "All of it, the followers too, shares the cores.",
        machine("aiohttp"),
    )
    system = SystemUnderTest()
    try:
        system.start()
        asyncio.run(measure(given, report, system))
    finally:
        system.clean_up()
    if given.record:
        report.record()


if __name__ == "__main__":
    main()
