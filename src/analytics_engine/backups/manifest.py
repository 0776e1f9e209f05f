"""What a backup is, in its ``manifest.json``: written last, readable by people, genuine by a code of the key."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from analytics_engine.backups.key import BackupKey
from analytics_engine.errors import BackupDamaged, WrongBackupKey, WrongVersion

FORMAT = 1
FILE_NAME = "manifest.json"


class Kind(StrEnum):
    """The backups of the schedule."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    CONFIGURATION = "configuration"


LOGICAL = frozenset({Kind.DAILY, Kind.MONTHLY})
"""Kinds that are dumps of one database; a weekly one is the files of the whole server."""


class StoredFile(BaseModel):
    """A sealed file: its size before and after, and the SHA-256 of what is stored."""

    model_config = ConfigDict(frozen=True)

    name: str
    size_bytes: int
    stored_bytes: int
    sha256: str


class WalRange(BaseModel):
    """Which changes make the files of a server consistent."""

    model_config = ConfigDict(frozen=True)

    timeline: int
    start_lsn: str
    stop_lsn: str
    segment_bytes: int


class Manifest(BaseModel):
    """One backup.

    Args:
        finished_at: by the database's clock, after the last change that is in it.
        system: the identifier of the database cluster; 0 where nothing of a server is in the backup.
        schema_revision: the product's migration it is at; empty where there is none.
        server_version: as PostgreSQL's ``server_version_num``.
        extensions: the version of each.
        preloaded: libraries the server loads at its start.
        tables: how many rows each had, where they were counted in the backup's own snapshot.
        wal: of the files of a server only.
    """

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    id: str
    kind: Kind
    began_at: datetime
    finished_at: datetime
    product: str
    key_id: str
    system: int = 0
    database: str = ""
    superuser: str = ""
    server_version: int = 0
    schema_revision: str = ""
    extensions: Mapping[str, str] = {}
    preloaded: tuple[str, ...] = ()
    tables: Mapping[str, int] = {}
    wal: WalRange | None = None
    files: tuple[StoredFile, ...] = ()

    @property
    def server_major(self) -> int:
        return self.server_version // 10_000

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)

    @property
    def stored_bytes(self) -> int:
        return sum(file.stored_bytes for file in self.files)

    def written(self, key: BackupKey) -> bytes:
        """Return the file's text, with its code."""
        document = self.model_dump(mode="json")
        return (json.dumps(document | {"code": _code(document, key)}, indent=2) + "\n").encode()

    @classmethod
    def read(cls, text: bytes, key: BackupKey, *, backup: str) -> Self:
        """Return the manifest of a backup.

        Raises:
            BackupDamaged: it is not what was written.
            WrongBackupKey: it was made with another key.
            WrongVersion: it was made by a newer version of the product.
        """
        try:
            document: dict[str, Any] = json.loads(text)
            given_format, key_id, code = document["format"], document["key_id"], document.pop("code")
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(backup, "it is no whole manifest") from error
        if isinstance(given_format, int) and given_format > FORMAT:
            raise WrongVersion(
                f"The backup {backup} has format {given_format}; this version knows formats up to {FORMAT}.",
                remedy="Use the version of Analytics Engine that made it, or a newer one.",
            )
        if key_id != key.id:
            raise WrongBackupKey(
                f"The backup {backup} was made with the key {key_id}; the one at hand is {key.id}.",
                remedy="Name the file of the key it was made with in AE_BACKUP_KEY_FILE.",
            )
        if not isinstance(code, str) or not hmac.compare_digest(code, _code(document, key)):
            raise _damaged(backup, "its code does not fit what it says")
        try:
            manifest = cls.model_validate(document)
        except ValidationError as error:
            raise _damaged(backup, "it says what no backup has") from error
        if manifest.id != backup:
            raise _damaged(backup, f"it is that of {manifest.id}")
        return manifest


def _code(document: Mapping[str, Any], key: BackupKey) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key.derived(b"manifest", b""), text.encode(), hashlib.sha256).hex()


def _damaged(backup: str, what: str) -> BackupDamaged:
    return BackupDamaged(
        f"The manifest of the backup {backup} is damaged: {what}.",
        remedy="Restore another backup (`analytics-engine backup list`), or this one from another copy.",
    )
