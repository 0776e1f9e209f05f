from __future__ import annotations

import json

from analytics_engine.kernel.http.request_id import current_request_id
from analytics_engine.kernel.paging import PageRequest
from analytics_engine.kernel.ports.database import Connection
from analytics_engine.kernel.queries import load_queries
from analytics_engine.services.api_gateway.audit.schemas import AuditEntry, Deed, Verification

_QUERIES = load_queries(__package__)


async def append(connection: Connection, deed: Deed) -> None:
    await connection.execute(
        _QUERIES["append"],
        deed.actor,
        deed.client_id,
        deed.action,
        deed.target,
        deed.outcome.value,
        current_request_id(),
        json.dumps(deed.details),
    )


async def page(
    connection: Connection, request: PageRequest, *, actor: str | None, action: str | None
) -> tuple[list[AuditEntry], int]:
    rows = await connection.fetch(_QUERIES["page"], actor, action, request.limit, request.offset)
    total = await connection.fetch_value(_QUERIES["count"], actor, action)
    return [AuditEntry.model_validate({**row, "details": json.loads(row["details"])}) for row in rows], total


async def verify(connection: Connection) -> Verification:
    row = await connection.fetch_one(_QUERIES["verify"])
    assert row is not None
    return Verification(whole=row["broken_at"] is None, entries=row["entries"], broken_at=row["broken_at"])
