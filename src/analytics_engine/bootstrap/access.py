"""Users, keys and the audit log, wired: for the gateway, and for the command line beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.bootstrap.this_machine import as_service
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.clock import Clock
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.security.passwords import Passwords
from analytics_engine.services.api_gateway.audit.service import AuditTrail
from analytics_engine.services.api_gateway.keys.service import Keys
from analytics_engine.services.api_gateway.users.service import Users


class Access:
    """The registers of who may come in."""

    def __init__(self, settings: Settings, *, database: Database, clock: Clock) -> None:
        self.passwords = Passwords()
        self.audit = AuditTrail(database)
        self.users = Users(database=database, passwords=self.passwords, audit=self.audit)
        self.keys = Keys(database=database, secret_key=settings.need_secret_key(), audit=self.audit, clock=clock)


@asynccontextmanager
async def open_access(settings: Settings) -> AsyncIterator[Access]:
    """Yield the registers over a database connection of their own, as the gateway's login."""
    platform = Platform(Service.GATEWAY, as_service(settings, Service.GATEWAY))
    await platform.database.start()
    try:
        yield Access(platform.settings, database=platform.database, clock=platform.clock)
    finally:
        await platform.database.stop()
