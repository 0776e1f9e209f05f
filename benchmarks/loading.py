"""database_service on a server of its own, raw COPYs beside it, and the bodies that both take."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from analytics_engine.bootstrap import database_service
from analytics_engine.contracts.services import Service
from analytics_engine.embedded.child import Child, Program
from analytics_engine.embedded.ports import any_free_port
from support.servers import TestDatabase, TestServers
from support.services import SECRET_KEY, asgi_client, internal_headers, make_settings
from support.waiting import eventually

CLIENT, OTHER = "bench", "other"
PARQUET, CSV, STREAM = "application/vnd.apache.parquet", "text/csv", "application/vnd.apache.arrow.stream"
_MIB = 2**20


def as_parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def as_stream(table: pa.Table) -> bytes:
    file = io.BytesIO()
    with pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=65_536)
    return file.getvalue()


def as_csv(table: pa.Table, *, header: bool = True) -> bytes:
    file = io.BytesIO()
    pa_csv.write_csv(table, file, pa_csv.WriteOptions(include_header=header))
    return file.getvalue()


def as_copied(table: pa.Table) -> bytes:
    client = pa.repeat(pa.scalar(OTHER, pa.string()), table.num_rows)
    return as_csv(table.add_column(0, "client_id", client), header=False)


class Bench:
    """database_service on a server of its own, and a raw connection of the tables' owner beside it."""

    def __init__(self, http: httpx.AsyncClient, raw: asyncpg.Connection[Any]) -> None:
        self.http = http
        self.raw = raw

    async def load(self, code: str, body: bytes | AsyncIterator[bytes], format_: str) -> None:
        headers = {"Content-Type": format_} | internal_headers(Service.DATABASE, CLIENT)
        answer = await self.http.post(f"/data/{code}", content=body, headers=headers)
        if not answer.is_success:
            raise SystemExit(answer.text)

    async def copy(self, code: str, body: bytes) -> None:
        async def source() -> AsyncIterator[bytes]:
            for start in range(0, len(body), _MIB):
                yield body[start : start + _MIB]

        await self.raw.copy_to_table(code, source=source(), schema_name="facts", format="csv")

    async def copy_binary(self, code: str, body: bytes) -> None:
        await self.raw.copy_to_table(code, source=io.BytesIO(body), schema_name="facts", format="binary")

    async def empty(self, code: str) -> None:
        """Leave nothing in a table, which is made if it is not there yet."""
        await self.http.put(f"/object-models/{code}/table", headers=internal_headers(Service.DATABASE, CLIENT))
        keys = f", fact_keys.{code}" if code == "late_trade" else ""
        await self.raw.execute(f"truncate facts.{code}{keys}")

    async def built(self) -> None:
        """Wait until there is a rollup that is built, and nothing of it is left to be built anew or merged."""
        await eventually(self._is_built, within_s=300)

    async def _is_built(self) -> bool:
        if not await self.raw.fetchval(_IS_BUILT):
            return False
        tables = await self.raw.fetch(_CELLS)
        return not any([await self.raw.fetchval(f"SELECT bool_or(NOT ae_merged) FROM {row['name']}") for row in tables])


_IS_BUILT = """
SELECT NOT EXISTS (SELECT FROM rollups.marks) AND bool_and(status = 'ready')
  FROM rollups.rollups
 WHERE status <> 'retired'
"""
_CELLS = """
SELECT attrelid::regclass::text AS name
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
 WHERE attname = 'ae_merged' AND relkind = 'r'
"""


@asynccontextmanager
async def opened(servers: TestServers, database: TestDatabase, catalog: str) -> AsyncIterator[Bench]:
    """Give the service, beside a business_metadata that knows the object models of a catalog."""
    async with _metadata(servers, database, catalog) as url:
        settings = make_settings(
            database_url=database.service_url(Service.DATABASE),
            redis_url=servers.valkey.url(0),
            business_metadata_url=url,
        )
        raw = await asyncpg.connect(database.owner_url)
        async with asgi_client(database_service.build(settings)) as http:
            http.timeout = httpx.Timeout(900)
            yield Bench(http, raw)
        await raw.close()


@asynccontextmanager
async def _metadata(servers: TestServers, database: TestDatabase, catalog: str) -> AsyncIterator[str]:
    """Run business_metadata as a process of its own, as every service is, and give its address."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "object_models").mkdir()
        (folder / "object_models" / "catalog.yaml").write_text(catalog, encoding="utf-8")
        port = any_free_port()
        environment = {
            "PATH": os.defpath,
            "DATABASE_URL": database.service_url(Service.METADATA),
            "REDIS_URL": servers.valkey.url(0),
            "SECRET_KEY": SECRET_KEY,
            "AE_HOME": str(servers.home.path),
            "AE_CATALOG_DIR": str(folder),
        }
        command = [sys.executable, "-P", "-m", "analytics_engine.cli", "serve", Service.METADATA, "--port", str(port)]
        program = Program(
            name=Service.METADATA, command=command, environment=environment, home=servers.home, directory=folder
        )
        child = Child(program)
        child.start()
        url = f"http://127.0.0.1:{port}"
        try:
            await eventually(lambda: _is_healthy(url), within_s=60)
            yield url
        finally:
            child.stop()


async def _is_healthy(url: str) -> bool:
    async with httpx.AsyncClient(base_url=url) as http:
        with suppress(httpx.HTTPError):
            return bool((await http.get("/health")).json()["status"] == "healthy")
    return False
