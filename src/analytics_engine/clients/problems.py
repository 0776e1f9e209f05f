"""Problem documents turned back into the errors they were made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analytics_engine.errors import (
    AnalyticsEngineError,
    Conflict,
    DependencyTimeout,
    DependencyUnavailable,
    Forbidden,
    InsufficientStorage,
    InvalidInput,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
)
from analytics_engine.kernel.http.problems import TYPE_PREFIX, Problem

_BY_STATUS: dict[int, type[AnalyticsEngineError]] = {
    400: InvalidInput,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: InvalidInput,
    429: RateLimited,
    502: DependencyUnavailable,
    503: DependencyUnavailable,
    504: DependencyTimeout,
    507: InsufficientStorage,
}
_MEMBERS = frozenset(Problem.model_fields)


def _family(root: type[AnalyticsEngineError]) -> Iterator[type[AnalyticsEngineError]]:
    yield root
    for child in root.__subclasses__():
        yield from _family(child)


_BY_CODE = {error.code: error for error in _family(AnalyticsEngineError)}


def error_of(status: int, document: object, *, service: str) -> AnalyticsEngineError:
    """Return the error a service answered with: of its own class where it is one of ours, else by the status."""
    problem: Mapping[str, Any] = document if isinstance(document, dict) else {}
    code = str(problem.get("type", "")).removeprefix(TYPE_PREFIX)
    error = _BY_CODE.get(code) or _BY_STATUS.get(status, AnalyticsEngineError)
    return error(
        str(problem.get("detail") or f"{service} answered with status {status}."),
        remedy=str(problem.get("remedy", "")),
        **{name: value for name, value in problem.items() if name not in _MEMBERS and name.isidentifier()},
    )
