"""Users, keys and the audit log, wired: for the gateway, and for the command line beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import SecretStr

from analytics_engine.bootstrap.platform import Platform
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.ports import LOOPBACK
from analytics_engine.embedded.postgres import DATABASE, with_login
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
    platform = Platform(Service.GATEWAY, _of_this_machine(settings))
    await platform.database.start()
    try:
        yield Access(platform.settings, database=platform.database, clock=platform.clock)
    finally:
        await platform.database.stop()


def _of_this_machine(settings: Settings) -> Settings:
    """Return the settings; what they leave out is taken from the stack that ``up`` keeps in AE_HOME, if it is there."""
    secrets, port_file = settings.ae_home / "secrets", settings.ae_home / "run" / "postgres.port"
    found: dict[str, SecretStr] = {}
    if settings.secret_key is None and (secrets / "secret_key").is_file():
        found["secret_key"] = SecretStr(_text(secrets / "secret_key"))
    password_file = secrets / "roles" / f"{Service.GATEWAY}.password"
    if settings.database_url is None and port_file.is_file() and password_file.is_file():
        url = f"postgresql://{LOOPBACK}:{_text(port_file)}/{DATABASE}"
        url = with_login(url, user=f"ae_{Service.GATEWAY}", password=_text(password_file))
        found["database_url"] = SecretStr(url)
    return settings.model_copy(update=found)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()
