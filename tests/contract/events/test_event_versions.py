"""What an event carries does not change under the same version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analytics_engine.contracts.events import EVENT_DATA, EVENT_VERSIONS, EventType, data_schema, with_data_schema
from analytics_engine.kernel.ports.events import Event

SHAPES = Path(__file__).with_name("shapes.json")


def test_every_event_has_a_version() -> None:
    assert EVENT_VERSIONS.keys() == EVENT_DATA.keys() == {*EventType}


def test_the_shape_of_each_version_is_the_one_written_down() -> None:
    """Write the new shape to shapes.json: under the next version, unless all that changed is a field that may lack."""
    written: dict[str, Any] = json.loads(SHAPES.read_text(encoding="utf-8"))

    assert {data_schema(event_type): _shape(event_type) for event_type in EventType}.items() <= written.items()


def test_an_event_tells_the_version_of_its_data() -> None:
    """Without a name for its schema it is of version 1, and one that nobody registered has none."""
    plain = Event.model_validate(
        {"type": "data.ingested", "source": "s", "time": "2026-01-01T00:00:00Z", "data": {"object_model": "m"}}
    )
    newer = plain.model_copy(update={"dataschema": "urn:analytics-engine:event:data.ingested:2"})

    assert (plain.data_version, newer.data_version) == (1, 2)
    assert with_data_schema(plain).dataschema == data_schema(EventType.DATA_INGESTED)
    assert with_data_schema(newer) == newer
    assert with_data_schema(plain.model_copy(update={"type": "no.such"})).dataschema == ""


def _shape(event_type: EventType) -> dict[str, Any]:
    schema = EVENT_DATA[event_type].model_json_schema()
    return {"properties": schema["properties"], "required": sorted(schema.get("required", []))}
