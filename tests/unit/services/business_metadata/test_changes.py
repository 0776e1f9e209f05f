from __future__ import annotations

from typing import Any

import pytest

from analytics_engine.services.business_metadata.changes import difference


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": 1}, {}, [("a", 1, None)]),
        ({}, {"a": {"b": 1}}, [("a", None, {"b": 1})]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [("a.c", 2, 3)]),
        ({"tags": ["x"]}, {"tags": ["x", "y"]}, [("tags", ["x"], ["x", "y"])]),
        (
            {"attributes": [{"name": "x", "unit": "m"}, {"name": "y"}]},
            {"attributes": [{"name": "x", "unit": "km"}, {"name": "z"}]},
            [
                ("attributes.x.unit", "m", "km"),
                ("attributes.y", {"name": "y"}, None),
                ("attributes.z", None, {"name": "z"}),
            ],
        ),
        (
            {"attributes": [{"name": "x"}, {"name": "y"}]},
            {"attributes": [{"name": "y"}, {"name": "x"}]},
            [("attributes", ["x", "y"], ["y", "x"])],
        ),
    ],
)
def test_every_place_that_differs_is_named(
    before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, Any, Any]]
) -> None:
    """Named things are compared by name, so that one changed unit is one change; a new order is a change as well."""
    found = [(change.place, change.before, change.after) for change in difference(before, after)]
    assert found == expected
