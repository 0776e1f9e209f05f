"""Which headers pass the gateway. What is not named here stays outside: forged identities, hop-by-hop headers."""

from __future__ import annotations

from collections.abc import Mapping

from analytics_engine.services.api_gateway.proxy.routes import Route, public_path_of

_INWARD = (
    "accept",
    "accept-language",
    "content-encoding",
    "content-length",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "prefer",
    "traceparent",
    "tracestate",
    "x-load-id",
)
_OUTWARD = (
    "accept-ranges",
    "cache-control",
    "content-disposition",
    "content-language",
    "content-length",
    "content-type",
    "deprecation",
    "etag",
    "last-modified",
    "link",
    "preference-applied",
    "retry-after",
    "server-timing",
    "vary",
)


def inward(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in _INWARD if name in headers}


def outward(headers: Mapping[str, str], *, route: Route) -> dict[str, str]:
    """Return the headers of an answer, with its Location where the caller can follow it."""
    kept = {name: headers[name] for name in _OUTWARD if name in headers}
    location = headers.get("location", "")
    if location.startswith("/"):
        path, mark, query = location.partition("?")
        kept["location"] = (public_path_of(route.service, path) or path) + mark + query
    return kept
