from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from analytics_engine.adapters.postgres.database import PostgresDatabase
from analytics_engine.bootstrap import business_metadata, database_service, demo_config_service, messaging_service
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from support.servers import ON_EACH_SERVER, POSTGRESQL, TestDatabase, TestServers
from support.services import asgi_client, internal_headers, make_settings
from support.waiting import eventually

CATALOG = Path(__file__).parent / "catalog"
CSV = "text/csv"
JSON = "application/json"
NDJSON = "application/x-ndjson"
PARQUET = "application/vnd.apache.parquet"
ARROW_STREAM = "application/vnd.apache.arrow.stream"
ARROW_FILE = "application/vnd.apache.arrow.file"


class DatabaseService:
    """database_service as its callers see it, and the tables behind it as three logins see them."""

    def __init__(self, http: httpx.AsyncClient, metadata: httpx.AsyncClient, database: TestDatabase) -> None:
        self.http = http
        self._metadata = metadata
        self.metadata_url = str(metadata.base_url)
        self.owner = PostgresDatabase(database.owner_url, application_name="owner")
        self.own = PostgresDatabase(database.service_url(Service.DATABASE), application_name="own")
        self.calculation = PostgresDatabase(database.service_url(Service.CALCULATION), application_name="calculation")
        self.url = database.owner_url
        self.server = database.server
        self.layout = "partitions" if database.server == POSTGRESQL else "hypertable"

    async def load(
        self,
        code: str,
        body: str | bytes | AsyncIterator[bytes],
        client_id: str,
        *,
        format_: str = CSV,
        key: str = "",
        role: Role = Role.OPERATOR,
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> httpx.Response:
        sent = {"Content-Type": format_, **(headers or {})} | ({"Idempotency-Key": key} if key else {})
        return await self.http.post(
            f"/data/{code}",
            params={"mode": "append", **params},
            content=body,
            headers=sent | internal_headers(Service.DATABASE, client_id, role),
        )

    async def get(self, path: str, client_id: str, *, role: Role = Role.OPERATOR) -> httpx.Response:
        return await self.http.get(path, headers=internal_headers(Service.DATABASE, client_id, role))

    async def delete(self, path: str, client_id: str, *, role: Role = Role.OPERATOR) -> httpx.Response:
        return await self.http.delete(path, headers=internal_headers(Service.DATABASE, client_id, role))

    async def put_table(self, code: str, client_id: str) -> httpx.Response:
        headers = internal_headers(Service.DATABASE, client_id, Role.OPERATOR)
        return await self.http.put(f"/object-models/{code}/table", headers=headers)

    async def rows(self, code: str, client_id: str, *, order: str = "1") -> list[dict[str, Any]]:
        """Return all rows of a client, as the calculation engine's login sees them.

        The statement is a new one each time: what ``*`` stands for may have changed.
        """
        query = f"select * from facts.{code} order by {order} -- {uuid4()}"
        async with self.calculation.transaction(client_id=client_id) as connection:
            return [dict(row) for row in await connection.fetch(query)]

    async def count(self, code: str, client_id: str) -> int:
        async with self.calculation.transaction(client_id=client_id) as connection:
            number: int = await connection.fetch_value(f"select count(*) from facts.{code}")
            return number

    async def define(self, definition: dict[str, Any], client_id: str) -> None:
        """Give a client an object model of its own, or a new version of it."""
        answer = await self._metadata.put(
            f"/object-models/{definition['code']}",
            json=definition,
            headers=internal_headers(Service.METADATA, client_id, Role.CONSULTANT),
        )
        assert answer.is_success, answer.text

    async def define_together(self, client_id: str, **sections: list[dict[str, Any]]) -> None:
        """Give a client definitions that only fit together: ``object_models``, ``kpis``, ``rollups``, ``modules``."""
        answer = await self._metadata.post(
            "/import",
            json=sections,
            headers=internal_headers(Service.METADATA, client_id, Role.CONSULTANT),
        )
        assert answer.is_success, answer.text

    async def post(
        self, path: str, client_id: str, *, role: Role = Role.OPERATOR, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        headers = internal_headers(Service.DATABASE, client_id, role)
        return await self.http.post(path, json=body or {}, headers=headers)

    async def events(self, client_id: str) -> list[dict[str, Any]]:
        async with self.owner.transaction() as connection:
            rows = await connection.fetch(
                "select xid::text::bigint as xid, event from messaging.outbox where client_id = $1 order by id",
                client_id,
            )
        return [dict(row) for row in rows]

    async def close(self) -> None:
        for database in (self.owner, self.own, self.calculation):
            await database.stop()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine and give its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="on"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))

    async def started() -> bool:
        return server.started or serving.done()

    try:
        await eventually(started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving
        listener.close()


@pytest.fixture(scope="module", params=ON_EACH_SERVER)
def module_database(request: pytest.FixtureRequest, servers: TestServers) -> Iterator[TestDatabase]:
    """A migrated database on each server in turn: PostgreSQL, TimescaleDB, and the one that was given."""
    own = servers.new_database(on=request.param)
    yield own
    servers.drop_database(own)


@pytest.fixture(params=ON_EACH_SERVER)
def each_database(request: pytest.FixtureRequest, servers: TestServers) -> Iterator[TestDatabase]:
    """A migrated database of this test's own, on each server in turn."""
    own = servers.new_database(on=request.param)
    yield own
    servers.drop_database(own)


@pytest.fixture(params=ON_EACH_SERVER)
def each_empty_database(request: pytest.FixtureRequest, servers: TestServers) -> Iterator[TestDatabase]:
    own = servers.new_database(migrated=False, on=request.param)
    yield own
    servers.drop_database(own)


@pytest.fixture(scope="module")
async def service(module_database: TestDatabase, module_redis_url: str) -> AsyncIterator[DatabaseService]:
    """database_service beside a business_metadata that knows the object models in ``catalog/``."""

    def settings(of: Service, **overrides: Any) -> Any:
        return make_settings(database_url=module_database.service_url(of), redis_url=module_redis_url, **overrides)

    metadata_app = business_metadata.build(settings(Service.METADATA, ae_catalog_dir=CATALOG))
    clients_app = demo_config_service.build(settings(Service.DEMO_CONFIG))
    async with (
        served(metadata_app) as url,
        served(clients_app) as clients_url,
        httpx.AsyncClient(base_url=url) as metadata,
    ):

        async def imported() -> bool:
            return bool((await metadata.get("/health")).json()["status"] == "healthy")

        await eventually(imported)
        limits = {"ae_max_upload_bytes": 2**20, "ae_max_decompressed_bytes": 2**23}
        slots = {"ae_max_loads": 8, "ae_max_loads_per_client": 6}
        urls = {"business_metadata_url": url, "demo_config_service_url": clients_url}
        app = database_service.build(settings(Service.DATABASE, **urls, **limits, **slots))
        async with asgi_client(app) as http:
            running = DatabaseService(http, metadata, module_database)
            yield running
            await running.close()


@pytest.fixture(scope="module")
async def relay(module_database: TestDatabase, module_redis_url: str) -> AsyncIterator[None]:
    """messaging_service, which brings events to those who follow them."""
    settings = make_settings(database_url=module_database.service_url(Service.MESSAGING), redis_url=module_redis_url)
    async with asgi_client(messaging_service.build(settings)):
        yield


@pytest.fixture
def client_id() -> str:
    """A client nobody else has."""
    return f"client-{uuid4().hex[:12]}"


@pytest.fixture
def other_client() -> str:
    return f"other-{uuid4().hex[:12]}"


Measurements = Callable[..., str]


@pytest.fixture
def measurements() -> Measurements:
    """``measurements(5, start=1, at="2024-01-01T00:00:00Z")``: CSV of so many right rows."""

    def csv(count: int, *, start: int = 1, at: str = "2024-01-01T00:00:00Z", note: str = "n") -> str:
        lines = [f"s1,{number},{at},{number}.50,{note}" for number in range(start, start + count)]
        return "\n".join(["sensor_code,number,measured_at,amount,note", *lines]) + "\n"

    return csv
