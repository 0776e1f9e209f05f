"""Where each public path leads. One table; the longest prefix wins, and the way back is unique."""

from __future__ import annotations

from dataclasses import dataclass

from analytics_engine.contracts.services import Service

API = "/api/v1"
_OPERATIONS = frozenset({"/health", "/live", "/ready", "/metrics", "/docs", "/redoc", "/openapi.json"})


@dataclass(frozen=True)
class Route:
    """Public paths under ``public`` are the service's paths under ``upstream``.

    Args:
        timeout_s: how long the service may stay silent.
        upload: bodies are data files, which may be larger than other requests.
        keyed: a request that comes again with its Idempotency-Key is not done again.
    """

    public: str
    service: Service
    upstream: str
    timeout_s: float = 60.0
    upload: bool = False
    keyed: bool = False


ROUTES: tuple[Route, ...] = (
    Route(f"{API}/metadata", Service.METADATA, ""),
    Route(f"{API}/calculate", Service.CALCULATION, "/calculate"),
    Route(f"{API}/calculate/explain", Service.CALCULATION, "/explain"),
    Route(f"{API}/calculate/validate", Service.CALCULATION, "/validate"),
    Route(f"{API}/calculate/dimensions", Service.CALCULATION, "/dimensions"),
    Route(f"{API}/alerts", Service.CALCULATION, "/alerts"),
    Route(f"{API}/jobs", Service.CALCULATION, "/jobs", timeout_s=120.0, keyed=True),
    Route(f"{API}/schedules", Service.CALCULATION, "/schedules"),
    Route(f"{API}/config", Service.DEMO_CONFIG, ""),
    Route(f"{API}/connector", Service.CONNECTOR, "", timeout_s=120.0),
    Route(f"{API}/data", Service.DATABASE, "/data", timeout_s=600.0, upload=True, keyed=True),
    Route(f"{API}/messages", Service.MESSAGING, ""),
    Route(f"{API}/admin/database", Service.DATABASE, ""),
)


@dataclass(frozen=True)
class Destination:
    """Where one request goes: its route, and the path at the service."""

    route: Route
    path: str


def destination(public_path: str) -> Destination | None:
    """Return where a public path leads, or None where it leads nowhere.

    A service's own operations (its health, metrics, documentation) are not reached from outside, and each of its
    paths is reached by one public path only, so that one policy decides on it.
    """
    if any(part in {".", ".."} for part in public_path.split("/")):
        return None
    routes = [route for route in ROUTES if _under(public_path, route.public)]
    if not routes:
        return None
    route = max(routes, key=lambda route: len(route.public))
    path = route.upstream + public_path[len(route.public) :] or "/"
    return Destination(route, path) if public_path_of(route.service, path) == public_path else None


def public_path_of(service: Service, path: str) -> str | None:
    """Return the public path of a service's path, or None where it has none."""
    if path in _OPERATIONS or path.startswith("/docs/"):
        return None
    routes = [route for route in ROUTES if route.service is service and _under(path, route.upstream)]
    if not routes:
        return None
    route = max(routes, key=lambda route: len(route.upstream))
    rest = path[len(route.upstream) :]
    return route.public + ("" if rest == "/" else rest)


def _under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")
