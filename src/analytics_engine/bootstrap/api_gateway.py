"""The gateway, wired."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI

from analytics_engine.adapters.memory.rate_limiter import MemoryRateLimiter
from analytics_engine.adapters.redis.rate_limiter import RedisRateLimiter
from analytics_engine.bootstrap.access import Access
from analytics_engine.bootstrap.live import Live
from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Environment, Settings
from analytics_engine.clients.clients import HttpClients
from analytics_engine.clients.http import ServiceClient
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.health import Check, Status
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.services.api_gateway.callers import Authenticator
from analytics_engine.services.api_gateway.canary.probing import Probe
from analytics_engine.services.api_gateway.canary.service import RUN_LIMIT_S, Canary
from analytics_engine.services.api_gateway.canary.telemetry import CanaryTelemetry
from analytics_engine.services.api_gateway.documents.service import SystemDocument
from analytics_engine.services.api_gateway.endpoints import (
    audit,
    auth,
    health,
    keys,
    live,
    live_socket,
    log_levels,
    proxy,
    users,
    web,
)
from analytics_engine.services.api_gateway.first import FirstAccess, Welcome
from analytics_engine.services.api_gateway.health.service import SystemHealth
from analytics_engine.services.api_gateway.log_levels.service import LogLevels
from analytics_engine.services.api_gateway.proxy.service import BodyLimits, Proxy
from analytics_engine.services.api_gateway.sessions.limits import LoginLimits
from analytics_engine.services.api_gateway.sessions.service import Sessions
from analytics_engine.services.api_gateway.sessions.tokens import SessionTokens
from analytics_engine.services.api_gateway.web.files import WebFiles
from analytics_engine.services.api_gateway.web.security_headers import SecurityHeaders

_DESCRIPTION = "The one door to the system: signing in, what each may do, and the way to every service."
_CANARY_SILENT_S = 2.5 * RUN_LIMIT_S


def build(settings: Settings) -> FastAPI:
    platform = Platform(Service.GATEWAY, settings)
    upstreams: dict[Service, ServiceClient] = {
        service: platform.http.client(service, settings.url(service))
        for service in Service
        if service is not Service.GATEWAY
    }
    following = Live(platform, settings)
    access = Access(settings, database=platform.database, clock=platform.clock)
    limiter = RedisRateLimiter(
        settings.need_redis_url(), without_it=MemoryRateLimiter(), telemetry=platform.redis_telemetry
    )
    tokens = SessionTokens(secret_key=settings.need_secret_key(), clock=platform.clock)
    sessions = Sessions(
        database=platform.database,
        passwords=access.passwords,
        tokens=tokens,
        limits=LoginLimits(limiter),
        audit=access.audit,
        clients=HttpClients(upstreams[Service.DEMO_CONFIG], caller=Service.GATEWAY.value),
        clock=platform.clock,
    )
    welcome = Welcome(users=access.users, keys=access.keys, access=_first_access(settings))
    checks = [
        platform.needs_database(),
        platform.needs_cache(),
        Check("administrator", welcome, without_it=Status.DEGRADED),
        *(Check(service.value, client, without_it=Status.DEGRADED) for service, client in upstreams.items()),
    ]
    document = SystemDocument(own=lambda: own_document(), upstreams=upstreams)
    tasks = [BackgroundTask("welcome", welcome.run), BackgroundTask("openapi", document.keep_fresh)]
    if settings.ae_canary_every_s:
        canary = _canary(settings, platform, upstreams)
        tasks.append(BackgroundTask("canary", canary.keep, silent_for_s=_CANARY_SILENT_S))
        checks.append(Check("canary", canary, without_it=Status.DEGRADED))
    app = platform.app(
        description=_DESCRIPTION,
        routers=[
            auth.router,
            health.router,
            users.router,
            keys.router,
            audit.router,
            log_levels.router,
            live.router,
            live_socket.router,
            proxy.router,
            web.router,
        ],
        checks=checks,
        resources=[platform.database, platform.cache, limiter, platform.http, following.connections, *tasks],
        authenticator=Authenticator(tokens=tokens, keys=access.keys, audit=access.audit, limiter=limiter),
        audit=access.audit,
        users=access.users,
        keys=access.keys,
        log_levels=LogLevels(platform.database, access.audit),
        sessions=sessions,
        proxy=Proxy(
            upstreams=upstreams,
            audit=access.audit,
            limits=BodyLimits(upload_bytes=settings.ae_max_upload_bytes, other_bytes=settings.ae_max_body_bytes),
        ),
        live_sessions=following.sessions,
        web=WebFiles(_ui_folders(settings)),
        secure_cookies=settings.environment is Environment.PRODUCTION,
    )
    app.state.system_health = SystemHealth(own=app.state.health, upstreams=upstreams)
    own_document = app.openapi
    app.openapi = document.document  # type: ignore[method-assign] # /docs and /openapi.json describe the whole system
    app.add_middleware(SecurityHeaders)
    return app


def _canary(settings: Settings, platform: Platform, services: Mapping[Service, ServiceClient]) -> Canary:
    return Canary(
        platform.database,
        Probe(services, platform.clock),
        CanaryTelemetry(platform.telemetry),
        every_s=settings.ae_canary_every_s,
    )


def _first_access(settings: Settings) -> FirstAccess:
    return FirstAccess(
        client_id=settings.ae_default_client,
        email=settings.ae_admin_email,
        password=settings.ae_admin_password,
        api_key=settings.api_key,
    )


def _ui_folders(settings: Settings) -> list[Path]:
    if settings.ae_ui_dir is not None:
        return [settings.ae_ui_dir]
    package = Path(__file__).parents[1]
    return [package.parents[1] / "ui" / "dist", package / "_data" / "ui"]
