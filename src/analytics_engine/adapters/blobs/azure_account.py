"""The storage account that a connection string of Azure names."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from analytics_engine.errors import InvalidSetting

_SETTING = "AZURE_STORAGE_CONNECTION_STRING"
_EMULATOR = {
    "accountname": "devstoreaccount1",
    # Azurite's only account; its key is the same for everybody, and no secret
    "accountkey": "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    "blobendpoint": "http://127.0.0.1:10000/devstoreaccount1",
}


@dataclass(frozen=True)
class AzureAccount:
    """A storage account, where its blobs are reached, and the key it signs requests with."""

    name: str
    key: str = field(repr=False)
    endpoint: str

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return urlsplit(self.endpoint).netloc

    @classmethod
    def named_by(cls, connection_string: str) -> Self:
        """Return the account of a connection string; parts that say nothing of blobs are left alone.

        Raises:
            InvalidSetting: a part is missing or wrong; the detail names it, and never the key.
        """
        parts = _parts(connection_string)
        if parts.get("usedevelopmentstorage", "").lower() == "true":
            parts = _EMULATOR
        name, key = parts.get("accountname", ""), parts.get("accountkey", "")
        if not name or not key:
            raise _invalid("has no AccountName" if not name else "has no AccountKey")
        if not _is_base64(key):
            raise _invalid("has an AccountKey that is not Base64")
        scheme = parts.get("defaultendpointsprotocol", "https").lower()
        suffix = parts.get("endpointsuffix", "core.windows.net")
        endpoint = parts.get("blobendpoint") or f"{scheme}://{name}.blob.{suffix}"
        if not _is_address(endpoint):
            raise _invalid("has a BlobEndpoint that is no http:// or https:// address")
        return cls(name=name, key=key, endpoint=endpoint.rstrip("/"))


def _parts(connection_string: str) -> dict[str, str]:
    """Return its ``Name=value`` parts, names in lower case; a value may have more equals signs."""
    if not connection_string.strip():
        raise _invalid("is not set")
    pairs = [part.partition("=") for part in connection_string.split(";") if part.strip()]
    if not all(equals for _, equals, _ in pairs):
        raise _invalid("has a part that is not written Name=value")
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _is_base64(key: str) -> bool:
    try:
        return bool(base64.b64decode(key, validate=True))
    except binascii.Error:
        return False


def _is_address(endpoint: str) -> bool:
    try:
        parts = urlsplit(endpoint)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query
    except ValueError:
        return False


def _invalid(what: str) -> InvalidSetting:
    return InvalidSetting(
        f"{_SETTING} {what}.",
        remedy="Copy it whole from the account's access keys: AccountName=...;AccountKey=...;EndpointSuffix=... "
        "(a shared access signature will not do); UseDevelopmentStorage=true is Azurite on this machine.",
        setting=_SETTING,
    )
