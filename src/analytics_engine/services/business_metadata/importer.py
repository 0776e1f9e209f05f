"""The shipped catalog, imported once when the service starts and the database is there."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from analytics_engine.errors import DependencyUnavailable
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.business_metadata.bundle import read_bundle, read_directory
from analytics_engine.services.business_metadata.service import DefinitionService

log = get_logger(__name__)

_SIGN_OF_LIFE_S = 1.0


class CatalogImporter:
    """Imports a directory of definitions; as a dependency it is well once that is done.

    Run as a background task: a failure is logged and tried again, so that a corrected file or a database that comes
    later is all it takes.
    """

    def __init__(self, service: DefinitionService, directory: Path) -> None:
        self._service = service
        self._directory = directory
        self._done = asyncio.Event()
        self._failure = "it is being read"

    async def run(self) -> None:
        """Import, then rest until cancelled."""
        if not self._done.is_set():
            try:
                await self._import()
            except Exception as error:
                self._failure = str(error)
                raise
            self._done.set()
        while is_wanted():  # noqa: ASYNC110 - it waits for nothing, and says that it is well
            await asyncio.sleep(_SIGN_OF_LIFE_S)

    async def ping(self) -> None:
        if not self._done.is_set():
            raise DependencyUnavailable(
                f"The shipped catalog is not imported yet: {self._failure}",
                remedy="Correct what is named; it is tried again every few seconds.",
            )

    async def _import(self) -> None:
        entries = read_bundle(await asyncio.to_thread(read_directory, self._directory))
        edits = await self._service.import_shipped(entries)
        counts = Counter("created" if edit.is_new else "changed" for edit in edits.made)
        log.info(
            "catalog_imported",
            definitions=len(entries),
            created=counts["created"],
            changed=counts["changed"],
            catalog_version=edits.catalog_version,
        )
