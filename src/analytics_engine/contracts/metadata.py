"""What other rooms may know of business_metadata."""

from __future__ import annotations

from typing import Any, Protocol

from analytics_engine.contracts.wire import WireModel
from analytics_engine.kpi.model.catalog import Catalog, ObjectModelVersion


class Change(WireModel):
    """One place where two versions of a definition differ, such as ``attributes.seats.unit``; null is absent."""

    place: str
    before: Any = None
    after: Any = None


class MetadataApi(Protocol):
    """The catalog of definitions, as one client sees it."""

    async def catalog(self, client_id: str, *, known_version: str | None = None) -> Catalog | None:
        """Return the client's catalog, or None when ``known_version`` is still the present one."""
        ...

    async def object_model(self, client_id: str, code: str) -> ObjectModelVersion:
        """Return one object model.

        Raises:
            ObjectModelNotFound: there is none of this code.
        """
        ...
