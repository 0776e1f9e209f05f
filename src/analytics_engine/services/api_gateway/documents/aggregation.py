"""Seven OpenAPI documents made one: public paths, shared schemas once, schemas that differ under names of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.api_gateway.proxy.policy import rule_for
from analytics_engine.services.api_gateway.proxy.routes import public_path_of

Document = dict[str, Any]

_REF = "#/components/schemas/"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_SECURITY = {
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An access token from /api/v1/auth/login.",
    },
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key for programs."},
}


def aggregate(own: Document, upstreams: Mapping[Service, Document], *, unavailable: Iterable[Service] = ()) -> Document:
    """Return the gateway's document with every service's routes at their public paths.

    Schemas that are equal in several documents appear once; one that differs is named ``<Service><Name>``.
    Services whose document could not be had are named in ``x-unavailable``.
    """
    merged = deepcopy(own)
    schemas: Document = merged.setdefault("components", {}).setdefault("schemas", {})
    merged["components"]["securitySchemes"] = _SECURITY
    for service in (service for service in Service if service in upstreams):
        document = deepcopy(upstreams[service])
        theirs: Document = document.get("components", {}).get("schemas", {})
        names = _names(theirs, schemas, prefix=_camel(service))
        for name, schema in theirs.items():
            schemas.setdefault(names.get(name, name), _renamed(schema, names))
        for path, item in document.get("paths", {}).items():
            public = public_path_of(service, path)
            if public is not None:
                merged["paths"][public] = _of_service(_renamed(item, names), service)
    for path, item in merged["paths"].items():
        _tell_who_may(path, item)
    _make_operation_ids_unique(merged)
    merged["x-unavailable"] = sorted(service.value for service in unavailable)
    return merged


def _names(theirs: Document, taken: Document, *, prefix: str) -> dict[str, str]:
    """Return new names for the schemas that differ from those of the same name already taken.

    A schema that only refers to a renamed one differs too, so this looks until nothing more does.
    """
    names: dict[str, str] = {}
    while True:
        found = {
            name: prefix + name
            for name, schema in theirs.items()
            if name not in names and name in taken and taken[name] != _renamed(schema, names)
        }
        if not found:
            return names
        names |= found


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _reference(value, names) if key == "$ref" else _renamed(value, names) for key, value in node.items()}


def _reference(value: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(value, str) or not value.startswith(_REF):
        return _renamed(value, names)
    name = value.removeprefix(_REF)
    return _REF + names.get(name, name)


def _of_service(item: Document, service: Service) -> Document:
    for method in _METHODS & item.keys():
        item[method]["x-service"] = service.value
    return item


def _tell_who_may(path: str, item: Document) -> None:
    """Write into each route under the API what the policy says of it."""
    for method in _METHODS & item.keys():
        rule = rule_for(method.upper(), path)
        item[method].pop("security", None)
        if rule is not None and not rule.public:
            item[method]["security"] = [{"accessToken": []}, {"apiKey": []}]
            item[method]["x-roles"] = sorted({*rule.roles, Role.ADMIN})


def _make_operation_ids_unique(document: Document) -> None:
    seen: set[str] = set()
    for item in document["paths"].values():
        for method in sorted(_METHODS & item.keys()):
            operation = item[method]
            identity = operation.get("operationId", "")
            if identity in seen:
                identity = f"{operation.get('x-service', 'api_gateway')}_{identity}"
                operation["operationId"] = identity
            seen.add(identity)


def _camel(service: Service) -> str:
    return "".join(part.capitalize() for part in service.value.removesuffix("_service").split("_"))
