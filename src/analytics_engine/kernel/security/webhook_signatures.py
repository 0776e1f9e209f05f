"""Signatures of webhooks, as Standard Webhooks describes them: a receiver knows that it was us, and when."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence

from analytics_engine.errors import InvalidInput

_MARK = "whsec_"
_KEY_BYTES = 32
_SHORTEST_KEY_BYTES = 24
_LONGEST_KEY_BYTES = 64


def new_secret() -> str:
    """Return a new random secret, as receivers are given it."""
    return _MARK + base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def check_secret(secret: str) -> None:
    """Return when a secret is such as receivers' libraries take.

    Raises:
        InvalidInput: it is not; the detail does not show it.
    """
    try:
        size = len(_key(secret))
    except (binascii.Error, ValueError):
        size = 0
    if not _SHORTEST_KEY_BYTES <= size <= _LONGEST_KEY_BYTES:
        raise InvalidInput(
            "The signing secret is not whsec_ and 24 to 64 random bytes in base64.",
            remedy="Make one with: python3 -c 'import base64, os; "
            'print("whsec_" + base64.b64encode(os.urandom(32)).decode())\'',
        )


def signed_headers(secrets: Sequence[str], *, message_id: str, timestamp_s: int, body: bytes) -> Mapping[str, str]:
    """Return the headers a body is sent with: one signature for each secret that is valid at present."""
    content = f"{message_id}.{timestamp_s}.".encode() + body
    signatures = [hmac.new(_key(secret), content, hashlib.sha256).digest() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signatures),
    }


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(_MARK), validate=True)
