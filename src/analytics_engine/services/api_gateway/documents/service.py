from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from analytics_engine.contracts.services import Service
from analytics_engine.errors import AnalyticsEngineError
from analytics_engine.kernel.logging import get_logger
from analytics_engine.kernel.tasks import is_wanted
from analytics_engine.services.api_gateway.documents.aggregation import Document, aggregate
from analytics_engine.services.api_gateway.upstreams import Upstreams

log = get_logger(__name__)

_TIMEOUT_S = 5.0
_WHOLE_FOR_S = 60.0
_MISSING_FOR_S = 2.0


class SystemDocument:
    """The gateway's OpenAPI document: its own routes and those of every service that has answered so far.

    Args:
        own: the gateway's own document.
    """

    def __init__(self, *, own: Callable[[], Document], upstreams: Upstreams) -> None:
        self._own = own
        self._upstreams = upstreams
        self._documents: dict[Service, Document] = {}
        self._aggregated: Document | None = None

    def document(self) -> Document:
        if self._aggregated is None:
            missing = self._upstreams.keys() - self._documents.keys()
            self._aggregated = aggregate(self._own(), self._documents, unavailable=missing)
        return self._aggregated

    async def keep_fresh(self) -> None:
        """Ask the services for their documents, for ever: often while one is missing, else now and then."""
        while is_wanted():
            await asyncio.gather(*(self._ask(service) for service in self._upstreams))
            whole = self._documents.keys() == self._upstreams.keys()
            await asyncio.sleep(_WHOLE_FOR_S if whole else _MISSING_FOR_S)

    async def _ask(self, service: Service) -> None:
        try:
            async with self._upstreams[service].stream(
                "GET",
                "/openapi.json",
                principal=None,
                headers={},
                timeout_s=_TIMEOUT_S,
                total_s=_TIMEOUT_S,
                patient=False,
            ) as response:
                document = json.loads(await response.read())
        except AnalyticsEngineError:
            return
        except ValueError:
            log.warning("openapi_document_unreadable", upstream=service.value)
            return
        if self._documents.get(service) != document:
            self._documents[service] = document
            self._aggregated = None
