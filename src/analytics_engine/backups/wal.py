"""The log of changes (WAL), received as it is written and put into the repository: what a restore to a moment replays.

``pg_receivewal`` keeps a copy on this machine's disk, no later than the server's own. Files that are full go into the
repository at once; of the one being written a copy goes there at every round, with marks: moments, and how much of the
log is needed to reach them.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from analytics_engine.adapters.postgres.backup_source import BackupSource, Mark, ServerFacts
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.tools import Tools, without_password
from analytics_engine.embedded.child import Child
from analytics_engine.errors import AnalyticsEngineError, BackupFailed

SLOT = "analytics_engine_backup"
PARTIAL = ".partial"
MARKS = ".marks"
HISTORY = ".history"
_NAME_DIGITS = 24
_RECEIVER = "ae-backup-wal"
_CATCH_UP_S = 60.0


def wal_folder(system: int) -> str:
    return f"wal/{system}"


def segment_name(timeline: int, lsn: int, segment_bytes: int) -> str:
    """Return the name of the file that a position of the log is in."""
    per_file = 0x1_0000_0000 // segment_bytes
    number = lsn // segment_bytes
    return f"{timeline:08X}{number // per_file:08X}{number % per_file:08X}"


def is_segment(name: str) -> bool:
    return len(name) == _NAME_DIGITS and all(digit in "0123456789ABCDEF" for digit in name)


class WalArchiver:
    """Receives the log of one server.

    Args:
        work: a folder of a durable disk.
    """

    def __init__(self, source: BackupSource, repository: Repository, tools: Tools, *, work: Path) -> None:
        self._source = source
        self._repository = repository
        self._tools = tools
        self._work = work
        self._receiver: Child | None = None
        self._spool = work
        self._facts: ServerFacts | None = None
        self._marks: dict[str, list[Mark]] = {}

    @property
    def running(self) -> bool:
        return self._receiver is not None and self._receiver.running

    async def start(self) -> bool:
        """Begin to receive where the last run ended; the server keeps what is not received yet (up to its limit).

        Returns:
            Whether it begins anew, so that only a base backup made from now on has all changes after it.

        Raises:
            BackupFailed: the server lets us not.
        """
        self._facts = facts = await self._source.facts()
        self._spool = self._work / "wal" / str(facts.system)
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        begins = not await self._source.has_slot(SLOT)
        if begins:
            await self._put_away()
        url = self._url()
        await self._tools.run(
            *("pg_receivewal", "--create-slot", "--if-not-exists", f"--slot={SLOT}", "--no-password"),
            *("--dbname", url),
            url=self._source.url,
        )
        arguments = ["--synchronous", f"--slot={SLOT}", "--no-password", "-D", str(self._spool), "--dbname", url]
        self._receiver = self._tools.child("pg_receivewal", ["pg_receivewal", *arguments], url=self._source.url)
        await asyncio.to_thread(self._receiver.start)
        return begins

    async def stop(self) -> None:
        """Stop receiving, and put what was received into the repository."""
        if self._receiver is not None:
            await asyncio.to_thread(self._receiver.stop)
            await self._upload()

    async def round(self) -> datetime:
        """Put what was received into the repository and return up to which moment it reaches.

        Raises:
            BackupFailed: the receiver ended or does not follow.
        """
        if self._receiver is None or self._facts is None or not self._receiver.running:
            said = self._receiver.last_words() if self._receiver else "it was not started"
            raise BackupFailed(
                f"The log of changes is not received: {said}",
                remedy="Check the login of backups and max_wal_senders; when the server gave up what was not received "
                "(max_slot_wal_keep_size), drop the slot and make a weekly backup.",
            )
        try:
            mark = await self._source.mark()
        except AnalyticsEngineError:
            await self._upload()  # what was received before the server went away
            raise
        if not await self._source.received(_RECEIVER, mark.lsn, within_s=_CATCH_UP_S):
            raise BackupFailed(
                f"The receiver of changes is more than {_CATCH_UP_S:g} s behind the server.",
                remedy="Check the disk of AE_BACKUP_WORK_DIR and the network between it and the server.",
            )
        current = segment_name(mark.timeline, mark.lsn - 1, self._facts.segment_bytes)
        self._marks.setdefault(current, []).append(mark)
        await self._upload()
        return mark.at

    async def _upload(self) -> None:
        folder = wal_folder(self._system)
        done = []
        for path in _ordered(self._spool):
            name = path.name
            if name.endswith(PARTIAL):
                await self._add_partial(folder, path)
                continue
            await self._repository.add(f"{folder}/{name}", path)
            if is_segment(name):
                await self._add_marks(folder, name, closed=True)
                await self._repository.delete(f"{folder}/{name}{PARTIAL}")
            done.append(path)
        for path in done:
            path.unlink()

    async def _put_away(self) -> None:
        """Store what an earlier run received: what comes next does not follow on it."""
        await self._upload()
        shutil.rmtree(self._spool)
        self._spool.mkdir(mode=0o700)

    async def _add_partial(self, folder: str, path: Path) -> None:
        """Store what the receiver has of the file it writes; a change that is only half there ends it."""
        with self._repository.passing() as copy:
            try:
                await asyncio.to_thread(shutil.copyfile, path, copy)
            except FileNotFoundError:
                return  # it has become full meanwhile: the next round takes it
            await self._repository.add(f"{folder}/{path.name}", copy)
        await self._add_marks(folder, path.name.removesuffix(PARTIAL), closed=False)

    async def _add_marks(self, folder: str, segment: str, *, closed: bool) -> None:
        marks = self._marks.pop(segment, []) if closed else self._marks.get(segment, [])
        if not marks:
            return
        name = f"{folder}/{segment}{MARKS}"
        with self._repository.passing() as file:
            text = json.dumps([{"at": mark.at.isoformat(), "lsn": mark.lsn} for mark in (marks[0], marks[-1])])
            file.write_text(text, encoding="utf-8")
            await self._repository.add(name, file)

    @property
    def _system(self) -> int:
        assert self._facts is not None
        return self._facts.system

    def _url(self) -> str:
        url = without_password(self._source.url)
        return f"{url}{'&' if '?' in url else '?'}application_name={_RECEIVER}"


def _ordered(spool: Path) -> Sequence[Path]:
    """Return what was received, oldest first: histories of timelines, full files, and the one being written."""
    return sorted(path for path in spool.iterdir() if not path.name.startswith("."))
