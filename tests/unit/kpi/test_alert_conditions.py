"""What a value is by a condition: on which side of which bound, exactly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from analytics_engine.kpi.alerts.conditions import Bounds, Condition, TargetCondition, Verdict
from analytics_engine.kpi.model.kpi import Direction

CONDITIONS: TypeAdapter[Any] = TypeAdapter(Condition)


def condition(**given: Any) -> Any:
    return CONDITIONS.validate_python(given)


def verdicts(bounds: Bounds, *values: str) -> list[str]:
    return [bounds.judge(Decimal(value)).value for value in values]


def test_the_bound_itself_is_allowed() -> None:
    """Above 10 is more than 10, by however little."""
    bounds = condition(kind="threshold", above="10").bounds()
    assert verdicts(bounds, "10", "10.000000000000000000001", "9") == ["clear", "violated", "clear"]


def test_between_the_threshold_and_the_value_that_clears_nothing_is_decided() -> None:
    bounds = condition(kind="threshold", above="10", above_clears_at="8").bounds()
    assert verdicts(bounds, "10.1", "10", "8.1", "8") == ["violated", "between", "between", "clear"]


def test_a_band_has_two_bounds_and_names_the_one_that_was_crossed() -> None:
    bounds = condition(kind="threshold", below="2", above="10", below_clears_at="3", above_clears_at="9").bounds()
    assert verdicts(bounds, "1.9", "2", "3", "9", "10", "11") == [
        "violated", "between", "clear", "clear", "between", "violated"
    ]  # fmt: skip
    assert (bounds.nearest(Decimal(1)), bounds.nearest(Decimal(11))) == (Decimal(2), Decimal(10))


@pytest.mark.parametrize(
    ("direction", "target", "expected"),
    [
        (Direction.HIGHER, "100", ["violated", "clear", "clear", "clear"]),
        (Direction.LOWER, "100", ["clear", "clear", "clear", "violated"]),
        (Direction.TARGET, "100", ["violated", "clear", "clear", "violated"]),
    ],
)
def test_a_target_is_missed_on_the_wrong_side_only(direction: Direction, target: str, expected: list[str]) -> None:
    """Off by up to 10 % of a target of 100 is allowed: 90 and 110 are."""
    bounds = TargetCondition(kind="target", off_by_percent=Decimal(10)).bounds(Decimal(target), direction)
    assert verdicts(bounds, "89.99", "90", "110", "110.01") == expected


def test_percents_of_a_target_below_zero_are_of_its_size() -> None:
    bounds = TargetCondition(kind="target", off_by_percent=Decimal(10)).bounds(Decimal(-100), Direction.HIGHER)
    assert verdicts(bounds, "-110", "-110.1") == ["clear", "violated"]


def test_a_value_that_there_is_not_is_neither() -> None:
    assert Bounds(high=Decimal(1), clear_high=Decimal(1)).judge(None) is Verdict.NO_VALUE


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"kind": "threshold"}, "give above, below, or both for a band"),
        ({"kind": "threshold", "above": "1", "below": "2"}, "below is greater than above"),
        ({"kind": "threshold", "above": "1", "above_clears_at": "2"}, "above_clears_at is on the wrong side"),
        ({"kind": "threshold", "below": "1", "above_clears_at": "2"}, "belongs to above, which is not given"),
        ({"kind": "threshold", "above": "ten"}, "valid decimal"),
        ({"kind": "threshold", "above": "NaN"}, "finite"),
        ({"kind": "target", "off_by_percent": "1", "clears_at_percent": "2"}, "greater than off_by_percent"),
        ({"kind": "lateness", "behind_s": 0}, "greater than or equal to 1"),
        (
            {"kind": "threshold", "above": "9", "below": "1", "above_clears_at": "2", "below_clears_at": "3"},
            "no value would clear",
        ),
    ],
)
def test_a_condition_that_could_not_work_is_refused(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        condition(**given)
