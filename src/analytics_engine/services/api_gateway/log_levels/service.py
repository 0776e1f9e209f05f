from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.api_gateway.audit.schemas import Deed, DeedOutcome
from analytics_engine.services.api_gateway.audit.service import AuditTrail
from analytics_engine.services.api_gateway.log_levels.schemas import NewLogLevel, SetLogLevel

_SQL: Mapping[str, str] = load_queries(__package__)


class LogLevels:
    """What is set in the database, where every replica looks every two seconds; each change is in the audit log."""

    def __init__(self, database: Database, audit: AuditTrail) -> None:
        self._database = database
        self._audit = audit

    async def present(self) -> list[SetLogLevel]:
        async with self._database.transaction(read_only=True) as connection:
            return [SetLogLevel.model_validate(dict(row)) for row in await connection.fetch(_SQL["present"])]

    async def set(self, new: NewLogLevel, *, actor: str) -> SetLogLevel:
        """Put a level in the place of what was set for the same service and logger."""
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["forget_expired"])
            row = await connection.fetch_one(
                _SQL["set"], new.service or "", new.logger, new.level.value, new.minutes, actor
            )
            assert row is not None
            await self._record(connection, "log_level.set", new.model_dump(mode="json"), actor=actor)
        return SetLogLevel.model_validate(dict(row))

    async def unset(self, *, service: Service | None, logger: str | None, actor: str) -> None:
        """End what is set for a service or a logger, or everything."""
        async with self._database.transaction() as connection:
            await connection.execute(_SQL["unset"], service.value if service else None, logger)
            details = {"service": service.value if service else None, "logger": logger}
            await self._record(connection, "log_level.unset", details, actor=actor)

    async def _record(self, connection: Connection, action: str, details: dict[str, Any], *, actor: str) -> None:
        deed = Deed(actor=actor, action=action, target="log levels", outcome=DeedOutcome.SUCCEEDED, details=details)
        await self._audit.record_in(connection, deed)
