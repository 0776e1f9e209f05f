"""The statements made for a table, word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from analytics_engine.kpi.model.object_model import DataType, Nature, ObjectModel
from analytics_engine.services.database_service.ingest import statements
from analytics_engine.services.database_service.tables import ddl
from analytics_engine.services.database_service.tables.fact_table import Column, FactTable, Layout
from analytics_engine.services.database_service.tables.partitions import month_after, partition_name

VISIT = FactTable(
    code="visit",
    key=("number",),
    time_attribute="at",
    columns={
        "number": Column(DataType.INTEGER, required=True),
        "at": Column(DataType.TIMESTAMP, required=True),
        "page": Column(DataType.TEXT, required=False),
    },
    layout=Layout.PARTITIONS,
)


def test_a_partitioned_table_has_its_keys_beside_it() -> None:
    statements_ = ddl.create(VISIT, comment="it's")
    assert statements_[0] == (
        'CREATE TABLE facts."visit" (client_id text NOT NULL, "number" bigint NOT NULL, "at" timestamptz NOT NULL,'
        ' "page" text, PRIMARY KEY ("client_id", "at", "number")) PARTITION BY RANGE ("at")'
    )
    assert statements_[1] == "COMMENT ON TABLE facts.\"visit\" IS 'it''s'"
    assert statements_[-1] == (
        'CREATE TABLE fact_keys."visit" (client_id text NOT NULL, "number" bigint NOT NULL, "at" timestamptz NOT NULL,'
        ' PRIMARY KEY ("client_id", "number"))'
    )


@pytest.mark.parametrize(
    ("table", "primary_key", "identity", "has_key_table"),
    [
        (VISIT, ("client_id", "at", "number"), ("number", "at"), True),
        (replace(VISIT, key=("number", "at")), ("client_id", "at", "number"), ("number", "at"), False),
        (replace(VISIT, layout=Layout.PLAIN), ("client_id", "number"), ("number",), False),
        (replace(VISIT, layout=Layout.HYPERTABLE), ("client_id", "at", "number"), ("number", "at"), True),
    ],
)
def test_identity_follows_from_key_and_layout(
    table: FactTable, primary_key: tuple[str, ...], identity: tuple[str, ...], *, has_key_table: bool
) -> None:
    assert (table.primary_key, table.identity, table.has_key_table) == (primary_key, identity, has_key_table)


def test_rows_are_deleted_by_key_wherever_in_time_they_are() -> None:
    assert statements.delete_rows(VISIT) == (
        'WITH known AS (DELETE FROM "fact_keys"."visit" AS known USING UNNEST(CAST($2 AS BIGINT[])) AS '
        '"wanted"("number") WHERE "known"."client_id" = $1 AND "known"."number" = "wanted"."number" '
        'RETURNING "known"."number", "known"."at") '
        'DELETE FROM "facts"."visit" AS row USING known WHERE "row"."client_id" = $1 AND '
        '"row"."number" = "known"."number" AND "row"."at" = "known"."at"'
    )


def test_taken_keys_are_found_among_the_loads_own_and_in_the_table_that_keeps_them() -> None:
    assert statements.find_taken(replace(VISIT, key=("number", "page"), layout=Layout.PLAIN)) == (
        'INSERT INTO taken_keys SELECT "wanted"."row#", CASE WHEN "wanted"."place#" > 1 THEN "wanted"."line#" END '
        'FROM (SELECT "staged_keys"."row#", "staged_keys"."number", "staged_keys"."page", '
        'ROW_NUMBER() OVER (PARTITION BY "staged_keys"."number", "staged_keys"."page" '
        'ORDER BY "staged_keys"."row#") AS "place#", FIRST_VALUE("staged_keys"."line#") OVER '
        '(PARTITION BY "staged_keys"."number", "staged_keys"."page" ORDER BY "staged_keys"."row#") AS "line#" '
        'FROM staged_keys) AS wanted WHERE "wanted"."place#" > 1 OR EXISTS(SELECT 1 FROM "facts"."visit" AS known '
        'WHERE "known"."client_id" = $1 AND "known"."number" = "wanted"."number" AND '
        '"known"."page" = "wanted"."page")'
    )


def test_a_dimension_is_not_partitioned_though_it_has_a_time() -> None:
    model = ObjectModel.model_validate(
        {
            "code": "employee",
            "name": "Employee",
            "nature": Nature.DIMENSION,
            "key": ["number"],
            "time_attribute": "hired_on",
            "attributes": [
                {"name": "number", "type": "integer"},
                {"name": "hired_on", "type": "date", "nullable": False},
            ],
        }
    )
    table = FactTable.of(model, layout=Layout.PARTITIONS)
    assert table.layout is Layout.PLAIN
    assert table.columns["number"].required


def test_months_follow_each_other_and_names_fit() -> None:
    assert month_after(date(2024, 12, 1)) == date(2025, 1, 1)
    assert partition_name("flight", date(2013, 1, 1)) == "flight_2013_01"
    names = {partition_name("v" * 62 + letter, date(2013, 1, 1)) for letter in "ab"}
    assert len(names) == 2
    assert all(len(name) <= 63 and name.endswith("_2013_01") for name in names)
