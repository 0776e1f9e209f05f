"""The register of clients, kept by demo_config_service, over HTTP."""

from __future__ import annotations

from urllib.parse import quote

from analytics_engine.clients.http import ServiceClient
from analytics_engine.contracts.clients import ClientProfile
from analytics_engine.kernel.security.principal import Principal, Role


class HttpClients:
    """``ClientsApi`` spoken over HTTP, in the name of the calling service."""

    def __init__(self, client: ServiceClient, *, caller: str) -> None:
        self._client = client
        self._caller = caller

    async def client(self, client_id: str) -> ClientProfile:
        principal = Principal(subject=f"service:{self._caller}", client_id=client_id, role=Role.SERVICE)
        answer = await self._client.get(f"/clients/{quote(client_id, safe='')}", principal=principal)
        return ClientProfile.model_validate(answer.data)

    async def ping(self) -> None:
        await self._client.ping()
