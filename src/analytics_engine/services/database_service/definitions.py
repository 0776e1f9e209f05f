"""Object models as business_metadata has them, and as they were last known while it is away."""

from __future__ import annotations

from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.errors import DependencyTimeout, DependencyUnavailable
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kpi.model.catalog import ObjectModelVersion

log = get_logger(__name__)


class ObjectModels:
    """Asks for an object model each time it is needed: what a client changed a second ago holds."""

    def __init__(self, metadata: MetadataApi) -> None:
        self._metadata = metadata
        self._last_known: dict[tuple[str, str], ObjectModelVersion] = {}

    def last_known(self, client_id: str, code: str) -> ObjectModelVersion | None:
        """Return a client's object model as it was answered last, whatever it is now; None if it never was."""
        return self._last_known.get((client_id, code))

    async def get(self, client_id: str, code: str) -> ObjectModelVersion:
        """Return a client's object model.

        Raises:
            ObjectModelNotFound: there is none of this code.
            DependencyUnavailable: business_metadata is away, and the object model was not asked for before.
        """
        try:
            model = await self._metadata.object_model(client_id, code)
        except (DependencyUnavailable, DependencyTimeout) as error:
            last_known = self._last_known.get((client_id, code))
            if last_known is None:
                raise
            log.warning("object_model_from_memory", object_model=code, version=last_known.version, reason=error.detail)
            return last_known
        self._last_known[client_id, code] = model
        return model
