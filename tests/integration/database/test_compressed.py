"""Compressed bodies are what they hold, and a small body that holds too much is refused."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .conftest import ARROW_STREAM, CSV, JSON, NDJSON, PARQUET, DatabaseService, Measurements

MIB = 2**20
LIMIT_BYTES = 8 * MIB


def compressed(body: bytes, encoding: str) -> bytes:
    return gzip.compress(body) if encoding == "gzip" else bytes(pa.compress(body, "zstd", asbytes=True))


def written(table: pa.Table, format_: str, **options: Any) -> bytes:
    file = io.BytesIO()
    if format_ == PARQUET:
        pq.write_table(table, file, **options)
    else:
        with pa.ipc.new_stream(file, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
            writer.write_table(table)
    return file.getvalue()


SENSORS = pa.table({"code": ["a", "b"], "label": ["x", None]})
BODIES = {
    CSV: b"code,label\na,x\nb,\n",
    JSON: b'[{"code": "a", "label": "x"}, {"code": "b"}]',
    NDJSON: b'{"code": "a", "label": "x"}\n{"code": "b"}\n',
    PARQUET: written(SENSORS, PARQUET),
    ARROW_STREAM: written(SENSORS, ARROW_STREAM),
}


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("format_", list(BODIES))
async def test_every_format_may_be_compressed(
    *, service: DatabaseService, client_id: str, format_: str, encoding: str
) -> None:
    body = compressed(BODIES[format_], encoding)
    answer = await service.load("sensor", body, client_id, format_=format_, headers={"Content-Encoding": encoding})
    assert answer.status_code == 201, answer.text
    assert [row["label"] for row in await service.rows("sensor", client_id, order="code")] == ["x", None]


async def test_several_members_are_one_body(service: DatabaseService, client_id: str) -> None:
    """As ``cat a.gz b.gz`` makes it."""
    body = gzip.compress(b"code\na\n") + gzip.compress(b"b\n")
    answer = await service.load("sensor", body, client_id, headers={"Content-Encoding": "gzip"})
    assert answer.json()["rows"] == 2


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
async def test_a_bomb_is_refused(service: DatabaseService, client_id: str, encoding: str) -> None:
    """A body far below its limit that holds more than is allowed: nothing of it is loaded."""
    body = compressed(b"code\n" + b"a" * (LIMIT_BYTES + 1), encoding)
    assert len(body) < 20_000
    answer = await service.load("sensor", body, client_id, headers={"Content-Encoding": encoding})
    assert answer.status_code == 413
    assert answer.json()["type"].endswith("too-large")
    assert answer.json()["limit_bytes"] == LIMIT_BYTES
    assert "AE_MAX_DECOMPRESSED_BYTES" in answer.json()["remedy"]


def repeated(text: str, times: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * times, pa.int32()), pa.array([text]))


@pytest.mark.parametrize(
    ("format_", "body"),
    [
        (
            PARQUET,
            written(pa.table({"code": [f"{n:020}" for n in range(500_000)]}), PARQUET, use_dictionary=False,
                    compression="zstd"),
        ),
        (
            ARROW_STREAM,
            written(pa.table({"code": ["a" * 100] * 100_000}), ARROW_STREAM, compression="zstd"),
        ),
    ],
    ids=["parquet", "arrow"],
)  # fmt: skip
async def test_what_formats_compress_by_themselves_counts_too(
    *, service: DatabaseService, client_id: str, format_: str, body: bytes
) -> None:
    assert len(body) < MIB
    answer = await service.load("sensor", body, client_id, format_=format_)
    assert answer.status_code == 413
    assert answer.json()["limit_bytes"] == LIMIT_BYTES


@pytest.mark.parametrize("format_", [PARQUET, ARROW_STREAM])
async def test_a_long_text_that_stands_for_many_rows_is_written_out_bit_by_bit(
    service: DatabaseService, client_id: str, format_: str
) -> None:
    """A dictionary keeps a long text once for all of its rows: 300 MB once it is written out, 150 KB before."""
    codes = pa.array([f"{number}" for number in range(2_000)])
    body = written(pa.table({"code": codes, "label": repeated("x" * 150_000, 2_000)}), format_)
    assert len(body) < MIB
    answer = await service.load("sensor", body, client_id, format_=format_)
    assert answer.status_code == 201, answer.text
    async with service.calculation.transaction(client_id=client_id) as connection:
        assert await connection.fetch_value("select sum(length(label)) from facts.sensor") == 300_000_000


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"code\na\n"),
        ("zstd", b"code\na\n"),
        ("gzip", gzip.compress(b"code\na\n")[:-9]),
        ("zstd", compressed(b"code\na\n" * 100, "zstd")[:-5]),
    ],
    ids=["gzip, plain", "zstd, plain", "gzip, cut off", "zstd, cut off"],
)
async def test_a_body_that_is_not_what_it_says_is_refused(
    *, service: DatabaseService, client_id: str, encoding: str, body: bytes
) -> None:
    answer = await service.load("sensor", body, client_id, headers={"Content-Encoding": encoding})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"The body cannot be decompressed as {encoding}: ")
    assert await service.count("sensor", client_id) == 0


async def test_an_unknown_encoding_is_refused_with_those_there_are(service: DatabaseService, client_id: str) -> None:
    answer = await service.load("sensor", b"code\na\n", client_id, headers={"Content-Encoding": "br"})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "The content encoding 'br' is not one that can be read."
    assert "gzip, zstd" in answer.json()["remedy"]


async def test_a_key_stands_for_a_body_and_how_it_is_compressed(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    body = gzip.compress(measurements(2).encode())
    headers = {"Content-Encoding": "gzip"}
    answers = [await service.load("measurement", body, client_id, key="k", headers=headers) for _ in range(2)]
    assert [answer.json()["replayed"] for answer in answers] == [False, True]
