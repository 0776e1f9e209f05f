"""PostgreSQL's own programs, run for backups: none of them outlives us, and no password is seen among the processes."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit
from uuid import uuid4

from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.home import Home
from analytics_engine.errors import BackupFailed, InsufficientStorage

_POLL_S = 0.05
_VERSION = re.compile(r"(\d+)(?:\.\d+)?")


@dataclass(frozen=True)
class Tools:
    """The programs of one folder.

    Args:
        home: where their logs and locks are.
    """

    folder: Path
    home: Home

    def major(self) -> int:
        """Return the version of PostgreSQL the programs are of."""
        told = subprocess.run(  # noqa: S603 - a program of PostgreSQL, no shell
            [str(self.folder / "postgres"), "--version"], capture_output=True, text=True, check=False, env=_base()
        ).stdout
        found = _VERSION.search(told)
        if found is None:
            raise BackupFailed(
                f"{self.folder} has no program postgres that tells its version.",
                remedy="Name the folder of PostgreSQL's programs in AE_BACKUP_PROGRAMS_DIR.",
            )
        return int(found[1])

    def child(self, name: str, command: Sequence[str], *, url: str = "", as_server: bool = False) -> Child:
        """Return a program as a child, which is not started yet."""
        return Child(
            Program(
                name=name,
                command=[str(self.folder / command[0]), *command[1:]],
                environment=_base() | (login_environment(url) if url else {}),
                home=self.home,
                directory=self.home.path,
                account=self.home.account if as_server else None,
                grace_s=10.0,
            )
        )

    async def run(self, name: str, *arguments: str, url: str = "", as_server: bool = False) -> None:
        """Run a program to its end.

        Raises:
            BackupFailed: it ended with an error, which the detail repeats.
        """
        child = self.child(f"{name}-{uuid4().hex[:8]}", [name, *arguments], url=url, as_server=as_server)
        try:
            await asyncio.to_thread(child.start)
            while child.running:  # noqa: ASYNC110 - nothing tells when it ends
                await asyncio.sleep(_POLL_S)
        finally:
            await asyncio.to_thread(child.stop)
            said = child.last_words() or f"it ended with code {child.exit_code}"
            for file in (child.program.log, child.program.lock):
                file.unlink(missing_ok=True)
        if child.exit_code:
            raise BackupFailed(f"{name} failed: {said}", remedy="Mend what it says, and try again.")


def without_password(url: str) -> str:
    """Return a URL that may be an argument: everything of it but the password."""
    parts = urlsplit(url)
    login, at, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{login.partition(':')[0]}{at}{place}"))


def login_environment(url: str) -> dict[str, str]:
    password = urlsplit(url).password
    return {"PGPASSWORD": unquote(password)} if password else {}


def need_room(folder: Path, needed_bytes: int, *, what: str) -> None:
    """Raise where a disk has no room for what comes.

    Raises:
        InsufficientStorage: it has not.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < needed_bytes:
        raise InsufficientStorage(
            f"{what} needs {needed_bytes / 2**20:,.0f} MiB in {folder}; {free / 2**20:,.0f} MiB are free.",
            remedy="Free space on this disk, or choose another one.",
        )


def _base() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
