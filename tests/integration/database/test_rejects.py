"""Right rows are loaded beside wrong ones, which are kept for review."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import asyncpg
import pyarrow as pa
import pytest

from analytics_engine.kernel.security.principal import Role

from .conftest import CSV, JSON, NDJSON, DatabaseService, Measurements

AT = "2024-01-01T00:00:00Z"
HEADER = "sensor_code,number,measured_at,amount,note"


async def kept(service: DatabaseService, client_id: str, body: str | bytes, **params: Any) -> dict[str, Any]:
    """Load the right rows, and return the receipt."""
    format_ = params.pop("format_", CSV)
    code = params.pop("code", "measurement")
    answer = await service.load(code, body, client_id, format_=format_, on_error="keep_good", **params)
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def rejects(service: DatabaseService, client_id: str, receipt: dict[str, Any], query: str = "") -> dict[str, Any]:
    answer = await service.get(f"/data/loads/{receipt['ingest_id']}/rejects{query}", client_id)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def test_right_rows_are_loaded_and_wrong_ones_are_kept_as_they_came(
    service: DatabaseService, client_id: str
) -> None:
    body = f"{HEADER}\ns1,1,{AT},1.5,\ns1,two,{AT},much,x\ns1,3\ns1,4,{AT},4.00,\n"
    receipt = await kept(service, client_id, body)
    assert {name: receipt[name] for name in ("rows", "inserted", "updated", "rejected")} == {
        "rows": 2,
        "inserted": 2,
        "updated": 0,
        "rejected": 2,
    }
    assert [row["number"] for row in await service.rows("measurement", client_id, order="number")] == [1, 4]
    page = await rejects(service, client_id, receipt)
    assert page["total"] == 2
    assert page["items"] == [
        {
            "line": 3,
            "column": "amount",
            "value": "much",
            "reason": "is not a decimal number",
            "further": [{"column": "number", "value": "two", "reason": "is not an integer"}],
            "row": {"sensor_code": "s1", "number": "two", "measured_at": AT, "amount": "much", "note": "x"},
        },
        {
            "line": 4,
            "column": "",
            "value": "s1,3",
            "reason": "has 2 fields where the header has 5",
            "further": [],
            "row": "s1,3",
        },
    ]


async def test_the_event_and_the_coverage_are_of_the_right_rows(service: DatabaseService, client_id: str) -> None:
    body = f"{HEADER}\ns1,1,2024-03-01T00:00:00Z,1,\ns1,x,2030-01-01T00:00:00Z,1,\n"
    receipt = await kept(service, client_id, body)
    assert receipt["covered_until"] == "2024-03-01T00:00:00.000001Z"
    (event,) = await service.events(client_id)
    assert event["event"]["data"]["rows"] == 1


async def test_keys_that_are_taken_are_wrong_rows(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    """The first of several rows of one key is loaded, unless the key is there already."""
    await service.load("measurement", measurements(2), client_id)
    rows = [f"s1,{number},2024-05-05T00:00:00Z,,{line}" for line, number in enumerate([2, 3, 3, 4, 2, 3], 2)]
    receipt = await kept(service, client_id, "\n".join([HEADER, *rows]) + "\n")
    assert (receipt["rows"], receipt["rejected"]) == (2, 4)
    page = await rejects(service, client_id, receipt)
    known = "is the key of a row that is there already; mode=upsert replaces it"
    assert [(item["line"], item["value"], item["reason"]) for item in page["items"]] == [
        (2, "s1, 2", known),
        (4, "s1, 3", "repeats the key of line 3"),
        (6, "s1, 2", "repeats the key of line 2"),
        (7, "s1, 3", "repeats the key of line 3"),
    ]
    assert page["items"][1]["row"]["note"] == "4"
    stored = await service.rows("measurement", client_id, order="number")
    assert [(row["number"], row["note"]) for row in stored] == [(1, "n"), (2, "n"), (3, "3"), (4, "5")]


@pytest.mark.parametrize("mode", ["append", "upsert"])
@pytest.mark.parametrize(
    ("code", "body"),
    [("sensor", "code,label\na,1\na,2\nb,3\n"),
     ("tick", "sensor_code,ticked_on,count\na,2024-01-01,1\na,2024-01-01,2\nb,2024-01-01,3\n")],
)  # fmt: skip
async def test_repeated_keys_are_found_in_every_layout(
    *, service: DatabaseService, client_id: str, code: str, body: str, mode: str
) -> None:
    refused = await service.load(code, body, client_id, mode=mode)
    assert [(error["line"], error["reason"]) for error in refused.json()["errors"]] == [
        (3, "repeats the key of line 2")
    ]
    receipt = await kept(service, client_id, body, code=code, mode=mode)
    assert (receipt["inserted"], receipt["rejected"]) == (2, 1)
    assert [str(list(row.values())[-1]) for row in await service.rows(code, client_id, order="2")] == ["1", "3"]


async def test_an_upsert_replaces_beside_wrong_rows(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    await service.load("measurement", measurements(3), client_id)
    body = f"{HEADER}\ns1,2,{AT},2,new\ns1,3,{AT},x,new\ns1,9,{AT},9,new\n"
    receipt = await kept(service, client_id, body, mode="upsert")
    assert [receipt[name] for name in ("inserted", "updated", "rejected")] == [1, 1, 1]
    stored = await service.rows("measurement", client_id, order="number")
    assert [(row["number"], row["note"]) for row in stored] == [(1, "n"), (2, "new"), (3, "n"), (9, "new")]


@pytest.mark.parametrize(
    ("format_", "body", "row"),
    [
        (NDJSON, b'{"code": "a"}\n{"code": null, "label": 7}\n', {"code": None, "label": "7"}),
        (NDJSON, b'{"code": "a"}\nnonsense\n', "nonsense"),
        (NDJSON, b'{"code": "a"}\n{"code": "\\ud800"}\n', '{"code": "\\ud800"}'),
        (JSON, b'[{"code": "a"}, [1, 2]]', '["1", "2"]'),
        (NDJSON, b'{"code": "a"}\n{"code": "b\\u0000c"}\n', {"code": "b\0c"}),
    ],
)
async def test_wrong_rows_of_json_are_kept(
    *, service: DatabaseService, client_id: str, format_: str, body: bytes, row: object
) -> None:
    """Those too that hold what no text of PostgreSQL may."""
    receipt = await kept(service, client_id, body, code="sensor", format_=format_)
    assert (receipt["rows"], receipt["rejected"]) == (1, 1)
    (item,) = (await rejects(service, client_id, receipt))["items"]
    assert (item["line"], item["row"]) == (2, row)


async def test_ten_thousand_are_kept_and_all_are_counted(service: DatabaseService, client_id: str) -> None:
    body = "code,label\n" + ",x\n" * 10_500 + "a,right\n"
    receipt = await kept(service, client_id, body, code="sensor")
    assert (receipt["rows"], receipt["rejected"]) == (1, 10_500)
    page = await rejects(service, client_id, receipt, "?limit=2&offset=9999")
    assert page["total"] == 10_000
    assert [item["line"] for item in page["items"]] == [10_001]


async def test_a_very_long_value_is_cut(service: DatabaseService, client_id: str) -> None:
    receipt = await kept(service, client_id, f"code,label\n,{'x' * 5_000}\n", code="sensor")
    (item,) = (await rejects(service, client_id, receipt))["items"]
    assert item["row"]["label"] == "x" * 1_000 + "…"


@pytest.mark.parametrize(
    ("max_rejects", "status"), [("2", 201), ("1", 422), ("50%", 201), ("49.9%", 422), ("0", 422), ("100%", 201)]
)
async def test_more_wrong_rows_than_are_tolerated_load_nothing(
    *, service: DatabaseService, client_id: str, max_rejects: str, status: int
) -> None:
    body = "code,label\na,1\n,2\nb,3\n,4\n"
    answer = await service.load("sensor", body, client_id, on_error="keep_good", max_rejects=max_rejects)
    assert answer.status_code == status
    assert await service.count("sensor", client_id) == (2 if status == 201 else 0)


async def test_taken_keys_count_against_what_is_tolerated(service: DatabaseService, client_id: str) -> None:
    body = "code,label\na,1\n,2\na,3\n"
    answer = await service.load("sensor", body, client_id, on_error="keep_good", max_rejects="1")
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith("2 of 3 rows are wrong, and max_rejects tolerates no more than 1.")
    assert [error["line"] for error in answer.json()["errors"]] == [3, 4]
    assert await service.count("sensor", client_id) == 0
    assert (await service.get("/data/loads", client_id)).json()["total"] == 0


@pytest.mark.parametrize("params", [{"max_rejects": "5"}, {"max_rejects": "half", "on_error": "keep_good"}])
async def test_a_tolerance_that_means_nothing_is_refused(
    service: DatabaseService, client_id: str, params: dict[str, str]
) -> None:
    assert (await service.load("sensor", "code\na\n", client_id, **params)).status_code == 422


@pytest.mark.parametrize("change", [{"on_error": "reject_all"}, {"on_error": "keep_good", "max_rejects": "5"}])
async def test_a_key_stands_for_what_wrong_rows_mean_too(
    service: DatabaseService, client_id: str, change: dict[str, str]
) -> None:
    first = await kept(service, client_id, "code\na\n\n", code="sensor", key="k")
    again = await service.load("sensor", "code\na\n\n", client_id, key="k", on_error="keep_good")
    assert again.json() == first | {"replayed": True}
    assert (await service.load("sensor", "code\na\n\n", client_id, key="k", **change)).status_code == 409


async def test_reviewed_rows_are_deleted_and_the_receipt_still_counts_them(
    service: DatabaseService, client_id: str
) -> None:
    receipt = await kept(service, client_id, "code,label\n,1\na,2\n", code="sensor")
    path = f"/data/loads/{receipt['ingest_id']}"
    assert (await service.get(path, client_id)).json()["rejects_kept"] == 1
    assert (await service.delete(f"{path}/rejects", client_id)).status_code == 204
    assert (await rejects(service, client_id, receipt))["items"] == []
    load = (await service.get(path, client_id)).json()
    assert (load["rejects_kept"], load["receipt"]["rejected"]) == (0, 1)


async def test_rows_of_another_client_are_out_of_reach(
    service: DatabaseService, client_id: str, other_client: str
) -> None:
    """By the endpoints, and by row-level security beneath them."""
    receipt = await kept(service, other_client, "code,label\n,secret\na,2\n", code="sensor")
    path = f"/data/loads/{receipt['ingest_id']}"
    answers = [
        await service.get(path, client_id),
        await service.get(f"{path}/rejects", client_id),
        await service.delete(f"{path}/rejects", client_id),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    async with service.own.transaction(client_id=client_id) as connection:
        assert await connection.fetch_value("select count(*) from ingest.rejects") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with service.calculation.transaction(client_id=other_client) as connection:
            await connection.fetch("select * from ingest.rejects")
    assert (await rejects(service, other_client, receipt))["total"] == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
async def test_who_only_reads_may_not_see_wrong_rows(service: DatabaseService, client_id: str, role: Role) -> None:
    for path in ("/data/loads", f"/data/loads/{uuid4()}/rejects"):
        assert (await service.get(path, client_id, role=role)).status_code == 403


async def test_wrong_rows_in_several_batches_and_taken_keys_are_all_left_out(
    service: DatabaseService, client_id: str
) -> None:
    """150,000 rows: every hundredth wrong, and each number of the last thousand twice."""
    numbers = pa.array([*range(149_000), *range(148_000, 149_000)])
    lines = [f"a,{'x' if number % 100 == 0 else number},2024-01-01T00:00:00Z,,n" for number in numbers.to_pylist()]
    await service.load("measurement", f"{HEADER}\na,1,2024-01-01T00:00:00Z,,there", client_id)
    body = pa.compress("\n".join([HEADER, *lines]).encode(), "zstd", asbytes=True)
    limits = {"headers": {"Content-Encoding": "zstd"}}
    receipt = await kept(service, client_id, body, **limits)
    assert receipt["rejected"] == 1_490 + 10 + 990 + 1
    assert receipt["rows"] == 150_000 - receipt["rejected"]
    assert await service.count("measurement", client_id) == receipt["rows"] + 1
    assert json.dumps(receipt["covered_from"]) == '"2024-01-01T00:00:00Z"'
