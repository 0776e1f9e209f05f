"""Over real connections: what is sent away is told why, though its body was not read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from analytics_engine.bootstrap import database_service
from analytics_engine.clients.data import HttpData
from analytics_engine.clients.http import HttpPool
from analytics_engine.contracts.data import DataUpload, OnError
from analytics_engine.contracts.services import Service
from analytics_engine.errors import RateLimited
from analytics_engine.kernel.clock import SystemClock
from analytics_engine.kernel.security.tokens import InternalTokens
from support.servers import TestDatabase
from support.services import SECRET_KEY, internal_headers, make_settings
from support.waiting import eventually

from .conftest import CSV, DatabaseService, served

MIB = 2**20


@pytest.fixture
async def narrow(service: DatabaseService, module_database: TestDatabase, module_redis_url: str) -> AsyncIterator[str]:
    """The address of a database_service that takes one load at once, beside the one that others use."""
    settings = make_settings(
        database_url=module_database.service_url(Service.DATABASE),
        redis_url=module_redis_url,
        business_metadata_url=service.metadata_url,
        ae_max_loads=1,
        ae_max_loads_per_client=1,
    )
    async with served(database_service.build(settings)) as url:
        yield url


@pytest.fixture
async def data(narrow: str) -> AsyncIterator[HttpData]:
    """The client that other services use."""
    pool = HttpPool(tokens=InternalTokens(secret_key=SECRET_KEY, clock=SystemClock()), caller=Service.CONNECTOR)
    await pool.start()
    yield HttpData(pool.client(Service.DATABASE, narrow), caller=Service.CONNECTOR.value)
    await pool.stop()


def upload(content: bytes, **options: Any) -> DataUpload:
    return DataUpload(object_model="sensor", content=content, media_type=CSV, idempotency_key="k", **options)


async def test_a_large_body_that_is_not_read_is_answered(
    *, service: DatabaseService, narrow: str, data: HttpData, client_id: str
) -> None:
    """The caller hears that it comes too early, and not that the connection broke."""
    let_go = asyncio.Event()

    async def held() -> AsyncIterator[bytes]:
        yield b"code\n"
        await let_go.wait()
        yield b"a\n"

    async with httpx.AsyncClient(base_url=narrow) as http:
        headers = {"Content-Type": CSV} | internal_headers(Service.DATABASE, client_id)
        first = asyncio.create_task(http.post("/data/sensor", content=held(), headers=headers))

        async def is_known() -> bool:
            return bool((await service.get("/data/loads", client_id)).json()["total"])

        await eventually(is_known)
        with pytest.raises(RateLimited, match="as many loads under way as it may have at once") as refused:
            await data.load(client_id, upload(b"code\n" + b"b" * 32 * MIB))
        assert refused.value.facts["retry_after_s"] == 5
        let_go.set()
        assert (await first).status_code == 201
    receipt = await data.load(client_id, upload(b"code,label\nb,1\n,2\n", on_error=OnError.KEEP_GOOD))
    assert (receipt.rows, receipt.rejected) == (1, 1)
