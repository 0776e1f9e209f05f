"""Loads through the API beside a raw COPY of the same rows, and the memory that a large load takes."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uvloop
import yaml
from loading import CSV, PARQUET, STREAM, Bench, as_copied, as_csv, as_parquet, as_stream, opened
from reporting import Report, machine
from rolled_loads import rolled
from sales import ROLLED, definitions
from timing import side_by_side

from support.servers import TestServers

_BATCH = 100_000
_CHUNK_BYTES = 256 * 1024
_MIB = 2**20

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


WRITERS: dict[str, Callable[[pa.Table], bytes]] = {PARQUET: as_parquet, STREAM: as_stream, CSV: as_csv}


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
    facts = machine("pyarrow", "asyncpg")
    plain = Report("ingest", "Loads through the API beside a raw COPY ... FROM STDIN of the same rows as CSV.", facts)
    under = Report("ingest-with-a-rollup", "Loads of Arrow through the API into a table with a rollup.", facts)
    async with opened(servers, servers.new_database(), catalog()) as bench:
        if arguments.large:
            await memory(bench, plain, count=arguments.large)
        for code in arguments.models:
            if code == ROLLED:
                await rolled(bench, under, arguments)
            else:
                await race(bench, code, plain, arguments)
    if arguments.record:
        for report in (plain, under):
            if report.lines:
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
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # the services' own
            runner.run(run(arguments, servers))
    finally:
        servers.stop()


if __name__ == "__main__":
    main()
