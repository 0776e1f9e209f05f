"""Live values: queries that are followed, and their newest answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal, Protocol, Self

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from analytics_engine.contracts.answers import KpiResult
from analytics_engine.contracts.questions import KpiQuery
from analytics_engine.contracts.wire import WireModel

MOST_QUERIES = 50
UPDATE = "update"
"""The name of the event that carries a ``LiveUpdate``."""
UNCHANGED = "unchanged"
"""The name of the event that says that an answer is still the one whose version was given."""
EXPIRED = "expired"
"""The name of the event that ends a stream whose credentials are no longer good."""

Version = Annotated[str, StringConstraints(max_length=64)]
QueryName = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class LiveRequest(WireModel):
    """Queries to be answered, and answered again whenever their answers change.

    ``versions`` are those of the answers that one has, query by query; null or empty where one has none.
    """

    queries: tuple[KpiQuery, ...] = Field(min_length=1, max_length=MOST_QUERIES)
    versions: tuple[Version | None, ...] = Field(default=(), max_length=MOST_QUERIES)

    @model_validator(mode="after")
    def _has_a_version_for_each(self) -> Self:
        if self.versions and len(self.versions) != len(self.queries):
            raise ValueError("give as many versions as queries, null for those of which there is none, or no versions")
        return self


class Subscribe(WireModel):
    """Follow queries, each under a name; one that is followed under this name is followed no more.

    ``versions`` are those of the answers that one has: where an answer is still the same, this is said in its place.
    """

    type: Literal["subscribe"] = "subscribe"
    queries: dict[QueryName, KpiQuery] = Field(min_length=1, max_length=MOST_QUERIES)
    versions: dict[QueryName, Version] = Field(default_factory=dict, max_length=MOST_QUERIES)


class Unsubscribe(WireModel):
    """Follow these queries no more."""

    type: Literal["unsubscribe"] = "unsubscribe"
    names: tuple[QueryName, ...] = Field(min_length=1, max_length=MOST_QUERIES)


LiveCommand = Annotated[Subscribe | Unsubscribe, Field(discriminator="type")]
"""What is sent to a WebSocket that follows live answers."""
LIVE_COMMAND: TypeAdapter[Subscribe | Unsubscribe] = TypeAdapter(LiveCommand)


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
