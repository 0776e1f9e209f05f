"""One run of the canary: a row goes in as any client's does, and its amount must come out of the KPIs, exactly."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from random import SystemRandom
from typing import Any, Protocol

from analytics_engine.contracts.services import Service
from analytics_engine.errors import AnalyticsEngineError, Conflict
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.api_gateway.canary.definitions import BUNDLE, CLIENT, KEPT, OBJECT_MODEL, READ

_ANSWER_WITHIN_S = 20.0
_IMPORT_WITHIN_S = 40.0
_ASK_AGAIN_S = 0.1
_LARGEST_CENTS = 10**9
_PRINCIPAL = Principal(
    subject=f"service:{Service.GATEWAY.value}", client_id=CLIENT.client_id, role=Role.SERVICE, name="Canary"
)


class Answered(Protocol):
    @property
    def data(self) -> Any: ...


class Peer(Protocol):
    """Another service; ``clients.http.ServiceClient`` makes it real."""

    async def post(
        self,
        path: str,
        *,
        principal: Principal,
        data: object = None,
        params: Mapping[str, str | int | bool | None] | None = None,
        timeout_s: float = ...,
    ) -> Answered: ...

    async def upload(
        self,
        path: str,
        *,
        principal: Principal,
        body: bytes | AsyncIterator[bytes],
        params: Mapping[str, str | int | bool | None] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = ...,
    ) -> Answered: ...


class Wrong(Exception):
    """The answers were not what was loaded, for as long as they were asked for."""

    def __init__(self, expected: Decimal, *, kept: Decimal | None, read: Decimal | None) -> None:
        super().__init__(f"{expected} was loaded; its rollup says {kept}, its row {read}")


class Probe:
    """Loads one amount and asks for it."""

    def __init__(self, services: Mapping[Service, Peer], clock: Clock) -> None:
        self._services = services
        self._clock = clock
        self._is_prepared = False

    async def run(self) -> float:
        """Return how long after its commit a new amount was in the answers.

        Raises:
            Wrong: it was not, or another amount was.
            AnalyticsEngineError: a service could not do its part.
        """
        await self._prepare()
        amount = Decimal(SystemRandom().randrange(_LARGEST_CENTS)) / 100
        try:
            await self._load(amount)
            return await self._answered(amount)
        except AnalyticsEngineError:
            self._is_prepared = False
            raise

    async def _prepare(self) -> None:
        """Make the client and its definitions where they are missing."""
        if self._is_prepared:
            return
        with suppress(Conflict):  # it is there
            await self._post(Service.DEMO_CONFIG, "/clients", CLIENT.model_dump(mode="json"))
        await self._post(Service.METADATA, "/import", BUNDLE, timeout_s=_IMPORT_WITHIN_S)
        self._is_prepared = True

    async def _load(self, amount: Decimal) -> None:
        row = f"signal_id,sent_at,amount\n1,{self._clock.now().isoformat()},{amount}\n"
        await self._services[Service.DATABASE].upload(
            f"/data/{OBJECT_MODEL}",
            principal=_PRINCIPAL,
            body=row.encode(),
            params={"mode": "upsert"},
            headers={"Content-Type": "text/csv"},
            timeout_s=_ANSWER_WITHIN_S,
        )

    async def _answered(self, amount: Decimal) -> float:
        committed = time.perf_counter()
        while True:
            kept, read = await self._ask()
            seconds = time.perf_counter() - committed
            if kept == read == amount:
                return seconds
            if seconds > _ANSWER_WITHIN_S:
                raise Wrong(amount, kept=kept, read=read)
            await asyncio.sleep(_ASK_AGAIN_S)

    async def _ask(self) -> tuple[Decimal | None, Decimal | None]:
        today = self._clock.now().date()
        answer = await self._post(
            Service.CALCULATION,
            "/calculate",
            {
                "kpis": [KEPT, READ],
                "range": {
                    "from": (today - timedelta(days=1)).isoformat(),
                    "to": (today + timedelta(days=2)).isoformat(),
                },
                "time_zone": "UTC",
            },
        )
        kept, read = (_value(kpi["values"]) for kpi in answer.data["kpis"])
        return kept, read

    async def _post(
        self, service: Service, path: str, body: object, *, timeout_s: float = _ANSWER_WITHIN_S
    ) -> Answered:
        return await self._services[service].post(path, principal=_PRINCIPAL, data=body, timeout_s=timeout_s)


def _value(values: list[Any]) -> Decimal | None:
    return Decimal(str(values[0])) if values and values[0] is not None else None
