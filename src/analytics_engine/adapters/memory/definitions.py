from __future__ import annotations

from collections.abc import Sequence

from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.errors import DependencyUnavailable, NotFound
from analytics_engine.kpi.model.catalog import Catalog, ObjectModelVersion
from analytics_engine.kpi.states.kept import Kept


class MemoryDefinitions:
    """``MetadataApi``, ``ClientsApi`` and ``KeptRollups`` in memory: for embedding the engine, and for tests.

    ``reachable`` may be set to False to be a service that is away; ``asked`` counts the questions.
    """

    def __init__(self) -> None:
        self._catalogs: dict[str, Catalog] = {}
        self._clients: dict[str, ClientProfile] = {}
        self.reachable = True
        self.asked = 0

    def define(self, profile: ClientProfile, catalog: Catalog) -> None:
        """Set a client's profile and catalog."""
        self._clients[profile.client_id] = profile
        self._catalogs[profile.client_id] = catalog

    async def catalog(self, client_id: str, *, known_version: str | None = None) -> Catalog | None:
        self._ask()
        catalog = self._catalogs[client_id]
        return None if catalog.version == known_version else catalog

    async def object_model(self, client_id: str, code: str) -> ObjectModelVersion:
        self._ask()
        return self._catalogs[client_id].object_model(code)

    async def client(self, client_id: str) -> ClientProfile:
        self._ask()
        if client_id not in self._clients:
            raise NotFound(f"There is no client {client_id!r}.", remedy="Create it at /clients.")
        return self._clients[client_id]

    async def rollups(self, *, client_id: str) -> Sequence[Kept]:  # noqa: ARG002 - there are none
        return ()

    async def ping(self) -> None:
        self._ask()

    def _ask(self) -> None:
        self.asked += 1
        if not self.reachable:
            raise DependencyUnavailable("The definitions cannot be reached.", remedy="Wait until they are back.")
