"""Wrong rows are named, and nothing of their input is loaded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import JSON, NDJSON, DatabaseService, Measurements

HEADER = "sensor_code,number,measured_at,amount,reading,valid,calibrated_on,state,note"
AT = "2024-01-01T00:00:00Z"
NO_TIMESTAMP = "is not a timestamp like 2013-01-31T17:05:00Z"
NOT_FINITE = "attributes take no NaN and no infinity"
GOOD = "s1,1,2024-01-01T00:00:00Z,1.5,2.5,true,2024-01-01,ok,"


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (f"s1,x,{AT},,,,,,", "number", "x", "is not an integer"),
        (f"s1,1.5,{AT},,,,,,", "number", "1.5", "is not an integer"),
        (f"s1,0x1F,{AT},,,,,,", "number", "0x1F", "is not an integer"),
        (f"s1,9223372036854775808,{AT},,,,,,", "number", "9223372036854775808", "does not fit into 64 bits"),
        (f",2,{AT},,,,,,", "sensor_code", "", "is missing, and the attribute is required"),
        ("s1,2,yesterday,,,,,,", "measured_at", "yesterday", NO_TIMESTAMP),
        ("s1,2,2024-02-30T00:00:00Z,,,,,,", "measured_at", "2024-02-30T00:00:00Z", NO_TIMESTAMP),
        (f's1,2,{AT},"1,5",,,,,', "amount", "1,5", "is not a decimal number"),
        (f"s1,2,{AT},NaN,,,,,", "amount", "NaN", f"is not a finite number; decimal {NOT_FINITE}"),
        (f"s1,2,{AT},,-inf,,,,", "reading", "-inf", f"is not a finite number; float {NOT_FINITE}"),
        (f"s1,2,{AT},,1e999,,,,", "reading", "1e999", "is too large for a 64-bit float"),
        (f"s1,2,{AT},,,maybe,,,", "valid", "maybe", "is neither true nor false"),
        (f"s1,2,{AT},,,,01/02/2024,,", "calibrated_on", "01/02/2024", "is not a date like 2013-01-31"),
        (f"s1,2,{AT},,,,,fine,", "state", "fine", "is not one of: ok, worn, broken"),
        (f"s1,1,{AT},,,,,,", "sensor_code, number", "s1, 1", "repeats the key of line 2"),
    ],
)
async def test_a_wrong_row_is_named_by_line_column_value_and_reason(
    *, service: DatabaseService, client_id: str, row: str, column: str, value: str, reason: str
) -> None:
    answer = await service.load("measurement", f"{HEADER}\n{GOOD}\n{row}\n", client_id)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"].endswith("rows-rejected")
    assert problem["errors"] == [{"line": 3, "column": column, "value": value, "reason": reason}]
    assert problem["total"] == 1
    assert reason in problem["detail"]
    assert await service.count("measurement", client_id) == 0


async def test_a_timestamp_without_offset_is_refused_with_the_remedy(service: DatabaseService, client_id: str) -> None:
    answer = await service.load("measurement", "sensor_code,number,measured_at\ns1,1,2024-01-01 00:00:00\n", client_id)
    assert answer.status_code == 422
    assert "has no offset from UTC" in answer.json()["detail"]
    assert "?time_zone=America/New_York" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("local", "reason"),
    [
        ("2024-03-10 02:30:00", "does not exist in America/New_York: clocks were put forward over it"),
        (
            "2024-11-03 01:30:00",
            "is there twice in America/New_York, when clocks were put back; write it with its offset",
        ),
    ],
)
async def test_a_local_time_that_is_no_single_instant_is_refused(
    service: DatabaseService, client_id: str, local: str, reason: str
) -> None:
    body = f"sensor_code,number,measured_at\ns1,1,{local}\n"
    answer = await service.load("measurement", body, client_id, time_zone="America/New_York")
    assert answer.json()["errors"] == [{"line": 2, "column": "measured_at", "value": local, "reason": reason}]


async def test_nothing_is_loaded_when_one_row_late_in_a_big_input_is_wrong(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    """20,000 right rows do not get in beside one wrong one, and neither does its coverage nor its event."""
    body = measurements(20_000) + "s1,20001,2024-01-01T00:00:00Z,wrong,\n"
    answer = await service.load("measurement", body, client_id)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["line"] == 20_002
    assert await service.count("measurement", client_id) == 0
    assert await service.events(client_id) == []
    assert (await service.get("/coverage", client_id)).json() == []


async def test_a_hundred_errors_are_listed_and_all_are_counted(service: DatabaseService, client_id: str) -> None:
    body = "code,label\n" + "\n".join(f",{number}" for number in range(250)) + "\n"
    problem = (await service.load("sensor", body, client_id)).json()
    assert len(problem["errors"]) == 100
    assert [error["line"] for error in problem["errors"]] == list(range(2, 102))
    assert problem["total"] == 250


async def test_rows_of_another_width_are_named(service: DatabaseService, client_id: str) -> None:
    body = "code,label\na,1\nb\nc,1,2\n,4\n"
    problem = (await service.load("sensor", body, client_id)).json()
    assert problem["errors"] == [
        {"line": 3, "column": "", "value": "b", "reason": "has 1 fields where the header has 2"},
        {"line": 4, "column": "", "value": "c,1,2", "reason": "has 3 fields where the header has 2"},
        {"line": 5, "column": "code", "value": "", "reason": "is missing, and the attribute is required"},
    ]
    assert problem["total"] == 3


async def test_lines_are_counted_through_line_breaks_in_fields(service: DatabaseService, client_id: str) -> None:
    body = 'code,label\na,"one\ntwo\nthree"\nb,x\n\n,wrong\n'
    problem = (await service.load("sensor", body, client_id)).json()
    assert [error["line"] for error in problem["errors"]] == [7]


@pytest.mark.parametrize(
    ("format_", "body", "errors"),
    [
        (
            NDJSON,
            '{"code": "a"}\n\n{"code": x}\n[1]\n{"label": "x"}\n',
            [(3, "is not JSON: Expecting value: line 1 column 10 (char 9)"), (4, "is not a JSON object"),
             (5, "is missing, and the attribute is required")],
        ),
        (JSON, '[{"code": "a"}, 7, {"code": null}]',
         [(2, "is not a JSON object"), (3, "is missing, and the attribute is required")]),
    ],
    ids=["ndjson", "json"],
)  # fmt: skip
async def test_wrong_json_rows_are_named(
    *, service: DatabaseService, client_id: str, format_: str, body: str, errors: list[tuple[int, str]]
) -> None:
    problem = (await service.load("sensor", body, client_id, format_=format_)).json()
    assert [(error["line"], error["reason"]) for error in problem["errors"]] == errors


@pytest.mark.parametrize(
    ("body", "detail", "remedy"),
    [
        ("code,lable\na,b\n", "Sensor has no attribute 'lable'.", "Did you mean label?"),
        ("label\nb\n", "The input lacks code, which every Sensor must have.", "Add the column"),
        ("code,client_id\na,b\n", "Sensor has no attribute 'client_id'.", "client_id is taken from your token"),
    ],
)
async def test_wrong_columns_are_refused_before_any_row_is_read(
    *, service: DatabaseService, client_id: str, body: str, detail: str, remedy: str
) -> None:
    answer = await service.load("sensor", body, client_id)
    assert answer.status_code == 422
    assert answer.json()["detail"] == detail
    assert remedy in answer.json()["remedy"]


async def test_an_unknown_attribute_in_json_is_refused(service: DatabaseService, client_id: str) -> None:
    answer = await service.load("sensor", json.dumps([{"code": "a", "lable": "b"}]), client_id, format_=JSON)
    assert answer.json()["remedy"] == "Did you mean label?"


async def test_an_unknown_object_model_is_refused(service: DatabaseService, client_id: str) -> None:
    answer = await service.load("measurment", "a\n", client_id)
    assert answer.status_code == 404
    assert "measurement" in answer.json()["remedy"]


@pytest.mark.parametrize(
    ("params", "detail"),
    [
        (
            {"covers_from": "2024-02-01T00:00:00Z", "covers_until": "2024-01-01T00:00:00Z"},
            "covers_from is not before covers_until.",
        ),
        ({"time_zone": "America/New_Yrok"}, "'America/New_Yrok' is not an IANA time zone."),
    ],
)
async def test_wrong_parameters_are_refused(
    *, service: DatabaseService, client_id: str, measurements: Measurements, params: dict[str, Any], detail: str
) -> None:
    answer = await service.load("measurement", measurements(1), client_id, **params)
    assert answer.status_code == 422
    assert answer.json()["detail"] == detail


async def test_a_year_that_no_calendar_reaches_is_refused(service: DatabaseService, client_id: str) -> None:
    answer = await service.load("tick", "sensor_code,ticked_on,count\ns1,9999-12-31,1\n", client_id)
    assert answer.status_code == 422
    assert "9999" in answer.json()["detail"]
