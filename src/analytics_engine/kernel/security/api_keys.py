"""Keys for programs: ``ae_<prefix>_<secret><checksum>``, 256 random bits, kept only as an HMAC."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field

from analytics_engine.errors import Unauthenticated

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_PREFIX_LENGTH = 8
_SECRET_LENGTH = 43
_CHECKSUM_LENGTH = 6
_SHAPE = re.compile(
    rf"ae_[0-9A-Za-z]{{{_PREFIX_LENGTH}}}_[0-9A-Za-z]{{{_SECRET_LENGTH}}}(?P<checksum>[0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})"
)


@dataclass(frozen=True)
class NewKey:
    """A key as it is shown once: its text, and the prefix it is known by afterwards."""

    text: str = field(repr=False)
    prefix: str


def new_key() -> NewKey:
    """Return a random key; 43 base-62 digits hold 256 bits."""
    prefix = "".join(secrets.choice(_DIGITS) for _ in range(_PREFIX_LENGTH))
    secret = "".join(secrets.choice(_DIGITS) for _ in range(_SECRET_LENGTH))
    body = f"ae_{prefix}_{secret}"
    return NewKey(text=body + checksum(body), prefix=prefix)


def checksum(body: str) -> str:
    """Return the CRC-32 of a key's text in base 62: a mistyped key is told from a wrong one without a look-up."""
    value = zlib.crc32(body.encode())
    digits = ""
    for _ in range(_CHECKSUM_LENGTH):
        value, digit = divmod(value, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits


def check_shape(text: str) -> None:
    """Return when a key that starts like one of ours is whole.

    Raises:
        Unauthenticated: it was cut or mistyped.
    """
    if not text.startswith("ae_"):
        return
    shape = _SHAPE.fullmatch(text)
    if shape is None or not hmac.compare_digest(shape["checksum"], checksum(text[:-_CHECKSUM_LENGTH])):
        raise Unauthenticated(
            "The API key is damaged: its checksum is wrong.", remedy="Copy the whole key again, or make a new one."
        )


def digest(text: str, *, key: bytes) -> bytes:
    """Return what is stored of a key: useless without the server's own key."""
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
