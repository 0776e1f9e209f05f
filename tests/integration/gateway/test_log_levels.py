"""Log levels that are set for a while: in the database, and followed from there by every service's login."""

from __future__ import annotations

import logging

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.log_levels import FollowsLogLevels
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.tasks import BackgroundTask
from analytics_engine.services.api_gateway.audit.service import AuditTrail
from analytics_engine.services.api_gateway.log_levels.schemas import LogLevel, NewLogLevel
from analytics_engine.services.api_gateway.log_levels.service import LogLevels
from support.servers import TestDatabase
from support.waiting import eventually

LOGGER = "tested.by.name"


async def test_a_level_is_followed_while_it_is_set(database: TestDatabase) -> None:
    """That of a service goes before that of all services; one of another service is not followed."""
    gateway = PostgresDatabase(database.service_url(Service.GATEWAY))
    connector = PostgresDatabase(database.service_url(Service.CONNECTOR))
    levels = LogLevels(gateway, AuditTrail(gateway))
    following = BackgroundTask("log-levels", FollowsLogLevels(connector, service=Service.CONNECTOR.value).keep)
    for service, level in (
        (None, LogLevel.ERROR),
        (Service.CONNECTOR, LogLevel.DEBUG),
        (Service.GATEWAY, LogLevel.INFO),
    ):
        await levels.set(NewLogLevel(level=level, service=service, logger=LOGGER), actor="somebody")

    async def is_debug() -> bool:
        return logging.getLogger(LOGGER).level == logging.DEBUG

    async def is_as_before() -> bool:
        return logging.getLogger(LOGGER).level == logging.NOTSET

    await following.start()
    try:
        await eventually(is_debug, within_s=60)
        assert len(await levels.present()) == 3
        await levels.unset(service=None, logger=None, actor="somebody")
        await eventually(is_as_before, within_s=60)
        assert await levels.present() == []
    finally:
        await following.stop()
        await gateway.stop()
        await connector.stop()
