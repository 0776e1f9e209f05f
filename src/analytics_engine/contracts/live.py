"""Live values: queries that are followed, and their newest answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Protocol

from pydantic import Field

from analytics_engine.contracts.answers import KpiResult
from analytics_engine.contracts.questions import KpiQuery
from analytics_engine.contracts.wire import WireModel

MOST_QUERIES = 50
UPDATE = "update"
"""The name of the event that carries a ``LiveUpdate``."""
EXPIRED = "expired"
"""The name of the event that ends a stream whose credentials are no longer good."""


class LiveRequest(WireModel):
    """Queries to be answered, and answered again whenever their answers change."""

    queries: tuple[KpiQuery, ...] = Field(min_length=1, max_length=MOST_QUERIES)


class LiveUpdate(WireModel):
    """The newest answer of one of the queries, whole, or the problem that keeps it from being answered.

    ``query`` is its number in the request, from 0. ``version`` is the same for answers that are the same: whoever
    connects again and is given the version it has need not draw anything anew.
    """

    query: int
    version: str
    result: KpiResult | None = None
    problem: dict[str, Any] | None = None


class LiveApi(Protocol):
    """The calculation engine, as it is followed by others."""

    def updates(self, client_id: str, query: str) -> AsyncGenerator[tuple[str, str], None]:
        """Yield the newest answers of a client's query, until the connection ends: version, ``LiveUpdate`` as JSON.

        Raises:
            DependencyUnavailable: it cannot be reached, or goes away.
            DependencyTimeout: it is silent for too long.
            AnalyticsEngineError: it refuses the query.
        """
        ...
