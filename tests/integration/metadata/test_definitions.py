from __future__ import annotations

from typing import Any

import httpx
import pytest

from analytics_engine.kernel.security.principal import Role
from support.servers import TestDatabase

from .conftest import asks

KPI: dict[str, Any] = {
    "code": "FL_MORNING_FLIGHTS",
    "name": "Morning flights",
    "description": "Flights scheduled before noon.",
    "module": "TRAFFIC",
    "formula": "count(flight) filter (where hour(flight.scheduled_departure_at) < 12)",
    "direction": "higher",
}


async def changed(client: httpx.AsyncClient, path: str, **changes: Any) -> dict[str, Any]:
    """Return the definition at a path with some of its fields changed."""
    definition: dict[str, Any] = (await client.get(path, headers=asks())).json()["definition"]
    return definition | changes


async def test_a_new_kpi_is_created_read_and_listed(metadata: httpx.AsyncClient) -> None:
    """What was posted is read back as the client's own, at version 1, with its author and its ETag."""
    answer = await metadata.post("/kpis", json=KPI, headers=asks())
    assert answer.status_code == 201
    assert answer.headers["location"] == "/kpis/FL_MORNING_FLIGHTS"
    read = await metadata.get("/kpis/FL_MORNING_FLIGHTS", headers=asks())
    assert read.headers["etag"] == '"1"'
    assert read.json()["scope"] == "client"
    assert read.json()["author"] == "Tester"
    assert read.json()["definition"]["formula"] == KPI["formula"]
    assert read.json() == answer.json()


async def test_a_code_that_is_taken_is_a_conflict(metadata: httpx.AsyncClient) -> None:
    """Creating what is there already changes nothing and says how to change it."""
    answer = await metadata.post("/kpis", json=KPI | {"code": "FL_FLIGHTS"}, headers=asks())
    assert answer.status_code == 409
    assert answer.json()["remedy"] == "Change it with PUT /kpis/FL_FLIGHTS, or take another code."


async def test_every_edit_is_a_version_with_what_it_changed(metadata: httpx.AsyncClient) -> None:
    """Two edits give versions 2 and 3 with author and difference; the first stays as it was."""
    path = "/kpis/FL_MORNING_FLIGHTS"
    await metadata.post("/kpis", json=KPI, headers=asks())
    await metadata.put(path, json=KPI | {"name": "Flights before noon"}, headers=asks())
    await metadata.put(path, json=KPI | {"name": "Flights before noon", "tags": ["volume"]}, headers=asks())
    versions = (await metadata.get(f"{path}/versions", headers=asks())).json()
    assert [(version["version"], version["author"]) for version in versions] == [
        (3, "Tester"),
        (2, "Tester"),
        (1, "Tester"),
    ]
    assert [version["change"] for version in versions] == [
        [{"place": "tags", "before": None, "after": ["volume"]}],
        [{"place": "name", "before": "Morning flights", "after": "Flights before noon"}],
        [],
    ]
    first = (await metadata.get(f"{path}/versions/1", headers=asks())).json()
    assert first["definition"]["name"] == "Morning flights"
    missing = await metadata.get(f"{path}/versions/9", headers=asks())
    assert missing.status_code == 404
    assert missing.json()["remedy"] == "It has these: 3, 2, 1."


async def test_the_same_content_again_makes_no_version(metadata: httpx.AsyncClient) -> None:
    """PUT is idempotent: the version, the catalog's ETag and the history stay."""
    await metadata.post("/kpis", json=KPI, headers=asks())
    before = (await metadata.get("/catalog", headers=asks())).headers["etag"]
    answer = await metadata.put("/kpis/FL_MORNING_FLIGHTS", json=KPI, headers=asks())
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    assert (await metadata.get("/catalog", headers=asks())).headers["etag"] == before


async def test_a_change_made_to_an_old_version_is_a_conflict(metadata: httpx.AsyncClient) -> None:
    """Of two people who read version 1, the second to write is told that version 2 is there."""
    path = "/kpis/FL_MORNING_FLIGHTS"
    await metadata.post("/kpis", json=KPI, headers=asks())
    first = await metadata.put(path, json=KPI | {"name": "One"}, headers=asks() | {"If-Match": '"1"'})
    assert first.status_code == 200
    second = await metadata.put(path, json=KPI | {"name": "Two"}, headers=asks() | {"If-Match": '"1"'})
    assert second.status_code == 409
    assert second.json()["present_version"] == 2
    assert "If-Match" in second.json()["remedy"]
    assert (await metadata.get(path, headers=asks())).json()["definition"]["name"] == "One"


async def test_if_match_that_is_no_version_is_refused(metadata: httpx.AsyncClient) -> None:
    """A header that cannot be a version is told, not ignored."""
    answer = await metadata.put("/kpis/X", json=KPI | {"code": "X"}, headers=asks() | {"If-Match": "yesterday"})
    assert answer.status_code == 422
    assert "yesterday" in answer.json()["detail"]


async def test_a_clients_own_definition_hides_the_global_one_for_it_alone(metadata: httpx.AsyncClient) -> None:
    """acme's change of a shared KPI goes on from its version; globex still sees the global one."""
    path = "/kpis/FL_FLIGHTS"
    body = await changed(metadata, path, name="Acme's flights")
    answer = await metadata.put(path, json=body, headers=asks())
    assert (answer.json()["version"], answer.json()["scope"]) == (2, "client")
    other = (await metadata.get(path, headers=asks(client_id="globex"))).json()
    assert (other["version"], other["scope"], other["definition"]["name"]) == (1, "global", "Flights")
    versions = (await metadata.get(f"{path}/versions", headers=asks())).json()
    assert [(version["version"], version["scope"]) for version in versions] == [(2, "client"), (1, "global")]


async def test_a_global_change_needs_an_administrator_and_reaches_every_client(metadata: httpx.AsyncClient) -> None:
    """An analyst may not change what all share; an administrator may, and each client sees it."""
    path = "/kpis/FL_FLIGHTS"
    body = await changed(metadata, path, name="Scheduled flights")
    refused = await metadata.put(f"{path}?scope=global", json=body, headers=asks())
    assert refused.status_code == 403
    answer = await metadata.put(f"{path}?scope=global", json=body, headers=asks(Role.ADMIN))
    assert (answer.json()["version"], answer.json()["scope"]) == (2, "global")
    other = (await metadata.get(path, headers=asks(client_id="globex"))).json()
    assert other["definition"]["name"] == "Scheduled flights"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_who_may_only_read_cannot_write(metadata: httpx.AsyncClient, role: Role) -> None:
    """Viewers and operators read definitions; a write is refused with the roles that may."""
    assert (await metadata.get("/kpis/FL_FLIGHTS", headers=asks(role))).status_code == 200
    for answer in (
        await metadata.post("/kpis", json=KPI, headers=asks(role)),
        await metadata.put("/kpis/FL_MORNING_FLIGHTS", json=KPI, headers=asks(role)),
        await metadata.delete("/kpis/FL_FLIGHTS", headers=asks(role)),
        await metadata.post("/import", content="modules: []", headers=asks(role)),
    ):
        assert answer.status_code == 403
        assert answer.json()["remedy"] == "Ask an administrator for one of these roles: analyst, consultant."


async def test_nobody_reads_without_a_token(metadata: httpx.AsyncClient) -> None:
    """Definitions are for those who are known."""
    assert (await metadata.get("/kpis")).status_code == 401


async def test_a_formula_with_a_typing_error_is_refused_at_its_place(metadata: httpx.AsyncClient) -> None:
    """The problem names line, column and the attribute that was meant; nothing is stored."""
    wrong = KPI | {"formula": "sum(flight.distanse)"}
    answer = await metadata.post("/kpis", json=wrong, headers=asks())
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"].endswith("formula-error")
    assert (problem["line"], problem["column"]) == (1, 5)
    assert "distance" in problem["remedy"]
    assert (await metadata.get("/kpis/FL_MORNING_FLIGHTS", headers=asks())).status_code == 404


async def test_a_change_that_breaks_another_kpi_is_refused(metadata: httpx.AsyncClient) -> None:
    """Taking an attribute away that formulas read names one of them; the object model stays."""
    body = await changed(metadata, "/object-models/flight")
    body["attributes"] = [attribute for attribute in body["attributes"] if attribute["name"] != "air_time"]
    answer = await metadata.put("/object-models/flight", json=body, headers=asks())
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["detail"].startswith("The change would break the KPI FL_AIR_TIME_HOURS: ")
    assert [broken["code"] for broken in problem["broken"]] == ["FL_AIR_TIME_HOURS", "FL_AVERAGE_SPEED"]
    read = (await metadata.get("/object-models/flight", headers=asks())).json()
    assert read["version"] == 1


async def test_a_kpi_that_refers_to_itself_is_refused(metadata: httpx.AsyncClient) -> None:
    """A cycle through another KPI is named, code by code."""
    body = await changed(metadata, "/kpis/FL_FLIGHTS", formula="FL_CANCELLATION_RATE * 2")
    answer = await metadata.put("/kpis/FL_FLIGHTS", json=body, headers=asks())
    assert answer.status_code == 422
    assert "FL_FLIGHTS > FL_CANCELLATION_RATE > FL_FLIGHTS" in answer.json()["detail"]


async def test_an_unknown_field_is_named(metadata: httpx.AsyncClient) -> None:
    """A mistyped key of the body is refused with its place."""
    answer = await metadata.post("/kpis", json=KPI | {"formla": "1"}, headers=asks())
    assert answer.status_code == 422
    assert answer.json()["detail"] == "body.formla: Extra inputs are not permitted"


async def test_path_and_body_must_name_the_same_code(metadata: httpx.AsyncClient) -> None:
    """A code never changes by an edit."""
    answer = await metadata.put("/kpis/FL_OTHER", json=KPI, headers=asks())
    assert answer.status_code == 422
    assert answer.json()["detail"] == "The path names 'FL_OTHER' and the body 'FL_MORNING_FLIGHTS'."


async def test_an_unknown_code_names_the_nearest(metadata: httpx.AsyncClient) -> None:
    """Asking for a code that is not there suggests what may have been meant."""
    answer = await metadata.get("/kpis/FL_FLIGTHS", headers=asks())
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("kpi-not-found")
    assert "FL_FLIGHTS" in answer.json()["remedy"]
    history = await metadata.get("/object-models/fligth/versions", headers=asks())
    assert history.status_code == 404
    assert "flight" in history.json()["remedy"]


async def test_lists_are_filtered_and_paged(metadata: httpx.AsyncClient) -> None:
    """Filters narrow the list, pages cut it, and the total is that of the whole."""
    query = {"module": "PUNCTUALITY", "tag": "rate", "status": "certified", "limit": 2}
    first = (await metadata.get("/kpis", params=query, headers=asks())).json()
    rest = (await metadata.get("/kpis", params=query | {"offset": 2}, headers=asks())).json()
    codes = [item["definition"]["code"] for item in first["items"] + rest["items"]]
    assert codes == ["FL_LONG_DELAY_RATE", "FL_ON_TIME_ARRIVAL_RATE", "FL_ON_TIME_DEPARTURE_RATE"]
    assert (first["total"], rest["total"], len(first["items"])) == (3, 3, 2)
    models = (await metadata.get("/object-models", params={"module": "FLEET"}, headers=asks())).json()
    assert [item["definition"]["code"] for item in models["items"]] == ["flight", "plane"]


async def test_a_deleted_kpi_is_deprecated_and_stays_readable(metadata: httpx.AsyncClient) -> None:
    """Deleting makes a version whose status is deprecated, naming what to use instead."""
    await metadata.post("/kpis", json=KPI, headers=asks())
    answer = await metadata.delete("/kpis/FL_MORNING_FLIGHTS?replaced_by=FL_FLIGHTS", headers=asks())
    assert answer.status_code == 200
    read = (await metadata.get("/kpis/FL_MORNING_FLIGHTS", headers=asks())).json()
    assert read["version"] == 2
    assert (read["definition"]["status"], read["definition"]["replaced_by"]) == ("deprecated", "FL_FLIGHTS")
    again = await metadata.post("/kpis", json=KPI, headers=asks())
    assert again.status_code == 409


async def test_a_replacement_must_exist(metadata: httpx.AsyncClient) -> None:
    """A deprecated KPI cannot point to one that is not there."""
    answer = await metadata.delete("/kpis/FL_FLIGHTS?replaced_by=FL_NOTHING", headers=asks())
    assert answer.status_code == 422
    assert answer.json()["detail"] == "replaced_by names the KPI 'FL_NOTHING', which does not exist."


async def test_modules_and_value_chains_are_edited_the_same_way(metadata: httpx.AsyncClient) -> None:
    """A new value chain, a module in it; a module of an unknown value chain is refused."""
    chain = {"code": "CARGO", "name": "Cargo"}
    assert (await metadata.put("/value-chains/CARGO", json=chain, headers=asks())).status_code == 201
    module = {"code": "FREIGHT", "name": "Freight", "value_chains": ["CARGO"]}
    assert (await metadata.post("/modules", json=module, headers=asks())).status_code == 201
    lost = module | {"code": "LOST", "value_chains": ["CARGOO"]}
    answer = await metadata.post("/modules", json=lost, headers=asks())
    assert answer.status_code == 422
    assert answer.json()["remedy"] == "Did you mean CARGO?"


async def test_an_edit_writes_one_event_in_its_own_transaction(
    metadata: httpx.AsyncClient, database: TestDatabase
) -> None:
    """catalog.changed is in the outbox for the client whose catalog changed, and a refused edit writes none."""
    import asyncpg

    await metadata.post("/kpis", json=KPI, headers=asks())
    await metadata.post("/kpis", json=KPI | {"code": "FL_BAD", "formula": "sum(nothing.x)"}, headers=asks())
    connection = await asyncpg.connect(database.owner_url)
    try:
        rows = await connection.fetch("SELECT type, client_id FROM messaging.outbox ORDER BY client_id")
    finally:
        await connection.close()
    assert [tuple(row) for row in rows] == [("catalog.changed", ""), ("catalog.changed", "acme")]


async def test_a_version_is_never_changed(metadata: httpx.AsyncClient, database: TestDatabase) -> None:
    """Not even the owner of the database can rewrite or remove history."""
    import asyncpg

    connection = await asyncpg.connect(database.owner_url)
    try:
        for statement in (
            "UPDATE metadata.definition_versions SET author = 'nobody'",
            "DELETE FROM metadata.definition_versions",
            "TRUNCATE metadata.definition_versions CASCADE",
        ):
            with pytest.raises(asyncpg.RaiseError, match="never changed"):
                await connection.execute(statement)
    finally:
        await connection.close()
