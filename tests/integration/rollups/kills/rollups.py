"""Whether rollups are what the rows are, at any time and once nothing is left to maintain."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.adapters.postgres.outbox import PostgresOutbox
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.services.database_service.rollups import repository
from analytics_engine.services.database_service.rollups.maintenance import Maintenance
from analytics_engine.services.database_service.rollups.repository import HeldRollup
from analytics_engine.services.database_service.rollups.verifying import Verification
from analytics_engine.services.database_service.tables.service import become_ingest
from support.databases import TestDatabase
from support.waiting import eventually

_WITHIN_S = 120.0

_COUNTED = {
    "BY_BASKET": "facts.basket WHERE client_id = $1",
    "BY_ITEM": "facts.item WHERE client_id = $1",
    "BY_ITEMS_BASKET": "facts.item JOIN facts.basket USING (client_id, basket_id) WHERE client_id = $1",
    "BY_GAUGE": "facts.gauge WHERE client_id = $1",
}
"""The rows that each rollup has in its cells, said anew, not as the product says it."""


class RollupsOf:
    """The rollups of a database, verified and maintained as database_service does it, beside it."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database = database
        self._verification = Verification(database, PostgresOutbox(), SystemClock())

    async def wrong(self, client_id: str) -> list[str]:
        """Return which buckets that are to be read now are not what the rows are."""
        found = []
        for rollup in await self._present():
            verified = await self._verification.verify(rollup, client_id)
            found += [f"{rollup.code} {bucket}" for bucket in verified.wrong]
        return found

    async def maintain(self) -> None:
        """Maintain until nothing is marked and every cell is one row; the service is at it too, and takes turns."""
        maintenance = Maintenance(self._database)

        async def done() -> bool:
            return not (await maintenance.once() or await self.marks())

        await eventually(done, within_s=_WITHIN_S)

    async def wrong_when_whole(self, client_id: str) -> list[str]:
        """Return what is wrong, or is not compared, once all is maintained."""
        found = await self.wrong(client_id)
        for rollup in await self._present():
            spans = (await self._verification.verify(rollup, client_id)).spans
            if len(spans) != 1:
                found.append(f"{rollup.code} is compared in {len(spans)} spans, not in one of all its time")
            found += [f"{rollup.code} {level}: {what}" for level, what in await self._uncounted(rollup, client_id)]
        return found

    async def _uncounted(self, rollup: HeldRollup, client_id: str) -> list[tuple[str, str]]:
        """Return the levels whose cells do not count every row of the object model that is placed in time."""
        count = rollup.sql.columns[0].name
        found = []
        async with self._database.transaction(read_only=True, isolation="repeatable_read") as connection:
            await become_ingest(connection)
            wanted = await connection.fetch_value(f"SELECT count(*) FROM {_COUNTED[rollup.code]}", client_id)
            for level in rollup.kept.levels:
                cells = await connection.fetch_value(
                    f"SELECT coalesce(sum({count}), 0)::bigint FROM {rollup.sql.table(level)} WHERE client_id = $1",
                    client_id,
                )
                if cells != wanted:
                    found.append((level.value, f"{cells} rows are counted of {wanted}"))
        return found

    async def _present(self) -> list[HeldRollup]:
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            return await repository.present(connection)

    async def marks(self, client_id: str | None = None) -> Counter[str]:
        """Return how many marks there are by their reasons, of one client or of all."""
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            rows = await connection.fetch(
                "SELECT reason, count(*) AS count FROM rollups.marks WHERE $1::text IS NULL OR client_id = $1 "
                "GROUP BY reason",
                client_id,
            )
        return Counter({row["reason"]: row["count"] for row in rows})


@asynccontextmanager
async def rollups_of(database: TestDatabase) -> AsyncIterator[RollupsOf]:
    pool = PostgresDatabase(database.service_url(Service.DATABASE), application_name="audit")
    try:
        yield RollupsOf(pool)
    finally:
        await pool.stop()
