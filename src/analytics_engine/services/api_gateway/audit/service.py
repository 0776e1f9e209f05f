from __future__ import annotations

from analytics_engine.kernel.paging import Page, PageRequest
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.services.api_gateway.audit import repository
from analytics_engine.services.api_gateway.audit.schemas import AuditEntry, Deed, Verification

_VERIFY_TIMEOUT_S = 120.0


class AuditTrail:
    """The audit log: written with every deed, read by administrators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, deed: Deed) -> None:
        """Append a deed; it is committed when this returns."""
        async with self._database.transaction() as connection:
            await repository.append(connection, deed)

    async def record_in(self, connection: Connection, deed: Deed) -> None:
        """Append a deed in the transaction of the change it tells of."""
        await repository.append(connection, deed)

    async def page(self, request: PageRequest, *, actor: str | None, action: str | None) -> Page[AuditEntry]:
        async with self._database.transaction(read_only=True) as connection:
            items, total = await repository.page(connection, request, actor=actor, action=action)
        return Page(items=items, total=total, limit=request.limit, offset=request.offset)

    async def verify(self) -> Verification:
        """Return whether no entry was changed, removed or put in between since the first."""
        async with self._database.transaction(read_only=True, timeout_s=_VERIFY_TIMEOUT_S) as connection:
            return await repository.verify(connection)
