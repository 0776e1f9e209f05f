"""An attribute's type is changed while its table is in use: planned, filled in steps, swapped, undone."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from support.waiting import eventually

from .conftest import DatabaseService
from .test_renames import CHAIN, KPI, MODULE, ROLLUP, rollups
from .test_tables import visit

HEADER = "number,at,page,seconds\n"


def timed(code: str, type_: str, **changes: Any) -> dict[str, Any]:
    attributes = [*visit("x")["attributes"], {"name": "seconds", "type": type_}]
    return visit(code, attributes=attributes) | changes


def visits(*seconds: object, start: int = 1, month: int = 1) -> str:
    lines = [f"{n},2024-{month:02}-01T00:00:00Z,home,{value}" for n, value in enumerate(seconds, start)]
    return HEADER + "\n".join(lines) + "\n"


async def changes(service: DatabaseService, code: str, client_id: str) -> list[dict[str, Any]]:
    answer = await service.get(f"/object-models/{code}/table/changes", client_id)
    found: list[dict[str, Any]] = answer.json()
    return found


async def reached(service: DatabaseService, code: str, client_id: str, status: str) -> dict[str, Any]:
    """Return the newest change of a table as soon as it is of a status."""

    async def found() -> dict[str, Any] | None:
        newest = (await changes(service, code, client_id))[0]
        return newest if newest["status"] == status else None

    change = await eventually(found, within_s=20)
    assert change is not None
    return change


async def seconds(service: DatabaseService, code: str, client_id: str) -> list[Any]:
    return [row["seconds"] for row in await service.rows(code, client_id, order="number")]


async def kind(service: DatabaseService, code: str, client_id: str) -> str:
    table = (await service.get(f"/object-models/{code}/table", client_id)).json()
    type_: str = table["columns"]["seconds"]["type"]
    return type_


async def test_a_widening_is_planned_done_and_undone(service: DatabaseService, client_id: str) -> None:
    code = "visit_wide"
    await service.define(timed(code, "integer"), client_id)
    await service.load(code, visits(5, "", 7), client_id)
    await service.load(code, visits(8, start=4, month=3), client_id)
    await service.define(timed(code, "decimal"), client_id)
    refused = await service.load(code, visits("1.5", start=5), client_id)
    assert refused.status_code == 409
    assert f"/object-models/{code}/table/apply" in refused.json()["remedy"]

    plan = (await service.post(f"/object-models/{code}/table/plan", client_id)).json()
    (step,) = plan["steps"]
    assert (step["kind"], step["columns"], step["from_type"], step["to_type"]) == (
        "retype", ["seconds"], "integer", "decimal",
    )  # fmt: skip
    assert (step["needs_confirmation"], step["refused"], step["automatic"]) == (False, "", False)

    applied = await service.post(f"/object-models/{code}/table/apply", client_id)
    assert applied.status_code == 202
    change = await reached(service, code, client_id, "done")
    assert change["can_be_undone"]
    assert await kind(service, code, client_id) == "decimal"
    assert (await service.load(code, visits("12", start=5), client_id)).status_code == 201
    assert [None if one is None else int(one) for one in await seconds(service, code, client_id)] == [5, None, 7, 8, 12]
    assert (await service.post(f"/object-models/{code}/table/plan", client_id)).json()["steps"] == []

    undo = f"/object-models/{code}/table/changes/{change['id']}/undo"
    early = await service.post(undo, client_id)
    assert early.status_code == 409
    assert "wants this change still" in early.json()["detail"]
    await service.define(timed(code, "integer"), client_id)
    undone = await service.post(undo, client_id)
    assert (undone.status_code, undone.json()["status"]) == (200, "undone")
    assert await seconds(service, code, client_id) == [5, None, 7, 8, 12]
    assert (await service.load(code, visits(13, start=6), client_id)).status_code == 201
    assert await seconds(service, code, client_id) == [5, None, 7, 8, 12, 13]


async def test_what_the_type_before_cannot_hold_is_not_undone(service: DatabaseService, client_id: str) -> None:
    code = "visit_beyond"
    await service.define(timed(code, "integer"), client_id)
    await service.load(code, visits(5), client_id)
    await service.define(timed(code, "decimal"), client_id)
    await service.post(f"/object-models/{code}/table/apply", client_id)
    change = await reached(service, code, client_id, "done")
    await service.load(code, visits("1.5", start=2), client_id)
    await service.define(timed(code, "integer"), client_id)
    answer = await service.post(f"/object-models/{code}/table/changes/{change['id']}/undo", client_id)
    assert answer.status_code == 409
    assert answer.json()["detail"] == f"1 values of {code}.seconds are no integer exactly."


async def test_a_version_is_prepared_before_it_is_saved(service: DatabaseService, client_id: str) -> None:
    """Loads of the present version go on meanwhile; the next one of the new version swaps, and renames as well."""
    code = "visit_ahead"
    new = visit(code)
    new["attributes"].append({"name": "duration", "type": "decimal", "renamed_from": "seconds"})
    await service.define(timed(code, "integer"), client_id)
    await service.load(code, visits(5, 6), client_id)
    body = {"definition": new}
    plan = (await service.post(f"/object-models/{code}/table/plan", client_id, body=body)).json()
    assert plan["model_version"] is None
    assert [(step["kind"], step["columns"]) for step in plan["steps"]] == [
        ("retype", ["seconds"]), ("rename", ["seconds", "duration"]),
    ]  # fmt: skip
    await service.post(f"/object-models/{code}/table/apply", client_id, body=body)
    await reached(service, code, client_id, "filled")
    assert (await service.load(code, visits(7, start=3), client_id)).status_code == 201
    await service.define(new, client_id)
    rows = "number,at,page,duration\n4,2024-01-01T00:00:00Z,home,1.5\n"
    assert (await service.load(code, rows, client_id)).status_code == 201
    held = await service.rows(code, client_id, order="number")
    assert [float(row["duration"]) for row in held] == [5, 6, 7, 1.5]
    assert {one["kind"]: one["status"] for one in await changes(service, code, client_id)} == {
        "rename": "done", "retype": "done",
    }  # fmt: skip


async def test_a_lossy_conversion_is_confirmed_and_names_what_does_not_convert(
    service: DatabaseService, client_id: str
) -> None:
    code = "visit_texts"
    await service.define(timed(code, "text"), client_id)
    await service.load(code, visits("7", "seven", "0042", "8.5"), client_id)
    await service.define(timed(code, "integer"), client_id)
    (step,) = (await service.post(f"/object-models/{code}/table/plan", client_id)).json()["steps"]
    assert step["unconverted"] == {"values": 2, "examples": ["8.5", "seven"]}
    refused = await service.post(f"/object-models/{code}/table/apply", client_id, body={"confirm": True})
    assert refused.status_code == 409
    assert refused.json()["examples"] == ["8.5", "seven"]

    await service.define(timed(code, "text"), client_id)
    await service.load(code, visits("9", "10", start=2), client_id, mode="upsert")
    await service.load(code, visits("11", start=4), client_id, mode="upsert")
    await service.define(timed(code, "integer"), client_id)
    unconfirmed = await service.post(f"/object-models/{code}/table/apply", client_id)
    assert unconfirmed.json()["remedy"] == "Send confirm: true if that is wanted."
    await service.post(f"/object-models/{code}/table/apply", client_id, body={"confirm": True})
    await reached(service, code, client_id, "done")
    assert await seconds(service, code, client_id) == [7, 9, 10, 11]


async def test_values_of_other_clients_are_counted_and_not_shown(
    service: DatabaseService, client_id: str, other_client: str
) -> None:
    code = "visit_private"
    for client in (client_id, other_client):
        await service.define(timed(code, "text"), client)
    await service.load(code, visits("mine"), client_id)
    await service.load(code, visits("secret", "3"), other_client)
    await service.define(timed(code, "integer"), client_id)
    (step,) = (await service.post(f"/object-models/{code}/table/plan", client_id)).json()["steps"]
    assert step["unconverted"] == {"values": 2, "examples": ["mine"]}


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [("date", "timestamp", "only in some zone"), ("boolean", "integer", "no one way to write boolean as bigint")],
)
async def test_types_that_do_not_convert_are_refused(
    *, service: DatabaseService, client_id: str, before: str, after: str, reason: str
) -> None:
    code = f"visit_{before}"
    await service.define(timed(code, before), client_id)
    await service.put_table(code, client_id)
    await service.define(timed(code, after), client_id)
    (step,) = (await service.post(f"/object-models/{code}/table/plan", client_id)).json()["steps"]
    assert reason in step["refused"]
    refused = await service.post(f"/object-models/{code}/table/apply", client_id, body={"confirm": True})
    assert refused.status_code == 409
    assert reason in refused.json()["detail"]


async def test_a_key_keeps_its_type(service: DatabaseService, client_id: str) -> None:
    code = "visit_keyed"
    await service.define(visit(code), client_id)
    await service.put_table(code, client_id)
    attributes = [{"name": "number", "type": "decimal", "nullable": False}, *visit("x")["attributes"][1:]]
    await service.define(visit(code, attributes=attributes), client_id)
    answer = await service.post(f"/object-models/{code}/table/plan", client_id)
    assert answer.status_code == 409
    assert "rows are told apart" in answer.json()["detail"]


async def test_rows_that_are_written_meanwhile_are_converted_too(service: DatabaseService, client_id: str) -> None:
    """A filling that is held up by a writer goes on after it, and misses nothing."""
    code = "visit_meanwhile"
    await service.define(timed(code, "integer"), client_id)
    await service.load(code, visits(*range(200)), client_id)
    writer = await asyncpg.connect(service.url)
    writing = writer.transaction()
    await service.post(f"/object-models/{code}/table/apply", client_id, body={"definition": timed(code, "decimal")})
    await writing.start()
    await writer.execute(f"UPDATE facts.{code} SET seconds = seconds + 1000 WHERE number <= 50")
    await writing.commit()
    await writer.execute(f"UPDATE facts.{code} SET seconds = seconds + 1000 WHERE number > 150")
    await writer.close()
    await reached(service, code, client_id, "filled")
    await service.define(timed(code, "decimal"), client_id)
    await service.put_table(code, client_id)
    held = await seconds(service, code, client_id)
    assert [int(value) for value in held] == [
        *range(1000, 1050), *range(50, 150), *range(1150, 1200),
    ]  # fmt: skip


async def test_a_filling_goes_on_where_a_killed_one_was(service: DatabaseService, client_id: str) -> None:
    """Whoever is killed loses the step it was at, and nothing before it."""
    code = "visit_killed"
    await service.define(timed(code, "integer"), client_id)
    await service.load(code, visits(*range(300)), client_id)
    await service.load(code, visits(*range(300), start=301, month=5), client_id)
    async with service.owner.transaction() as connection:
        await connection.execute(
            "CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NEW; END $$"
        )
        await connection.execute("GRANT EXECUTE ON FUNCTION public.wait() TO PUBLIC")
        await connection.execute(
            f"CREATE TRIGGER wait BEFORE UPDATE ON facts.{code} FOR EACH ROW WHEN (NEW.number = 400)"
            " EXECUTE FUNCTION public.wait()"
        )
    blocker = await asyncpg.connect(service.url)
    await blocker.execute("SELECT pg_advisory_lock(4711)")
    body = {"definition": timed(code, "decimal")}
    await service.post(f"/object-models/{code}/table/apply", client_id, body=body)

    async def killed() -> bool:
        async with service.owner.transaction() as connection:
            ended: int = await connection.fetch_value(
                "select count(pg_terminate_backend(pid)) from pg_locks"
                " where locktype = 'advisory' and objid = 4711 and not granted"
            )
        return ended > 0

    await eventually(killed)
    (change,) = await changes(service, code, client_id)
    assert (change["status"], 0 < change["progress"] < 1) == ("filling", True)
    again = await service.post(f"/object-models/{code}/table/apply", client_id, body=body)
    assert [one["id"] for one in again.json()] == [change["id"]]
    await blocker.close()
    await reached(service, code, client_id, "filled")
    await service.define(timed(code, "decimal"), client_id)
    await service.put_table(code, client_id)
    assert [int(value) for value in await seconds(service, code, client_id)] == [*range(300), *range(300)]


async def test_rollups_that_read_it_are_replaced(service: DatabaseService, relay: None, client_id: str) -> None:
    """Their triggers would put decimals where integers are kept."""
    code = "visit_rolled"
    kpi = KPI | {"formula": f"sum({code}.seconds)"}
    rollup = ROLLUP | {"dimensions": []}
    await service.define_together(
        client_id, value_chains=[CHAIN], modules=[MODULE], object_models=[timed(code, "integer")], kpis=[kpi],
        rollups=[rollup],
    )  # fmt: skip

    async def made() -> bool:
        return bool(await rollups(service, client_id))

    await eventually(made, within_s=30)
    (first,) = await rollups(service, client_id)
    await service.load(code, visits(5, 6), client_id)
    await service.define(timed(code, "decimal"), client_id)
    plan = (await service.post(f"/object-models/{code}/table/plan", client_id)).json()
    assert [(step["rollups"], step["kpis"]) for step in plan["steps"]] == [(["VISITS_BY_DAY"], ["PAGE_VISITS"])]
    await service.post(f"/object-models/{code}/table/apply", client_id)
    await reached(service, code, client_id, "done")
    assert (await service.load(code, visits("1.5", start=3), client_id)).status_code == 201

    async def made_anew() -> bool:
        present = await rollups(service, client_id)
        return [one["status"] for one in present] == ["ready"] and present[0]["id"] > first["id"]

    await eventually(made_anew, within_s=30)
    assert (await service.load(code, visits("2.5", start=4), client_id)).status_code == 201
    assert (await service.post("/rollups/VISITS_BY_DAY/verify", client_id)).json()["wrong"] == []


async def test_a_confirmed_change_leaves_nothing_behind(service: DatabaseService, client_id: str) -> None:
    code = "visit_sure"
    await service.define(timed(code, "integer"), client_id)
    await service.load(code, visits(5), client_id)
    await service.define(timed(code, "decimal"), client_id)
    await service.post(f"/object-models/{code}/table/apply", client_id)
    change = await reached(service, code, client_id, "done")
    confirmed = await service.post(f"/object-models/{code}/table/changes/{change['id']}/confirm", client_id)
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "confirmed")
    (row,) = await service.rows(code, client_id)
    assert sorted(row) == ["at", "client_id", "number", "page", "seconds"]
    undone = await service.post(f"/object-models/{code}/table/changes/{change['id']}/undo", client_id)
    assert undone.status_code == 409


async def test_a_change_that_is_under_way_is_given_up(service: DatabaseService, client_id: str) -> None:
    code = "visit_doubt"
    await service.define(timed(code, "integer"), client_id)
    await service.load(code, visits(5), client_id)
    body = {"definition": timed(code, "decimal")}
    await service.post(f"/object-models/{code}/table/apply", client_id, body=body)
    change = await reached(service, code, client_id, "filled")
    undone = await service.post(f"/object-models/{code}/table/changes/{change['id']}/undo", client_id)
    assert undone.json()["status"] == "undone"
    assert (await service.load(code, visits(6, start=2), client_id)).status_code == 201
    assert sorted((await service.rows(code, client_id))[0]) == ["at", "client_id", "number", "page", "seconds"]
