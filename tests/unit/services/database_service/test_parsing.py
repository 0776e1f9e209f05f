"""Values from text: the slow way says the same as the fast one, and more."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_engine.kpi.model.object_model import Attribute, DataType
from analytics_engine.services.database_service.ingest.columns import Converted, convert
from analytics_engine.services.database_service.ingest.parsing import parser
from analytics_engine.services.database_service.ingest.reading import Format, Reading

NEW_YORK = ZoneInfo("America/New_York")


def converted(values: Any, type_: DataType, *, zone: ZoneInfo | None = None, **attribute: Any) -> Converted:
    column = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return convert(column, Attribute(name="a", type=type_, **attribute), Reading(Format.CSV, time_zone=zone))


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (DataType.INTEGER, "+7", 7),
        (DataType.INTEGER, " 7 ", 7),
        (DataType.INTEGER, "7.0", 7),
        (DataType.INTEGER, "1e3", 1000),
        (DataType.INTEGER, "-9223372036854775808", -(2**63)),
        (DataType.DECIMAL, " +1.50 ", "+1.50"),
        (DataType.FLOAT, " 1.5", 1.5),
        (DataType.BOOLEAN, "YES", True),
        (DataType.BOOLEAN, "f", False),
        (DataType.DATE, " 2024-02-29 ", date(2024, 2, 29)),
        (DataType.TIMESTAMP, "2024-02-29T12:00:00.5+0100", datetime(2024, 2, 29, 11, 0, 0, 500_000, UTC)),
        (DataType.TIMESTAMP, "20240229T120000Z", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        (DataType.INTEGER, "  ", None),
    ],
)
def test_texts_that_people_write_are_understood(type_: DataType, text: str, value: object) -> None:
    assert converted([text], type_).values.to_pylist() == [value]


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        (DataType.INTEGER, "1_000"),
        (DataType.INTEGER, "0x1F"),
        (DataType.INTEGER, "-9223372036854775809"),
        (DataType.INTEGER, "NaN"),
        (DataType.INTEGER, "١٢"),
        (DataType.DECIMAL, "1e99999"),
        (DataType.DECIMAL, "1,5"),
        (DataType.FLOAT, "Infinity"),
        (DataType.FLOAT, "1e400"),
        (DataType.BOOLEAN, "2"),
        (DataType.DATE, "2023-02-29"),
        (DataType.DATE, "2024-01-01T00:00:00Z"),
        (DataType.TIMESTAMP, "2024-01-01"),
        (DataType.TIMESTAMP, "0001-01-01T00:00:00+10:00"),
    ],
)
def test_texts_that_are_not_of_the_type_are_faults(type_: DataType, text: str) -> None:
    result = converted(["", text], type_)
    assert [(fault.row, fault.text) for fault in result.faults] == [(1, text)]
    assert result.values.to_pylist() == [None, None]


@given(st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=30))
def test_integers_survive_as_text(numbers: list[int | None]) -> None:
    texts = [None if number is None else str(number) for number in numbers]
    result = converted(texts, DataType.INTEGER)
    assert result == Converted(pa.array(numbers, pa.int64()))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=30))
def test_floats_survive_as_text_and_the_slow_way_agrees(numbers: list[float]) -> None:
    result = converted([repr(number) for number in numbers], DataType.FLOAT)
    assert result.faults == ()
    assert result.values.to_pylist() == numbers
    parse = parser(DataType.FLOAT, time_zone=None)
    assert [parse(repr(number)) for number in numbers] == numbers


@given(st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number.adjusted()) < 100))
def test_every_digit_of_a_decimal_survives(number: Any) -> None:
    assert converted([str(number)], DataType.DECIMAL).values.to_pylist() == [str(number)]


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_local_times_are_the_same_instants_the_fast_and_the_slow_way(local: datetime) -> None:
    """A column with one value that only the slow way reads makes all of it go that way."""
    text = local.isoformat(sep=" ")
    fast = converted([text], DataType.TIMESTAMP, zone=NEW_YORK)
    slow = converted([text, "2024-01-01T00:00:00.1234567Z"], DataType.TIMESTAMP, zone=NEW_YORK)
    assert fast.values.to_pylist() == slow.values.to_pylist()[:1]
    assert [fault.reason for fault in fast.faults] == [fault.reason for fault in slow.faults]


@pytest.mark.parametrize(
    ("array", "type_", "values"),
    [
        (pa.array([1, None], pa.int8()), DataType.DECIMAL, ["1", None]),
        (pa.array([1.0, 2.0]), DataType.INTEGER, [1, 2]),
        (pa.array([1, 2], pa.uint16()), DataType.FLOAT, [1.0, 2.0]),
        (pa.array([7, 8]), DataType.TEXT, ["7", "8"]),
        (pa.array(["a", "a"]).dictionary_encode(), DataType.TEXT, ["a", "a"]),
        (pa.array(["1"], pa.large_string()), DataType.INTEGER, [1]),
        (pa.nulls(2), DataType.DATE, [None, None]),
        (pa.array([date(2024, 1, 2)], pa.date64()), DataType.DATE, [date(2024, 1, 2)]),
        (pa.array([0], pa.timestamp("ns", "Asia/Kolkata")), DataType.TIMESTAMP, [datetime(1970, 1, 1, tzinfo=UTC)]),
    ],
)
def test_typed_columns_are_taken_where_nothing_is_lost(array: pa.Array, type_: DataType, values: list[Any]) -> None:
    result = converted(array, type_)
    assert result.faults == ()
    assert result.values.to_pylist() == values


@pytest.mark.parametrize(
    ("array", "type_"),
    [
        (pa.array([1.5]), DataType.INTEGER),
        (pa.array([2**64 - 1], pa.uint64()), DataType.INTEGER),
        (pa.array([float("nan")]), DataType.FLOAT),
        (pa.array([float("inf")]), DataType.DECIMAL),
        (pa.array([datetime(2024, 1, 1, 12)], pa.timestamp("us")), DataType.DATE),
        (pa.array([datetime(2024, 1, 1, 12)], pa.timestamp("us")), DataType.TIMESTAMP),
        (pa.array([5]), DataType.BOOLEAN),
        (pa.array([10**15], pa.timestamp("s", "UTC")), DataType.TIMESTAMP),
    ],
)
def test_typed_columns_that_would_lose_something_are_faults(array: pa.Array, type_: DataType) -> None:
    assert [fault.row for fault in converted(array, type_).faults] == [0]


def test_a_local_time_beyond_all_years_is_a_fault() -> None:
    array = pa.array([9 * 10**17], pa.timestamp("us"))
    assert [fault.row for fault in converted(array, DataType.TIMESTAMP, zone=NEW_YORK).faults] == [0]


def test_a_text_with_nul_and_a_missing_required_value_are_faults() -> None:
    result = converted(["a\x00b", None, "c"], DataType.TEXT, nullable=False)
    assert [(fault.row, fault.reason) for fault in result.faults] == [
        (0, "holds a NUL character, which no text may"),
        (1, "is missing, and the attribute is required"),
    ]
