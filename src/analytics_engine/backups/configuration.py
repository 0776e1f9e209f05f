"""Configuration and secrets, backed up when they change: what a restored database needs to be used again."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from analytics_engine.backups.files import need_empty, private
from analytics_engine.backups.making import backup_id
from analytics_engine.backups.manifest import Kind, Manifest
from analytics_engine.backups.repository import Repository
from analytics_engine.errors import BackupDamaged, InvalidInput

_FILE = "configuration.tar"


class ConfigurationBackup:
    """Backs up files and folders under names of their own; the key of backups is never among them.

    Args:
        parts: what is backed up, by the name it has in the backup; what is not there is left out.
        without: the file of the key.
    """

    def __init__(
        self, repository: Repository, parts: Mapping[str, Path], *, without: Path, work: Path, product: str
    ) -> None:
        self._repository = repository
        self._parts = parts
        self._without = without
        self._work = work
        self._product = product

    def digest(self) -> str:
        """Return what changes when anything of it changes."""
        sums = hashlib.sha256()
        for name, path in self._files():
            sums.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
        return sums.hexdigest()

    async def make(self) -> Manifest:
        """Return a finished and verified backup."""
        now = datetime.now(UTC)
        backup = backup_id(now, Kind.CONFIGURATION)
        self._work.mkdir(mode=0o700, parents=True, exist_ok=True)
        staged = self._work / f"configuration-{uuid4().hex}"
        try:
            await asyncio.to_thread(self._write, staged)
            file = await self._repository.add(f"backups/{backup}/{_FILE}", staged)
        finally:
            staged.unlink(missing_ok=True)
        manifest = Manifest(
            id=backup,
            kind=Kind.CONFIGURATION,
            began_at=now,
            finished_at=now,
            product=self._product,
            key_id=self._repository.key.id,
            files=(file,),
        )
        await self._repository.add_manifest(manifest)
        return manifest

    def _write(self, target: Path) -> None:
        target.touch(mode=0o600)
        with tarfile.open(target, "w") as archive:
            for name, path in self._files():
                archive.add(path, arcname=name, recursive=False)

    def _files(self) -> list[tuple[str, Path]]:
        found = []
        for name, path in self._parts.items():
            inside = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else []
            found += [(f"{name}/{one.relative_to(path).as_posix()}", one) for one in inside]
            if path.is_file():
                found.append((name, path))
        return [(name, path) for name, path in found if path != self._without]


async def restore_configuration(repository: Repository, backup: str, target: Path) -> Manifest:
    """Unpack a backup of configuration into an empty folder; where the files go from there is the operator's choice.

    Raises:
        BackupNotFound, BackupDamaged, WrongBackupKey: there is none, or none that can be restored.
        TargetNotEmpty: something is in the folder.
    """
    need_empty(target)
    manifest = await repository.manifest(backup)
    if manifest.kind is not Kind.CONFIGURATION:
        raise InvalidInput(f"{backup} holds no configuration.", remedy="Name a backup of that kind.")
    if len(manifest.files) != 1:
        raise BackupDamaged(f"{backup} has not the files of such a backup.", remedy="Restore another one.")
    with repository.passing() as plain:
        await repository.read(manifest.files[0].name, plain, expected=manifest.files[0])
        await asyncio.to_thread(_unpack, plain, target)
    return manifest


def _unpack(plain: Path, target: Path) -> None:
    unfinished = target.parent / f".{target.name}-{uuid4().hex[:8]}"
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        with tarfile.open(plain) as archive:
            archive.extractall(unfinished, filter=private)  # noqa: S202 - filtered, and ours by its seal
        if target.is_dir():
            target.rmdir()
        unfinished.replace(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
