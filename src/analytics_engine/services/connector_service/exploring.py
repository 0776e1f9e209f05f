"""Looking at what a profile leads to: does it work, what is there, what do the first rows look like."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.ports.sources import OpenSource, SecretStore, Source, SourcePreview, SourceTable
from analytics_engine.services.connector_service.kinds import SourceKind
from analytics_engine.services.connector_service.schemas import Profile, Trial


@dataclass(frozen=True)
class SourceExplorer:
    """Opens the source of a profile for one question; errors are the source's (``kernel.ports.sources``)."""

    sources: Mapping[SourceKind, OpenSource]
    secrets: SecretStore

    async def test(self, profile: Profile, *, client_id: str) -> Trial:
        """Return whether the source can be read, and if not, why and what to do."""
        began = time.perf_counter()
        try:
            works, detail, remedy = True, await self._open(profile, client_id).check(), ""
        except AnalyticsEngineError as error:
            works, detail, remedy = False, error.detail, error.remedy
        duration_ms = round((time.perf_counter() - began) * 1000, 1)
        return Trial(works=works, detail=detail, remedy=remedy, duration_ms=duration_ms)

    async def tables(self, profile: Profile, *, client_id: str) -> Sequence[SourceTable]:
        return await self._open(profile, client_id).tables()

    async def preview(self, profile: Profile, *, client_id: str, table: str | None, limit: int) -> SourcePreview:
        return await self._open(profile, client_id).preview(table=table, limit=limit)

    def _open(self, profile: Profile, client_id: str) -> Source:
        secrets = {
            name: self.secrets.read(reference, client_id=client_id) for name, reference in profile.secret_refs.items()
        }
        return self.sources[profile.kind](client_id, profile.options, secrets)
