"""The same rows in every format become the same facts."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .conftest import ARROW_FILE, ARROW_STREAM, CSV, JSON, NDJSON, PARQUET, DatabaseService

ROWS: list[dict[str, Any]] = [
    {
        "sensor_code": "s1",
        "number": 9007199254740993,
        "measured_at": "2024-02-29T23:59:59.999999Z",
        "amount": "12345678901234567890.123456789",
        "reading": 0.1,
        "valid": True,
        "calibrated_on": "2024-02-29",
        "state": "ok",
        "note": 'a "quoted", text\nof two lines',
    },
    {
        "sensor_code": "Ærø",
        "number": -1,
        "measured_at": "2024-03-01T05:30:00+05:30",
        "amount": None,
        "reading": None,
        "valid": None,
        "calibrated_on": None,
        "state": None,
        "note": "",
    },
]

FACTS = [
    {
        "sensor_code": "s1",
        "number": 9007199254740993,
        "measured_at": datetime(2024, 2, 29, 23, 59, 59, 999999, UTC),
        "amount": Decimal("12345678901234567890.123456789"),
        "reading": 0.1,
        "valid": True,
        "calibrated_on": date(2024, 2, 29),
        "state": "ok",
        "note": 'a "quoted", text\nof two lines',
    },
    {
        "sensor_code": "Ærø",
        "number": -1,
        "measured_at": datetime(2024, 3, 1, 0, 0, tzinfo=UTC),
        "amount": None,
        "reading": None,
        "valid": None,
        "calibrated_on": None,
        "state": None,
        "note": "",
    },
]


def as_csv() -> bytes:
    def field(value: Any) -> str:
        if value is None:
            return ""
        return '"' + value.replace('"', '""') + '"' if isinstance(value, str) else json.dumps(value)

    lines = [",".join(ROWS[0]), *(",".join(field(value) for value in row.values()) for row in ROWS)]
    return "\r\n".join(lines).encode()


def as_json() -> bytes:
    text = json.dumps(ROWS)
    return text.replace('"12345678901234567890.123456789"', "12345678901234567890.123456789").encode()


def as_ndjson() -> bytes:
    return "\n\n".join(json.dumps(row) for row in ROWS).encode()


def as_table() -> pa.Table:
    return pa.table(
        {
            "sensor_code": pa.array([row["sensor_code"] for row in ROWS]).dictionary_encode(),
            "number": pa.array([row["number"] for row in ROWS], pa.int64()),
            "measured_at": pa.array([row["measured_at"] for row in FACTS], pa.timestamp("us", "Asia/Kolkata")),
            "amount": pa.array([row["amount"] for row in FACTS], pa.decimal128(38, 9)),
            "reading": pa.array([row["reading"] for row in ROWS], pa.float64()),
            "valid": pa.array([row["valid"] for row in ROWS]),
            "calibrated_on": pa.array([row["calibrated_on"] for row in FACTS], pa.date32()),
            "state": pa.array([row["state"] for row in ROWS], pa.large_string()),
            "note": pa.array([row["note"] for row in ROWS]),
        }
    )


def as_parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(as_table(), file)
    return file.getvalue()


def as_arrow(*, is_file: bool = False, compression: str | None = None) -> bytes:
    return arrow(as_table(), is_file=is_file, compression=compression)


def arrow(table: pa.Table, *, is_file: bool = False, compression: str | None = None) -> bytes:
    file = io.BytesIO()
    make = pa.ipc.new_file if is_file else pa.ipc.new_stream
    with make(file, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return file.getvalue()


@pytest.mark.parametrize(
    ("format_", "body"),
    [
        (CSV, as_csv()),
        (JSON, as_json()),
        (NDJSON, as_ndjson()),
        (PARQUET, as_parquet()),
        (ARROW_STREAM, as_arrow()),
        (ARROW_STREAM, as_arrow(compression="zstd")),
        (ARROW_FILE, as_arrow(is_file=True)),
        (ARROW_FILE, as_arrow(is_file=True, compression="lz4")),
    ],
    ids=["csv", "json", "ndjson", "parquet", "arrow stream", "arrow stream, zstd", "arrow file", "arrow file, lz4"],
)
async def test_every_type_arrives_exactly(service: DatabaseService, client_id: str, format_: str, body: bytes) -> None:
    """Large integers, all digits of a decimal, microseconds, offsets, empty text and null are what they were."""
    answer = await service.load("measurement", body, client_id, format_=format_)
    assert answer.status_code == 201, answer.text
    assert answer.json()["inserted"] == 2
    assert await service.rows("measurement", client_id, order="number desc") == [
        {"client_id": client_id, **row} for row in FACTS
    ]


async def test_a_null_token_is_null_where_it_is_not_quoted(service: DatabaseService, client_id: str) -> None:
    """NA stands for null when asked for; "NA" in quotes is the text."""
    body = 'code,label\na,NA\nb,"NA"\nc,\nd,""\n'
    assert (await service.load("sensor", body, client_id, null_token="NA")).status_code == 201
    assert [row["label"] for row in await service.rows("sensor", client_id, order="code")] == [None, "NA", None, ""]


async def test_local_times_are_read_in_the_zone_that_is_told(service: DatabaseService, client_id: str) -> None:
    body = "sensor_code,number,measured_at\ns1,1,2024-01-15 12:00:00\ns1,2,2024-07-15 12:00:00\n"
    answer = await service.load("measurement", body, client_id, time_zone="America/New_York")
    assert answer.status_code == 201
    hours = [row["measured_at"].hour for row in await service.rows("measurement", client_id, order="number")]
    assert hours == [17, 16]


async def test_columns_may_be_in_any_order_and_optional_ones_left_out(service: DatabaseService, client_id: str) -> None:
    body = "measured_at,number,sensor_code\n2024-01-01T00:00:00Z,1,s1\n"
    assert (await service.load("measurement", body, client_id)).status_code == 201
    assert (await service.rows("measurement", client_id))[0]["amount"] is None


@pytest.mark.parametrize(
    ("format_", "body", "detail"),
    [
        ("text/html", "x", "The content type 'text/html' is not one that can be loaded."),
        (CSV, "", "The CSV is empty."),
        (CSV, "code,code\na,b\n", "The header names code twice."),
        (CSV, b"code\n\xff\xfe\n", "The CSV is not UTF-8 text."),
        (JSON, '{"code": "a"}', "The JSON is not an array."),
        (JSON, '[{"code": ', "The JSON cannot be read: Expecting value: line 1 column 10 (char 9)."),
    ],
)
async def test_a_body_that_is_not_of_its_format_is_refused_with_the_reason(
    *, service: DatabaseService, client_id: str, format_: str, body: str, detail: str
) -> None:
    answer = await service.load("sensor", body, client_id, format_=format_)
    assert answer.status_code == 422
    assert answer.json()["detail"] == detail
    assert answer.json()["remedy"]


async def test_an_array_longer_than_what_is_read_at_once_is_one_array(service: DatabaseService, client_id: str) -> None:
    """Elements, and characters of several bytes, are whole though they are read in two pieces."""
    rows = [{"code": f"{number:05}", "label": 'Ærø, \\ " ]' * 9} for number in range(4_000)]
    body = json.dumps(rows, ensure_ascii=False, indent=1).encode()
    assert len(body) > 2 * 256 * 1024
    assert (await service.load("sensor", body, client_id, format_=JSON)).json()["rows"] == 4_000
    assert {row["label"] for row in await service.rows("sensor", client_id)} == {rows[0]["label"]}
    cut = body[:-500].decode("utf-8", "ignore")
    line = cut.count("\n") + 1
    answer = await service.load("sensor", cut, client_id, format_=JSON)
    assert f"line {line} " in answer.json()["detail"]


@pytest.mark.parametrize(
    ("format_", "body"),
    [
        (ARROW_STREAM, b"no stream at all"),
        (ARROW_STREAM, as_arrow(is_file=True)),
        (ARROW_STREAM, as_arrow()[:200]),
        (ARROW_STREAM, as_arrow()[:-200]),
        (ARROW_FILE, as_arrow()),
        (ARROW_FILE, b"ARROW1\0\0"),
    ],
)
async def test_what_is_no_arrow_is_refused(
    *, service: DatabaseService, client_id: str, format_: str, body: bytes
) -> None:
    answer = await service.load("measurement", body, client_id, format_=format_)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("The Arrow input cannot be read: ")
    assert await service.count("measurement", client_id) == 0


def damaged_text() -> pa.Table:
    offsets = pa.py_buffer(np.array([0, 2], np.int32).tobytes())
    return pa.table({"code": pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(b"\xff\xfe")])})


def outside_of_its_buffer() -> pa.Table:
    """Two texts of which the first ends far behind the second."""
    offsets = pa.py_buffer(np.array([0, 2**30, 2], np.int32).tobytes())
    return pa.table({"code": pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"ab")])})


@pytest.mark.parametrize(
    ("table", "detail"),
    [
        (damaged_text(), "The columns are not sound: "),
        (outside_of_its_buffer(), "The columns are not sound: "),
        (pa.table({"code": [["a"]]}), "The column code is of the type list<"),
        (pa.table({"code": [b"a"]}), "The column code is of the type binary"),
    ],
    ids=["not UTF-8", "outside of its buffer", "list", "binary"],
)
async def test_typed_columns_that_are_not_sound_are_refused(
    *, service: DatabaseService, client_id: str, table: pa.Table, detail: str
) -> None:
    answer = await service.load("sensor", arrow(table), client_id, format_=ARROW_STREAM)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(detail)


async def test_a_broken_parquet_file_is_refused(service: DatabaseService, client_id: str) -> None:
    answer = await service.load("sensor", b"PAR1 and nothing more", client_id, format_=PARQUET)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("The Parquet file cannot be read: ")


async def test_a_body_larger_than_allowed_is_refused(service: DatabaseService, client_id: str) -> None:
    """The limit holds for what comes, whatever was announced."""

    async def endless() -> Any:
        for _ in range(20):
            yield b"x" * 100_000

    announced = await service.load("sensor", b"code\n" + b"x" * 2**20, client_id)
    streamed = await service.load("sensor", endless(), client_id)
    assert [announced.status_code, streamed.status_code] == [413, 413]
    assert announced.json()["limit_bytes"] == 2**20
