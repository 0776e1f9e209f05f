"""What the calculation engine does when data changes: answers computed from it are not given again."""

from __future__ import annotations

from analytics_engine.contracts.events import DataIngested, EventType
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.ports.cache import Cache
from analytics_engine.kernel.ports.events import Event
from analytics_engine.services.calculation_engine_service.answers import data_version

log = get_logger(__name__)

GROUP = "calculation-answers"
TYPES = (EventType.DATA_INGESTED,)


class AnswerInvalidation:
    """Handles ``data.ingested``. Handling one twice does no harm: it only costs a computation."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def __call__(self, event: Event) -> None:
        ingested = DataIngested.model_validate(event.data)
        await self._cache.raise_versions([data_version(event.clientid, ingested.object_model)])
        log.info("answers_invalidated", client_id=event.clientid, object_model=ingested.object_model)
