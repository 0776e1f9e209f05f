"""Name -> builder: how each service is made. Its port is in ``contracts/services.py``."""

from __future__ import annotations

from importlib import import_module

from fastapi import FastAPI

from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service


def build(service: Service, settings: Settings) -> FastAPI:
    """Return a service as an ASGI application, wired but not started.

    Each service's builder is ``build(settings)`` in ``bootstrap/<service>.py``; only the one asked for is imported.
    """
    builder = import_module(f"analytics_engine.bootstrap.{service.value}")
    app: FastAPI = builder.build(settings)
    return app
