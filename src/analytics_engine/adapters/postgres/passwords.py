"""Passwords of login roles, as verifiers made here: the password itself never goes over the wire or into a log."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64encode

from analytics_engine.errors import InvalidSetting

_ITERATIONS = 4096
_SALT_BYTES = 16


def scram_verifier(password: str, *, salt: bytes | None = None) -> str:
    """Return what PostgreSQL stores for a password (SCRAM-SHA-256, RFC 5802 and RFC 7677).

    Raises:
        InvalidSetting: the password has other than printable ASCII characters.
    """
    if not password or not password.isascii() or not password.isprintable():
        raise InvalidSetting(
            "A role's password is empty or has characters other than printable ASCII.",
            remedy="Delete its file in AE_ROLE_SECRETS_DIR; `analytics-engine migrate` makes a new one.",
            setting="AE_ROLE_SECRETS_DIR",
        )
    salt = salt or os.urandom(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${_ITERATIONS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _text(raw: bytes) -> str:
    return b64encode(raw).decode()
