"""Where backups are: sealed files of a blob store, each verified by reading it back before it counts.

``backups/<id>/...`` with the manifest last, ``wal/<system>/<timeline>/...``, ``archive/...`` and ``proofs/<id>.json``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa

from analytics_engine.backups.key import BackupKey
from analytics_engine.backups.manifest import FILE_NAME, Manifest, StoredFile
from analytics_engine.backups.sealing import opened, sealing
from analytics_engine.errors import BackupDamaged, BackupFailed, BackupNotFound, NotFound
from analytics_engine.kernel.ports.blobs import BlobStore

_CHUNK_BYTES = 2**20
_OTHER_COPY = "Restore another backup (`analytics-engine backup list`), or this one from another copy."


class Repository:
    """A blob store of backups under one key.

    Args:
        work: a folder for files on their way; what is left in it by a process that died is of no use.
    """

    def __init__(self, store: BlobStore, key: BackupKey, *, work: Path) -> None:
        self._store = store
        self.key = key
        self._work = work

    async def add(self, name: str, source: Path) -> StoredFile:
        """Store a file sealed, read it back, and return what was stored.

        Raises:
            BackupFailed: what is read back is not what was stored.
        """
        with self.passing() as sealed:
            size, stored = await asyncio.to_thread(_seal, source, sealed, self.key, name)
            digest = await asyncio.to_thread(_sha256, sealed)
            await self._store.put(name, sealed)
            await self._verify(name, digest)
        return StoredFile(name=name, size_bytes=size, stored_bytes=stored, sha256=digest)

    async def fetch(self, name: str, path: Path, *, expected: StoredFile | None = None) -> None:
        """Write a stored file to a path as it is stored, sealed.

        Raises:
            BackupDamaged: it is not there, or not as the manifest says.
        """
        try:
            await self._store.get(name, path)
        except NotFound as error:
            raise BackupDamaged(f"{name} is missing in the repository.", remedy=_OTHER_COPY) from error
        if expected is not None:
            size = (await asyncio.to_thread(path.stat)).st_size
            if size != expected.stored_bytes:
                raise BackupDamaged(
                    f"{name} has {size} bytes; its manifest says {expected.stored_bytes}.", remedy=_OTHER_COPY
                )
            if await asyncio.to_thread(_sha256, path) != expected.sha256:
                raise BackupDamaged(f"{name} is not what was written: its SHA-256 differs.", remedy=_OTHER_COPY)

    async def read(self, name: str, path: Path, *, expected: StoredFile | None = None) -> None:
        """Write a stored file to a path as it was before it was sealed.

        Raises:
            BackupDamaged: it is not there, or not what was written.
            WrongBackupKey: it was made with another key.
        """
        with self.passing() as sealed:
            await self.fetch(name, sealed, expected=expected)
            await asyncio.to_thread(self.open_to, sealed, name, path)

    def open_to(self, sealed: Path, name: str, path: Path) -> None:
        """Write what is in a sealed file to a path: all of it, or nothing."""
        try:
            with self.unsealed(sealed, name) as stream, path.open("wb") as target:
                shutil.copyfileobj(stream, target, _CHUNK_BYTES)
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    @contextmanager
    def unsealed(self, sealed: Path, name: str) -> Iterator[pa.NativeFile]:
        with sealed.open("rb") as source, opened(source, self.key, name) as stream:
            yield stream

    async def add_manifest(self, manifest: Manifest) -> None:
        """Make a backup count; all its files are there."""
        name = f"backups/{manifest.id}/{FILE_NAME}"
        with self.passing() as file:
            text = manifest.written(self.key)
            file.write_bytes(text)
            await self._store.put(name, file)
            await self._verify(name, hashlib.sha256(text).hexdigest())

    async def manifest(self, backup: str) -> Manifest:
        """Return one backup.

        Raises:
            BackupNotFound: there is none of this id, or it was never finished.
            BackupDamaged: its manifest is damaged.
        """
        with self.passing() as file:
            try:
                await self._store.get(f"backups/{backup}/{FILE_NAME}", file)
            except NotFound as error:
                raise BackupNotFound(
                    f"There is no backup {backup!r}, or it was not finished.",
                    remedy="`analytics-engine backup list` shows those there are.",
                ) from error
            return Manifest.read(file.read_bytes(), self.key, backup=backup)

    async def ids(self) -> Sequence[str]:
        """Return the ids of all finished backups, oldest first."""
        names = await self._store.names("backups/")
        return sorted(name.split("/")[1] for name in names if name.endswith(f"/{FILE_NAME}"))

    async def names(self, prefix: str) -> Sequence[str]:
        return await self._store.names(prefix)

    async def delete_backup(self, backup: str) -> None:
        """Forget a backup, its manifest first: what is left when this is broken off is no backup."""
        await self._store.delete(f"backups/{backup}/{FILE_NAME}")
        await self.delete_files(f"backups/{backup}/")

    async def delete_files(self, prefix: str) -> None:
        for name in await self._store.names(prefix):
            await self._store.delete(name)

    async def delete(self, name: str) -> None:
        await self._store.delete(name)

    async def add_document(self, name: str, document: Mapping[str, Any]) -> None:
        """Store a small document sealed."""
        with self.passing() as file:
            file.write_text(json.dumps(document), encoding="utf-8")
            await self.add(name, file)

    async def document(self, name: str) -> Any:
        with self.passing() as file:
            await self.read(name, file)
            return json.loads(file.read_text(encoding="utf-8"))

    @contextmanager
    def passing(self) -> Iterator[Path]:
        """Yield the place of a file that is gone afterwards."""
        self._work.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self._work / f"passing-{uuid4().hex}"
        try:
            yield file
        finally:
            file.unlink(missing_ok=True)

    async def _verify(self, name: str, digest: str) -> None:
        with self.passing() as again:
            await self._store.get(name, again)
            found = await asyncio.to_thread(_sha256, again)
        if found != digest:
            raise BackupFailed(
                f"{name} reads back from the repository otherwise than it was written.",
                remedy="Check the disk or the storage service that AE_BACKUP_URL names; then run the backup again.",
            )


def _seal(source: Path, target: Path, key: BackupKey, name: str) -> tuple[int, int]:
    """Seal a file and return its size before and after."""
    with source.open("rb") as plain, target.open("wb") as sink, sealing(sink, key, name) as sealed:
        size = 0
        while chunk := plain.read(_CHUNK_BYTES):
            sealed.write(chunk)
            size += len(chunk)
    return size, target.stat().st_size


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
