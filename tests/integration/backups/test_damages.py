"""Whatever is wrong with a backup, or with where it would go, is told before anything there is touched."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from analytics_engine.adapters.blobs.local import LocalBlobs
from analytics_engine.backups.key import BackupKey
from analytics_engine.backups.manifest import Kind, Manifest
from analytics_engine.backups.repository import Repository
from analytics_engine.backups.wal import WalArchiver
from analytics_engine.embedded.postgres import EmbeddedPostgres
from analytics_engine.errors import (
    AnalyticsEngineError,
    BackupDamaged,
    BackupFailed,
    BackupNotFound,
    OutsideWindow,
    TargetNotEmpty,
    WalMissing,
    WrongBackupKey,
    WrongVersion,
)
from support.backups import Place

KEY = BackupKey(b"of the tests")


@dataclass(frozen=True)
class Written:
    """The repository as it was written, and the base backup in it."""

    folder: Path
    base: Manifest


@dataclass
class Attempt:
    """A restore from a copy of the repository."""

    folder: Path
    base: Manifest
    target: Path
    key: BackupKey = field(default=KEY)
    until: datetime | None = None

    def file(self, name: str) -> Path:
        return self.folder / "backups" / self.base.id / name

    def changes(self) -> list[Path]:
        return sorted(self.folder.glob("wal/*/0*[0-9A-F]"))

    def marks(self) -> list[Path]:
        return sorted(self.folder.glob("wal/*/*.marks"))

    def manifest(self) -> dict[str, object]:
        text: dict[str, object] = json.loads(self.file("manifest.json").read_text())
        return text

    def write_manifest(self, **changed: object) -> None:
        """Write another manifest that is genuine by the key, as another version of the product would."""
        other = self.base.model_copy(update=changed)
        replaced(self.file("manifest.json"), other.written(self.key))


def replaced(path: Path, content: bytes) -> None:
    """Write another file in its place: its other links stay as they are."""
    path.unlink()
    path.write_bytes(content)


def flip(path: Path, where: float) -> None:
    content = bytearray(path.read_bytes())
    content[int((len(content) - 1) * where)] ^= 0x10
    replaced(path, bytes(content))


def cut(path: Path, *, to: float = 1.0, off: int = 0) -> None:
    content = path.read_bytes()
    replaced(path, content[: int(len(content) * to) - off])


def swap(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    replaced(one, second)
    replaced(other, first)


def occupy(attempt: Attempt) -> None:
    attempt.target.mkdir(parents=True)
    (attempt.target / "PG_VERSION").write_text("18\n")


def with_file_in_the_way(attempt: Attempt) -> None:
    attempt.target.parent.mkdir(parents=True, exist_ok=True)
    attempt.target.write_text("somebody's\n")


def forged(attempt: Attempt) -> None:
    """The sum of a changed file, put into the manifest by somebody without the key."""
    flip(attempt.file("base.tar"), 0.5)
    document = attempt.manifest()
    for one in document["files"]:  # type: ignore[attr-defined]
        if one["name"].endswith("base.tar"):
            one["sha256"] = hashlib.sha256(attempt.file("base.tar").read_bytes()).hexdigest()
    replaced(attempt.file("manifest.json"), json.dumps(document).encode())


def of_another_backup(attempt: Attempt) -> None:
    attempt.write_manifest(id="20200101T000000000Z-weekly")


def between(attempt: Attempt) -> Path:
    """Return a file of the log after which there are others."""
    return attempt.changes()[-2]


Damage = tuple[str, Callable[[Attempt], object], type[AnalyticsEngineError], str]

DAMAGES: list[Damage] = [
    ("a bit at the beginning of the files", lambda a: flip(a.file("base.tar"), 0.0), BackupDamaged, "SHA-256"),
    ("a bit in the middle of the files", lambda a: flip(a.file("base.tar"), 0.5), BackupDamaged, "SHA-256"),
    ("a bit at the end of the files", lambda a: flip(a.file("base.tar"), 1.0), BackupDamaged, "SHA-256"),
    ("a bit in the files' own changes", lambda a: flip(a.file("pg_wal.tar"), 0.5), BackupDamaged, "SHA-256"),
    ("a bit in the list of files", lambda a: flip(a.file("backup_manifest"), 0.5), BackupDamaged, "SHA-256"),
    ("a bit in the manifest", lambda a: flip(a.file("manifest.json"), 0.3), BackupDamaged, "manifest"),
    ("a byte less of the files", lambda a: cut(a.file("base.tar"), off=1), BackupDamaged, "bytes; its manifest says"),
    ("half of the files", lambda a: cut(a.file("base.tar"), to=0.5), BackupDamaged, "bytes; its manifest says"),
    ("nothing of the files", lambda a: cut(a.file("base.tar"), to=0), BackupDamaged, "bytes; its manifest says"),
    (
        "a byte more of the files",
        lambda a: replaced(a.file("base.tar"), a.file("base.tar").read_bytes() + b"\0"),
        BackupDamaged,
        "bytes; its manifest says",
    ),
    ("half of the manifest", lambda a: cut(a.file("manifest.json"), to=0.5), BackupDamaged, "no whole manifest"),
    ("nothing of the manifest", lambda a: cut(a.file("manifest.json"), to=0), BackupDamaged, "no whole manifest"),
    ("no manifest", lambda a: a.file("manifest.json").unlink(), BackupNotFound, "no backup of the server's files"),
    ("no files", lambda a: a.file("base.tar").unlink(), BackupDamaged, "missing in the repository"),
    ("none of the files' own changes", lambda a: a.file("pg_wal.tar").unlink(), BackupDamaged, "missing in the"),
    ("files under each other's names", lambda a: swap(a.file("base.tar"), a.file("pg_wal.tar")), BackupDamaged, ""),
    ("a manifest of another backup", of_another_backup, BackupDamaged, "it is that of 2020"),
    ("a changed file with its own sum", forged, BackupDamaged, "its code does not fit"),
    ("a bit at the beginning of a change", lambda a: flip(between(a), 0.0), BackupDamaged, "does not begin as"),
    ("a bit in the middle of a change", lambda a: flip(between(a), 0.5), BackupDamaged, "it was changed"),
    ("a bit at the end of a change", lambda a: flip(between(a), 1.0), BackupDamaged, "it was changed"),
    ("a byte less of a change", lambda a: cut(between(a), off=1), BackupDamaged, "its end is missing"),
    ("nothing of a change", lambda a: cut(between(a), to=0), BackupDamaged, "does not begin as"),
    ("a change less", lambda a: between(a).unlink(), WalMissing, "Changes are missing after"),
    ("changes under each other's names", lambda a: swap(a.changes()[-2], a.changes()[-1]), BackupDamaged, "changed"),
    ("a bit in a mark", lambda a: flip(a.marks()[-1], 0.9), BackupDamaged, "it was changed"),
    ("another key", lambda a: setattr(a, "key", BackupKey(b"of others")), WrongBackupKey, "was made with the key"),
    ("a newer format", lambda a: a.write_manifest(format=2), WrongVersion, "format 2"),
    (
        "another version of the server",
        lambda a: a.write_manifest(server_version=150_004),
        WrongVersion,
        "PostgreSQL 15",
    ),
    ("a target with something in it", occupy, TargetNotEmpty, "is not empty"),
    ("a file where the target would be", with_file_in_the_way, TargetNotEmpty, "is not empty"),
    (
        "a moment that has not come",
        lambda a: setattr(a, "until", datetime.now(UTC) + timedelta(days=1)),
        OutsideWindow,
        "The backups reach from",
    ),
    (
        "a moment before the first backup",
        lambda a: setattr(a, "until", a.base.began_at - timedelta(seconds=1)),
        OutsideWindow,
        "The oldest backup was finished at",
    ),
]


@pytest.fixture(scope="module")
async def written(place: Place, server: EmbeddedPostgres, archiver: WalArchiver) -> Written:
    connection = await asyncpg.connect(server.url())
    await connection.execute("CREATE TABLE written (id int PRIMARY KEY)")
    base = await place.maker().make(Kind.WEEKLY)
    for number in range(4):
        await connection.execute("INSERT INTO written VALUES ($1)", number)
        await archiver.round()
        await connection.execute("SELECT pg_switch_wal()")
    await connection.close()
    await archiver.round()
    return Written(place.store, base)


def listing(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


async def restored(place: Place, attempt: Attempt) -> None:
    restore = place.files_restore(place.repository(attempt.folder, attempt.key))
    await restore.carry_out(await restore.plan(attempt.target, until=attempt.until))


@pytest.mark.parametrize("case", DAMAGES, ids=[one[0] for one in DAMAGES])
async def test_it_is_refused_with_its_cause_and_nothing_is_harmed(
    place: Place, written: Written, tmp_path: Path, case: Damage
) -> None:
    _, damage, error, told = case
    folder = tmp_path / "repository"
    shutil.copytree(written.folder, folder, copy_function=os.link)
    room = tmp_path / "room"
    room.mkdir()
    attempt = Attempt(folder, written.base, room / "target")
    damage(attempt)
    before = listing(room)
    with pytest.raises(error) as refusal:
        await restored(place, attempt)
    assert type(refusal.value) is error
    assert told in refusal.value.detail
    assert refusal.value.remedy
    assert listing(room) == before
    assert sorted(path.name for path in room.iterdir()) == (["target"] if before else [])


def test_a_file_without_a_key_is_no_key(tmp_path: Path) -> None:
    """Restoring never makes a key: it would open nothing."""
    with pytest.raises(WrongBackupKey, match="There is no key in"):
        BackupKey.read(tmp_path / "backup.key")
    assert list(tmp_path.iterdir()) == []


async def test_what_is_read_back_otherwise_than_it_was_written_is_no_backup(place: Place, tmp_path: Path) -> None:
    """A disk that loses a bit is noticed when the backup is made, not when it is needed."""

    class Forgetful(LocalBlobs):
        async def put(self, name: str, path: Path) -> None:
            await super().put(name, path)
            await asyncio.to_thread(flip, tmp_path / "store" / name, 0.5)

    repository = Repository(Forgetful(tmp_path / "store"), KEY, work=tmp_path / "work")
    with pytest.raises(BackupFailed, match="reads back from the repository otherwise"):
        await place.maker(repository).make(Kind.DAILY)
    assert await repository.ids() == []
