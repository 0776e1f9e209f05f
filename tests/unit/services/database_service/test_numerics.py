"""Decimals in the binary form of PostgreSQL: read back digit by digit, they are what was written."""

from __future__ import annotations

import struct
from decimal import Decimal, localcontext

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_engine.services.database_service.ingest.numerics import field, fields, laid_out


def read(content: bytes) -> tuple[Decimal, int]:
    """Return the value of a field and how many decimal places it shows, as ``numeric_recv`` reads them."""
    size, count, weight, sign, places = struct.unpack_from(">ihhHh", content)
    digits = struct.unpack_from(f">{count}h", content, 12)
    assert len(content) == 4 + size == 12 + 2 * count
    assert all(0 <= digit < 10_000 for digit in digits)
    with localcontext(prec=3_000):
        value = sum((Decimal(digit).scaleb(4 * (weight - place)) for place, digit in enumerate(digits)), Decimal(0))
    return (value.copy_negate() if sign else value), places


def expected(text: str) -> tuple[Decimal, int]:
    number = Decimal(text)
    return number, max(0, -int(number.as_tuple().exponent))


WRITTEN = st.builds(
    lambda sign, whole, point, part: f"{sign}{whole}{point}{part if point else ''}",
    st.sampled_from(["", "-", "+"]),
    st.integers(0, 10**20).map(str) | st.just("000"),
    st.sampled_from(["", "."]),
    st.text("0123456789", max_size=20),
)


@given(st.lists(WRITTEN, min_size=1, max_size=40))
def test_every_digit_and_every_place_survives(texts: list[str]) -> None:
    found = fields(pa.array(texts, pa.string())).to_pylist()
    assert [read(content) for content in found] == [expected(text) for text in texts]


@given(st.lists(WRITTEN, min_size=1, max_size=40))
def test_fields_of_one_length_hold_the_same_where_there_are_such(texts: list[str]) -> None:
    """There are wherever all are short."""
    found = laid_out(pa.array(texts, pa.string()))
    if found is None:
        assert any(len(text) > 17 for text in texts)
    else:
        assert [read(one.tobytes()) for one in found] == [expected(text) for text in texts]


@given(WRITTEN)
def test_the_way_for_few_and_the_way_for_many_say_the_same(text: str) -> None:
    assert read(fields(pa.array([text], pa.string()))[0].as_py()) == read(field(text))


@given(WRITTEN)
def test_the_way_for_few_writes_what_the_database_would_write(text: str) -> None:
    """No group of zeros is at either end."""
    count = struct.unpack_from(">h", field(text), 4)[0]
    groups = struct.unpack_from(f">{count}h", field(text), 12)
    assert not groups or (groups[0] and groups[-1])


def test_there_are_no_fields_of_one_length_where_there_are_exponents() -> None:
    assert laid_out(pa.array(["1.5", "1e3"])) is None


@pytest.mark.parametrize(
    "text", ["1e3", "1.50e1", "-1E-7", "0e5", "9" * 40 + "." + "9" * 40, ".5", "5.", "-0.00", "1e999", "1E-999"]
)
def test_exponents_and_very_long_numbers_are_written_out(text: str) -> None:
    assert read(fields(pa.array(["1", text, "2"], pa.string()))[1].as_py()) == expected(text)
