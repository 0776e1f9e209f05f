"""As which role a transaction goes on: the service's own, or the one that owns the fact tables."""

from __future__ import annotations

from analytics_engine.kernel.ports.database import Connection

INGEST_ROLE = "ae_ingest"
AS_INGEST = f"set local role {INGEST_ROLE}; set local app.tells = 'ingest'"
AS_SERVICE = "reset role"
"""Statements without values; several with semicolons between them are one message to the server."""


async def become_ingest(connection: Connection) -> None:
    """Go on as the role that owns the fact tables, to the end of the transaction or until ``become_service``.

    Who does tells by an event what it does to the rows; of all others the database tells by itself.
    """
    await connection.execute(AS_INGEST)


async def become_service(connection: Connection) -> None:
    await connection.execute(AS_SERVICE)
