"""As which role a transaction goes on: the service's own, or the one that owns the fact tables."""

from __future__ import annotations

from analytics_engine.kernel.ports.database import Connection

INGEST_ROLE = "ae_ingest"


async def become_ingest(connection: Connection) -> None:
    """Go on as the role that owns the fact tables, to the end of the transaction or until ``become_service``.

    Who does tells by an event what it does to the rows; of all others the database tells by itself.
    """
    await connection.execute(f"set local role {INGEST_ROLE}")
    await connection.execute("set local app.tells = 'ingest'")


async def become_service(connection: Connection) -> None:
    await connection.execute("reset role")
