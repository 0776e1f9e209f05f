"""AE_HOME: where everything of the one-machine stack lives."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from analytics_engine.embedded.account import Account
from analytics_engine.errors import InvalidSetting

_SHARED_STATE = Path("/var/lib/analytics-engine")


class Home:
    """The folders of AE_HOME, made when they are asked for.

    The servers' own folders are under ``servers``. Where root hands the servers to an account that cannot enter
    AE_HOME (root's home directory is closed to others), ``servers`` is a link to a folder under /var/lib.
    """

    def __init__(self, path: Path, *, account: Account | None = None) -> None:
        self.path = path.absolute()
        self.account = account

    @property
    def logs(self) -> Path:
        return self._folder("logs")

    @property
    def run(self) -> Path:
        """Lock files of what runs now."""
        return self._folder("run")

    @property
    def secrets(self) -> Path:
        return self._folder("secrets", mode=0o700)

    @property
    def lock(self) -> Path:
        return self._made(self.path) / "supervisor.lock"

    def server(self, name: str) -> Path:
        """Return the folder of one server, its own and closed to everybody else."""
        folder = self._servers() / name
        if not folder.is_dir():
            self._made(folder, mode=0o700)
            if self.account is not None:
                os.chown(folder, self.account.user, self.account.group)
        return folder

    def programs(self) -> Path:
        """Return the folder for copies of programs that the servers' account cannot read where they are."""
        return self._made(self._servers() / "programs")

    def delete_data(self) -> None:
        """Remove all there is, the servers' folders elsewhere included; the lock of who asked stays held."""
        servers = self.path / "servers"
        if servers.is_symlink():
            shutil.rmtree(servers.resolve(), ignore_errors=True)
            servers.unlink()
        for entry in self.path.iterdir() if self.path.is_dir() else ():
            if entry == self.path / "supervisor.lock":
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _servers(self) -> Path:
        servers = self.path / "servers"
        if servers.exists():
            return servers.resolve()
        self._made(self.path)
        if self.account is None or self.account.can_use(self.path):
            return self._made(servers)
        elsewhere = self._made(_SHARED_STATE / hashlib.sha256(str(self.path).encode()).hexdigest()[:12])
        servers.unlink(missing_ok=True)
        servers.symlink_to(elsewhere)
        return elsewhere

    def _folder(self, name: str, *, mode: int = 0o755) -> Path:
        return self._made(self.path / name, mode=mode)

    def _made(self, folder: Path, *, mode: int = 0o755) -> Path:
        try:
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(mode)
        except OSError as error:
            raise InvalidSetting(
                f"AE_HOME: the folder {folder} cannot be made: {error.strerror}.",
                remedy="Set AE_HOME to a folder that you may write to, on a disk with space left.",
                setting="AE_HOME",
            ) from error
        return folder
