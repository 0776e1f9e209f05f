"""What must not be in a log: found by the names of fields, by how secrets look, and by the secrets that are known."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

REDACTED = "[redacted]"

_MARKS = (
    "password", "passwd", "passphrase", "secret", "token", "api_key", "apikey", "api-key", "access_key", "accesskey",
    "account_key", "accountkey", "private_key", "authorization", "cookie", "credential", "database_url", "redis_url",
    "events_url", "connection_string", "dsn",
)  # fmt: skip
_SHORTEST_KNOWN = 8
_MARK = "|".join(re.escape(mark) for mark in _MARKS)
_VALUE = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"',;&<>{}()\[\]]+)"""

_IN_URL = re.compile(
    r"""\b([a-z][a-z0-9+.-]*://)(?:[^\s/@'"<>]*:[^\s'"<>]*|[^\s/@'"<>]+)@""",
    re.IGNORECASE,
)
"""What stands before the host of a URL, up to its last @."""
_CREDENTIALS = re.compile(r"\b(Bearer|Basic|Digest|Negotiate)\s+(?!realm)[\w.~+/=-]{6,}", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]{4,}\.[\w-]{4,}\.[\w-]*")
_OUR_KEY = re.compile(r"\bae_[0-9A-Za-z]{4,}_[0-9A-Za-z]{20,}")
_NAMED = re.compile(rf"""(["']?[\w-]*(?:{_MARK})[\w-]*["']?\s*[=:]\s*)(?!\[redacted\]){_VALUE}""", re.IGNORECASE)
"""``name=value`` and ``name: value``, the value in quotes or up to the next separator."""
_SIGNATURE = re.compile(r"\b(sig=)[\w%+/=-]{6,}", re.IGNORECASE)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_PRIVATE_KEY, REDACTED),
    (_IN_URL, rf"\1{REDACTED}@"),
    (_CREDENTIALS, rf"\1 {REDACTED}"),
    (_JWT, REDACTED),
    (_OUR_KEY, REDACTED),
    (_NAMED, rf"\1{REDACTED}"),
    (_SIGNATURE, rf"\1{REDACTED}"),
)


class Redactor:
    """Takes secrets out of what is about to be written.

    Args:
        known: the secrets of this process, which are taken out wherever they stand.
    """

    def __init__(self, known: Collection[str] = ()) -> None:
        usable = sorted({secret for secret in known if len(secret) >= _SHORTEST_KNOWN}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, usable))) if usable else None

    def fields(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return named values without secrets, those of nested ones among them."""
        return {name: REDACTED if names_a_secret(name) else self.value(value) for name, value in given.items()}

    def value(self, value: Any) -> Any:
        """Return a value without secrets; what is no plain value is described by its ``repr``, as a log line would."""
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return self.text(value)
            case Mapping():
                return self.fields({str(name): entry for name, entry in value.items()})
            case list() | tuple() | set() | frozenset():
                return [self.value(entry) for entry in value]
            case _:
                return self.text(repr(value))

    def text(self, text: str) -> str:
        """Return a text without what looks like a secret, and without those that are known."""
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


def names_a_secret(name: str) -> bool:
    lower = name.lower()
    return any(mark in lower for mark in _MARKS)
