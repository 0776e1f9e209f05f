"""The definitions questions are answered with: each client's catalog, checked once a version, at most a second old."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from analytics_engine.contracts.clients import ClientProfile, ClientsApi
from analytics_engine.contracts.engine import KeptRollups
from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable, InvalidInput, NotFound
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kpi.check import KpiChecker
from analytics_engine.kpi.model.catalog import Catalog
from analytics_engine.kpi.states.kept import Kept

log = get_logger(__name__)
T = TypeVar("T")

_FRESH_S = 1.0
"""How long a catalog is taken as present without asking again."""


@dataclass
class Definitions:
    """One client's catalog with its checker, the client's profile, and the rollups there are."""

    catalog: Catalog
    checker: KpiChecker
    client: ClientProfile
    kept: tuple[Kept, ...] = ()


@dataclass
class _Entry:
    definitions: Definitions
    asked_at: float


class Catalogs:
    """Keeps each client's definitions, revalidated by their version.

    While business_metadata or demo_config_service is away, the last known definitions serve on: every answer names
    the version it was computed with.
    """

    def __init__(
        self, *, metadata: MetadataApi, clients: ClientsApi, rollups: KeptRollups, fresh_s: float = _FRESH_S
    ) -> None:
        self._metadata = metadata
        self._clients = clients
        self._rollups = rollups
        self._fresh_s = fresh_s
        self._entries: dict[str, _Entry] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, client_id: str) -> Definitions:
        """Return a client's definitions, a second old at most.

        Raises:
            DependencyUnavailable: they are not known yet, and the service that has them is away.
            NotFound: there is no such client.
        """
        return await self._at_most(client_id, self._fresh_s)

    async def use(self, client_id: str, work: Callable[[Definitions], T]) -> T:
        """Return what comes of working with a client's definitions.

        What they do not know may have been defined this very second: before such a mistake is told, the
        definitions are asked for anew.

        Raises:
            NotFound, InvalidInput: whatever the work raises with the present definitions.
        """
        known = await self.of(client_id)
        try:
            return work(known)
        except (NotFound, InvalidInput):
            present = await self._at_most(client_id, 0)
            if present.catalog.version == known.catalog.version:
                raise
            return work(present)

    async def _at_most(self, client_id: str, age_s: float) -> Definitions:
        asked = asyncio.get_running_loop().time()
        entry = self._entries.get(client_id)
        if entry is not None and asked - entry.asked_at < age_s:
            return entry.definitions
        async with self._locks.setdefault(client_id, asyncio.Lock()):
            entry = self._entries.get(client_id)
            if entry is not None and entry.asked_at > asked - age_s:
                return entry.definitions
            began = asyncio.get_running_loop().time()
            definitions = await self._refresh(client_id, entry.definitions if entry else None)
            self._entries[client_id] = _Entry(definitions, began)
            return definitions

    async def _refresh(self, client_id: str, known: Definitions | None) -> Definitions:
        try:
            client = await self._clients.client(client_id)
            version = known.catalog.version if known else None
            catalog = await self._metadata.catalog(client_id, known_version=version)
        except (DependencyUnavailable, DependencyTimeout) as error:
            if known is None:
                raise
            log.warning("definitions_not_revalidated", client_id=client_id, reason=error.detail)
            return known
        kept = await self._kept(client_id, known)
        if catalog is None:
            assert known is not None
            return Definitions(known.catalog, known.checker, client, kept)
        return Definitions(catalog, KpiChecker(catalog), client, kept)

    async def _kept(self, client_id: str, known: Definitions | None) -> tuple[Kept, ...]:
        """Return the rollups there are; while the engine is away those last known, as nothing is read then anyway."""
        try:
            return tuple(await self._rollups.rollups(client_id=client_id))
        except (DependencyUnavailable, DependencyTimeout):
            return known.kept if known is not None else ()
