"""What the planner knows of a table follows what is loaded, though no single load doubles it."""

from __future__ import annotations

from support.waiting import eventually

from .conftest import DatabaseService

LOADS, ROWS = 6, 1_500
CALLS = {
    "code": "call",
    "name": "Call",
    "nature": "event",
    "key": ["number"],
    "time_attribute": "at",
    "attributes": [
        {"name": "number", "type": "integer", "nullable": False},
        {"name": "at", "type": "timestamp", "nullable": False},
    ],
}


async def test_a_table_that_outgrew_what_is_known_of_it_is_measured(service: DatabaseService, client_id: str) -> None:
    """So are its keys; and it is so as a whole, which autovacuum never does where it is partitioned."""
    await service.define(CALLS, client_id)
    for load in range(LOADS):
        numbers = range(load * ROWS, (load + 1) * ROWS)
        calls = "".join(f"{number},2024-01-{number % 28 + 1:02}T00:00:00Z\n" for number in numbers)
        answer = await service.load("call", f"number,at\n{calls}", client_id)
        assert answer.status_code == 201, answer.text

    async def known() -> bool:
        newest = [await newest_known(service, schema) for schema in ("facts", "fact_keys")]
        return min(newest) >= LOADS * ROWS // 2

    await eventually(known)


async def newest_known(service: DatabaseService, schema: str) -> int:
    """Return the greatest number of a call that the statistics of a whole table hold; 0 where there are none."""
    async with service.owner.transaction() as connection:
        found: int | None = await connection.fetch_value(
            "select max(bound) from pg_stats, unnest(histogram_bounds::text::bigint[]) as bound "
            "where schemaname = $1 and tablename = 'call' and attname = 'number'",
            schema,
        )
    return found or 0
