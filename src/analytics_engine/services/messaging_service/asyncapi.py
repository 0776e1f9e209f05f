"""The AsyncAPI document: every registered event, where it is sent, and what it carries."""

from __future__ import annotations

import inspect
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from analytics_engine.contracts.events import EVENT_DATA, EventType, data_schema
from analytics_engine.contracts.wire import WireModel
from analytics_engine.kernel.ports.events import Event

_SCHEMAS = "#/components/schemas/"
_ENVELOPE = "CloudEvent"


def asyncapi_document(version: str) -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of the registered events. ``version`` is the product's."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Analytics Engine events",
            "version": version,
            "description": "What is told to other services when data, definitions or clients change. Each event comes "
            "at least once; those of one type, client and subject in the order of their sequence.",
        },
        "defaultContentType": "application/json",
        "channels": {event_type.value: _channel(event_type, data) for event_type, data in EVENT_DATA.items()},
        "operations": {
            f"send.{event_type.value}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{event_type.value}"},
                "messages": [{"$ref": f"#/channels/{event_type.value}/messages/event"}],
            }
            for event_type in EVENT_DATA
        },
        "components": {
            "messages": {event_type.value: _message(event_type, data) for event_type, data in EVENT_DATA.items()},
            "schemas": _schemas(),
        },
    }


def _channel(event_type: EventType, data: type[WireModel]) -> dict[str, Any]:
    return {
        "address": event_type.value,
        "title": data.__name__,
        "description": f"In Redis the stream `ae:events:{event_type}`, in NATS the subject `ae.events.{event_type}`.",
        "messages": {"event": {"$ref": f"#/components/messages/{event_type.value}"}},
    }


def _message(event_type: EventType, data: type[WireModel]) -> dict[str, Any]:
    said = inspect.getdoc(data) or ""
    return {
        "name": event_type.value,
        "title": data.__name__,
        "summary": said.partition("\n")[0],
        "description": said,
        "contentType": "application/json",
        "correlationId": {
            "description": "The request that the event came from",
            "location": "$message.payload#/correlationid",
        },
        "payload": {
            "allOf": [
                {"$ref": _SCHEMAS + _ENVELOPE},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": event_type.value},
                        "dataschema": {"enum": ["", data_schema(event_type)]},
                        "data": {"$ref": _SCHEMAS + data.__name__},
                    },
                },
            ]
        },
    }


def _schemas() -> dict[str, Any]:
    models: list[type[BaseModel]] = [Event, *EVENT_DATA.values()]
    _, schemas = models_json_schema([(model, "serialization") for model in models], ref_template=_SCHEMAS + "{model}")
    named: dict[str, Any] = dict(schemas["$defs"])
    named[_ENVELOPE] = named.pop(Event.__name__)
    return named
