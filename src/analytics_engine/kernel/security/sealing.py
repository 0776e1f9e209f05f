"""Secrets that have to be read again, kept where others may read the row but not the secret."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from analytics_engine.errors import InvalidSetting
from analytics_engine.kernel.security.tokens import derive_key

_NONCE_BYTES = 12


class Sealer:
    """Encrypts with a key of one purpose (AES-256-GCM). What is sealed for an owner opens for that owner only."""

    def __init__(self, *, secret_key: str, purpose: str) -> None:
        self._cipher = AESGCM(derive_key(secret_key, purpose))

    def seal(self, secret: str, *, owner: str) -> str:
        """Return the secret as text that is useless without the server's own key."""
        nonce = os.urandom(_NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret.encode(), owner.encode())).decode()

    def open(self, sealed: str, *, owner: str) -> str:
        """Return what was sealed.

        Raises:
            InvalidSetting: it was sealed with another SECRET_KEY, or for another owner.
        """
        content = base64.b64decode(sealed)
        try:
            opened = self._cipher.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], owner.encode())
        except InvalidTag as error:
            raise InvalidSetting(
                "A stored secret cannot be read: SECRET_KEY is another one than when it was stored.",
                remedy="Set the SECRET_KEY of then, or give the secret anew.",
                setting="SECRET_KEY",
            ) from error
        return opened.decode()
