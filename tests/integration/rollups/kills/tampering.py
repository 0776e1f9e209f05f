"""What an audit has to see: each is done, looked for, and undone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg

from integration.rollups.kills.audit import audit
from integration.rollups.kills.ledger import Ledger

_ONE_ITEM = "item_id = (SELECT min(item_id) FROM facts.item WHERE client_id = $1)"

TAMPERING = {
    "a row is lost": f"DELETE FROM facts.item WHERE client_id = $1 AND {_ONE_ITEM}",
    "a row is there twice": (
        "INSERT INTO facts.item (client_id, item_id, basket_id, sold_at, product, quantity, price, weight, batch) "
        "SELECT client_id, item_id, basket_id, sold_at + interval '1 second', product, quantity, price, weight, batch "
        f"FROM facts.item WHERE client_id = $1 AND {_ONE_ITEM}"
    ),
    "a row is another": f"UPDATE facts.item SET weight = weight + 1 WHERE client_id = $1 AND {_ONE_ITEM}",
    "a key is lost": (
        "DELETE FROM fact_keys.basket WHERE client_id = $1 AND basket_id = "
        "(SELECT min(basket_id) FROM fact_keys.basket WHERE client_id = $1)"
    ),
    "a receipt is lost": "DELETE FROM ingest.loads WHERE client_id = $1 AND idempotency_key = 'gauges-0'",
    "coverage is too wide": (
        "UPDATE facts.coverage SET covered_until = covered_until + interval '1 day' WHERE client_id = $1"
    ),
    "an event is lost": (
        "DELETE FROM messaging.outbox WHERE id = (SELECT min(id) FROM messaging.outbox WHERE client_id = $1)"
    ),
}


async def unseen(connection: asyncpg.Connection, client_id: str, seed: int, ledger: Ledger) -> AsyncIterator[str]:
    """Yield what was tampered with and not seen."""
    for what, statement in TAMPERING.items():
        transaction = connection.transaction(isolation="repeatable_read")
        await transaction.start()
        try:
            # Triggers are left out: some refuse to write in a transaction of one snapshot.
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(statement, client_id)
            if not (await audit(connection, client_id, seed, ledger)).wrong:
                yield what
        finally:
            await transaction.rollback()
