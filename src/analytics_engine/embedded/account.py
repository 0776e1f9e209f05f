"""The account the database servers run as: PostgreSQL refuses to run as root, so root hands them to another one."""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from analytics_engine.errors import InvalidSetting

DEFAULT_ACCOUNT = "nobody"


@dataclass(frozen=True)
class Account:
    name: str
    user: int
    group: int

    def can_use(self, path: Path) -> bool:
        """Return whether the account can enter every folder down to the path, and read (or enter) the path itself."""
        absolute = path.absolute()
        reachable = all(self._may(parent, stat.S_IXUSR) for parent in absolute.parents)
        return reachable and self._may(absolute, stat.S_IRUSR | stat.S_IXUSR)

    def _may(self, path: Path, rights: int) -> bool:
        """Return whether all of these rights (written as the owner's bits) are the account's."""
        status = path.stat()
        shift = 0 if status.st_uid == self.user else 3 if status.st_gid == self.group else 6
        needed = rights >> shift
        return status.st_mode & needed == needed


def server_account(name: str = DEFAULT_ACCOUNT) -> Account | None:
    """Return the account root hands its servers to; None for anybody else, who runs them himself.

    Raises:
        InvalidSetting: there is no such account, or it is root again.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        entry = None
    if entry is None or entry.pw_uid == 0:
        raise InvalidSetting(
            f"AE_SERVER_USER: {name!r} is not an account without root's rights on this machine.",
            remedy="Set AE_SERVER_USER to an existing one, such as nobody, or start as a normal user.",
            setting="AE_SERVER_USER",
        )
    return Account(name=name, user=entry.pw_uid, group=entry.pw_gid)
