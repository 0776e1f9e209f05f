"""Where blobs are kept, by a URL: in a folder, in a container of Azure's blob storage, or in a bucket of S3 storage."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from analytics_engine.adapters.blobs.azure_account import AzureAccount
from analytics_engine.adapters.blobs.local import LocalBlobs
from analytics_engine.adapters.blobs.names import checked
from analytics_engine.adapters.blobs.s3_account import S3Account
from analytics_engine.errors import InvalidInput, InvalidSetting
from analytics_engine.kernel.ports.blobs import BlobStore

_AZURE = frozenset({"azure", "az"})
_BUCKET = re.compile(r"(?=.{3,63}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])")
_CONTAINER = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")


def blob_store_at(
    url: str,
    *,
    azure_connection_string: str = "",
    s3: S3Account | None = None,
    setting: str = "AE_ARCHIVE_URL",
) -> BlobStore:
    """Return the store a URL names, which is the value of a setting; nothing is opened or made yet.

    Raises:
        InvalidSetting: there is no store for such a URL, or the connection string it needs is missing or wrong.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _invalid(setting, "it is no URL") from None  # the cause repeats it
    path = unquote(parts.path)
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise _invalid(setting, "its URL has more than a place and a path")  # not shown: it may be a secret
    if parts.scheme == "file" and parts.netloc in {"", "localhost"} and path.startswith("/"):
        return LocalBlobs(Path(path))
    if parts.scheme in _AZURE:
        from analytics_engine.adapters.blobs.azure import AzureBlobs

        account = AzureAccount.named_by(azure_connection_string)
        return AzureBlobs(account, _container(setting, parts.netloc), prefix=_prefix(setting, path))
    if parts.scheme == "s3" and s3 is not None:
        from analytics_engine.adapters.blobs.s3 import S3Blobs

        return S3Blobs(s3, _bucket(setting, parts.netloc), prefix=_prefix(setting, path))
    raise _invalid(setting, f"there is no blob storage for {parts.scheme or 'a URL without a scheme'}")


def _container(setting: str, name: str) -> str:
    if not _CONTAINER.fullmatch(name):
        raise _invalid(
            setting, f"{name!r} is no name of a container (3 to 63 lower-case letters, digits and single hyphens)"
        )
    return name


def _bucket(setting: str, name: str) -> str:
    if not _BUCKET.fullmatch(name):
        raise _invalid(
            setting, f"{name!r} is no name of a bucket (3 to 63 lower-case letters, digits, hyphens and dots)"
        )
    return name


def _prefix(setting: str, path: str) -> str:
    prefix = path.strip("/")
    try:
        return checked(prefix) if prefix else ""
    except InvalidInput as error:
        raise _invalid(setting, f"the path after the container is no name: {prefix!r}") from error


def _invalid(setting: str, what: str) -> InvalidSetting:
    return InvalidSetting(
        f"{setting}: {what}.",
        remedy="Use file:///folder, of a disk that all services share, or azure://container/prefix with "
        "AZURE_STORAGE_CONNECTION_STRING.",
        setting=setting,
    )
