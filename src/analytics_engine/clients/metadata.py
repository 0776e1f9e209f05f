"""The catalog of business_metadata, over HTTP."""

from __future__ import annotations

from urllib.parse import quote

from analytics_engine.clients.http import ServiceClient
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kpi.model.catalog import Catalog, ObjectModelVersion


class HttpMetadata:
    """``MetadataApi`` spoken over HTTP, in the name of the calling service."""

    def __init__(self, client: ServiceClient, *, caller: str) -> None:
        self._client = client
        self._caller = caller

    async def catalog(self, client_id: str, *, known_version: str | None = None) -> Catalog | None:
        etag = f'"{known_version}"' if known_version else ""
        answer = await self._client.get("/catalog", principal=self._principal(client_id), etag=etag)
        return None if answer.not_modified else Catalog.model_validate(answer.data)

    async def object_model(self, client_id: str, code: str) -> ObjectModelVersion:
        path = f"/object-models/{quote(code, safe='')}"
        answer = await self._client.get(path, principal=self._principal(client_id))
        return ObjectModelVersion.model_validate(
            {"version": answer.data["version"], "definition": answer.data["definition"]}
        )

    async def ping(self) -> None:
        await self._client.ping()

    def _principal(self, client_id: str) -> Principal:
        return Principal(subject=f"service:{self._caller}", client_id=client_id, role=Role.SERVICE)
