"""The files of a server, out of a backup and into their place: checked before, moved there when they are whole."""

from __future__ import annotations

import asyncio
import os
import shutil
import tarfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from analytics_engine.adapters.postgres.backup_source import BackupSource
from analytics_engine.backups.chain import Chain, LogOfChanges
from analytics_engine.backups.manifest import LOGICAL, Manifest, StoredFile
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.scratch import ScratchServer
from analytics_engine.backups.tools import Tools, need_room
from analytics_engine.errors import (
    BackupDamaged,
    BackupNotFound,
    InvalidInput,
    OutsideWindow,
    RestoreFailed,
    TargetNotEmpty,
    WrongVersion,
)

_WAL = "ae_restored_wal"
_UNFINISHED = ".restoring-"
_BASE, _BASE_WAL = "base.tar", "pg_wal.tar"
_PREPARED = "postgresql.auto.conf"


@dataclass(frozen=True, kw_only=True)
class FilesPlan:
    """A restore of a server's files that was looked at and can be done.

    Args:
        until: the moment asked for; without one everything there is.
        chain: what is replayed; None where the backup is restored as it was made.
    """

    manifest: Manifest
    until: datetime | None
    chain: Chain | None
    target: Path


@dataclass(frozen=True, kw_only=True)
class RestoredFiles:
    """What a restore brought back.

    Args:
        last_transaction_at: when the last transaction that is in it was committed; None where none was replayed.
        recovered: False where the server replays the changes when it is started.
    """

    target: Path
    last_transaction_at: datetime | None
    recovered: bool


class FilesRestore:
    """Restores weekly backups, and what was changed after them, into an empty folder.

    Args:
        work: a folder with room for the backup as it is stored.
        durable: False only for what is thrown away: it may die with the machine.
    """

    def __init__(self, repository: Repository, tools: Tools, *, work: Path, durable: bool = True) -> None:
        self._repository = repository
        self._tools = tools
        self._work = work
        self._durable = durable

    async def plan(
        self,
        target: Path,
        *,
        backup: str = "",
        until: datetime | None = None,
        timeline: int | None = None,
        replay: bool = True,
    ) -> FilesPlan:
        """Return what a restore would do, after looking at everything that can be looked at without unpacking it.

        Raises:
            BackupNotFound: there is no backup to begin with.
            BackupDamaged, WalMissing, WrongBackupKey, WrongVersion: it cannot be restored.
            OutsideWindow: the backups do not reach the moment.
            TargetNotEmpty: something is where it would go to.
            InsufficientStorage: there is no room.
        """
        need_empty(target)
        manifest = await self._chosen(backup, until)
        if manifest.wal is None:
            raise InvalidInput(
                f"{manifest.id} is no backup of a server's files.", remedy="Name a weekly one, or no one."
            )
        self._need_version(manifest)
        log = await LogOfChanges.of(self._repository, manifest.system)
        chain = await log.chain(manifest, until=until, timeline=timeline) if replay else None
        names = set(await self._repository.names(f"backups/{manifest.id}/"))
        for file in manifest.files:
            if file.name not in names:
                raise BackupDamaged(
                    f"{file.name} is missing in the repository.",
                    remedy="Restore an older backup, or this one from another copy.",
                )
        wal_bytes = len(chain.files) * manifest.wal.segment_bytes if chain else 0
        need_room(target.parent, manifest.size_bytes + wal_bytes * 2, what="The restored server")
        need_room(self._work, manifest.stored_bytes, what="The backup on its way")
        return FilesPlan(manifest=manifest, until=until, chain=chain, target=target)

    async def carry_out(self, plan: FilesPlan, *, recover: bool = True) -> RestoredFiles:
        """Restore: read and verify all, unpack beside the target, replay, and move it there when it is right.

        Args:
            plan: what ``plan`` returned.
            recover: replay the changes here, with programs of the server's version; else the server does when it is
                started.

        Raises:
            as ``plan``, and RestoreFailed: the changes do not lead to the moment. The target is as it was then.
        """
        if recover and plan.manifest.server_major != self._tools.major():
            raise WrongVersion(
                f"The backup is of PostgreSQL {plan.manifest.server_major}; the programs here are of "
                f"{self._tools.major()} and cannot replay its changes.",
                remedy="Name programs of that version in AE_BACKUP_PROGRAMS_DIR, or use --let-server-recover.",
            )
        fetched = await self._fetched(plan)
        _sweep(plan.target)
        unfinished = plan.target.parent / f"{_UNFINISHED}{plan.target.name}-{uuid4().hex[:8]}"
        try:
            unfinished.mkdir(mode=0o700, parents=True)
            await self._unpack(plan, fetched, unfinished)
            at = await self._recovered(plan, unfinished) if recover else None
            if not recover:
                await asyncio.to_thread(_prepare, plan, unfinished)
            need_empty(plan.target)
            if plan.target.is_dir():
                _move_into(unfinished, plan.target)
            else:
                unfinished.replace(plan.target)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.rmtree(fetched, ignore_errors=True)
        return RestoredFiles(target=plan.target, last_transaction_at=at, recovered=recover)

    async def _chosen(self, backup: str, until: datetime | None) -> Manifest:
        """Return the backup asked for, or the newest that was finished before the moment."""
        if backup:
            manifest = await self._repository.manifest(backup)
            if until is not None and manifest.finished_at > until:
                raise OutsideWindow(
                    f"The backup {backup} was finished at {manifest.finished_at.isoformat()}, after "
                    f"{until.isoformat()}.",
                    remedy="Leave --backup out: the right one is chosen.",
                )
            return manifest
        ids = [one for one in await self._repository.ids() if one.endswith("-weekly")]
        if not ids:
            raise BackupNotFound(
                "There is no backup of the server's files in the repository.",
                remedy="`analytics-engine backup run weekly` makes one; daily ones are restored by naming them.",
            )
        earliest = ""
        for one in reversed(ids):
            manifest = await self._repository.manifest(one)
            earliest = manifest.finished_at.isoformat()
            if until is None or manifest.finished_at <= until:
                return manifest
        raise OutsideWindow(
            f"The oldest backup was finished at {earliest}; asked for was {until and until.isoformat()}.",
            remedy="Ask for a later moment, or restore a daily backup of then.",
            earliest=earliest,
        )

    def _need_version(self, manifest: Manifest) -> None:
        if manifest.kind in LOGICAL or not manifest.server_version:
            raise InvalidInput(f"{manifest.id} is no backup of a server's files.", remedy="Name a weekly one.")

    async def _fetched(self, plan: FilesPlan) -> Path:
        """Return a folder with all files as they are stored, their sums compared; changes are opened already."""
        folder = self._work / f"fetched-{uuid4().hex}"
        (folder / _WAL).mkdir(mode=0o700, parents=True)
        try:
            for file in plan.manifest.files:
                await self._repository.fetch(file.name, folder / Path(file.name).name, expected=file)
            for name, stored in (plan.chain.files if plan.chain else {}).items():
                await self._repository.read(stored, folder / _WAL / name)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return folder

    async def _unpack(self, plan: FilesPlan, fetched: Path, unfinished: Path) -> None:
        by_name = {Path(file.name).name: file for file in plan.manifest.files}
        for name, place in ((_BASE, unfinished), (_BASE_WAL, unfinished / "pg_wal")):
            await asyncio.to_thread(self._unpack_one, fetched / name, by_name[name], place)
        shutil.move(fetched / _WAL, unfinished / _WAL)
        if account := self._tools.home.account:
            await asyncio.to_thread(_give, unfinished, account.user, account.group)

    def _unpack_one(self, sealed: Path, file: StoredFile, place: Path) -> None:
        with (
            self._repository.unsealed(sealed, file.name) as stream,
            tarfile.open(fileobj=stream, mode="r|", bufsize=2**20) as archive,
        ):
            archive.extractall(place, filter=private)  # noqa: S202 - filtered, and ours by its seal
        sealed.unlink()

    async def _recovered(self, plan: FilesPlan, data: Path) -> datetime | None:
        settings: dict[str, str] = {}
        if plan.chain is not None:
            (data / "recovery.signal").touch(mode=0o600)
            if account := self._tools.home.account:
                os.chown(data / "recovery.signal", account.user, account.group)
            settings = _recovery(plan)
        if not self._durable:
            settings["fsync"] = "off"
        preload = plan.manifest.preloaded
        server = ScratchServer(self._tools, data, preload=_needed_libraries(preload), settings=settings)
        async with server:
            at = await BackupSource(server.url("postgres", user=plan.manifest.superuser)).last_replayed()
        if plan.until is not None and at is not None and at > plan.until:
            raise RestoreFailed(f"The last transaction is of {at}, after {plan.until}.", remedy="Report this.")
        shutil.rmtree(data / _WAL, ignore_errors=True)
        return at


def _recovery(plan: FilesPlan) -> dict[str, str]:
    assert plan.chain is not None
    settings = {
        "restore_command": f'cp "{_WAL}/%f" "%p"',
        "recovery_target_timeline": str(plan.chain.timeline),
        "recovery_target_action": "promote",
    }
    if plan.until is not None:
        settings["recovery_target_time"] = plan.until.isoformat()
    return settings


def _prepare(plan: FilesPlan, data: Path) -> None:
    """Leave the replay to the server: it reads these settings when it is started next."""
    if plan.chain is None:
        return
    lines = [f"{name} = '{value}'\n" for name, value in _recovery(plan).items()]
    with (data / _PREPARED).open("a", encoding="utf-8") as file:
        file.write("# Written by analytics-engine restore.\n" + "".join(lines))
    (data / "recovery.signal").touch(mode=0o600)
    status = data.stat()
    os.chown(data / "recovery.signal", status.st_uid, status.st_gid)


def _needed_libraries(preloaded: tuple[str, ...]) -> tuple[str, ...]:
    """Return those without which changes of the server cannot be replayed, or its tables be read."""
    return tuple(name for name in preloaded if name == "timescaledb")


def need_empty(target: Path) -> None:
    if target.is_file() or (target.is_dir() and any(one.name != "lost+found" for one in target.iterdir())):
        raise TargetNotEmpty(
            f"{target} is not empty.",
            remedy="Choose an empty folder; for the system of AE_HOME, --replace puts the present data aside.",
        )


def _move_into(unfinished: Path, target: Path) -> None:
    """Fill a folder that is there and empty, such as a volume; the file a server needs to start at all comes last."""
    for entry in sorted(unfinished.iterdir(), key=lambda path: path.name == "PG_VERSION"):
        entry.rename(target / entry.name)
    status = unfinished.stat()
    os.chown(target, status.st_uid, status.st_gid)
    target.chmod(0o700)


def _sweep(target: Path) -> None:
    """Remove what a restore to here that was killed has left."""
    for left in target.parent.glob(f"{_UNFINISHED}{target.name}-*"):
        shutil.rmtree(left, ignore_errors=True)


def _give(folder: Path, user: int, group: int) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, group, follow_symlinks=False)


def private(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
    """Let in what stays within the folder, for its owner only."""
    return tarfile.data_filter(member, path).replace(mode=0o700 if member.isdir() else 0o600, deep=False)
