"""What the gateway asks of a client of another service; ``clients/http.py`` makes it real."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import aiohttp

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Principal


class Upstream(Protocol):
    """One service behind the gateway."""

    def stream(
        self,
        method: str,
        path: str,
        *,
        principal: Principal | None,
        body: bytes | AsyncIterable[bytes] | None = None,
        query: str = "",
        headers: Mapping[str, str],
        timeout_s: float,
        total_s: float | None = None,
        repeatable: bool = False,
        patient: bool = True,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Open one request on behalf of a principal and yield its response, whatever its status.

        Raises:
            DependencyUnavailable: the service cannot be reached.
            DependencyTimeout: it did not answer in time.
        """
        ...


Upstreams = Mapping[Service, Upstream]
