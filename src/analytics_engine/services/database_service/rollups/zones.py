"""The zone that days and months of a client's rollups are of: the client's own."""

from __future__ import annotations

import asyncio

from analytics_engine.contracts.clients import ClientsApi
from analytics_engine.contracts.events import EventType
from analytics_engine.errors import AnalyticsEngineError, NotFound
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.database import Connection, Database
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.database_service.rollups import repository
from analytics_engine.services.database_service.rollups.rebuilding import EVER, remark
from analytics_engine.services.database_service.rollups.repository import SQL, HeldRollup
from analytics_engine.services.database_service.tables.ddl import fact_name
from analytics_engine.services.database_service.tables.service import become_ingest

log = get_logger(__name__)

GROUP = "database-zones"
TYPES = (EventType.CLIENT_CHANGED,)

_LOOK_AGAIN_S = 300.0


class ZonesFollowClients:
    """Handles ``client.changed``; handling it again changes nothing."""

    def __init__(self, database: Database, clients: ClientsApi) -> None:
        self._database = database
        self._clients = clients

    async def __call__(self, event: Event) -> None:
        await self.follow(event.clientid)

    async def keep(self) -> None:
        """Look at every client that has cells now and then, so that a lost event is made good."""
        while is_wanted():
            try:
                for client_id in await self._with_cells():
                    await self.follow(client_id)
            except AnalyticsEngineError as error:
                log.warning("zones_not_compared", reason=error.detail)
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def follow(self, client_id: str) -> None:
        """Have the days of a client's rollups be those of its zone; all of it is computed anew where that changes."""
        try:
            zone = (await self._clients.client(client_id)).time_zone
        except NotFound:
            return
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            if await connection.fetch_value(SQL["zone"], client_id) == zone:
                return
        async with self._database.transaction() as connection:
            await become_ingest(connection)
            await _change(connection, client_id, zone)
        log.info("rollups_change_zone", client_id=client_id, zone=zone)

    async def _with_cells(self) -> list[str]:
        async with self._database.transaction(read_only=True) as connection:
            await become_ingest(connection)
            tables = [one.sql.table(one.kept.levels[-1]) for one in _by_zone(await repository.present(connection))]
            return sorted({client for table in tables for client in await repository.clients_of(connection, table)})


async def _change(connection: Connection, client_id: str, zone: str) -> None:
    """Change a zone while nobody writes: who has written did so by the old one, who is going to does by the new."""
    await connection.execute(SQL["lock_definitions"])
    rollups = _by_zone(await repository.present(connection))
    for model in sorted({rollup.object_model for rollup in rollups}):
        await connection.execute(f"LOCK TABLE {fact_name(model)} IN SHARE ROW EXCLUSIVE MODE")
    await connection.execute(SQL["set_zone"], client_id, zone)
    for rollup in rollups:
        if rollup.client_id in {"", client_id}:
            await remark(connection, rollup.id, client_id, [(EVER.start, EVER.end)], reason="building")


def _by_zone(rollups: list[HeldRollup]) -> list[HeldRollup]:
    return [rollup for rollup in rollups if rollup.sql.by_zone]
