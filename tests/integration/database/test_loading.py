"""What a committed load does: rows, receipts, coverage, events; once, and whole."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from analytics_engine.kernel.security.principal import Role
from support.waiting import eventually

from .conftest import DatabaseService, Measurements


async def test_append_refuses_keys_that_are_there_and_names_them(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    """Of rows 1 to 3 with 2 and 3 there already, none is loaded, though their time is another one."""
    await service.load("measurement", measurements(2, start=2), client_id)
    answer = await service.load("measurement", measurements(3, at="2025-05-05T00:00:00Z"), client_id)
    assert answer.status_code == 422
    assert [(error["line"], error["value"]) for error in answer.json()["errors"]] == [(3, "s1, 2"), (4, "s1, 3")]
    assert "mode=upsert replaces it" in answer.json()["detail"]
    assert await service.count("measurement", client_id) == 2


async def test_upsert_replaces_by_key_though_the_partition_changes(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    await service.load("measurement", measurements(3, at="2024-01-15T00:00:00Z"), client_id)
    answer = await service.load(
        "measurement", measurements(2, start=3, at="2024-09-15T00:00:00Z"), client_id, mode="upsert"
    )
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in ("rows", "inserted", "updated")} == {
        "rows": 2,
        "inserted": 1,
        "updated": 1,
    }
    rows = await service.rows("measurement", client_id, order="number")
    assert [(row["number"], row["measured_at"].month) for row in rows] == [(1, 1), (2, 1), (3, 9), (4, 9)]
    back = await service.load(
        "measurement", measurements(1, start=3, at="2024-01-15T00:00:00Z"), client_id, mode="upsert"
    )
    assert back.json()["updated"] == 1
    assert await service.count("measurement", client_id) == 4


@pytest.mark.parametrize(
    ("code", "first", "second"),
    [
        ("sensor", "code,label\na,1\nb,2\n", "code,label\nb,3\nc,4\n"),
        (
            "tick",
            "sensor_code,ticked_on,count\na,2024-01-01,1\nb,2024-02-01,2\n",
            "sensor_code,ticked_on,count\nb,2024-02-01,3\nc,2024-03-01,4\n",
        ),
    ],
    ids=["dimension", "time in the key"],
)
async def test_upsert_replaces_by_key_in_every_layout(
    *, service: DatabaseService, client_id: str, code: str, first: str, second: str
) -> None:
    await service.load(code, first, client_id)
    answer = await service.load(code, second, client_id, mode="upsert")
    assert (answer.json()["inserted"], answer.json()["updated"]) == (1, 1)
    assert [str(list(row.values())[-1]) for row in await service.rows(code, client_id, order="2")] == ["1", "3", "4"]


async def test_an_upsert_leaves_other_clients_alone(
    service: DatabaseService, client_id: str, other_client: str, measurements: Measurements
) -> None:
    """Two clients use the same keys; each replaces its own."""
    await service.load("measurement", measurements(2, note="theirs"), other_client)
    await service.load("measurement", measurements(2, note="ours"), client_id)
    await service.load("measurement", measurements(2, note="new"), client_id, mode="upsert")
    assert {row["note"] for row in await service.rows("measurement", other_client)} == {"theirs"}
    assert {row["note"] for row in await service.rows("measurement", client_id)} == {"new"}


async def test_a_repeat_under_the_same_key_gives_the_same_receipt(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    first = await service.load("measurement", measurements(2), client_id, key="load-1")
    again = await service.load("measurement", measurements(2), client_id, key="load-1")
    assert [first.status_code, again.status_code] == [201, 201]
    assert again.json() == first.json() | {"replayed": True}
    assert await service.count("measurement", client_id) == 2
    assert len(await service.events(client_id)) == 1


@pytest.mark.parametrize("change", ["rows", "mode", "coverage"])
async def test_a_key_used_for_something_else_is_a_conflict(
    *, service: DatabaseService, client_id: str, measurements: Measurements, change: str
) -> None:
    await service.load("measurement", measurements(2), client_id, key="load-1")
    body = measurements(3 if change == "rows" else 2)
    params = {"mode": {"mode": "upsert"}, "coverage": {"covers_from": "2023-01-01T00:00:00Z"}}.get(change, {})
    answer = await service.load("measurement", body, client_id, key="load-1", **params)
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("idempotency-conflict")
    assert await service.count("measurement", client_id) == 2


async def test_clients_do_not_share_keys(
    service: DatabaseService, client_id: str, other_client: str, measurements: Measurements
) -> None:
    answers = [
        await service.load("measurement", measurements(1), client, key="k") for client in (client_id, other_client)
    ]
    assert [answer.json()["replayed"] for answer in answers] == [False, False]


async def test_of_many_at_once_under_one_key_one_does_it(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    body = measurements(500)
    answers = await asyncio.gather(*(service.load("measurement", body, client_id, key="at-once") for _ in range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert sorted(answer.json()["replayed"] for answer in answers) == [False] + [True] * 5
    assert len({answer.json()["ingest_id"] for answer in answers}) == 1
    assert await service.count("measurement", client_id) == 500


async def test_upserts_of_the_same_keys_at_once_leave_one_row_a_key(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    """Each at another month, so that they meet in the key table and not in a partition."""
    bodies = [measurements(50, at=f"2024-0{month}-01T00:00:00Z", note=str(month)) for month in range(1, 7)]
    answers = await asyncio.gather(*(service.load("measurement", body, client_id, mode="upsert") for body in bodies))
    assert [answer.status_code for answer in answers] == [201] * 6
    rows = await service.rows("measurement", client_id)
    assert len(rows) == 50
    assert len({row["note"] for row in rows}) == 1


async def test_appends_of_the_same_keys_at_once_let_one_win(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    body = measurements(200)
    answers = await asyncio.gather(*(service.load("measurement", body, client_id) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]
    assert await service.count("measurement", client_id) == 200


async def test_rows_are_judged_by_the_definition_that_holds_when_they_come(
    service: DatabaseService, client_id: str
) -> None:
    """Not by one that was right for the load before, be it stricter or less strict."""
    code = f"judged_{client_id.removeprefix('client-')}"
    receipts = []
    for number, nullable in enumerate((True, False, True)):
        label = {"name": "label", "type": "text", "nullable": nullable}
        attributes = [{"name": "code", "type": "text", "nullable": False}, label]
        model = {"code": code, "name": code, "nature": "dimension", "key": ["code"], "attributes": attributes}
        await service.define(model, client_id)
        receipts.append(await service.load(code, f"code,label\n{number},\n", client_id))
    assert [receipt.status_code for receipt in receipts] == [201, 422, 201]
    assert [receipts[place].json()["object_model_version"] for place in (0, 2)] == [1, 3]
    assert [row["code"] for row in await service.rows(code, client_id)] == ["0", "2"]


async def test_the_receipt_names_the_transaction_and_the_event_is_in_it(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    receipt = (await service.load("measurement", measurements(2, at="2024-03-05T06:07:08Z"), client_id)).json()
    (row,) = await service.events(client_id)
    assert row["xid"] == receipt["watermark"]
    event = row["event"]
    assert (event["type"], event["subject"], event["clientid"]) == ("data.ingested", "measurement", client_id)
    assert event["data"] == {
        "object_model": "measurement",
        "rows": 2,
        "first_time": "2024-03-05T06:07:08+00:00",
        "last_time": "2024-03-05T06:07:08+00:00",
    }


async def test_a_later_reader_sees_what_is_below_its_watermark(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    """As soon as a reader's watermark is past the receipt's, the rows are in what it reads."""
    receipt = (await service.load("measurement", measurements(1), client_id)).json()

    async def passed() -> bool:
        async with service.calculation.transaction(client_id=client_id) as connection:
            watermark = await connection.fetch_value("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            return bool(watermark > receipt["watermark"])

    await eventually(passed)
    assert await service.count("measurement", client_id) == 1


async def test_coverage_is_the_hull_of_what_was_loaded(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    """Declared spans and the rows' own times widen it; nothing narrows it."""

    async def covered() -> tuple[datetime, datetime]:
        (entry,) = (await service.get("/coverage", client_id)).json()
        assert entry["object_model"] == "measurement"
        return datetime.fromisoformat(entry["covered_from"]), datetime.fromisoformat(entry["covered_until"])

    await service.load("measurement", measurements(1, at="2024-01-10T00:00:00Z"), client_id)
    assert await covered() == (datetime(2024, 1, 10, tzinfo=UTC), datetime(2024, 1, 10, 0, 0, 0, 1, tzinfo=UTC))
    declared = {"covers_from": "2024-01-01T00:00:00Z", "covers_until": "2024-02-01T00:00:00+01:00"}
    receipt = (
        await service.load("measurement", measurements(1, start=2, at="2024-01-05T00:00:00Z"), client_id, **declared)
    ).json()
    assert receipt["covered_until"] == "2024-01-31T23:00:00Z"
    wide = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 31, 23, tzinfo=UTC))
    assert await covered() == wide
    await service.load("measurement", measurements(1, start=3, at="2024-01-20T00:00:00Z"), client_id)
    assert await covered() == wide


async def test_no_rows_can_be_declared_complete(service: DatabaseService, client_id: str) -> None:
    """A header without rows loads nothing, and says that nothing happened in the span."""
    declared = {"covers_from": "2024-01-01T00:00:00Z", "covers_until": "2024-02-01T00:00:00Z"}
    answer = await service.load("tick", "sensor_code,ticked_on,count\n", client_id, **declared)
    assert answer.status_code == 201
    assert answer.json()["rows"] == 0
    (entry,) = (await service.get("/coverage", client_id)).json()
    assert entry["covered_until"] == "2024-02-01T00:00:00Z"


async def test_rows_of_a_dimension_cover_no_time(service: DatabaseService, client_id: str) -> None:
    answer = await service.load("sensor", "code\na\n", client_id, covers_from="2024-01-01T00:00:00Z")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "Sensor has no time attribute, so its rows cover no span of time."


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
async def test_who_only_reads_may_not_load(service: DatabaseService, client_id: str, role: Role) -> None:
    assert (await service.load("sensor", "code\na\n", client_id, role=role)).status_code == 403
