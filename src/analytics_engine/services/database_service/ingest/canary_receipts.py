"""The canary loads a row every minute, for ever: its receipts are kept for a day."""

from __future__ import annotations

import asyncio

from analytics_engine.contracts.clients import CANARY
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Database
from analytics_engine.kernel.queries import load_queries
from analytics_engine.kernel.tasks import is_wanted

log = get_logger(__name__)

_SQL = load_queries(__package__, "loads.sql")
_EVERY_S = 3600.0


class CanaryReceipts:
    """Deletes receipts of the canary's loads when they are a day old; no receipt of another client is ever deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self) -> None:
        while is_wanted():
            async with self._database.transaction(client_id=CANARY) as connection:
                count = await connection.fetch_value(_SQL["forget_canary_receipts"], CANARY)
            if count:
                log.info("canary_receipts_deleted", count=count)
            await asyncio.sleep(_EVERY_S)
