"""What the canary loads every minute does not pile up; the receipts of everybody else stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.contracts.clients import CANARY
from analytics_engine.contracts.services import Service
from analytics_engine.services.database_service.ingest.canary_receipts import CanaryReceipts
from support.servers import TestDatabase
from support.waiting import eventually

LOAD = """
    insert into ingest.loads (ingest_id, client_id, object_model, model_version, mode, rows, inserted, updated,
                              size_bytes, loaded_by, loaded_at, request_hash)
    values ($1, $2, 'signal', 1, 'upsert', 1, 0, 1, 40, 'a test', now() - $3::interval, '')
"""
SOMEBODY = "somebody"
RECENT, OLD = timedelta(hours=23), timedelta(hours=25)


class Receipts:
    def __init__(self, database: TestDatabase) -> None:
        self.owner = PostgresDatabase(database.owner_url)
        self.service = PostgresDatabase(database.service_url(Service.DATABASE))

    async def add(self, client_id: str, age: timedelta) -> str:
        ingest_id = str(uuid4())
        async with self.owner.transaction() as connection:
            await connection.execute(LOAD, ingest_id, client_id, age)
        return ingest_id

    async def known(self) -> set[str]:
        async with self.owner.transaction(read_only=True) as connection:
            return {row["id"] for row in await connection.fetch("select ingest_id::text as id from ingest.loads")}

    async def stop(self) -> None:
        await self.owner.stop()
        await self.service.stop()


@pytest.fixture
async def receipts(database: TestDatabase) -> AsyncIterator[Receipts]:
    one = Receipts(database)
    yield one
    await one.stop()


async def test_receipts_of_the_canary_are_kept_for_a_day(receipts: Receipts) -> None:
    """Its loads of today can be looked at; a year of them would be half a million."""
    stay = {
        await receipts.add(CANARY, RECENT),
        await receipts.add(SOMEBODY, RECENT),
        await receipts.add(SOMEBODY, OLD),
    }
    for _ in range(3):
        await receipts.add(CANARY, OLD)
    keeping = asyncio.create_task(CanaryReceipts(receipts.service).keep())
    try:

        async def are_the_only_ones() -> bool:
            return await receipts.known() == stay

        await eventually(are_the_only_ones, within_s=30)
    finally:
        keeping.cancel()


@pytest.mark.parametrize(("client_id", "age"), [(SOMEBODY, OLD), (CANARY, RECENT)])
async def test_the_service_cannot_delete_any_other_receipt(receipts: Receipts, client_id: str, age: timedelta) -> None:
    """Whatever statement it sends: receipts are what a repeated load is known by."""
    kept = await receipts.add(client_id, age)
    async with receipts.service.transaction(client_id=client_id) as connection:
        await connection.execute("delete from ingest.loads where client_id = $1", client_id)
    assert await receipts.known() == {kept}


async def test_receipts_cannot_be_changed(receipts: Receipts) -> None:
    await receipts.add(CANARY, OLD)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with receipts.service.transaction(client_id=CANARY) as connection:
            await connection.execute("update ingest.loads set rows = 2")
