from __future__ import annotations

import asyncio
from pathlib import Path

from analytics_engine.backups.chain import LogOfChanges
from analytics_engine.backups.manifest import Manifest
from analytics_engine.backups.repository import Repository
from analytics_engine.errors import BackupNotFound

_CHUNK_BYTES = 2**20


async def verified(repository: Repository, backup: str = "") -> Manifest:
    """Read a backup whole, and the changes after it, and return what it is; the newest where none is named.

    Raises:
        BackupNotFound: there is none.
        BackupDamaged, WalMissing, WrongBackupKey: it is not what was written.
    """
    ids = await repository.ids()
    if not backup and not ids:
        raise BackupNotFound("There is no backup.", remedy="Make one: `analytics-engine backup run daily`.")
    manifest = await repository.manifest(backup or ids[-1])
    for file in manifest.files:
        with repository.passing() as sealed:
            await repository.fetch(file.name, sealed, expected=file)
            await asyncio.to_thread(_read_through, repository, sealed, file.name)
    if manifest.wal is not None:
        chain = await (await LogOfChanges.of(repository, manifest.system)).chain(manifest, until=None)
        for name in chain.files.values():
            with repository.passing() as plain:
                await repository.read(name, plain)
    return manifest


def _read_through(repository: Repository, sealed: Path, name: str) -> None:
    with repository.unsealed(sealed, name) as stream:
        while stream.read(_CHUNK_BYTES):
            pass
