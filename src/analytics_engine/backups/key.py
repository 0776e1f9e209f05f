"""The key of a repository of backups: whoever has it reads and makes backups, whoever lost it has none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from analytics_engine.embedded.secrets import secret
from analytics_engine.errors import WrongBackupKey

_KEY_BYTES = 32
_ID_DIGITS = 16


@dataclass(frozen=True)
class BackupKey:
    """A secret, from which a key of its own is derived for each file."""

    secret: bytes = field(repr=False)

    @classmethod
    def read_or_make(cls, file: Path) -> Self:
        """Return the key in a file, made there when there is none."""
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(secret(file).encode())

    @classmethod
    def read(cls, file: Path) -> Self:
        """Return the key in a file.

        Raises:
            WrongBackupKey: there is none.
        """
        if not file.is_file():
            raise WrongBackupKey(
                f"There is no key in {file}.",
                remedy="Put the key there that the backups were made with, or name its file in AE_BACKUP_KEY_FILE.",
            )
        return cls(secret(file).encode())

    @property
    def id(self) -> str:
        """Tells keys apart without telling anything of them."""
        return hashlib.sha256(self.derived(b"id", b"")).hexdigest()[:_ID_DIGITS]

    def derived(self, purpose: bytes, salt: bytes) -> bytes:
        info = b"analytics-engine backup " + purpose
        return HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=salt, info=info).derive(self.secret)
