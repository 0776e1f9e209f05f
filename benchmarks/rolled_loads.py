"""Loads of sales under a rollup beside raw COPYs of the same rows, and what such a load is made of."""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial

import pyarrow as pa
from loading import OTHER, STREAM, Bench, as_copied, as_stream
from reporting import Report
from sales import DIMENSIONS, PLAIN, ROLLED, as_binary, definitions, sales
from timing import Times

from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.database_service.ingest.checking import check
from analytics_engine.services.database_service.ingest.kept import KeptRows
from analytics_engine.services.database_service.ingest.progress import Progress
from analytics_engine.services.database_service.ingest.reading import Format, Reading
from analytics_engine.services.database_service.ingest.rejection import Rejection

CSV_COPY, BINARY_COPY, ROLLED_COPY = "raw COPY of CSV", "raw COPY, binary", "raw COPY, binary, with the rollup"
LOAD, ROLLED_LOAD, BUILT = "load without a rollup", "load with the rollup", "load with the rollup, until it is built"
SINGLE, CHECKED, MADE = "load of a single row", "rows read and checked", "first part made"

_COMPARED = (CSV_COPY, BINARY_COPY, ROLLED_COPY, LOAD, ROLLED_LOAD, BUILT)
_FIRST_PART = 2_048
_ABOUT_PARTS = """\
Medians of the same rounds, milliseconds a load, each part measured by itself. A single row shows what a load takes
whatever it holds: the request, its sign-in and definition, the transactions, receipt, event and commit. The first part
is what is made for the COPY before the database has anything to do; the others are made meanwhile. The rest is what the
whole takes beyond the sum: waits between threads and processes, and noise."""

Turns = Mapping[str, tuple[str, Callable[[int], Awaitable[None]]]]


async def rolled(bench: Bench, report: Report, arguments: argparse.Namespace) -> None:
    """Load the same sales with a rollup and without one, beside raw COPYs into the table without one, in turns."""
    report.heading(f"{ROLLED}: ten columns, and a rollup of seven KPIs by {', '.join(DIMENSIONS)}")
    compared: list[list[str]] = []
    parts: list[list[str]] = []
    for an_hour in arguments.an_hour:
        for batch in arguments.batches:
            tables = [sales(first, batch, an_hour=an_hour) for first in range(0, arguments.rows // 2, batch)]
            found = await _taking_turns(bench, tables, arguments.rounds)
            compared.extend(_comparison(found, rows=batch * len(tables), first=[f"{an_hour:,}", f"{batch:,}"]))
            parts.append([f"{an_hour:,}", f"{batch:,}", *_parts(found, loads=len(tables))])
            report.keep(ROLLED, str(an_hour), str(batch), figures={name: it.seconds for name, it in found.items()})
    report.table(["rows an hour", "batch", "way", "rows a second", f"of the {CSV_COPY}", "range"], compared)
    report.heading("What a load with the rollup is made of")
    report.note(_ABOUT_PARTS)
    names = [SINGLE, CHECKED, MADE, "COPY, binary", "what the rollup adds to it", "rest", "the whole"]
    report.table(["rows an hour", "batch", *names], parts)


def _comparison(found: Mapping[str, Times], *, rows: int, first: list[str]) -> list[list[str]]:
    lines = []
    for name in _COMPARED:
        ratio = found[CSV_COPY].ratio_to(found[name])
        share = f"{ratio.median:.2f}", f"{ratio.least:.2f} to {ratio.most:.2f}"
        lines.append([*first, name, f"{rows / found[name].median:,.0f}", *share])
    return lines


def _parts(found: Mapping[str, Times], *, loads: int) -> list[str]:
    single, checked, made, copy, rolled_copy, whole = (
        1000 * found[name].median / loads for name in (SINGLE, CHECKED, MADE, BINARY_COPY, ROLLED_COPY, ROLLED_LOAD)
    )
    parts = [single, checked, made, copy, rolled_copy - copy]
    return [f"{part:.1f}" for part in (*parts, whole - sum(parts), whole)]


async def _taking_turns(bench: Bench, tables: list[pa.Table], rounds: int) -> dict[str, Times]:
    streams = [as_stream(table) for table in tables]
    ways = _ways(bench, tables, streams)
    for code in (PLAIN, ROLLED):  # their partitions, and as many rows as the planner is to know of in every round
        await bench.empty(code)
        for stream in streams:
            await bench.load(code, stream, STREAM)
        await bench.raw.execute(f"analyze facts.{code}")
    seconds: dict[str, list[float]] = {name: [] for name in [*ways, BUILT]}
    for number in range(1 + rounds):
        for name, (code, work) in ways.items() if number % 2 else reversed(ways.items()):
            await bench.empty(code)
            await bench.built()
            began = time.perf_counter()
            for place in range(len(tables)):
                await work(place)
            if number:
                seconds[name].append(time.perf_counter() - began)
            await bench.built()
            if number and name == ROLLED_LOAD:
                seconds[BUILT].append(time.perf_counter() - began)
    return {name: Times(tuple(found)) for name, found in seconds.items()}


def _ways(bench: Bench, tables: list[pa.Table], streams: list[bytes]) -> Turns:
    binary = [as_binary(table, client_id=OTHER) for table in tables]
    load = partial(bench.load, format_=STREAM)
    return {
        CSV_COPY: (PLAIN, _each(bench.copy, PLAIN, [as_copied(table) for table in tables])),
        BINARY_COPY: (PLAIN, _each(bench.copy_binary, PLAIN, binary)),
        ROLLED_COPY: (ROLLED, _each(bench.copy_binary, ROLLED, binary)),
        LOAD: (PLAIN, _each(load, PLAIN, streams)),
        ROLLED_LOAD: (ROLLED, _each(load, ROLLED, streams)),
        SINGLE: (PLAIN, _each(load, PLAIN, [as_stream(table.slice(0, 1)) for table in tables])),
        CHECKED: (PLAIN, _each(_check, PLAIN, streams)),
        MADE: (PLAIN, lambda place: _make(tables[place].slice(0, _FIRST_PART))),
    }


def _each(
    work: Callable[[str, bytes], Awaitable[None]], code: str, bodies: list[bytes]
) -> Callable[[int], Awaitable[None]]:
    return lambda place: work(code, bodies[place])


async def _check(code: str, stream: bytes) -> None:
    """Read and check rows as the service does in a thread."""
    model = next(
        model for model in map(ObjectModel.model_validate, definitions()["object_models"]) if model.code == code
    )
    progress = Progress(
        ingest_id="",
        client_id=OTHER,
        object_model=code,
        idempotency_key=None,
        loaded_by="",
        started_at=datetime.now(UTC),
    )
    with KeptRows(model) as kept:
        check(
            io.BytesIO(stream),
            kept,
            Rejection(),
            model=model,
            reading=Reading(Format.ARROW_STREAM),
            limit_bytes=len(stream) * 2,
            progress=progress,
        )


async def _make(table: pa.Table) -> None:
    as_binary(table, client_id=OTHER)
