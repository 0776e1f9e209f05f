"""What every service is built from: one object that makes each shared part once, when it is first asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, FastAPI

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.log_levels import FollowsLogLevels
from analytics_engine.adapters.postgres.outbox import PostgresInbox, PostgresOutbox
from analytics_engine.adapters.redis.cache import RedisCache
from analytics_engine.adapters.redis.telemetry import RedisTelemetry
from analytics_engine.bootstrap.events import event_stream_of, events_by
from analytics_engine.bootstrap.schema import newest_revision
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.clients.http import HttpPool
from analytics_engine.contracts.services import TITLES, Service
from analytics_engine.kernel.clock import Clock, SystemClock
from analytics_engine.kernel.health import Check, HealthBoard, Status
from analytics_engine.kernel.http.app import ServiceParts, create_app
from analytics_engine.kernel.http.authentication import InternalAuthentication
from analytics_engine.kernel.ports.lifecycle import Resource
from analytics_engine.kernel.ports.streams import AdministeredStream
from analytics_engine.kernel.resources import measure_filesystems
from analytics_engine.kernel.schema import SchemaGate
from analytics_engine.kernel.security.tokens import InternalTokens
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.kernel.telemetry import Telemetry
from analytics_engine.kernel.workers import Workers

_LOG_LEVELS_SILENT_S = 60.0


class Platform:
    """The shared parts of one service."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self.service = service
        self.settings = settings
        self.clock: Clock = SystemClock()
        self.telemetry = Telemetry(service.value)
        self.version = version("analytics-engine")
        measure_filesystems(
            self.telemetry.registry,
            service=service.value,
            places=dict.fromkeys((settings.ae_home, Path(tempfile.gettempdir()))),
        )

    @cached_property
    def tokens(self) -> InternalTokens:
        return InternalTokens(secret_key=self.settings.need_secret_key(), clock=self.clock)

    @cached_property
    def database(self) -> PostgresDatabase:
        return PostgresDatabase(
            self.settings.need_database_url(),
            pool_size=self.settings.pool_size(self.service),
            statement_timeout_s=self.settings.ae_statement_timeout_s,
            lock_timeout_s=self.settings.ae_lock_timeout_s,
            idle_in_transaction_timeout_s=self.settings.ae_idle_in_transaction_timeout_s,
            application_name=self.service.value,
            telemetry=self.telemetry.pools,
        )

    @cached_property
    def schema(self) -> SchemaGate:
        return SchemaGate(self.database, wanted=newest_revision())

    @cached_property
    def outbox(self) -> PostgresOutbox:
        return PostgresOutbox()

    @cached_property
    def inbox(self) -> PostgresInbox:
        return PostgresInbox()

    @cached_property
    def cache(self) -> RedisCache:
        return RedisCache(self.settings.need_redis_url(), telemetry=self.redis_telemetry)

    @cached_property
    def redis_telemetry(self) -> RedisTelemetry:
        return RedisTelemetry(self.service.value, self.telemetry.registry)

    @cached_property
    def stream(self) -> AdministeredStream:
        return event_stream_of(self.settings, self.redis_telemetry)

    @cached_property
    def http(self) -> HttpPool:
        """Calls to other services; ``http.client(Service.METADATA, base_url)`` gives one service's client."""
        return HttpPool(tokens=self.tokens, caller=self.service, patience_s=self.settings.ae_patience_s)

    def app(
        self,
        *,
        description: str,
        routers: Sequence[APIRouter],
        checks: Sequence[Check],
        resources: Sequence[Resource],
        **state: object,
    ) -> FastAPI:
        """Return the service: its routes, and the health, metrics and authentication all services have.

        While the database's schema is older than the code, its tasks wait and its routes refuse.
        """
        levels = FollowsLogLevels(self.database, service=self.service.value)
        resources = [*resources, BackgroundTask("log-levels", levels.keep, silent_for_s=_LOG_LEVELS_SILENT_S)]
        for resource in resources:
            if isinstance(resource, BackgroundTask):
                resource.after(self.schema.opened)
        return create_app(
            ServiceParts(
                name=self.service.value,
                title=TITLES[self.service],
                description=description,
                version=self.version,
                routers=routers,
                health=self._health(checks, resources),
                telemetry=self.telemetry,
                resources=resources,
                gate=self.schema.look,
                state={
                    "authentication": InternalAuthentication(tokens=self.tokens, service=self.service.value),
                    **state,
                },
            )
        )

    def _health(self, checks: Sequence[Check], resources: Sequence[Resource]) -> HealthBoard:
        """Return the service's health: what it depends on, and its background tasks."""
        workers = Workers([one for one in resources if isinstance(one, BackgroundTask)], self.telemetry)
        return HealthBoard(
            version=self.version,
            checks=[*checks, Check("workers", workers, without_it=Status.DEGRADED)],
            telemetry=self.telemetry,
        )

    def needs_database(self, about: Callable[[], Mapping[str, str]] = dict) -> Check:
        return Check("database", self.schema, without_it=Status.UNHEALTHY, about=about)

    def needs_cache(self) -> Check:
        return Check("redis", self.cache, without_it=Status.DEGRADED)

    def needs_stream(self, *, without_it: Status = Status.UNHEALTHY) -> Check:
        return Check(events_by(self.settings), self.stream, without_it=without_it)
