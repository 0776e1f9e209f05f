"""A place where backups are made and restored in tests: a repository in a folder, and all that works on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import asyncpg

from analytics_engine.adapters.blobs.local import LocalBlobs
from analytics_engine.adapters.postgres.backup_source import BackupSource
from analytics_engine.backups.drill import Drill
from analytics_engine.backups.dumps import DumpRestore
from analytics_engine.backups.files import FilesRestore
from analytics_engine.backups.key import BackupKey
from analytics_engine.backups.making import BackupMaker
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.scratch import ScratchServer
from analytics_engine.backups.tools import Tools
from analytics_engine.backups.wal import WalArchiver
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.postgres import DATABASE, OWNER

KEEPS_CHANGES = {"wal_level": "replica", "max_wal_senders": "5", "track_commit_timestamp": "on"}


@dataclass(frozen=True)
class Place:
    """A folder of a test's own that the account of servers may enter, and what works in it."""

    root: Path
    home: Home
    source: BackupSource
    tools: Tools
    key: BackupKey

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def store(self) -> Path:
        return self.root / "repository"

    def repository(self, folder: Path | None = None, key: BackupKey | None = None) -> Repository:
        return Repository(LocalBlobs(folder or self.store), key or self.key, work=self.work)

    def maker(self, repository: Repository | None = None) -> BackupMaker:
        return BackupMaker(self.source, repository or self.repository(), self.tools, work=self.work, product="test")

    def archiver(self) -> WalArchiver:
        return WalArchiver(self.source, self.repository(), self.tools, work=self.work)

    def files_restore(self, repository: Repository | None = None) -> FilesRestore:
        return FilesRestore(repository or self.repository(), self.tools, work=self.work, durable=False)

    def dump_restore(self, repository: Repository | None = None) -> DumpRestore:
        return DumpRestore(repository or self.repository(), self.tools, work=self.work)

    def drill(self) -> Drill:
        return Drill(self.repository(), self.tools, room=self.home.server("drills"), work=self.work)

    def target(self, name: str) -> Path:
        """Return where a server's files may be restored to; nothing is there."""
        return self.home.server("restored") / name

    async def query(self, data: Path, statement: str) -> list[asyncpg.Record]:
        """Return what a restored server answers."""
        async with ScratchServer(self.tools, data, settings={"fsync": "off"}) as server:
            connection = await asyncpg.connect(server.url(DATABASE, user=OWNER))
            try:
                return await connection.fetch(statement)
            finally:
                await connection.close()
