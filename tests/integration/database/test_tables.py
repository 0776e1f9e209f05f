"""Fact tables follow their object models."""

from __future__ import annotations

from typing import Any

import pytest

from analytics_engine.kernel.security.principal import Role
from support.waiting import eventually

from .conftest import DatabaseService, Measurements


def visit(code: str, **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": "Visit",
        "nature": "event",
        "key": ["number"],
        "time_attribute": "at",
        "attributes": [
            {"name": "number", "type": "integer", "nullable": False},
            {"name": "at", "type": "timestamp", "nullable": False},
            {"name": "page", "type": "text", "nullable": False},
        ],
    } | changes


VISITS = "number,at,page\n1,2024-01-01T00:00:00Z,home\n"


async def test_tables_of_the_catalog_are_there_before_any_load(service: DatabaseService, client_id: str) -> None:
    """A question may be asked of an object model as soon as it is in the catalog."""

    async def made() -> bool:
        return (await service.get("/object-models/tick/table", client_id)).status_code == 200

    await eventually(made)
    assert await service.count("tick", client_id) == 0


async def test_a_table_tells_what_it_is(service: DatabaseService, client_id: str, measurements: Measurements) -> None:
    await service.load("measurement", measurements(10, at="2024-02-03T00:00:00Z"), client_id)
    table = (await service.get("/object-models/measurement/table", client_id)).json()
    assert table["layout"] == service.layout
    assert table["key"] == ["sensor_code", "number"]
    assert table["time_attribute"] == "measured_at"
    assert table["columns"]["amount"] == {"type": "decimal", "required": False}
    assert table["columns"]["number"] == {"type": "integer", "required": True}
    assert table["partitions"] >= 1
    assert table["size_bytes"] > 0
    assert table["covered_from"] == "2024-02-03T00:00:00Z"


async def test_a_new_attribute_is_a_new_column(service: DatabaseService, client_id: str) -> None:
    """Rows that were there have nothing in it; new ones may be required to have it."""
    await service.define(visit("visit_grows"), client_id)
    await service.load("visit_grows", VISITS, client_id)
    attributes = [*visit("x")["attributes"], {"name": "seconds", "type": "float", "nullable": False}]
    await service.define(visit("visit_grows", attributes=attributes), client_id)
    lacking = await service.load("visit_grows", VISITS.replace("1,", "2,"), client_id)
    assert lacking.json()["detail"] == "The input lacks seconds, which every Visit must have."
    body = "number,at,page,seconds\n2,2024-01-01T00:00:00Z,home,1.5\n"
    answer = await service.load("visit_grows", body, client_id)
    assert answer.json()["object_model_version"] == 2
    assert [row["seconds"] for row in await service.rows("visit_grows", client_id, order="number")] == [None, 1.5]


async def test_an_attribute_that_is_gone_leaves_its_column(service: DatabaseService, client_id: str) -> None:
    await service.define(visit("visit_shrinks"), client_id)
    await service.load("visit_shrinks", VISITS, client_id)
    await service.define(visit("visit_shrinks", attributes=visit("x")["attributes"][:2]), client_id)
    answer = await service.load("visit_shrinks", "number,at\n2,2024-01-02T00:00:00Z\n", client_id)
    assert answer.status_code == 201
    assert [row["page"] for row in await service.rows("visit_shrinks", client_id, order="number")] == ["home", None]


@pytest.mark.parametrize(
    ("code", "changes", "detail"),
    [
        ("visit_retyped", {"attributes": [*visit("x")["attributes"][:2], {"name": "page", "type": "integer"}]},
         "the attribute page is integer in the definition and text in its table"),
        ("visit_rekeyed", {"key": ["number", "page"]},
         "its key is (number, page) in the definition and (number) in its table"),
        ("visit_unnumbered", {"nature": "dimension", "time_attribute": None},
         "its time attribute is None in the definition and at in its table"),
    ],
)  # fmt: skip
async def test_a_change_that_the_table_cannot_take_is_refused(
    *, service: DatabaseService, client_id: str, code: str, changes: dict[str, Any], detail: str
) -> None:
    await service.define(visit(code), client_id)
    await service.load(code, VISITS, client_id)
    await service.define(visit(code, **changes), client_id)
    answer = await service.load(code, VISITS, client_id)
    assert answer.status_code == 409
    assert detail in answer.json()["detail"]
    assert answer.json()["remedy"]
    assert await service.count(code, client_id) == 1


async def test_a_name_of_the_system_is_refused(service: DatabaseService, client_id: str) -> None:
    await service.define(visit("coverage"), client_id)
    answer = await service.put_table("coverage", client_id)
    assert answer.status_code == 409
    assert answer.json()["remedy"] == "Give the object model another code."


async def test_words_of_sql_are_names_like_others(service: DatabaseService, client_id: str) -> None:
    attributes = [
        {"name": "group", "type": "integer", "nullable": False},
        {"name": "order", "type": "date", "nullable": False},
        {"name": "select", "type": "text"},
    ]
    model = visit("table", key=["group"], time_attribute="order", attributes=attributes, name='"; drop table x; --')
    await service.define(model | {"description": 'it\'s \\ "quoted"'}, client_id)
    assert (await service.load("table", "group,order,select\n1,2024-01-01,x\n", client_id)).status_code == 201
    assert (await service.load("table", "group,order,select\n1,2024-02-01,y\n", client_id, mode="upsert")).is_success
    assert (await service.load("table", "group,order,select\n1,2024-02-01,y\n", client_id)).status_code == 422
    sample = (await service.get("/data/table/sample", client_id)).json()
    assert sample["rows"] == [[1, "2024-02-01", "y"]]


async def test_the_longest_code_has_partitions_too(service: DatabaseService, client_id: str) -> None:
    codes = ["v" * 62 + letter for letter in "ab"]
    for code in codes:
        await service.define(visit(code), client_id)
        assert (await service.load(code, VISITS, client_id)).status_code == 201
        assert await service.count(code, client_id) == 1


async def test_an_input_over_too_many_months_is_refused(service: DatabaseService, client_id: str) -> None:
    """A wrong unit in a time column must not make thousands of tables."""
    assert (await service.load("tick", "sensor_code,ticked_on,count\ns,2024-01-31,1\n", client_id)).is_success
    rows = "".join(f"s,{year:04}-{month:02}-01,1\n" for year in range(1500, 1610) for month in range(1, 13))
    answer = await service.load("tick", "sensor_code,ticked_on,count\n" + rows, client_id)
    assert answer.status_code == 422
    assert "1200 is the most" in answer.json()["detail"]
    assert await service.count("tick", client_id) == 1


async def test_a_sample_shows_the_newest_rows_first(
    service: DatabaseService, client_id: str, measurements: Measurements
) -> None:
    await service.load("measurement", measurements(2, at="2024-01-01T00:00:00Z"), client_id)
    await service.load("measurement", measurements(1, start=3, at="2024-01-02T00:00:00Z"), client_id)
    answer = await service.get("/data/measurement/sample?limit=2", client_id, role=Role.ANALYST)
    sample = answer.json()
    assert sample["columns"][:4] == ["sensor_code", "number", "measured_at", "amount"]
    assert [row[:4] for row in sample["rows"]] == [
        ["s1", 3, "2024-01-02T00:00:00Z", "3.50"],
        ["s1", 1, "2024-01-01T00:00:00Z", "1.50"],
    ]


async def test_there_is_no_table_of_an_unknown_object_model(service: DatabaseService, client_id: str) -> None:
    answer = await service.get("/object-models/nothing/table", client_id)
    assert answer.status_code == 404
    assert answer.json()["remedy"]
