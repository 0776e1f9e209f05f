"""Files and the machine: secrets and who may read them, disks, memory, limits."""

from __future__ import annotations

import os
import resource
import shutil
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil

from analytics_engine.bootstrap.settings import Settings


@dataclass(frozen=True)
class DiskFacts:
    """How full the disk of a folder is."""

    folder: Path
    what: str
    total_bytes: int
    free_bytes: int
    inodes: int
    free_inodes: int


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What is there of the files the system needs.

    Args:
        open_secrets: secrets that others than their owner may read.
        empty_secrets: secrets without anything in them.
        missing_secrets: secrets that belong to data which is there.
        unwritable: folders that nothing can be written to.
        archive: the folder of the archive, where it is a folder.
        missing_archived: archived parts that are not there, of the last few.
    """

    open_secrets: tuple[Path, ...] = ()
    empty_secrets: tuple[Path, ...] = ()
    missing_secrets: tuple[Path, ...] = ()
    unwritable: tuple[Path, ...] = ()
    disks: tuple[DiskFacts, ...] = ()
    archive: Path | None = None
    archive_there: bool = True
    catalog: Path | None = None


@dataclass(frozen=True, kw_only=True)
class MachineFacts:
    memory_bytes: int
    free_memory_bytes: int
    open_files_limit: int
    root: bool


def look_at_machine() -> MachineFacts:
    memory = psutil.virtual_memory()
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MachineFacts(
        memory_bytes=memory.total,
        free_memory_bytes=memory.available,
        open_files_limit=soft,
        root=os.geteuid() == 0,
    )


def look_at_files(settings: Settings) -> FileFacts:
    """Return what is there, without changing anything."""
    home = settings.ae_home
    secrets = [file for file in _files_under(home / "secrets") if file.name != "admin.password.shown"]
    needed = _needed(home)
    archive = archive_folder(settings)
    return FileFacts(
        open_secrets=tuple(file for file in [*secrets, home / "secrets"] if _others_may(file)),
        empty_secrets=tuple(file for file in secrets if _size(file) == 0),
        missing_secrets=tuple(file for file in needed if not file.exists()),
        unwritable=tuple(
            folder for folder in (home / "logs", home / "run") if folder.is_dir() and not _writable(folder)
        ),
        disks=tuple(_disks(settings, archive)),
        archive=archive,
        archive_there=archive is None or archive.is_dir() or not settings.ae_archive_url,
        catalog=settings.ae_catalog_dir if settings.ae_catalog_dir and not settings.ae_catalog_dir.is_dir() else None,
    )


def archive_folder(settings: Settings) -> Path | None:
    """Return the archive's folder; None where it is elsewhere."""
    if not settings.ae_archive_url:
        return settings.ae_home / "archive" if settings.ae_home.is_dir() else None
    parts = urlsplit(settings.ae_archive_url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


def _needed(home: Path) -> Sequence[Path]:
    """Return the secrets that servers with data of their own were made with."""
    if not (home / "servers" / "postgres" / "data" / "PG_VERSION").exists():
        return ()
    return [home / "secrets" / name for name in ("postgres.password", "valkey.password", "secret_key")]


def _disks(settings: Settings, archive: Path | None) -> Iterator[DiskFacts]:
    folders = {
        "AE_HOME": settings.ae_home,
        "the database": settings.ae_home / "servers" / "postgres",
        "the archive": archive,
    }
    seen: set[int] = set()
    for what, folder in folders.items():
        if folder is None or not folder.is_dir() or folder.stat().st_dev in seen:
            continue
        seen.add(folder.stat().st_dev)
        usage, system = shutil.disk_usage(folder), os.statvfs(folder)
        yield DiskFacts(folder, what, usage.total, usage.free, system.f_files, system.f_favail)


def _files_under(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def _others_may(path: Path) -> bool:
    return path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _size(file: Path) -> int:
    try:
        return len(file.read_bytes().strip())
    except OSError:
        return -1


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and not os.statvfs(folder).f_flag & os.ST_RDONLY
