"""Live answers of calculation_engine_service, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from analytics_engine.clients.http import ServiceClient
from analytics_engine.contracts.live import UPDATE
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.http.server_sent import HEARTBEAT_S, events_of
from analytics_engine.kernel.security.principal import Principal, Role


class HttpLive:
    """Live answers from the calculation engine, over HTTP."""

    def __init__(self, client: ServiceClient, *, caller: Service) -> None:
        self._client = client
        self._caller = caller

    async def updates(self, client_id: str, query: str) -> AsyncGenerator[tuple[str, str], None]:
        """Yield what is told of a query; see ``contracts.live.LiveApi``."""
        async with self._client.stream(
            "POST",
            "/follow",
            principal=Principal(
                subject=f"service:{self._caller}", client_id=client_id, role=Role.SERVICE, name=self._caller.value
            ),
            body=f'{{"queries":[{query}]}}'.encode(),
            headers={"Content-Type": "application/json"},
            timeout_s=2 * HEARTBEAT_S,
            patient=False,
        ) as response:
            await self._client.check(response)
            async for event in events_of(response.content.iter_any()):
                if event.name == UPDATE:
                    yield event.id, event.data
