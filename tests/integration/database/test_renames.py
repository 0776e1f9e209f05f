"""An attribute is renamed: its column is called otherwise, and nothing of its values is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from support.services import internal_headers
from support.waiting import eventually

from .conftest import DatabaseService
from .test_tables import VISITS, visit

RENAMED = {"name": "address", "type": "text", "nullable": False, "renamed_from": "page"}
MORE = "number,at,address\n2,2024-03-02T00:00:00Z,shop\n"


def operator(client_id: str) -> dict[str, str]:
    return internal_headers(Service.DATABASE, client_id, Role.OPERATOR)


def renamed(code: str, **changes: Any) -> dict[str, Any]:
    return visit(code, attributes=[*visit("x")["attributes"][:2], RENAMED | changes])


async def test_the_values_go_along(service: DatabaseService, client_id: str) -> None:
    await service.define(visit("visit_renamed"), client_id)
    await service.load("visit_renamed", VISITS, client_id)
    await service.define(renamed("visit_renamed"), client_id)
    assert (await service.load("visit_renamed", MORE, client_id)).status_code == 201
    rows = await service.rows("visit_renamed", client_id, order="number")
    assert [row["address"] for row in rows] == ["home", "shop"]
    assert "page" not in rows[0]
    table = (await service.get("/object-models/visit_renamed/table", client_id)).json()
    assert table["columns"]["address"] == {"type": "text", "required": True}


async def test_it_is_done_once_and_remembered(service: DatabaseService, client_id: str) -> None:
    """A later version may use the old name for something else."""
    await service.define(visit("visit_once"), client_id)
    await service.load("visit_once", VISITS, client_id)
    await service.define(renamed("visit_once"), client_id)
    await service.load("visit_once", MORE, client_id)
    again = renamed("visit_once", renamed_from=None)
    again["attributes"].append({"name": "page", "type": "integer"})
    await service.define(again, client_id)
    answer = await service.load("visit_once", "number,at,address,page\n3,2024-03-03T00:00:00Z,bin,9\n", client_id)
    assert answer.status_code == 201
    rows = await service.rows("visit_once", client_id, order="number")
    assert [(row["address"], row["page"]) for row in rows] == [("home", None), ("shop", None), ("bin", 9)]


async def test_rows_by_the_old_name_are_told_the_new_one(service: DatabaseService, client_id: str) -> None:
    await service.define(visit("visit_by_old"), client_id)
    await service.load("visit_by_old", VISITS, client_id)
    await service.define(renamed("visit_by_old"), client_id)
    answer = await service.load("visit_by_old", VISITS, client_id)
    assert answer.status_code == 422
    assert answer.json()["remedy"] == "page is called address now: rename the column."


async def test_a_definition_that_goes_back_to_the_old_name_is_refused(service: DatabaseService, client_id: str) -> None:
    """An empty column would look as if the values were lost."""
    await service.define(visit("visit_back"), client_id)
    await service.load("visit_back", VISITS, client_id)
    await service.define(renamed("visit_back"), client_id)
    await service.load("visit_back", MORE, client_id)
    await service.define(visit("visit_back"), client_id)
    answer = await service.load("visit_back", VISITS.replace("1,", "3,"), client_id)
    assert answer.status_code == 409
    assert "the column of page is called address now" in answer.json()["detail"]
    back = [*visit("x")["attributes"][:2], {"name": "page", "type": "text", "renamed_from": "address"}]
    await service.define(visit("visit_back", attributes=back), client_id)
    assert (await service.load("visit_back", VISITS.replace("1,", "3,"), client_id)).status_code == 201
    assert [row["page"] for row in await service.rows("visit_back", client_id, order="number")] == [
        "home", "shop", "home",
    ]  # fmt: skip


async def test_a_rename_is_undone_once_the_definition_is_back(service: DatabaseService, client_id: str) -> None:
    code = "visit_regretted"
    await service.define(visit(code), client_id)
    await service.load(code, VISITS, client_id)
    await service.define(renamed(code), client_id)
    plan = (await service.http.post(f"/object-models/{code}/table/plan", headers=operator(client_id))).json()
    assert [(step["kind"], step["columns"], step["automatic"]) for step in plan["steps"]] == [
        ("rename", ["page", "address"], True),
    ]  # fmt: skip
    (change,) = (await service.post(f"/object-models/{code}/table/apply", client_id)).json()
    undo = f"/object-models/{code}/table/changes/{change['id']}/undo"
    early = await service.post(undo, client_id)
    assert early.status_code == 409
    assert early.json()["remedy"] == "Put the definition back first, then undo the change."
    await service.define(visit(code), client_id)
    assert (await service.post(undo, client_id)).json()["status"] == "undone"
    assert (await service.load(code, VISITS.replace("1,", "2,"), client_id)).status_code == 201
    assert [row["page"] for row in await service.rows(code, client_id)] == ["home", "home"]


async def test_a_load_whose_columns_are_renamed_meanwhile_loads_nothing(
    service: DatabaseService, client_id: str
) -> None:
    """It read its rows by the old name, and waits for another load; the rename comes first."""
    code = "visit_overtaken"
    await service.define(visit(code), client_id)
    await service.load(code, VISITS, client_id)
    other = await asyncpg.connect(service.url)
    holding = other.transaction()
    await holding.start()
    lock = "SELECT pg_advisory_xact_lock(hashtextextended('load ' || $1 || ' ' || $2, 0))"
    await other.execute(lock, client_id, code)
    loading = asyncio.create_task(service.load(code, VISITS.replace("1,", "2,"), client_id))

    async def waits() -> bool:
        async with service.owner.transaction() as connection:
            waiting: int = await connection.fetch_value(
                "select count(*) from pg_locks where not granted and locktype = 'advisory'"
            )
        return waiting > 0

    await eventually(waits)
    await service.define(renamed(code), client_id)
    assert (await service.put_table(code, client_id)).status_code == 200
    await holding.commit()
    await other.close()
    answer = await loading
    assert answer.status_code == 409
    assert "The column page of visit_overtaken was changed while these rows were read" in answer.json()["detail"]
    assert await service.count(code, client_id) == 1


async def test_one_client_does_not_rename_columns_of_another(
    service: DatabaseService, client_id: str, other_client: str
) -> None:
    await service.define(visit("visit_shared"), client_id)
    await service.define(visit("visit_shared"), other_client)
    await service.load("visit_shared", VISITS, client_id)
    await service.load("visit_shared", VISITS, other_client)
    await service.define(renamed("visit_shared"), client_id)
    answer = await service.load("visit_shared", MORE, client_id)
    assert answer.status_code == 409
    assert "Other clients have rows" in answer.json()["detail"]
    assert (await service.load("visit_shared", VISITS.replace("1,", "2,"), other_client)).status_code == 201


async def test_a_name_that_was_added_before_it_was_told_is_refused(service: DatabaseService, client_id: str) -> None:
    await service.define(visit("visit_late"), client_id)
    await service.load("visit_late", VISITS, client_id)
    await service.define(renamed("visit_late", renamed_from=None, nullable=True), client_id)
    await service.load("visit_late", MORE, client_id)
    await service.define(renamed("visit_late"), client_id)
    answer = await service.load("visit_late", MORE.replace("2,", "3,", 1), client_id)
    assert answer.status_code == 409
    assert "both are columns of it" in answer.json()["detail"]


async def test_a_key_keeps_its_name(service: DatabaseService, client_id: str) -> None:
    await service.define(visit("visit_key"), client_id)
    await service.load("visit_key", VISITS, client_id)
    attributes = [{"name": "id", "type": "integer", "nullable": False, "renamed_from": "number"}]
    await service.define(
        visit("visit_key", key=["id"], attributes=[*attributes, *visit("x")["attributes"][1:]]), client_id
    )
    answer = await service.load("visit_key", VISITS.replace("number", "id"), client_id)
    assert answer.status_code == 409
    assert "its key is (id) in the definition and (number) in its table" in answer.json()["detail"]


async def test_renaming_waits_for_a_report_and_is_done_after_it(service: DatabaseService, client_id: str) -> None:
    """It asks for the lock for a short time, again and again, so that nobody queues up behind it for long."""
    await service.define(visit("visit_busy"), client_id)
    await service.load("visit_busy", VISITS, client_id)
    report = await asyncpg.connect(service.url)
    reading = report.transaction()
    await reading.start()
    await report.fetch("SELECT * FROM facts.visit_busy")
    await service.define(renamed("visit_busy"), client_id)
    loading = asyncio.create_task(service.load("visit_busy", MORE, client_id))

    async def waits() -> bool:
        async with service.owner.transaction() as connection:
            waiting: int = await connection.fetch_value(
                "select count(*) from pg_locks where not granted and relation = 'facts.visit_busy'::regclass"
            )
        return waiting > 0

    await eventually(waits)
    await reading.commit()
    await report.close()
    assert (await loading).status_code == 201
    assert len(await service.rows("visit_busy", client_id)) == 2


@pytest.mark.parametrize("renamed_from", ["page", "client_id"])
async def test_a_rename_from_what_is_there_still_is_refused(
    service: DatabaseService, client_id: str, renamed_from: str
) -> None:
    attributes = [*visit("x")["attributes"], {"name": "address", "type": "text", "renamed_from": renamed_from}]
    with pytest.raises(AssertionError, match="which is an attribute still"):
        await service.define(visit("visit_wrong", attributes=attributes), client_id)


ROLLUP = {
    "code": "VISITS_BY_DAY",
    "name": "Visits by day",
    "object_model": "visit_rolled",
    "dimensions": ["page"],
    "kpis": ["PAGE_VISITS"],
}
KPI = {
    "code": "PAGE_VISITS",
    "name": "Visits of pages",
    "module": "VISITING",
    "formula": "count(visit_rolled.page)",
    "direction": "higher",
}
MODULE = {"code": "VISITING", "name": "Visiting", "value_chains": ["WEB"]}
CHAIN = {"code": "WEB", "name": "Web"}


async def rollups(service: DatabaseService, client_id: str) -> list[dict[str, Any]]:
    answer = await service.get("/rollups", client_id)
    return [rollup for rollup in answer.json() if rollup["code"] == "VISITS_BY_DAY"]


async def test_rollups_that_read_the_column_go_with_it_and_come_anew(
    service: DatabaseService, relay: None, client_id: str
) -> None:
    """Their triggers name the column: if they stayed, no row could be written any more."""
    await service.define_together(
        client_id, value_chains=[CHAIN], modules=[MODULE], object_models=[visit("visit_rolled")], kpis=[KPI],
        rollups=[ROLLUP],
    )  # fmt: skip

    async def made() -> bool:
        return bool(await rollups(service, client_id))

    await eventually(made, within_s=30)
    (first,) = await rollups(service, client_id)
    assert (await service.load("visit_rolled", VISITS, client_id)).status_code == 201
    await service.define_together(
        client_id,
        object_models=[renamed("visit_rolled")],
        kpis=[KPI | {"formula": "count(visit_rolled.address)"}],
        rollups=[ROLLUP | {"dimensions": ["address"]}],
    )
    assert (await service.load("visit_rolled", MORE, client_id)).status_code == 201

    async def made_anew() -> bool:
        present = await rollups(service, client_id)
        return [(one["dimensions"], one["status"]) for one in present] == [(["address"], "ready")]

    await eventually(made_anew, within_s=30)
    (second,) = await rollups(service, client_id)
    assert second["id"] > first["id"]
    assert (await service.load("visit_rolled", MORE.replace("2,", "3,", 1), client_id)).status_code == 201
    assert (await service.post("/rollups/VISITS_BY_DAY/verify", client_id)).json()["wrong"] == []
