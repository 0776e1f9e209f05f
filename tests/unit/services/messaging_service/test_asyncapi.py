"""The AsyncAPI document is valid, and says of each event what is sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from analytics_engine.bootstrap.asyncapi import events_document
from analytics_engine.cli.main import app
from analytics_engine.contracts.events import EVENT_DATA, DataIngested, EventType, with_data_schema
from analytics_engine.kernel.ports.events import Event, sequence_of
from support.asyncapi import NOT_HERE, schema


@pytest.mark.skipif(schema() is None, reason=NOT_HERE)
def test_the_document_is_valid_by_the_official_schema() -> None:
    path = schema()
    assert path is not None
    official = json.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(official)

    assert [error.message for error in validator.iter_errors(events_document())] == []
    assert list(validator.iter_errors(events_document() | {"operations": {"x": {"action": "shout"}}}))


def test_each_registered_event_has_a_channel_an_operation_and_a_message() -> None:
    document = events_document()

    names = {event_type.value for event_type in EventType}
    assert document["channels"].keys() == document["components"]["messages"].keys() == names
    assert {one["channel"]["$ref"] for one in document["operations"].values()} == {f"#/channels/{n}" for n in names}
    assert {data.__name__ for data in EVENT_DATA.values()} < document["components"]["schemas"].keys()


def test_every_reference_leads_somewhere() -> None:
    document = events_document()
    for reference in _references(document):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert isinstance(found, dict)


def test_an_event_as_it_is_sent_is_what_its_message_describes() -> None:
    """And one whose data is another's is not."""
    sent = with_data_schema(_event(EventType.DATA_INGESTED, DataIngested(object_model="flight").model_dump()))
    wrong = _event(EventType.DATA_INGESTED, {"version": 3})

    assert sent.dataschema == "urn:analytics-engine:event:data.ingested:1"
    assert _valid(sent)
    assert not _valid(wrong)
    assert not _valid(sent.model_copy(update={"dataschema": "urn:analytics-engine:event:data.ingested:2"}))


def test_the_command_writes_the_document(tmp_path: Path) -> None:
    """To a file, or to the standard output."""
    file = tmp_path / "asyncapi.json"
    runner = CliRunner()

    assert runner.invoke(app, ["asyncapi", "--out", str(file)]).exit_code == 0
    assert json.loads(file.read_text(encoding="utf-8")) == events_document()
    assert json.loads(runner.invoke(app, ["asyncapi"]).stdout) == events_document()


def _valid(event: Event) -> bool:
    document = events_document()
    payload = document["components"]["messages"][event.type]["payload"]
    described = {**payload, "components": document["components"]}
    return jsonschema.Draft202012Validator(described).is_valid(event.model_dump(mode="json"))


def _event(event_type: EventType, data: dict[str, Any]) -> Event:
    return Event(type=event_type.value, source="/tests", time=datetime.now(UTC), sequence=sequence_of(1), data=data)


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [reference for value in part.values() for reference in _references(value)]
    if isinstance(part, list):
        return [reference for value in part for reference in _references(value)]
    return []
