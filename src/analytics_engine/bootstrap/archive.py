"""Where old rows are archived, as the settings say."""

from __future__ import annotations

from analytics_engine.bootstrap.blobs import blob_store_at
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.kernel.ports.blobs import BlobStore


def archive_of(settings: Settings) -> BlobStore | None:
    """Return the store of the archive; None where there is none, and so no rows leave their tables.

    Raises:
        InvalidSetting: there is no store at that URL.
    """
    if not settings.ae_archive_url:
        return None
    secret = settings.azure_storage_connection_string
    return blob_store_at(settings.ae_archive_url, azure_connection_string=secret.get_secret_value() if secret else "")
