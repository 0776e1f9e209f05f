"""Loads through the API beside a raw COPY of the same rows, and the memory that a large load takes."""

from __future__ import annotations

import argparse
import asyncio
import io
import multiprocessing
import resource
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import asyncpg
import httpx
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import uvicorn
import yaml
from reporting import Report, machine
from sales import DIMENSIONS, PLAIN, ROLLED, as_binary, definitions, sales
from timing import Times, side_by_side

from analytics_engine.bootstrap import business_metadata, database_service
from analytics_engine.contracts.services import Service
from support.servers import TestDatabase, TestServers
from support.services import asgi_client, internal_headers, make_settings
from support.waiting import eventually

CLIENT, OTHER = "bench", "other"
PARQUET, CSV, STREAM = "application/vnd.apache.parquet", "text/csv", "application/vnd.apache.arrow.stream"
_BATCH = 100_000
_CHUNK_BYTES = 256 * 1024
_MIB = 2**20
BUILT = "load with the rollup, until it is built"

MODELS = {
    "trade": ["symbol", "number", "traded_at"],
    "priced_trade": ["symbol", "number", "traded_at"],
    "late_trade": ["symbol", "number"],
}
ABOUT = {
    "trade": "narrow rows; the key holds the time",
    "priced_trade": "the same with a decimal",
    "late_trade": "narrow rows; a table beside the rows keeps keys unique",
}


def catalog() -> str:
    def attributes(code: str) -> list[dict[str, Any]]:
        decimal = [{"name": "price", "type": "decimal", "unit": "EUR"}] if code == "priced_trade" else []
        return [
            {"name": "symbol", "type": "text", "nullable": False},
            {"name": "number", "type": "integer", "nullable": False},
            {"name": "traded_at", "type": "timestamp", "nullable": False},
            {"name": "quantity", "type": "float"},
            {"name": "side", "type": "text"},
            *decimal,
        ]

    models = [
        {"code": code, "name": code, "nature": "event", "key": key, "time_attribute": "traded_at",
         "attributes": attributes(code)}
        for code, key in MODELS.items()
    ]  # fmt: skip
    own = definitions()
    return yaml.safe_dump(own | {"object_models": [*models, *own["object_models"]]})


def rows(code: str, first: int, count: int) -> pa.Table:
    """Return rows in the order of their time, about a hundred a minute."""
    numbers = np.arange(first, first + count)
    at = np.datetime64("2025-01-01T00:00:00", "us") + (numbers * 600_000).astype("timedelta64[us]")
    columns = {
        "symbol": pa.array([f"s{number % 500}" for number in numbers.tolist()]),
        "number": pa.array(numbers),
        "traded_at": pa.array(at, pa.timestamp("us")).cast(pa.timestamp("us", "UTC")),
        "quantity": pa.array((numbers * 7919 % 100_003) / 7),
        "side": pa.array(np.where(numbers % 3, "buy", "sell")),
    }
    if code == "priced_trade":
        columns["price"] = pa.array(numbers * 31 % 1_000_003, pa.int64()).cast(pa.decimal128(21, 2))
    return pa.table(columns)


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


WRITERS: dict[str, Callable[[pa.Table], bytes]] = {PARQUET: as_parquet, STREAM: as_stream, CSV: as_csv}


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
async def opened(servers: TestServers, database: TestDatabase) -> AsyncIterator[Bench]:
    """Give the service, beside a business_metadata that knows the object models above."""
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "object_models"
        models.mkdir()
        (models / "trades.yaml").write_text(catalog(), encoding="utf-8")

        def settings(of: Service, **overrides: Any) -> Any:
            return make_settings(database_url=database.service_url(of), redis_url=servers.valkey.url(0), **overrides)

        app = business_metadata.build(settings(Service.METADATA, ae_catalog_dir=Path(folder)))
        listener = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with httpx.AsyncClient(base_url=url) as metadata:

            async def imported() -> bool:
                return server.started and (await metadata.get("/health")).json()["status"] == "healthy"

            await eventually(imported)
        raw = await asyncpg.connect(database.owner_url)
        async with asgi_client(database_service.build(settings(Service.DATABASE, business_metadata_url=url))) as http:
            http.timeout = httpx.Timeout(900)
            yield Bench(http, raw)
        await raw.close()
        server.should_exit = True
        await serving
        listener.close()


async def race(bench: Bench, code: str, report: Report, arguments: argparse.Namespace) -> None:
    """Load and copy the same rows in batches, in turns."""
    count = arguments.rows
    batches = [rows(code, first, _BATCH) for first in range(0, count, _BATCH)]
    await bench.empty(code)
    await bench.load(code, as_csv(rows(code, 0, count)), CSV)  # its partitions
    bodies = {format_: [WRITERS[format_](batch) for batch in batches] for format_ in arguments.formats}
    copied = [as_copied(batch) for batch in batches]

    def loading(format_: str) -> Callable[[], Awaitable[None]]:
        async def load() -> None:
            await bench.empty(code)
            for body in bodies[format_]:
                await bench.load(code, body, format_)

        return load

    async def copy() -> None:
        await bench.empty(code)
        for body in copied:
            await bench.copy(code, body)

    contestants = {"raw COPY of CSV": copy, **{format_: loading(format_) for format_ in arguments.formats}}
    times = await side_by_side(contestants, rounds=arguments.rounds)
    base = times["raw COPY of CSV"]
    report.heading(f"{code}: {ABOUT[code]}")
    report.table(
        ["way", "rows a second", "times as long as the raw COPY", "range"],
        [
            [name, f"{count / found.median:,.0f}", f"{ratio.median:.2f}", f"{ratio.least:.2f} to {ratio.most:.2f}"]
            for name, found in times.items()
            for ratio in [found.ratio_to(base)]
        ],
    )
    report.keep(code, figures={name: list(found.seconds) for name, found in times.items()})


async def rolled(bench: Bench, report: Report, arguments: argparse.Namespace) -> None:
    """Load the same sales with a rollup and without one, beside raw COPYs into the table without one, in turns."""
    report.heading(f"{ROLLED}: ten columns, and a rollup of seven KPIs by {', '.join(DIMENSIONS)}")
    lines = []
    for an_hour in arguments.an_hour:
        for batch in arguments.batches:
            tables = [sales(first, batch, an_hour=an_hour) for first in range(0, arguments.rows // 2, batch)]
            found = await _taking_turns(bench, tables, arguments.rounds)
            base = found["raw COPY of CSV"]
            for name, times in found.items():
                ratio = base.ratio_to(times)
                rate = batch * len(tables) / times.median
                share = f"{ratio.median:.2f}", f"{ratio.least:.2f} to {ratio.most:.2f}"
                lines.append([f"{an_hour:,}", f"{batch:,}", name, f"{rate:,.0f}", *share])
            report.keep(ROLLED, str(an_hour), str(batch), figures={name: it.seconds for name, it in found.items()})
    columns = ["rows an hour", "batch", "way", "rows a second", "of the raw COPY of CSV", "range"]
    report.table(columns, lines)


async def _taking_turns(bench: Bench, tables: list[pa.Table], rounds: int) -> dict[str, Times]:
    streams = [as_stream(table) for table in tables]
    ways: dict[str, tuple[str, Callable[[int], Awaitable[None]]]] = {
        "raw COPY of CSV": (PLAIN, _each(bench.copy, PLAIN, [as_copied(table) for table in tables])),
        "raw COPY, binary": (PLAIN, _each(bench.copy_binary, PLAIN, [as_binary(t, client_id=OTHER) for t in tables])),
        "load without a rollup": (PLAIN, _each(partial(bench.load, format_=STREAM), PLAIN, streams)),
        "load with the rollup": (ROLLED, _each(partial(bench.load, format_=STREAM), ROLLED, streams)),
    }
    for code in (PLAIN, ROLLED):  # their partitions, and as many rows as the planner is to know of in every round
        await bench.empty(code)
        for stream in streams:
            await bench.load(code, stream, STREAM)
        await bench.raw.execute(f"analyze facts.{code}")
    seconds: dict[str, list[float]] = {name: [] for name in [*ways, BUILT]}
    for number in range(1 + rounds):
        for name, (code, load) in ways.items() if number % 2 else reversed(ways.items()):
            await bench.empty(code)
            await bench.built()
            began = time.perf_counter()
            for place in range(len(tables)):
                await load(place)
            if number:
                seconds[name].append(time.perf_counter() - began)
            await bench.built()
            if number and code == ROLLED:
                seconds[BUILT].append(time.perf_counter() - began)
    return {name: Times(tuple(found)) for name, found in seconds.items()}


def _each(
    load: Callable[[str, bytes], Awaitable[None]], code: str, bodies: list[bytes]
) -> Callable[[int], Awaitable[None]]:
    return lambda place: load(code, bodies[place])


def write_file(path: str, format_: str, count: int) -> None:
    """Write a large input in a process of its own, whose memory is not counted; Parquet as a single row group."""
    if format_ == CSV:
        with Path(path).open("wb") as file:
            file.writelines(
                as_csv(rows("late_trade", first, _BATCH), header=first == 0) for first in range(0, count, _BATCH)
            )
        return
    pq.write_table(rows("late_trade", 0, count), path, row_group_size=count)


def chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


async def streamed(file: BinaryIO) -> AsyncIterator[bytes]:
    for chunk in chunks(file):
        yield chunk


async def memory(bench: Bench, report: Report, *, count: int) -> None:
    """Load one large input of each format, and tell the most memory that this process ever took before and after."""
    report.heading(f"{count:,} rows at once, with the table of keys")
    await bench.empty("late_trade")
    await bench.load("late_trade", as_csv(rows("late_trade", 0, 1000)), CSV)
    found = []
    for format_ in (PARQUET, CSV):
        await bench.empty("late_trade")
        with tempfile.NamedTemporaryFile() as file:
            writing = multiprocessing.get_context("spawn").Process(target=write_file, args=(file.name, format_, count))
            writing.start()
            await asyncio.to_thread(writing.join)
            size = file.seek(0, 2)
            file.seek(0)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            began = time.perf_counter()
            await bench.load("late_trade", streamed(file), format_)
            took = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            found.append([format_, f"{size / _MIB:.0f}", f"{before / 1024:.0f}", f"{after / 1024:.0f}", f"{took:.1f}"])
    report.table(["format", "input, MiB", "peak before, MiB", "peak after, MiB", "seconds"], found)


async def run(arguments: argparse.Namespace, servers: TestServers) -> None:
    report = Report("ingest", "Loads through the API beside a raw COPY ... FROM STDIN of the same rows as CSV.")
    report.machine = machine("pyarrow", "asyncpg")
    async with opened(servers, servers.new_database()) as bench:
        if arguments.large:
            await memory(bench, report, count=arguments.large)
        for code in arguments.models:
            if code == ROLLED:
                await rolled(bench, report, arguments)
            else:
                await race(bench, code, report, arguments)
    if arguments.record:
        report.record()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--large", type=int, default=3_000_000, help="rows of the load whose memory is measured")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", nargs="+", default=[*MODELS, ROLLED])
    parser.add_argument("--batches", nargs="+", type=int, default=[10_000, 100_000], help="rows at once with a rollup")
    parser.add_argument("--an-hour", nargs="+", type=int, default=[570], help="sales an hour with a rollup")
    parser.add_argument("--formats", nargs="+", default=[PARQUET, STREAM, CSV])
    parser.add_argument("--record", action="store_true")
    arguments = parser.parse_args()
    servers = TestServers()
    try:
        asyncio.run(run(arguments, servers))
    finally:
        servers.stop()


if __name__ == "__main__":
    main()
