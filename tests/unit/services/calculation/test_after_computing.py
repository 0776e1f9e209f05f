"""What is done to values once they are computed: their status, what empty periods show, pages and pivots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from analytics_engine.contracts.calculation import (
    DimensionColumn,
    KpiColumn,
    KpiQuery,
    KpiResult,
    NullExplanation,
    Page,
    PeriodColumn,
    TargetStatus,
)
from analytics_engine.errors import QueryError
from analytics_engine.kpi.formula.typed import Constant
from analytics_engine.kpi.model.kpi import Direction, Display, EmptyPeriod, Kpi, Target
from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.kpi.model.time import Period
from analytics_engine.kpi.model.units import BARE
from analytics_engine.kpi.plan.plan import Dimension, Measure
from analytics_engine.kpi.values.answer import Answer, DimensionValues, MeasureColumn
from analytics_engine.kpi.values.reasons import NullReason, Reason
from analytics_engine.services.calculation_engine_service.empty_periods import shown
from analytics_engine.services.calculation_engine_service.picking import paged
from analytics_engine.services.calculation_engine_service.pivot import pivoted
from analytics_engine.services.calculation_engine_service.targets import statuses

ON, WARNING, CRITICAL = TargetStatus.ON_TARGET, TargetStatus.WARNING, TargetStatus.CRITICAL


@pytest.mark.parametrize(
    ("direction", "target", "expected"),
    [
        (Direction.HIGHER, {"value": 100, "warning": 90, "critical": 80}, [CRITICAL, WARNING, ON, ON]),
        (Direction.HIGHER, {"value": 100}, [WARNING, WARNING, WARNING, ON]),
        (Direction.HIGHER, {"critical": 80}, [CRITICAL, ON, ON, ON]),
        (Direction.LOWER, {"value": 80, "warning": 90, "critical": 95}, [ON, ON, ON, CRITICAL]),
        (Direction.TARGET, {"value": 90, "warning": 95, "critical": 99}, [CRITICAL, WARNING, ON, CRITICAL]),
        (Direction.TARGET, {"value": 90, "warning": 85}, [WARNING, WARNING, ON, WARNING]),
    ],
)
def test_a_status_is_by_the_direction_that_is_better(
    direction: Direction, target: dict[str, int], expected: list[TargetStatus]
) -> None:
    """At a threshold a value is still on its better side; near a target, thresholds hold on both sides of it."""
    values = [79, Decimal(80) if direction is Direction.HIGHER else Decimal(84), 90.0, 100]
    assert list(statuses(values, Target.model_validate(target), direction)) == expected


def test_no_value_has_no_status_and_no_target_gives_none() -> None:
    assert statuses([None, 1], Target(value=Decimal(1)), Direction.HIGHER) == (None, ON)
    assert statuses([1], Target(), Direction.HIGHER) == ()


# --- empty periods --------------------------------------------------------------------------------------------------

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_STARTS = [FIRST + timedelta(days=number) for number in range(6)]
DAYS = [Period(start.replace(tzinfo=None), end.replace(tzinfo=None), start, end) for start, end in pairwise(_STARTS)]


def ruled(rule: EmptyPeriod, *, kind: DataType = DataType.DECIMAL) -> tuple[MeasureColumn, Answer]:
    """Five days of two members, the latest first: values of a on the 1st, 3rd and 5th, of b on the 2nd."""
    days = [4, 3, 3, 2, 2, 1, 1, 0, 0]
    members = ["a", "a", "b", "a", "b", "a", "b", "a", "b"]
    values = [5, None, 0, 3, None, None, 2, 1, None]
    rows = [1, 0, 0, 1, 0, 0, 1, 1, 0]
    reasons = {
        row: Reason(NullReason.NOT_LOADED if row == 4 else NullReason.NO_ROWS, "")
        for row, value in enumerate(values)
        if value is None
    }
    definition = Kpi(code="K", name="K", module="M", formula="count(x)", direction=Direction.HIGHER, empty_period=rule)
    measure = Measure("K", definition, 1, Constant(1, kind), kind, BARE, ())
    column = MeasureColumn(measure, tuple(values), reasons, {"count(x)": tuple(rows)}, {})
    dimension = DimensionValues(Dimension("x.member", DataType.TEXT), tuple(members))
    return column, Answer(tuple(DAYS[day] for day in days), (dimension,), (column,))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (EmptyPeriod.AS_COMPUTED, {}),
        (EmptyPeriod.NULL, {2: None}),
        (EmptyPeriod.ZERO, {1: 0, 5: 0, 8: 0}),
        (EmptyPeriod.PREVIOUS, {1: 3, 2: 2, 5: 1}),
    ],
)
def test_an_empty_period_shows_what_the_rule_says(rule: EmptyPeriod, expected: dict[int, Any]) -> None:
    """Per member and in the order of time, whatever the order of rows; what was not loaded stays unknown."""
    assert dict(shown(*ruled(rule))) == expected


def test_a_time_of_an_empty_period_is_never_zero() -> None:
    column, answer = ruled(EmptyPeriod.ZERO, kind=DataType.TIMESTAMP)
    assert dict(shown(column, answer)) == {2: None}


# --- pages and pivots -----------------------------------------------------------------------------------------------


def result(members: list[Any], *, kind: DataType = DataType.TEXT, levels: tuple[int, ...] = ()) -> KpiResult:
    """One period, a row for each member, with its number as the value; the last member has none."""
    count = len(members)
    column = KpiColumn(
        code="K", name="K", version=1, unit="", type=DataType.INTEGER, display=Display(), direction=Direction.HIGHER,
        values=(*range(count - 1), None),
        reasons={count - 1: NullExplanation(code=NullReason.NO_ROWS, detail="none")},
        rows={"count(x)": tuple(range(count))}, shown={count - 1: 0},
    )  # fmt: skip
    return KpiResult(
        grain="day", grains=("day",), time_zone="UTC", ranges=(), catalog_version="v", watermark=1, asked_at=FIRST,
        coverage={},
        period=PeriodColumn(start=("s",) * count, end=("e",) * count, complete=(True,) * count),
        levels=(("x.member",), ()) if levels else (("x.member",),), level=levels,
        dimensions=(DimensionColumn(name="x.member", label="Member", type=kind, values=tuple(members)),),
        kpis=(column,), row_count=count, page=Page(offset=0, next=None),
    )  # fmt: skip


def query(**more: object) -> KpiQuery:
    return KpiQuery.model_validate({"kpis": ["K"], "range": {"current": "day"}, "dimensions": ["x.member"], **more})


def test_a_page_takes_reasons_and_counts_along() -> None:
    page = paged(result(["a", "b", "c"]), query(limit=2, offset=1), is_cell=[True] * 3, skip=1)
    (column,) = page.kpis
    assert (column.values, column.rows) == ((1, None), {"count(x)": (1, 2)})
    assert (set(column.reasons), column.shown) == ({1}, {1: 0})
    assert page.dimensions[0].values == ("b", "c")
    assert (page.row_count, page.page, page.truncated) == (2, Page(offset=1, next=None), False)


def test_totals_take_no_room_on_a_page() -> None:
    page = paged(result(["a", "b", None], levels=(0, 0, 1)), query(limit=1), is_cell=[True, True, False], skip=0)
    assert page.dimensions[0].values == ("a", None)
    assert (page.level, page.page, page.truncated) == ((0, 1), Page(offset=0, next=1), True)


def test_members_stand_in_their_order_the_missing_one_and_the_total_last() -> None:
    """Decimals are ordered as numbers, though they travel as texts."""
    found = pivoted(
        result(["10", None, "9.5", None], kind=DataType.DECIMAL, levels=(0, 0, 0, 1)),
        query(pivot={"dimension": "x.member"}),
    )
    assert found.pivot is not None
    assert [(each.value, each.total) for each in found.pivot.members] == [
        ("9.5", False), ("10", False), (None, False), (None, True),
    ]  # fmt: skip
    assert [column.values for column in found.kpis] == [(2,), (0,), (1,), (None,)]
    assert (found.row_count, found.level, found.levels) == (1, (), ((),))


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(QueryError, match="500 are the most") as refusal:
        pivoted(result([f"m{number}" for number in range(501)]), query(pivot={"dimension": "x.member"}))
    assert "top members" in refusal.value.remedy
