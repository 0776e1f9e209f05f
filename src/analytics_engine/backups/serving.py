"""The process that makes backups by their schedule, receives the log of changes, and tells how it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from analytics_engine.backups.configuration import ConfigurationBackup
from analytics_engine.backups.drill import Drill
from analytics_engine.backups.making import BackupMaker
from analytics_engine.backups.manifest import Kind
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.retention import Retention
from analytics_engine.backups.schedule import Schedule
from analytics_engine.backups.wal import WalArchiver
from analytics_engine.errors import AnalyticsEngineError

T = TypeVar("T")

_log = structlog.get_logger(__name__)
_LOOK_EVERY_S = 15.0
_RETRY_AFTER_S = 300.0
_WAL_RETRY_S = 5.0
_WAL, _DRILL, _PRUNE = "wal", "drill", "prune"


class BackupTelemetry:
    """What a monitoring system asks of backups."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._there: set[Gauge] = set()
        self.last_success = Gauge(
            "backup_last_success_timestamp_seconds", "When the last backup was made", ["kind"], registry=self.registry
        )
        self.last_verified = Gauge(
            "backup_last_verified_timestamp_seconds",
            "When a backup was last restored in a drill",
            registry=None,
        )
        self.size = Gauge("backup_last_size_bytes", "What the last backup takes", ["kind"], registry=self.registry)
        self.wal_lag = Gauge(
            "backup_wal_lag_seconds", "How old the newest change is that is in the repository", registry=None
        )
        self.failures = Counter("backup_failures", "Backups and drills that failed", ["kind"], registry=self.registry)
        for kind in (*(kind.value for kind in Kind), _WAL, _DRILL, _PRUNE):
            self.failures.labels(kind)

    def verified(self, at: datetime) -> None:
        """Tell of a drill; before the first one there is nothing to tell, which is not the year 1970."""
        self._told(self.last_verified)
        self.last_verified.set(at.timestamp())

    def lags(self, lag_s: float) -> None:
        """Tell how old the newest change is, once there is one."""
        self._told(self.wal_lag)
        self.wal_lag.set(lag_s)

    def _told(self, gauge: Gauge) -> None:
        if gauge not in self._there:
            self._there.add(gauge)
            self.registry.register(gauge)


class BackupServer:
    """Runs until it is cancelled. What fails is told and tried again; nothing of it ends the others."""

    def __init__(
        self,
        *,
        maker: BackupMaker,
        configuration: ConfigurationBackup,
        archiver: WalArchiver | None,
        drill: Drill,
        retention: Retention,
        repository: Repository,
        schedule: Schedule,
        wal_every_s: float,
        host: str,
        port: int,
    ) -> None:
        self._maker = maker
        self._configuration = configuration
        self._archiver = archiver
        self._drill = drill
        self._retention = retention
        self._repository = repository
        self._schedule = schedule
        self._wal_every_s = wal_every_s
        self._host = host
        self._port = port
        self._failed_at: dict[str, datetime] = {}
        self._last: dict[Kind, datetime] = {}
        self._drilled_at: datetime | None = None
        self._configured = ""
        self._reached: datetime | None = None
        self._receiving = asyncio.Event()
        self.telemetry = BackupTelemetry()

    async def run(self) -> None:
        """Serve ``/metrics`` and ``/health``, and do what is due, until cancelled."""
        runner = web.AppRunner(self._app(), access_log=None)
        await runner.setup()
        try:
            if self._port:
                await web.TCPSite(runner, self._host, self._port).start()
            await self._recall()
            async with asyncio.TaskGroup() as tasks:
                if self._archiver is not None:
                    tasks.create_task(self._receive(self._archiver))
                tasks.create_task(self._make())
        finally:
            if self._archiver is not None:
                await self._archiver.stop()
            await runner.cleanup()

    async def _recall(self) -> None:
        """Take up from what is in the repository: a restart makes no backup again."""
        for one in await self._repository.ids():
            try:
                manifest = await self._repository.manifest(one)
            except AnalyticsEngineError as error:
                _log.error("backup_unreadable", backup=one, detail=error.detail)
                continue
            self._note(manifest.kind, manifest.finished_at, manifest.stored_bytes)
        proofs = [await self._repository.document(name) for name in await self._repository.names("proofs/")]
        if proofs:
            self._drilled_at = max(datetime.fromisoformat(proof["at"]) for proof in proofs)
            self.telemetry.verified(self._drilled_at)

    async def _receive(self, archiver: WalArchiver) -> None:
        while True:
            started = archiver.running or await self._started(archiver)
            self._receiving.set()
            reached = await self._tried(_WAL, archiver.round) if started else None
            if reached is not None:
                self._reached = reached
                self.telemetry.last_success.labels(_WAL).set(reached.timestamp())
            await asyncio.sleep(self._wal_every_s if reached else min(_WAL_RETRY_S, self._wal_every_s))

    async def _started(self, archiver: WalArchiver) -> bool:
        begins = await self._tried(_WAL, archiver.start)
        if begins:
            self._last.pop(Kind.WEEKLY, None)  # what is there has a gap after it
        return begins is not None

    async def _make(self) -> None:
        if self._archiver is not None:
            await self._receiving.wait()
        while True:
            await self.make_what_is_due(datetime.now(UTC))
            await asyncio.sleep(_LOOK_EVERY_S)

    async def make_what_is_due(self, now: datetime) -> None:
        """Make each backup whose time has come, try one if it is time for that, and forget what is old."""
        made = False
        if self._configuration.digest() != self._configured and self._may_try(Kind.CONFIGURATION.value, now):
            digest = self._configuration.digest()
            if await self._one(Kind.CONFIGURATION, self._configuration.make):
                self._configured = digest
        for kind in self._schedule.kinds:
            if kind is Kind.WEEKLY and self._archiver is None:
                continue
            due = self._schedule.due(kind, last=self._last.get(kind), now=now)
            if due and self._may_try(kind.value, now):
                made |= await self._one(kind, lambda kind=kind: self._maker.make(kind))  # type: ignore[misc]
        if self._last and self._schedule.drill_due(last=self._drilled_at, now=now) and self._may_try(_DRILL, now):
            proof = await self._tried(_DRILL, self._drill.run)
            if proof is not None:
                self._drilled_at = datetime.fromisoformat(proof.at)
                self.telemetry.verified(self._drilled_at)
        if made:
            await self._tried(_PRUNE, self._retention.prune)

    async def _one(self, kind: Kind, make: Callable[[], Awaitable[object]]) -> bool:
        manifest = await self._tried(kind.value, make)
        if manifest is None:
            return False
        self._note(kind, manifest.finished_at, manifest.stored_bytes)  # type: ignore[attr-defined]
        return True

    def _note(self, kind: Kind, at: datetime, stored_bytes: int) -> None:
        self._last[kind] = max(at, self._last.get(kind, at))
        self.telemetry.last_success.labels(kind.value).set(self._last[kind].timestamp())
        self.telemetry.size.labels(kind.value).set(stored_bytes)

    def _may_try(self, what: str, now: datetime) -> bool:
        failed = self._failed_at.get(what)
        return failed is None or (now - failed).total_seconds() >= _RETRY_AFTER_S

    async def _tried(self, what: str, act: Callable[[], Awaitable[T]]) -> T | None:
        """Return what it returns; None where it failed as may happen, which is told."""
        try:
            outcome = await act()
        except (AnalyticsEngineError, OSError) as error:
            self._failed_at[what] = datetime.now(UTC)
            self.telemetry.failures.labels(what).inc()
            detail = error.detail if isinstance(error, AnalyticsEngineError) else str(error)
            remedy = error.remedy if isinstance(error, AnalyticsEngineError) else ""
            _log.error("backup_failed", kind=what, detail=detail, remedy=remedy)
            return None
        self._failed_at.pop(what, None)
        if what != _WAL:
            _log.info("backup_made", kind=what)
        return outcome

    def _app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/health", self._health)
        return app

    async def _metrics(self, _: web.Request) -> web.Response:
        if self._reached is not None:
            self.telemetry.lags((datetime.now(UTC) - self._reached).total_seconds())
        return web.Response(body=generate_latest(self.telemetry.registry), content_type="text/plain", charset="utf-8")

    async def _health(self, _: web.Request) -> web.Response:
        failing = sorted(self._failed_at)
        return web.json_response(
            {"status": "degraded" if failing else "healthy", "failing": failing}, status=503 if failing else 200
        )
