"""What the planner knows of a table follows what is loaded, though no single load doubles it."""

from __future__ import annotations

import asyncio

from analytics_engine.services.database_service.tables.measuring import Measuring
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


async def test_an_upsert_right_after_a_large_load_finds_it_measured(service: DatabaseService, client_id: str) -> None:
    """Planned for an empty table, the statement that looks for the rows to replace took minutes."""
    await service.define(CALLS, client_id)
    for numbers in (range(ROWS), range(ROWS, LOADS * ROWS)):  # the second while it is rested from measuring the first
        rows = "".join(f"{number},2024-01-{number % 28 + 1:02}T00:00:00Z\n" for number in numbers)
        loaded = await service.load("call", f"number,at\n{rows}", client_id)
        assert loaded.status_code == 201, loaded.text

    again = await service.load("call", "number,at\n1,2024-01-02T00:00:00Z\n", client_id, mode="upsert")

    assert again.status_code == 201, again.text
    assert min([await newest_known(service, schema) for schema in ("facts", "fact_keys")]) >= LOADS * ROWS // 2


async def test_whoever_waits_goes_on_when_it_was_looked_at_and_not_before(service: DatabaseService) -> None:
    measuring = Measuring(service.own)
    await measuring.caught_up()
    measuring.soon()
    waiting = asyncio.create_task(measuring.caught_up())
    assert not (await asyncio.wait({waiting}, timeout=0.1))[0]

    keeping = asyncio.create_task(measuring.keep())

    assert (await asyncio.wait({waiting}, timeout=60))[0]
    keeping.cancel()


async def newest_known(service: DatabaseService, schema: str) -> int:
    """Return the greatest number of a call that the statistics of a whole table hold; 0 where there are none."""
    async with service.owner.transaction() as connection:
        found: int | None = await connection.fetch_value(
            "select max(bound) from pg_stats, unnest(histogram_bounds::text::bigint[]) as bound "
            "where schemaname = $1 and tablename = 'call' and attname = 'number'",
            schema,
        )
    return found or 0
