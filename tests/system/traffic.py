"""Requests at a steady rate, whatever becomes of those before: users, while something is changed under them."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp

_DEADLINE_S = 60.0
_KEPT_S = 4.0
_ROWS = 3
VISIT = {
    "code": "visit", "name": "Visit", "nature": "event", "key": ["visit_id"], "time_attribute": "came_at",
    "attributes": [
        {"name": "visit_id", "type": "integer", "nullable": False},
        {"name": "came_at", "type": "timestamp", "nullable": False},
    ],
}  # fmt: skip
VISITS = {"code": "VISITS", "name": "Visits", "module": "PARK", "direction": "higher", "formula": "count(visit)"}
QUERY = {"kpis": ["VISITS"], "range": {"from": "2026-01-01", "to": "2026-02-01"}, "grain": "month", "time_zone": "UTC"}


@dataclass
class Traffic:
    """Asks for a definition, asks for values, and loads rows; every answer that is not a good one is a failure.

    Args:
        rate: requests a second.
    """

    url: str
    api_key: str
    rate: float
    answered: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    loaded_rows: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _ending: asyncio.Event = field(default_factory=asyncio.Event)
    _session: aiohttp.ClientSession | None = None
    _sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            self.url,
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT_S),
            headers={"X-API-Key": self.api_key},
            timeout=aiohttp.ClientTimeout(total=_DEADLINE_S),
        )
        self._session._retry_connection = False  # a connection that breaks is a failure, and is not hidden
        await self._definition(0)
        await self._calculate(0)
        self._sending = asyncio.create_task(self._send())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ending.set()
        assert self._sending is not None
        assert self._session is not None
        await self._sending
        await asyncio.gather(*self._tasks)
        await self._session.close()

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in itertools.count():
            pause_s = began + number / self.rate - loop.time()
            if pause_s > 0:
                await asyncio.sleep(pause_s)
            if self._ending.is_set():
                return
            task = asyncio.create_task(self._one(number))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _one(self, number: int) -> None:
        kind, work = self._kinds()[number % 10]
        try:
            await work(number)
        except (aiohttp.ClientError, OSError, AssertionError) as error:
            self.failures.append(f"{kind} {number}: {type(error).__name__}: {error}")
        else:
            self.answered[kind] += 1

    def _kinds(self) -> list[tuple[str, Callable[[int], Awaitable[None]]]]:
        return [("load", self._load), *[("calculate", self._calculate)] * 2, *[("definition", self._definition)] * 7]

    async def _definition(self, _: int) -> None:
        document = await self._expect(200, "GET", "/api/v1/metadata/kpis/VISITS")
        assert document["definition"]["code"] == "VISITS", document

    async def _calculate(self, _: int) -> None:
        document = await self._expect(200, "POST", "/api/v1/calculate", json=QUERY)
        assert len(document["kpis"][0]["values"]) == 1, document

    async def _load(self, number: int) -> None:
        rows = "".join(f"{number * _ROWS + row},2026-01-15T12:00:00Z\n" for row in range(_ROWS))
        receipt = await self._expect(
            201,
            "POST",
            "/api/v1/data/visit?covers_from=2026-01-01T00:00:00Z&covers_until=2026-02-01T00:00:00Z",
            data=f"visit_id,came_at\n{rows}",
            headers={"Content-Type": "text/csv", "Idempotency-Key": f"load-{number}"},
        )
        self.loads.append(receipt["ingest_id"])
        self.loaded_rows += _ROWS

    async def _expect(self, status: int, method: str, path: str, **sent: Any) -> Any:
        assert self._session is not None
        async with self._session.request(method, path, **sent) as response:
            text = await response.text()
            assert response.status == status, f"{response.status}: {text[:300]}"
            return await response.json()
