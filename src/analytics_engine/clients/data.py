"""Ingest into database_service, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

from analytics_engine.clients.http import ServiceClient
from analytics_engine.contracts.data import DataUpload, IngestReceipt
from analytics_engine.kernel.security.principal import Principal, Role

_CHUNK_BYTES = 256 * 1024


class HttpData:
    """``DataApi`` spoken over HTTP, in the name of the calling service."""

    def __init__(self, client: ServiceClient, *, caller: str) -> None:
        self._client = client
        self._caller = caller

    async def load(self, client_id: str, upload: DataUpload) -> IngestReceipt:
        answer = await self._client.upload(
            f"/data/{quote(upload.object_model, safe='')}",
            principal=Principal(subject=f"service:{self._caller}", client_id=client_id, role=Role.SERVICE),
            body=_chunks(upload.content),
            params={
                "mode": upload.mode.value,
                "on_error": upload.on_error.value,
                "covers_from": upload.covers_from.isoformat() if upload.covers_from else None,
                "covers_until": upload.covers_until.isoformat() if upload.covers_until else None,
            },
            headers={"Content-Type": upload.media_type, "Idempotency-Key": upload.idempotency_key},
        )
        return IngestReceipt.model_validate(answer.data)

    async def ping(self) -> None:
        await self._client.ping()


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    """Yield the content piece by piece, so that sending a large one leaves room for everything else."""
    view = memoryview(content)
    for start in range(0, len(view), _CHUNK_BYTES):
        yield bytes(view[start : start + _CHUNK_BYTES])
