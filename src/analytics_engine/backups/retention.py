"""Which backups are kept: so many of each kind, never less than the last one, and the changes after the oldest base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics_engine.adapters.postgres.backup_source import lsn_number
from analytics_engine.backups.manifest import Kind, Manifest
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.wal import MARKS, PARTIAL, is_segment, segment_name

KEPT: Mapping[Kind, int] = {Kind.DAILY: 7, Kind.WEEKLY: 5, Kind.MONTHLY: 12, Kind.CONFIGURATION: 30}


class Retention:
    """Forgets what is older than is kept."""

    def __init__(self, repository: Repository, kept: Mapping[Kind, int] = KEPT) -> None:
        self._repository = repository
        self._kept = kept

    async def expired(self) -> Sequence[str]:
        """Return the names of all that may go: backups first, then what only they needed."""
        ids = await self._repository.ids()
        gone = [
            one
            for kind, count in self._kept.items()
            for one in [name for name in ids if name.endswith(f"-{kind.value}")][: -max(1, count)]
        ]
        staying = [await self._repository.manifest(one) for one in ids if one.endswith("-weekly") and one not in gone]
        return [*(f"backups/{one}" for one in gone), *await self._unfinished(ids), *await self._old_changes(staying)]

    async def prune(self) -> Sequence[str]:
        """Forget what is expired and return its names."""
        names = await self.expired()
        for name in names:
            if name.startswith("backups/"):
                await self._repository.delete_backup(name.removeprefix("backups/"))
                await self._repository.delete(f"proofs/{name.removeprefix('backups/')}.json")
            else:
                await self._repository.delete(name)
        return names

    async def _unfinished(self, ids: Sequence[str]) -> Sequence[str]:
        """Return backups without a manifest that are older than the newest with one: nobody is at them any more."""
        found = {name.split("/")[1] for name in await self._repository.names("backups/") if name.count("/") > 1}
        newest = max(ids, default="")
        return sorted(f"backups/{one}" for one in found - set(ids) if one < newest)

    async def _old_changes(self, bases: Sequence[Manifest]) -> Sequence[str]:
        """Return the changes from before the oldest base backup of each server."""
        oldest: dict[int, Manifest] = {}
        for manifest in bases:
            oldest.setdefault(manifest.system, manifest)
        old = []
        for system, manifest in oldest.items():
            assert manifest.wal is not None
            first = segment_name(manifest.wal.timeline, lsn_number(manifest.wal.start_lsn), manifest.wal.segment_bytes)
            for name in await self._repository.names(f"wal/{system}/"):
                segment = name.rpartition("/")[2].removesuffix(PARTIAL).removesuffix(MARKS)
                if is_segment(segment) and segment[8:] < first[8:] and segment[:8] <= first[:8]:
                    old.append(name)
        return old
