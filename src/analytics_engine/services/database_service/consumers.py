"""Fact tables follow the catalog: a new object model has its table before anybody asks of it."""

from __future__ import annotations

import asyncio

from analytics_engine.contracts.events import EventType
from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import Conflict
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.events import Event
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.model.rollup import Rollup
from analytics_engine.services.database_service.rollups.service import Rollups
from analytics_engine.services.database_service.tables.service import FactTables

log = get_logger(__name__)

GROUP = "database-tables"
TYPES = (EventType.CATALOG_CHANGED,)

_GLOBAL = ""
_LOOK_AGAIN_S = 60.0


class TablesFollowCatalog:
    """Handles ``catalog.changed``; handling it again changes nothing."""

    def __init__(self, *, metadata: MetadataApi, tables: FactTables, rollups: Rollups) -> None:
        self._metadata = metadata
        self._tables = tables
        self._rollups = rollups

    async def __call__(self, event: Event) -> None:
        await self._follow(event.clientid)

    async def keep(self) -> None:
        """Look at the global catalog at the start and every minute, so that a lost event is made good."""
        version = None
        while is_wanted():
            version = await self._follow(_GLOBAL, known_version=version)
            await asyncio.sleep(_LOOK_AGAIN_S)

    async def _follow(self, client_id: str, *, known_version: str | None = None) -> str | None:
        """Make or extend the tables of all object models that a client sees; those bound elsewhere are not ours.

        Its rollups follow, where the catalog has become another.
        """
        catalog = await self._metadata.catalog(client_id, known_version=known_version)
        if catalog is None:
            return known_version
        for model in catalog.object_models:
            if model.definition.binding is not None:
                continue
            try:
                await self._tables.ensure(model, client_id=client_id)
            except Conflict as error:
                log.warning("table_cannot_follow", object_model=model.definition.code, reason=error.detail)
        done = await self._rollups.follow(catalog, await self._own(catalog, client_id), client_id)
        return catalog.version if done else None

    async def _own(self, catalog: Catalog, client_id: str) -> dict[str, Rollup]:
        """Return the rollups that are defined by a client itself, and not for all."""
        found = {rollup.definition.code: rollup.definition for rollup in catalog.rollups}
        if client_id == _GLOBAL:
            return found
        of_all = await self._metadata.catalog(_GLOBAL)
        assert of_all is not None
        known = [rollup.definition for rollup in of_all.rollups]
        return {code: rollup for code, rollup in found.items() if rollup not in known}
