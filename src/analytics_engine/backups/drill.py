"""A drill: a backup is restored where it harms nobody, looked at, and the outcome is kept as proof."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from analytics_engine.adapters.postgres.backup_source import BackupSource
from analytics_engine.backups.dumps import DumpRestore
from analytics_engine.backups.files import FilesRestore
from analytics_engine.backups.manifest import LOGICAL, Manifest
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.scratch import OWNER, ScratchServer, make_cluster
from analytics_engine.backups.tools import Tools
from analytics_engine.errors import BackupNotFound, RestoreFailed

_DATABASE = "drill"


@dataclass(frozen=True, kw_only=True)
class Proof:
    """That a backup was restored, and what was found in it.

    Args:
        reaches: the last transaction that was brought back; of a dump the moment it was taken.
        tables: how many rows each table had; every one was read.
        seconds: how long the restore and the look at it took.
    """

    backup: str
    kind: str
    at: str
    reaches: str
    tables: Mapping[str, int]
    rows: int
    schema_revision: str
    seconds: float


class Drill:
    """Restores backups into a server that is thrown away afterwards.

    Args:
        room: a folder that the account of servers may enter, with room for the restored server.
        work: a folder with room for the backup on its way.
    """

    def __init__(self, repository: Repository, tools: Tools, *, room: Path, work: Path) -> None:
        self._repository = repository
        self._tools = tools
        self._room = room
        self._work = work

    async def run(self, backup: str = "") -> Proof:
        """Return the proof, which is in the repository by then; without a backup named the newest is taken.

        Raises:
            BackupNotFound: there is none.
            RestoreFailed, BackupDamaged, WalMissing: it cannot be restored.
        """
        manifest = await self._repository.manifest(backup or await self._newest())
        folder = self._room / f"drill-{uuid4().hex[:8]}"
        began = time.monotonic()
        try:
            if manifest.kind in LOGICAL:
                reaches, tables, revision = await self._of_dump(manifest, folder)
            else:
                reaches, tables, revision = await self._of_files(manifest, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if revision != manifest.schema_revision:
            raise RestoreFailed(
                f"The restored database is at revision {revision or 'none'}, the backup was of "
                f"{manifest.schema_revision or 'none'}.",
                remedy="Make a new backup, and try this one again on another machine.",
            )
        proof = Proof(
            backup=manifest.id,
            kind=manifest.kind.value,
            at=datetime.now(UTC).isoformat(),
            reaches=reaches.isoformat(),
            tables=tables,
            rows=sum(tables.values()),
            schema_revision=revision,
            seconds=round(time.monotonic() - began, 2),
        )
        await self._repository.add_document(f"proofs/{manifest.id}.json", asdict(proof))
        return proof

    async def _newest(self) -> str:
        ids = [one for one in await self._repository.ids() if not one.endswith("-configuration")]
        if not ids:
            raise BackupNotFound("There is no backup to try.", remedy="Make one: `analytics-engine backup run daily`.")
        return ids[-1]

    async def _of_files(self, manifest: Manifest, folder: Path) -> tuple[datetime, Mapping[str, int], str]:
        restore = FilesRestore(self._repository, self._tools, work=self._work, durable=False)
        plan = await restore.plan(folder, backup=manifest.id)
        done = await restore.carry_out(plan)
        preload = _libraries(manifest)
        async with ScratchServer(self._tools, folder, preload=preload, settings={"fsync": "off"}) as server:
            source = BackupSource(server.url(manifest.database, user=manifest.superuser))
            revision = (await source.facts()).revision
            return done.last_transaction_at or manifest.finished_at, await source.counts(), revision

    async def _of_dump(self, manifest: Manifest, folder: Path) -> tuple[datetime, Mapping[str, int], str]:
        await make_cluster(self._tools, folder)
        preload = _libraries(manifest)
        async with ScratchServer(self._tools, folder, preload=preload, settings={"fsync": "off"}) as server:
            await BackupSource(server.url("postgres", user=OWNER)).execute(f"CREATE DATABASE {_DATABASE}")
            target = BackupSource(server.url(_DATABASE, user=OWNER))
            restore = DumpRestore(self._repository, self._tools, work=self._work)
            done = await restore.carry_out(await restore.plan(manifest.id, target), target)
            return manifest.finished_at, done.tables, (await target.facts()).revision


def _libraries(manifest: Manifest) -> tuple[str, ...]:
    return tuple(name for name in manifest.preloaded if name == "timescaledb")
