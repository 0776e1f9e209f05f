"""Alerts over the golden shop's rows, with a clock that stands still until it is told to move."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from fastapi import FastAPI

from analytics_engine.adapters.engines.postgres import PostgresEngine
from analytics_engine.adapters.memory.cache import MemoryCache
from analytics_engine.adapters.memory.definitions import MemoryDefinitions
from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.bootstrap.alerts import Alerting
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.contracts.events import AlertChanged
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.clock import ManualClock, SystemClock
from analytics_engine.kernel.health import HealthBoard
from analytics_engine.kernel.http.app import ServiceParts, create_app
from analytics_engine.kernel.http.authentication import InternalAuthentication
from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.security.principal import Role
from analytics_engine.kernel.security.tokens import InternalTokens
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.kpi.model.catalog import KpiVersion
from analytics_engine.services.calculation_engine_service.alerts import endpoints
from analytics_engine.services.calculation_engine_service.alerts.schemas import Alert, AlertDetail, AlertRule, CellView
from analytics_engine.services.calculation_engine_service.answers import AnswerCache
from analytics_engine.services.calculation_engine_service.catalogs import Catalogs
from analytics_engine.services.calculation_engine_service.service import CalculationService
from analytics_engine.services.calculation_engine_service.usage import UsageLog
from golden.shop import CLIENT, NOW, shop_catalog
from integration.calculation.serving import MORE
from support.servers import TestDatabase
from support.services import SECRET_KEY, asgi_client, internal_headers

YESTERDAY = NOW - timedelta(days=1)
"""The newest whole day: 1 November 2026, which has two orders in the golden rows."""


@dataclass
class Desk:
    """One or more calculation engines that keep alerts, and those who write rows and read what they tell."""

    database: TestDatabase
    owner: asyncpg.Connection[Any]
    definitions: MemoryDefinitions
    clock: ManualClock
    replicas: list[Alerting]
    pools: list[PostgresDatabase]
    _numbers: Any = field(default_factory=count)

    @property
    def alerting(self) -> Alerting:
        return self.replicas[0]

    async def save(self, client_id: str = CLIENT, **rule: Any) -> Alert:
        """Make an alert; what is not said is an alert on more than two orders a day."""
        alert, is_new = await self.alerting.alerts.create(client_id, rule_of(**rule), author="Tester")
        assert is_new
        return alert

    async def orders(self, number: int, at: datetime = YESTERDAY, *, customer: str = "c1") -> None:
        """Write so many more orders."""
        await self.owner.executemany(
            """insert into facts."order" (client_id, order_id, ordered_at, cancelled, customer_id)
               values ($1, $2, $3, false, $4)""",
            [(CLIENT, f"new-{next(self._numbers)}", at, customer) for _ in range(number)],
        )

    async def no_orders(self) -> None:
        """Take the orders away that were written beside the golden ones."""
        await self.owner.execute("""delete from facts."order" where order_id like 'new-%'""")

    async def loaded_until(self, moment: datetime, *, model: str = "order") -> None:
        await self.owner.execute(
            "update facts.coverage set covered_until = $1 where client_id = $2 and object_model = $3",
            moment, CLIENT, model,
        )  # fmt: skip

    def define(self, version: str, kpis: tuple[KpiVersion, ...]) -> None:
        """Have other KPIs from now on."""
        catalog = shop_catalog(MORE).model_copy(update={"version": version, "kpis": kpis})
        self.definitions.define(ClientProfile(client_id=CLIENT, name="Shop"), catalog)

    async def due(self) -> int:
        """Move the clock to when everything is due, and make the checks."""
        self.clock.advance(timedelta(seconds=60))
        return await self.check()

    async def check(self) -> int:
        """Make the checks that are due now."""
        made = 0
        while more := await self.alerting.checks.check_due():
            made += more
        return made

    async def detail(self, alert: Alert) -> AlertDetail:
        return await self.alerting.alerts.alert(CLIENT, UUID(alert.id))

    async def cell(self, alert: Alert) -> CellView:
        """Return the only cell of an alert."""
        (cell,) = (await self.detail(alert)).cells
        return cell

    async def history(self, alert: Alert) -> list[str]:
        """Return the changes of an alert, the oldest first: ``ok > firing``."""
        page = await self.alerting.alerts.history(CLIENT, UUID(alert.id), PageRequest(limit=500))
        return [f"{each.previous.value} > {each.state.value}" for each in reversed(page.items)]

    async def told(self) -> list[AlertChanged]:
        """Return what the outbox holds of alerts, the oldest first."""
        rows = await self.owner.fetch("select event from messaging.outbox where type = 'alert.changed' order by id")
        return [AlertChanged.model_validate(Event.model_validate_json(row["event"]).data) for row in rows]

    @asynccontextmanager
    async def asked_by(self, role: Role, client_id: str = CLIENT) -> AsyncIterator[httpx.AsyncClient]:
        """Give a client of the service's API, as somebody of a role."""
        headers = internal_headers(Service.CALCULATION, client_id, role)
        async with asgi_client(_app(self.alerting), headers=headers) as client:
            yield client


def rule_of(**given: Any) -> AlertRule:
    """Return a rule; what is not said is an alert on more than two orders a day."""
    stated = {
        "name": "Many orders", "kpi": "ORDERS", "grain": "day", "condition": {"kind": "threshold", "above": "2"},
        "channels": ["ops"],
    }  # fmt: skip
    return AlertRule.model_validate(stated | given)


@asynccontextmanager
async def opened(database: TestDatabase, *, replicas: int = 1) -> AsyncIterator[Desk]:
    """Give a desk whose alerts, and whose further orders, are gone when it is opened."""
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute("""truncate kpi.alerts, kpi.alert_silences, messaging.outbox cascade;
                           delete from facts."order" where order_id like 'new-%'""")
    await owner.execute("update facts.coverage set covered_until = '2027-01-01Z' where client_id = $1", CLIENT)
    definitions, clock = MemoryDefinitions(), ManualClock(NOW)
    definitions.define(ClientProfile(client_id=CLIENT, name="Shop"), shop_catalog(MORE))
    pools = [
        PostgresDatabase(
            database.service_url(Service.CALCULATION), pool_size=4, statement_timeout_s=20, application_name="test"
        )
        for _ in range(replicas)
    ]
    for pool in pools:
        await pool.start()
    engines = [_alerting(pool, definitions, clock) for pool in pools]
    try:
        yield Desk(database, owner, definitions, clock, engines, pools)
    finally:
        for pool in pools:
            await pool.stop()
        await owner.close()


def _alerting(database: PostgresDatabase, definitions: MemoryDefinitions, clock: ManualClock) -> Alerting:
    engine = PostgresEngine(database)
    catalogs = Catalogs(metadata=definitions, clients=definitions, rollups=engine, fresh_s=0)
    service = CalculationService(
        engine=engine,
        catalogs=catalogs,
        answers=AnswerCache(MemoryCache(clock)),
        clock=clock,
        usage=UsageLog(database),
    )
    return Alerting(
        service, catalogs, database=database, outbox=PostgresOutbox(), clock=clock, telemetry=Telemetry("test")
    )


def _app(alerting: Alerting) -> FastAPI:
    tokens = InternalTokens(secret_key=SECRET_KEY, clock=SystemClock())
    telemetry = Telemetry("test")
    return create_app(
        ServiceParts(
            name=Service.CALCULATION.value,
            title="Alerts",
            description="",
            version="0",
            routers=[endpoints.router],
            health=HealthBoard(version="0", checks=[], telemetry=telemetry),
            telemetry=telemetry,
            state={
                "authentication": InternalAuthentication(tokens=tokens, service=Service.CALCULATION.value),
                "alerts": alerting.alerts,
                "silences": alerting.silences,
            },
        )
    )


def count_of(replicas: Sequence[Alerting], outcome: str) -> int:
    """Return how many checks of an outcome all replicas together made."""
    return int(sum(each.telemetry.evaluations.labels(outcome)._value.get() for each in replicas))


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
