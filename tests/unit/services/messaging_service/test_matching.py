"""Which events a subscription wants."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from analytics_engine.errors import InvalidInput
from analytics_engine.kernel.ports.events import Event
from analytics_engine.services.messaging_service.subscriptions.matching import check_types, wants
from analytics_engine.services.messaging_service.subscriptions.schemas import EventFilters

EVENT = Event(
    type="data.ingested",
    source="database_service",
    time=datetime(2026, 11, 27, tzinfo=UTC),
    subject="flight[1]",
    data={"object_model": "flight", "rows": 1, "whole": True, "first_time": None},
)


@pytest.mark.parametrize(
    ("types", "filters", "wanted"),
    [
        (["*"], {}, True),
        (["data.*"], {}, True),
        (["data.ingested"], {}, True),
        (["alert.*", "data.ingested"], {}, True),
        (["alert.*"], {}, False),
        (["*"], {"subjects": ["flight[1]"]}, True),
        (["*"], {"subjects": ["flight*"]}, True),
        (["*"], {"subjects": ["fligh?[1]"]}, False),
        (["*"], {"subjects": ["order", "flight"]}, False),
        (["*"], {"data": {"object_model": ["order", "flight"]}}, True),
        (["*"], {"data": {"object_model": ["flight"], "rows": [2]}}, False),
        (["*"], {"data": {"rows": [True]}}, False),
        (["*"], {"data": {"whole": [1]}}, False),
        (["*"], {"data": {"whole": [True]}}, True),
        (["*"], {"data": {"first_time": [None]}}, True),
        (["*"], {"data": {"nothing": ["x"]}}, False),
    ],
)
def test_types_and_filters(types: list[str], filters: dict[str, Any], *, wanted: bool) -> None:
    """One type and every filter must fit; true is not 1, and only the asterisk stands for more than itself."""
    assert wants(types, EventFilters.model_validate(filters), EVENT) is wanted


def test_a_type_that_no_event_has_is_refused() -> None:
    """It would wait for ever, and its remedy lists what there is."""
    with pytest.raises(InvalidInput, match=r"types\.1: no event is called 'data\.deleted'\.") as refused:
        check_types(["data.*", "data.deleted"])
    assert "data.ingested" in refused.value.remedy
