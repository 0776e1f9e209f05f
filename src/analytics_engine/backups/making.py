"""Makes backups: dumps of a database, and the files of a whole server."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from analytics_engine.adapters.postgres.backup_source import BackupSource, ServerFacts
from analytics_engine.backups.manifest import LOGICAL, Kind, Manifest, StoredFile, WalRange
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.tools import Tools, need_room, without_password
from analytics_engine.errors import BackupFailed, Conflict

DUMP = "database.dump"
ROLES = "roles.json"
_STAGED = ("staging-",)


class BackupMaker:
    """Makes backups of one server into one repository.

    Args:
        work: a folder with room for the database; nobody else makes backups in it at the same time.
        product: the version of the product.
    """

    def __init__(self, source: BackupSource, repository: Repository, tools: Tools, *, work: Path, product: str) -> None:
        self._source = source
        self._repository = repository
        self._tools = tools
        self._work = work
        self._product = product

    async def make(self, kind: Kind) -> Manifest:
        """Return a finished and verified backup.

        Raises:
            BackupFailed: it was not made; the repository is as before, but for files that count for nothing.
            DependencyUnavailable: the server or the repository cannot be reached.
            InsufficientStorage: there is no room for it.
        """
        facts = await self._source.facts()
        self._need_tools(facts)
        with self._only_one():
            staging = self._staging()
            try:
                if kind in LOGICAL:
                    return await self._dump(kind, facts, staging)
                return await self._copy_files(kind, facts, staging)
            finally:
                shutil.rmtree(staging, ignore_errors=True)

    async def _dump(self, kind: Kind, facts: ServerFacts, staging: Path) -> Manifest:
        need_room(self._work, facts.database_bytes, what="The dump")
        async with self._source.snapshot() as snapshot:
            now = await self._source.now()
            await self._tools.run(
                *("pg_dump", "--format=custom", "--compress=0", f"--snapshot={snapshot.name}", "--no-password"),
                *("--file", str(staging / DUMP), "--dbname", without_password(self._source.url)),
                url=self._source.url,
            )
        roles, members = await self._source.roles()
        (staging / ROLES).write_text(json.dumps({"roles": roles, "members": members}), encoding="utf-8")
        return await self._store(kind, facts, staging, finished_at=now, tables=dict(snapshot.tables))

    async def _copy_files(self, kind: Kind, facts: ServerFacts, staging: Path) -> Manifest:
        _need_replication(facts)
        need_room(self._work, facts.server_bytes * 3 // 2, what="The backup of the server's files")
        folder = staging / "files"
        await self._tools.run(
            *("pg_basebackup", "--format=tar", "--wal-method=stream", "--checkpoint=fast", "--no-sync"),
            *("--no-password", "--label=analytics-engine", "-D", str(folder)),
            *("--dbname", without_password(self._source.url)),
            url=self._source.url,
        )
        now = await self._source.now()
        described = json.loads((folder / "backup_manifest").read_text(encoding="utf-8"))["WAL-Ranges"][-1]
        wal = WalRange(
            timeline=described["Timeline"],
            start_lsn=described["Start-LSN"],
            stop_lsn=described["End-LSN"],
            segment_bytes=facts.segment_bytes,
        )
        return await self._store(kind, facts, folder, finished_at=now, wal=wal)

    async def _store(
        self,
        kind: Kind,
        facts: ServerFacts,
        folder: Path,
        *,
        finished_at: datetime,
        tables: dict[str, int] | None = None,
        wal: WalRange | None = None,
    ) -> Manifest:
        backup = backup_id(facts.now, kind)
        files: list[StoredFile] = []
        for path in _files(folder):
            files.append(await self._repository.add(f"backups/{backup}/{path.name}", path))
            path.unlink()
        manifest = Manifest(
            id=backup,
            kind=kind,
            began_at=facts.now,
            finished_at=finished_at,
            product=self._product,
            key_id=self._repository.key.id,
            system=facts.system,
            database=facts.database,
            superuser=facts.superuser,
            server_version=facts.server_version,
            schema_revision=facts.revision,
            extensions=facts.extensions,
            preloaded=facts.preloaded,
            tables=tables or {},
            wal=wal,
            files=tuple(files),
        )
        await self._repository.add_manifest(manifest)
        return manifest

    def _need_tools(self, facts: ServerFacts) -> None:
        if (major := self._tools.major()) < facts.major:
            raise BackupFailed(
                f"The server is PostgreSQL {facts.major}; the programs in {self._tools.folder} are of {major}.",
                remedy="Name the programs of the server's version, or of a newer one, in AE_BACKUP_PROGRAMS_DIR.",
            )

    @contextmanager
    def _only_one(self) -> Iterator[None]:
        """Hold the folder; the lock goes with the process, however it ends."""
        self._work.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._work / "making.lock").open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(
                    f"Another backup is being made in {self._work}.", remedy="Wait until it is done, and try again."
                ) from None
            yield

    def _staging(self) -> Path:
        """Return a folder of this backup's own; what earlier ones left when they were killed is removed."""
        for left in self._work.iterdir():
            if left.name.startswith(_STAGED):
                shutil.rmtree(left, ignore_errors=True)
        staging = self._work / f"{_STAGED[0]}{uuid4().hex}"
        staging.mkdir(mode=0o700)
        return staging


def backup_id(at: datetime, kind: Kind) -> str:
    return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03}Z-{kind.value}"


def _files(folder: Path) -> Sequence[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _need_replication(facts: ServerFacts) -> None:
    if facts.wal_level == "minimal" or not facts.wal_senders:
        raise BackupFailed(
            f"The server keeps too little of its changes for this (wal_level {facts.wal_level}, max_wal_senders "
            f"{facts.wal_senders}).",
            remedy="Set wal_level = replica and max_wal_senders = 5 on the server, and restart it.",
        )
    if facts.tablespaces:
        raise BackupFailed(
            f"The server has {facts.tablespaces} tablespaces beside its own, which such a backup does not hold.",
            remedy="Move their tables into pg_default, or rely on daily backups, which hold all tables.",
        )
