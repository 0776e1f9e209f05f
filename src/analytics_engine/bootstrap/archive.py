"""Where the archive is: the files of rows that have left their tables, by its URL."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from analytics_engine.adapters.blobs.local import LocalBlobs
from analytics_engine.errors import InvalidSetting
from analytics_engine.kernel.ports.blobs import BlobStore


def archive_at(url: str) -> BlobStore | None:
    """Return the store a URL names; None where there is no URL, and so no archive.

    Raises:
        InvalidSetting: there is no store for such a URL.
    """
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.startswith("/"):
        return LocalBlobs(Path(unquote(parts.path)))
    raise InvalidSetting(
        f"AE_ARCHIVE_URL: there is no archive at {url!r}.",
        remedy="Use file:///folder, of a disk that all services share; leave it out to archive nothing.",
        setting="AE_ARCHIVE_URL",
    )
