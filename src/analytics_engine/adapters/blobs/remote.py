"""What the stores of others have in common: files pass in pieces, each of them one request of obstore's."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.store import AzureStore, S3Store

from analytics_engine.adapters.blobs.disk import receiving, reported
from analytics_engine.adapters.blobs.names import checked, folder_of

if TYPE_CHECKING:
    from obstore.store import RetryConfig

PIECE_BYTES = 8 * 2**20
RETRIES: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=60)}
_PIECES_AT_ONCE = 4
_PAGE = 1000
_CODE = re.compile(r"<Code>(\w+)</Code>")


def code_of(error: Exception) -> str:
    """Return the store's word for a failure, such as ``ServerBusy``; empty where there is none."""
    found = _CODE.search(str(error))
    return found.group(1) if found else ""


class RemoteBlobs(ABC):
    """Reads and deletes as ``kernel.ports.blobs.BlobStore`` says; how a file is put is for each store to say.

    Each piece has its own time limit and retries; a file that was put is there when the last request has named all of
    its pieces.
    """

    def __init__(self, store: AzureStore | S3Store) -> None:
        self._store = store

    async def get(self, name: str, path: Path) -> None:
        key = checked(name)
        found = await self._head(key)
        with reported(path), receiving(path) as file:
            for start in range(0, found["size"], PIECE_BYTES):
                piece = await self._piece(key, start, found)
                await asyncio.to_thread(file.write, piece)

    async def size(self, name: str) -> int:
        return (await self._head(checked(name)))["size"]

    async def names(self, prefix: str = "") -> Sequence[str]:
        folder = folder_of(prefix)
        with self._listing(prefix):
            return sorted(name for name in await self._listed(folder) if name.startswith(prefix))

    async def delete(self, name: str) -> None:
        key = checked(name)
        with self._reported(key):
            try:
                await obstore.delete_async(self._store, key)
            except FileNotFoundError:
                return

    @abstractmethod
    def _reported(self, name: str) -> AbstractContextManager[None]:
        """Tell the store's failures as ours: its own texts are long, and repeat the request."""

    def _listing(self, prefix: str) -> AbstractContextManager[None]:
        return self._reported(prefix)

    async def _listed(self, folder: str) -> list[str]:
        pages = obstore.list(self._store, folder or None, chunk_size=_PAGE)
        return [blob["path"] async for page in pages for blob in page]

    async def _upload(self, key: str, path: Path, *, piece_bytes: int = PIECE_BYTES) -> None:
        await obstore.put_async(self._store, key, path, chunk_size=piece_bytes, max_concurrency=_PIECES_AT_ONCE)

    async def _head(self, key: str) -> obstore.ObjectMeta:
        with self._reported(key):
            return await obstore.head_async(self._store, key)

    async def _piece(self, key: str, start: int, of: obstore.ObjectMeta) -> obstore.Bytes:
        end = min(start + PIECE_BYTES, of["size"])
        with self._reported(key):
            answer = await obstore.get_async(self._store, key, options={"range": (start, end), "if_match": of["e_tag"]})
            return await answer.bytes_async()
