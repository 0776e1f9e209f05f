"""A server nobody else reaches: its files are being restored, or a backup is tried on it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self
from urllib.parse import quote

import psutil

from analytics_engine.backups.tools import Tools
from analytics_engine.embedded.child import Child, Program
from analytics_engine.errors import RestoreFailed

_POLL_S = 0.05
_STATUS_LINE = 8
OWNER = "analytics_engine_scratch"


class ScratchServer:
    """A server on a socket in a folder that is closed to others; whoever may enter it needs no password.

    Args:
        data: its files, which belong to the account that servers run as.
        preload: libraries it loads at its start.
        settings: what else it is started with.
    """

    def __init__(
        self, tools: Tools, data: Path, *, preload: Sequence[str] = (), settings: Mapping[str, str] | None = None
    ) -> None:
        self._tools = tools
        self._data = data
        self._room = Path(tempfile.mkdtemp(prefix="ae-pg-"))
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._room),
            "hba_file": str(self._room / "pg_hba.conf"),
            "ident_file": str(self._room / "pg_ident.conf"),
            "config_file": str(self._room / "postgresql.conf"),
            "data_directory": str(data),
            "shared_preload_libraries": ",".join(preload),
            "shared_buffers": "128MB",
            "max_wal_size": "4GB",
            "archive_mode": "off",
            "hot_standby": "off",
            "ssl": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **({"timescaledb.max_background_workers": "0"} if "timescaledb" in preload else {}),
            **(settings or {}),
        }
        lines = [f"{name} = '{value.replace(chr(39), 2 * chr(39))}'" for name, value in options.items()]
        (self._room / "postgresql.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (self._room / "pg_hba.conf").write_text("local all all trust\n", encoding="utf-8")
        (self._room / "pg_ident.conf").touch()
        if account := tools.home.account:
            for path in (self._room, *self._room.iterdir()):
                os.chown(path, account.user, account.group)
        self._child = Child(
            Program(
                name=f"scratch-{self._room.name}",
                command=[str(tools.folder / "postgres"), "-c", f"config_file={self._room / 'postgresql.conf'}"],
                environment={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                home=tools.home,
                directory=self._room,
                account=tools.home.account,
                stop_signal=signal.SIGINT,
                grace_s=120.0,
            )
        )

    def url(self, database: str, *, user: str) -> str:
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={quote(str(self._room), safe='')}"

    async def __aenter__(self) -> Self:
        """Start, and return when the server takes connections: what it had to replay is replayed then.

        Raises:
            RestoreFailed: it ended instead; the detail is what it says.
        """
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        try:
            await asyncio.to_thread(self._child.start)
            while not self._ready():
                self._need_running()
                await asyncio.sleep(_POLL_S)
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Return when it has written everything out and is gone."""
        await asyncio.to_thread(self._child.stop)
        shutil.rmtree(self._room, ignore_errors=True)
        for file in (self._child.program.log, self._child.program.lock):
            file.unlink(missing_ok=True)

    def _need_running(self) -> None:
        if not self._child.running:
            raise RestoreFailed(
                f"PostgreSQL ended while it replayed the backup. It says:\n{self._child.last_words()}",
                remedy="Restore another backup, or another moment.",
            )

    def _ready(self) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            ours = psutil.Process(int(lines[0])).ppid() == self._child.launcher_pid
            return ours and lines[_STATUS_LINE - 1].strip() == "ready"
        except (OSError, IndexError, ValueError, psutil.Error):
            return False


async def make_cluster(tools: Tools, data: Path) -> None:
    """Make the files of an empty server, whose owner is ``OWNER``."""
    await tools.run(
        *("initdb", "-D", str(data), "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
        as_server=True,
    )
