"""The aggregated OpenAPI document without a running system: every service is built, none is started."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from pydantic import SecretStr

from analytics_engine.bootstrap.registry import build
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.services.api_gateway.documents.aggregation import aggregate


def aggregated_document() -> dict[str, Any]:
    """Return the document the gateway serves when all services are up. Nothing is connected to."""
    settings = Settings(
        _env_file=None,
        database_url=SecretStr("postgresql://nobody@127.0.0.1:1/nothing"),
        redis_url=SecretStr("redis://127.0.0.1:1/0"),
        secret_key=SecretStr("never-used-to-sign-anything-only-to-describe"),
    )
    documents = {service: build(service, settings).openapi() for service in Service if _has_builder(service)}
    own = documents.pop(Service.GATEWAY, {"openapi": "3.1.0", "info": {"title": "API", "version": "0"}, "paths": {}})
    return aggregate(own, documents, unavailable=set(Service) - {Service.GATEWAY} - documents.keys())


def _has_builder(service: Service) -> bool:
    return find_spec(f"analytics_engine.bootstrap.{service.value}") is not None
