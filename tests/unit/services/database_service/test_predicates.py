"""Which columns a statement compares is said only where its text says so for certain."""

from __future__ import annotations

import pytest

from analytics_engine.services.database_service.monitoring.predicates import compared_columns


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("select 1 from facts.f where b = $1 and c > $2 and d between $3 and $4", {"b", "c", "d"}),
        ('select 1 from "facts"."f" as row where row."b" in ($1, $2)', {"b"}),
        ("select a from facts.f where a + 1 = $1", set()),
        ("select a = $1 from facts.f", set()),
        ("select 1 from facts.f join facts.g on f.b = g.x where c = $1", {"b"}),
        ("with w as (select 1 from facts.f where b = $1) select * from w where z = 1", {"b"}),
        ("select 1 from f where b = $1", set()),
        ("select 1 from other.f where b = $1", set()),
        ("this is no statement about facts.f where", set()),
    ],
)
def test_columns_compared(statement: str, columns: set[str]) -> None:
    assert compared_columns(statement, schema="facts", table="f") == columns
