"""Conversions never raise, whatever the value: a trigger that did would fail every write of the table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.tables.conversions import conversion
from analytics_engine.services.database_service.tables.fact_table import SQL_TYPES

from .conftest import DatabaseService

VALUES: dict[DataType, list[str]] = {
    DataType.INTEGER: ["0", "-1", "9007199254740993", "9223372036854775807", "-9223372036854775808"],
    DataType.DECIMAL: ["0", "0.1", "1.50", "-1e400", "1e-400", "1e300", "9223372036854775808", "NaN", "Infinity"],
    DataType.FLOAT: ["0", "-0", "0.1", "1e308", "5e-324", "9007199254740994", "NaN", "Infinity", "-Infinity"],
    DataType.TEXT: [
        "", " 1", "1", "-007", "+1", "1.", ".5", "1.5", "1e5", "1e99", "9" * 19, "9" * 400, "0." + "0" * 400 + "1",
        "true", "TRUE", "t", "NaN", "infinity", "1_000", "0x1F", "\u0661", "1\n", "\n1",
    ],
    DataType.BOOLEAN: ["true", "false"],
}  # fmt: skip
PAIRS = [
    (before, after)
    for before in DataType
    for after in DataType
    if before is not after and conversion(before, after) is not None
]


def test_what_converts_converts_back() -> None:
    assert len(PAIRS) == 14
    assert all(conversion(after, before) is not None for before, after in PAIRS)
    assert [pair for pair in PAIRS if (how := conversion(*pair)) and how.lossless] == [
        (DataType.INTEGER, DataType.DECIMAL),
    ]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), PAIRS)
async def test_no_value_raises_and_each_one_that_converts_is_the_same(
    service: DatabaseService, before: DataType, after: DataType
) -> None:
    how, back = conversion(before, after), conversion(after, before)
    assert how is not None
    assert back is not None
    async with service.owner.transaction() as connection:
        for value in [*VALUES[before], None]:
            converted = await _value(connection, how.of("x"), before, value)
            if value is None or how.lossless:
                assert (converted is None) == (value is None)
            returned = await _value(connection, back.of("x"), after, converted)
            if returned is not None and DataType.BOOLEAN not in {before, after}:
                assert Decimal(returned) == Decimal(str(value))


async def _value(connection: Any, expression: str, type_: DataType, value: str | None) -> str | None:
    query = f"SELECT ({expression})::text FROM (SELECT $1::text::{SQL_TYPES[type_]} AS x) AS one"
    found: str | None = await connection.fetch_value(query, value)
    return found


@pytest.mark.parametrize(
    ("before", "after", "value", "expected"),
    [
        (DataType.TEXT, DataType.INTEGER, "-007", "-7"),
        (DataType.TEXT, DataType.INTEGER, "9" * 19, None),
        (DataType.TEXT, DataType.INTEGER, "1\n", None),
        (DataType.TEXT, DataType.DECIMAL, "1.50", "1.50"),
        (DataType.TEXT, DataType.BOOLEAN, "t", None),
        (DataType.INTEGER, DataType.FLOAT, "9007199254740993", None),
        (DataType.DECIMAL, DataType.FLOAT, "0.1", "0.1"),
        (DataType.DECIMAL, DataType.FLOAT, "0.12345678901234567890", None),
        (DataType.DECIMAL, DataType.INTEGER, "1.50", None),
        (DataType.DECIMAL, DataType.INTEGER, "NaN", None),
        (DataType.FLOAT, DataType.DECIMAL, "0.1", "0.1"),
        (DataType.FLOAT, DataType.INTEGER, "Infinity", None),
    ],
)
async def test_a_value_converts_exactly_or_not_at_all(
    *, service: DatabaseService, before: DataType, after: DataType, value: str, expected: str | None
) -> None:
    how = conversion(before, after)
    assert how is not None
    async with service.owner.transaction() as connection:
        assert await _value(connection, how.of("x"), before, value) == expected
