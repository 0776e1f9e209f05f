"""Whoever writes rows, an event in the same transaction says so; who ingests says more of it, and says it once."""

from __future__ import annotations

import asyncpg
import pytest

from integration.database.conftest import DatabaseService, Measurements

INSERT = """
    INSERT INTO facts.measurement (client_id, sensor_code, number, measured_at, amount)
    VALUES ($1, 's1', $2, '2024-01-01T00:00:00Z', 1)
"""


async def _told(service: DatabaseService) -> int:
    """Return how many events there are of rows of no client in particular."""
    events = [row["event"] for row in await service.events("")]
    return sum(event["data"] == {"object_model": "measurement"} for event in events)


@pytest.fixture
async def writer(service: DatabaseService, client_id: str, measurements: Measurements) -> asyncpg.Connection:
    """A program that is none of the product's; the table is there, with its partition."""
    assert (await service.load("measurement", measurements(1, start=1000), client_id)).status_code == 201
    return await asyncpg.connect(service.url)


async def test_a_transaction_tells_once_of_an_object_model(
    service: DatabaseService, client_id: str, writer: asyncpg.Connection
) -> None:
    told = await _told(service)
    async with writer.transaction():
        await writer.execute(INSERT, client_id, 1)
        await writer.execute(INSERT, client_id, 2)
        await writer.execute("UPDATE facts.measurement SET amount = 2 WHERE client_id = $1", client_id)
    assert await _told(service) == told + 1
    await writer.execute("DELETE FROM facts.measurement WHERE client_id = $1", client_id)
    assert await _told(service) == told + 2
    await writer.close()


async def test_what_is_given_up_is_not_told(
    service: DatabaseService, client_id: str, writer: asyncpg.Connection
) -> None:
    told = await _told(service)
    transaction = writer.transaction()
    await transaction.start()
    await writer.execute(INSERT, client_id, 1)
    await transaction.rollback()
    assert await _told(service) == told
    async with writer.transaction():
        within = writer.transaction()
        await within.start()
        await writer.execute(INSERT, client_id, 2)
        await within.rollback()
        await writer.execute(INSERT, client_id, 3)
    assert await _told(service) == told + 1
    await writer.close()


async def test_an_ingest_tells_for_itself(service: DatabaseService, client_id: str, measurements: Measurements) -> None:
    told = await _told(service)
    await service.load("measurement", measurements(3), client_id)
    await service.load("measurement", measurements(3), client_id, mode="upsert")
    assert await _told(service) == told
    assert len(await service.events(client_id)) == 2
