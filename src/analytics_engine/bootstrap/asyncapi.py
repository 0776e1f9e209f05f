"""The AsyncAPI document without a running system."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from analytics_engine.services.messaging_service.asyncapi import asyncapi_document


def events_document() -> dict[str, Any]:
    """Return the document that messaging_service serves at /events/asyncapi."""
    return asyncapi_document(version("analytics-engine"))
