"""Where the files that jobs make are kept, as the settings say."""

from __future__ import annotations

from analytics_engine.bootstrap.blobs import blob_store_at
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.kernel.ports.blobs import BlobStore


def exports_of(settings: Settings) -> BlobStore:
    """Return the store of exports: a folder in AE_HOME where no other is named.

    Raises:
        InvalidSetting: there is no store at that URL.
    """
    secret = settings.azure_storage_connection_string
    return blob_store_at(
        settings.ae_exports_url or (settings.ae_home / "exports").as_uri(),
        azure_connection_string=secret.get_secret_value() if secret else "",
        setting="AE_EXPORTS_URL",
    )
