"""A column without an attribute is dropped: out of sight at once, and gone when that is confirmed."""

from __future__ import annotations

import pytest

from analytics_engine.kernel.security.principal import Role
from support.waiting import eventually

from .conftest import DatabaseService
from .test_tables import VISITS, visit

SHORT = "number,at\n2,2024-01-02T00:00:00Z\n"


async def shrunk(service: DatabaseService, code: str, client_id: str) -> None:
    """Have an object model without the attribute that its table has a column of."""
    await service.define(visit(code), client_id)
    await service.load(code, VISITS, client_id)
    await service.define(visit(code, attributes=visit("x")["attributes"][:2]), client_id)


async def test_a_drop_is_planned_done_and_undone(service: DatabaseService, client_id: str) -> None:
    code = "visit_dropped"
    await shrunk(service, code, client_id)
    body = {"drop": ["page"]}
    plan = (await service.post(f"/object-models/{code}/table/plan", client_id, body=body)).json()
    assert [(step["kind"], step["columns"], step["refused"]) for step in plan["steps"]][-1] == ("drop", ["page"], "")
    (change,) = (await service.post(f"/object-models/{code}/table/apply", client_id, body=body)).json()
    assert (change["kind"], change["status"], change["can_be_undone"]) == ("drop", "done", True)
    assert change["kept_until"] > change["asked_at"]
    repeated = (await service.post(f"/object-models/{code}/table/apply", client_id, body=body)).json()
    assert [one["id"] for one in repeated] == [change["id"]]
    assert (await service.load(code, SHORT, client_id)).status_code == 201
    assert "page" not in (await service.rows(code, client_id))[0]
    undone = await service.post(f"/object-models/{code}/table/changes/{change['id']}/undo", client_id)
    assert undone.json()["status"] == "undone"
    assert [row["page"] for row in await service.rows(code, client_id, order="number")] == ["home", None]


async def test_a_confirmed_drop_is_for_good(service: DatabaseService, client_id: str) -> None:
    code = "visit_gone"
    await shrunk(service, code, client_id)
    (change,) = (await service.post(f"/object-models/{code}/table/apply", client_id, body={"drop": ["page"]})).json()
    path = f"/object-models/{code}/table/changes/{change['id']}"
    assert (await service.post(f"{path}/confirm", client_id)).json()["status"] == "confirmed"
    assert sorted((await service.rows(code, client_id))[0]) == ["at", "client_id", "number"]
    refused = await service.post(f"{path}/undo", client_id)
    assert refused.status_code == 409


@pytest.mark.parametrize(
    ("column", "detail"),
    [
        ("number", "number tells rows apart, or puts them into their place in time."),
        ("nothing", "visit_refuses has no column nothing."),
        ("page", "page is an attribute of the definition: take it out first."),
    ],
)
async def test_what_is_needed_is_not_dropped(
    *, service: DatabaseService, client_id: str, column: str, detail: str
) -> None:
    await service.define(visit("visit_refuses"), client_id)
    await service.put_table("visit_refuses", client_id)
    answer = await service.post("/object-models/visit_refuses/table/apply", client_id, body={"drop": [column]})
    assert answer.status_code == 422
    assert answer.json()["detail"] == detail


async def test_one_client_does_not_drop_values_of_another(
    service: DatabaseService, client_id: str, other_client: str
) -> None:
    code = "visit_theirs"
    await service.define(visit(code), other_client)
    await service.load(code, VISITS, other_client)
    await shrunk(service, code, client_id)
    answer = await service.post(f"/object-models/{code}/table/apply", client_id, body={"drop": ["page"]})
    assert answer.status_code == 409
    assert "Other clients have rows" in answer.json()["detail"]
    body = {"drop": ["page"]}
    answer = await service.post(f"/object-models/{code}/table/apply", client_id, body=body, role=Role.ADMIN)
    assert answer.status_code == 202
    path = f"/object-models/{code}/table/changes/{answer.json()[0]['id']}"
    assert (await service.post(f"{path}/confirm", client_id)).status_code == 409
    assert (await service.post(f"{path}/undo", client_id, role=Role.ADMIN)).json()["status"] == "undone"
    assert (await service.rows(code, other_client))[0]["page"] == "home"


async def test_a_drop_whose_time_is_over_is_for_good(service: DatabaseService, client_id: str) -> None:
    code = "visit_expired"
    await shrunk(service, code, client_id)
    (change,) = (await service.post(f"/object-models/{code}/table/apply", client_id, body={"drop": ["page"]})).json()
    async with service.owner.transaction() as connection:
        await connection.execute(
            "update ingest.table_changes set kept_until = now() - interval '1 second' where id = $1", change["id"]
        )

    async def is_gone() -> bool:
        return sorted((await service.rows(code, client_id))[0]) == ["at", "client_id", "number"]

    await eventually(is_gone)
    (change,) = (await service.get(f"/object-models/{code}/table/changes", client_id)).json()
    assert (change["status"], change["can_be_undone"]) == ("confirmed", False)


async def test_a_view_that_reads_the_column_keeps_it(service: DatabaseService, client_id: str) -> None:
    code = "visit_viewed"
    await shrunk(service, code, client_id)
    async with service.owner.transaction() as connection:
        await connection.execute(f"CREATE VIEW public.pages AS SELECT page FROM facts.{code}")
    body = {"drop": ["page"]}
    plan = (await service.post(f"/object-models/{code}/table/plan", client_id, body=body)).json()
    assert plan["steps"][-1]["views"] == ["pages"]
    (change,) = (await service.post(f"/object-models/{code}/table/apply", client_id, body=body)).json()
    path = f"/object-models/{code}/table/changes/{change['id']}/confirm"
    refused = await service.post(path, client_id)
    assert refused.status_code == 409
    assert "pages" in refused.json()["detail"]
    async with service.owner.transaction() as connection:
        await connection.execute("DROP VIEW public.pages")
    assert (await service.post(path, client_id)).json()["status"] == "confirmed"


async def test_who_only_analyses_changes_nothing(service: DatabaseService, client_id: str) -> None:
    for step in ("plan", "apply", "changes/1/undo", "changes/1/confirm"):
        answer = await service.post(f"/object-models/tick/table/{step}", client_id, role=Role.ANALYST)
        assert answer.status_code == 403
