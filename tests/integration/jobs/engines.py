"""Calculation engines with their jobs: wired as shipped, over the golden shop's rows, with a kind for tests."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from analytics_engine.adapters.engines.postgres import PostgresEngine
from analytics_engine.adapters.memory.cache import MemoryCache
from analytics_engine.adapters.memory.definitions import MemoryDefinitions
from analytics_engine.bootstrap.jobs import wired_jobs
from analytics_engine.bootstrap.platform import Platform
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.contracts.services import Service
from analytics_engine.contracts.wire import WireModel
from analytics_engine.errors import DependencyUnavailable, QueryError
from analytics_engine.kernel.clock import Clock, SystemClock
from analytics_engine.kernel.ports.jobs import JobKind, RunningJob
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.calculation_engine_service.answers import AnswerCache
from analytics_engine.services.calculation_engine_service.catalogs import Catalogs
from analytics_engine.services.calculation_engine_service.jobs import endpoints as jobs_endpoints
from analytics_engine.services.calculation_engine_service.jobs.housekeeping import JobHousekeeper
from analytics_engine.services.calculation_engine_service.jobs.service import JobService
from analytics_engine.services.calculation_engine_service.schedules import endpoints as schedules_endpoints
from analytics_engine.services.calculation_engine_service.schedules.service import ScheduleService
from analytics_engine.services.calculation_engine_service.schedules.ticking import Ticker
from analytics_engine.services.calculation_engine_service.service import CalculationService
from analytics_engine.services.calculation_engine_service.usage import UsageLog
from golden.shop import CLIENT, STRANGER, shop_catalog
from support.databases import TestDatabase
from support.services import asgi_client, internal_headers, make_settings
from support.waiting import eventually

EFFECTS = """
    create table public.effects (job_id uuid, step text, as_of timestamptz, attempt integer, process integer);
    grant usage on schema public to ae_calculation_engine_service;
    grant select, insert on public.effects to ae_calculation_engine_service
"""
_ADD_EFFECT = "insert into public.effects values ($1, $2, $3, $4, $5)"


class ProbeParams(WireModel):
    """How many steps there are, how long each takes, which of them fail, and whether something is away."""

    steps: int = 1
    step_s: float = 0.0
    failing: tuple[str, ...] = ()
    away_until_attempt: int = 0
    broken: bool = False


class Probe:
    """A kind whose steps leave a row each."""

    name = "probe"
    description = "Leaves a row for each of its steps."
    params = ProbeParams

    async def run(self, job: RunningJob[ProbeParams]) -> None:
        if job.attempt < job.params.away_until_attempt:
            raise DependencyUnavailable("What it needs is away.", remedy="Wait.")
        if job.params.broken:
            raise ZeroDivisionError
        done = await job.parts_done()
        for number in range(1, job.params.steps + 1):
            step = f"step {number}"
            await asyncio.sleep(job.params.step_s)
            if step in job.params.failing:
                await job.fail(step, QueryError(f"{step} cannot be done.", remedy="Leave it out."))
            elif step not in done:
                async with job.transaction(parts=[step]) as connection:
                    await connection.execute(_ADD_EFFECT, job.id, step, job.as_of, job.attempt, os.getpid())
            await job.progress(number, job.params.steps)
        await job.keep_result({"steps": job.params.steps})


@dataclass
class Engine:
    """One replica, as its callers see it."""

    http: httpx.AsyncClient
    jobs: JobService
    schedules: ScheduleService
    ticker: Ticker
    calculation: CalculationService
    housekeeper: JobHousekeeper

    async def ask(
        self, method: str, path: str, *, role: Role = Role.ANALYST, client_id: str = CLIENT, **more: Any
    ) -> httpx.Response:
        headers = internal_headers(Service.CALCULATION, client_id, role) | more.pop("headers", {})
        return await self.http.request(method, path, headers=headers, **more)

    async def start(self, kind: str, **params: Any) -> str:
        """Start a job and return its id."""
        answer = await self.ask("POST", "/jobs", json={"kind": kind, "params": params})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def job(self, job_id: str) -> dict[str, Any]:
        answer = await self.ask("GET", f"/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def in_state(self, job_id: str, *states: str, within_s: float = 20.0) -> dict[str, Any]:
        """Return a job once it is in one of these states."""

        async def found() -> dict[str, Any] | None:
            job = await self.job(job_id)
            return job if job["state"] in states else None

        job = await eventually(found, within_s=within_s)
        assert job is not None
        return job

    async def schedule(self, **settings: Any) -> dict[str, Any]:
        """Make a schedule of probes and return it."""
        sent = {"name": "probes", "kind": "probe", "cron": "30 2 * * *", "time_zone": "Europe/Berlin"} | settings
        answer = await self.ask("POST", "/schedules", json=sent)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def runs(self, schedule_id: str) -> list[dict[str, Any]]:
        """Return what became of a schedule's ticks, the oldest first."""
        answer = await self.ask("GET", f"/schedules/{schedule_id}/runs?limit=500")
        assert answer.status_code == 200, answer.text
        return list(reversed(answer.json()["items"]))


@asynccontextmanager
async def running(
    database: TestDatabase,
    home: Path,
    *,
    clock: Clock | None = None,
    kinds: Sequence[JobKind[Any]] = (),
    tasks: Sequence[str] = ("job-signs-of-life", "job-rescue", "jobs"),
    more_kpis: dict[str, Any] | None = None,
    **overrides: Any,
) -> AsyncIterator[Engine]:
    """Give a replica with its own pool, and those background tasks that are named."""
    settings = make_settings(
        database_url=database.service_url(Service.CALCULATION),
        redis_url="redis://127.0.0.1:1/0",
        ae_home=home,
        **overrides,
    )
    platform = Platform(Service.CALCULATION, settings)
    platform.clock = clock or SystemClock()
    definitions = MemoryDefinitions()
    for client in (CLIENT, STRANGER):
        profile = ClientProfile(client_id=client, name=client, time_zone="America/New_York")
        definitions.define(profile, shop_catalog(more_kpis))
    engine = PostgresEngine(platform.database)
    calculation = CalculationService(
        engine=engine,
        catalogs=Catalogs(metadata=definitions, clients=definitions, rollups=engine),
        answers=AnswerCache(MemoryCache(platform.clock)),
        clock=platform.clock,
        usage=UsageLog(platform.database),
    )
    wired = wired_jobs(settings, platform, calculation, definitions, more_kinds=[Probe(), *kinds])
    app = platform.app(
        description="",
        routers=[jobs_endpoints.router, schedules_endpoints.router],
        checks=[],
        resources=[platform.database, *(task for task in wired.tasks if task.name in tasks)],
        jobs=wired.service,
        schedules=wired.schedules,
    )
    async with asgi_client(app) as client:
        yield Engine(client, wired.service, wired.schedules, wired.ticker, calculation, wired.housekeeper)


async def effects(url: str) -> list[tuple[str, str, Any, int, int]]:
    """Return what probes left behind: their job, step, time, attempt and process."""
    owner = await asyncpg.connect(url)
    try:
        rows = await owner.fetch("select * from public.effects order by as_of, step, attempt")
    finally:
        await owner.close()
    return [(str(row["job_id"]), row["step"], row["as_of"], row["attempt"], row["process"]) for row in rows]
