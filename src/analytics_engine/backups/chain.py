"""Which files of the log of changes lead from a base backup to a moment, and whether they are all there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile, zip_longest

from analytics_engine.adapters.postgres.backup_source import lsn_number
from analytics_engine.backups.manifest import Manifest
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.wal import HISTORY, MARKS, PARTIAL, is_segment, segment_name, wal_folder
from analytics_engine.errors import OutsideWindow, WalMissing

_FORK = re.compile(r"^(\d+)\s+([0-9A-F]+/[0-9A-F]+)", re.MULTILINE)


@dataclass(frozen=True)
class Branch:
    """A timeline, and where it leaves the one before it."""

    timeline: int
    begins_at: int


@dataclass(frozen=True)
class Chain:
    """What is replayed after a base backup.

    Args:
        files: names in the repository, by the names PostgreSQL knows them under.
        timeline: the one to follow to its end.
        reaches: the last moment that they are known to reach; the base's own where there are no marks.
    """

    files: Mapping[str, str]
    timeline: int
    reaches: datetime


class LogOfChanges:
    """The log of one server in the repository, listed once."""

    def __init__(self, repository: Repository, system: int, names: Sequence[str]) -> None:
        self._repository = repository
        folder = f"{wal_folder(system)}/"
        own = [name.removeprefix(folder) for name in names if name.startswith(folder)]
        partial = {name.removesuffix(PARTIAL): name for name in own if is_segment(name.removesuffix(PARTIAL))}
        whole = {name: name for name in own if is_segment(name)}
        self._segments = {segment: folder + name for segment, name in sorted((partial | whole).items())}
        self._marks = sorted(name.removesuffix(MARKS) for name in own if name.endswith(MARKS))
        self._histories = sorted(name for name in own if name.endswith(HISTORY))
        self._folder = folder

    @classmethod
    async def of(cls, repository: Repository, system: int) -> LogOfChanges:
        return cls(repository, system, await repository.names(f"{wal_folder(system)}/"))

    async def chain(self, base: Manifest, *, until: datetime | None, timeline: int | None = None) -> Chain:
        """Return what leads from a base backup to a moment, or as far as there is anything.

        Args:
            base: a backup of a server's files.
            until: the moment; None for all there is.
            timeline: the one to end on; else the newest that goes through the backup, and for a moment that this one
                does not reach an older one.

        Raises:
            OutsideWindow: the moment is after all that is known.
            WalMissing: something between is not there.
        """
        assert base.wal is not None
        line = await self._line(base.wal.timeline, lsn_number(base.wal.stop_lsn), timeline)
        shortest = 1 if until is not None and timeline is None else len(line)
        for length in range(len(line), shortest, -1):
            try:
                return await self._followed(line[:length], base, until)
            except (OutsideWindow, WalMissing):
                continue
        return await self._followed(line[:shortest], base, until)

    async def _followed(self, line: Sequence[Branch], base: Manifest, until: datetime | None) -> Chain:
        present = list(takewhile(self._segments.__contains__, _wanted(line, base)))
        reaches = await self._reach(present, base)
        newest = self._newest(line[-1].timeline)
        if newest > (present[-1] if present else "") and (until is None or until > reaches):
            raise _gap(present, newest, base, reaches)
        if until is not None and until > reaches:
            raise OutsideWindow(
                f"The backups reach from {base.finished_at.isoformat()} to {reaches.isoformat()}; asked for was "
                f"{until.isoformat()}.",
                remedy="Ask for a moment between, or restore without one: that takes everything there is.",
                earliest=base.finished_at.isoformat(),
                latest=reaches.isoformat(),
            )
        needed = present if until is None else await self._until(present, until)
        files = {name: self._segments[name] for name in needed}
        files |= {name: self._folder + name for name in self._histories}
        return Chain(files=files, timeline=line[-1].timeline, reaches=reaches)

    def _newest(self, timeline: int) -> str:
        """Return the last file of a timeline; empty where it has none."""
        return max((name for name in self._segments if name.startswith(f"{timeline:08X}")), default="")

    async def _line(self, first: int, after: int, last: int | None) -> Sequence[Branch]:
        """Return the line of timelines from that of a backup to the newest, or to the one asked for."""
        line = [Branch(first, 0)]
        for name in self._histories if last != first else ():
            timeline = int(name.removesuffix(HISTORY), 16)
            if last is not None and timeline != last:
                continue
            forks = await self._forks(name)
            if any(one == first and at >= after for one, at in forks):
                line = [Branch(first, 0), *_later(forks, timeline, first)]
        if last is not None and line[-1].timeline != last:
            raise OutsideWindow(
                f"Timeline {last} does not come from this backup, which is on {first}.",
                remedy="Leave --timeline out: the newest one is followed.",
            )
        return line

    async def _forks(self, name: str) -> list[tuple[int, int]]:
        with self._repository.passing() as file:
            await self._repository.read(self._folder + name, file)
            text = file.read_text(encoding="utf-8")
        return [(int(one), lsn_number(at)) for one, at in _FORK.findall(text)]

    async def _reach(self, present: list[str], base: Manifest) -> datetime:
        there = set(present)
        marked = [name for name in self._marks if name in there]
        return max((await self._marked(marked[-1]))[-1], base.finished_at) if marked else base.finished_at

    async def _marked(self, segment: str) -> list[datetime]:
        document = await self._repository.document(f"{self._folder}{segment}{MARKS}")
        return [datetime.fromisoformat(mark["at"]) for mark in document]

    async def _until(self, present: Sequence[str], until: datetime) -> Sequence[str]:
        """Return the files up to the first that is marked with a later moment; what follows is not needed."""
        there = set(present)
        marked = [name for name in self._marks if name in there]
        low, high = 0, len(marked)
        while low < high:
            middle = (low + high) // 2
            if (await self._marked(marked[middle]))[-1] > until:
                high = middle
            else:
                low = middle + 1
        return present if low == len(marked) else present[: present.index(marked[low]) + 1]


def _later(forks: Sequence[tuple[int, int]], timeline: int, first: int) -> Sequence[Branch]:
    """Return the timelines after the first, each with the place it leaves the one before it."""
    after = forks[[one for one, _ in forks].index(first) :]
    followers = [*(one for one, _ in after[1:]), timeline]
    return [Branch(follower, at) for follower, (_, at) in zip(followers, after, strict=True)]


def _wanted(line: Sequence[Branch], base: Manifest) -> Iterator[str]:
    """Yield the files that are needed after a backup, without end."""
    assert base.wal is not None
    size = base.wal.segment_bytes
    number = (lsn_number(base.wal.stop_lsn) - 1) // size
    for branch, following in zip_longest(line, line[1:]):
        while following is None or number < following.begins_at // size:
            yield segment_name(branch.timeline, number * size, size)
            number += 1


def _gap(present: Sequence[str], newest: str, base: Manifest, reaches: datetime) -> WalMissing:
    after = f"after {present[-1]}" if present else "right after the backup"
    return WalMissing(
        f"Changes are missing {after}, though there are later ones ({newest}): from the backup {base.id} nothing "
        f"after {reaches.isoformat()} can be restored.",
        remedy=f"Restore with --to-time {reaches.isoformat()} or earlier, or from a backup that was made later.",
        latest=reaches.isoformat(),
    )
