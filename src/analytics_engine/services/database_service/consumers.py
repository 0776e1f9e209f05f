"""Fact tables follow the catalog: a new object model has its table before anybody asks of it."""

from __future__ import annotations

import asyncio

from analytics_engine.contracts.events import EventType
from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import Conflict
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.events import Event
from analytics_engine.services.database_service.tables.service import FactTables

log = get_logger(__name__)

GROUP = "database-tables"
TYPES = (EventType.CATALOG_CHANGED,)

_GLOBAL = ""
_LOOK_AGAIN_S = 60.0


class TablesFollowCatalog:
    """Handles ``catalog.changed``; handling it again changes nothing."""

    def __init__(self, *, metadata: MetadataApi, tables: FactTables) -> None:
        self._metadata = metadata
        self._tables = tables

    async def __call__(self, event: Event) -> None:
        await self._follow(event.clientid)

    async def keep(self) -> None:
        """Look at the global catalog at the start and every minute, so that a lost event is made good."""
        version = None
        while True:
            version = await self._follow(_GLOBAL, known_version=version)
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _follow(self, client_id: str, *, known_version: str | None = None) -> str | None:
        """Make or extend the tables of all object models that a client sees; those bound elsewhere are not ours."""
        catalog = await self._metadata.catalog(client_id, known_version=known_version)
        if catalog is None:
            return known_version
        for model in catalog.object_models:
            if model.definition.binding is not None:
                continue
            try:
                await self._tables.ensure(model)
            except Conflict as error:
                log.warning("table_cannot_follow", object_model=model.definition.code, reason=error.detail)
        return catalog.version
