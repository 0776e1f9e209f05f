"""A server that dies in the middle of its work is brought back elsewhere; AE_BACKUP_MIB makes it a large one."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import time
from collections.abc import Awaitable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import asyncpg
import psutil

from analytics_engine.adapters.postgres.failures import DRIVER_ERRORS
from analytics_engine.backups.manifest import Kind
from analytics_engine.backups.wal import WalArchiver
from analytics_engine.embedded.postgres import EmbeddedPostgres
from analytics_engine.errors import AnalyticsEngineError
from support.backups import Place
from support.waiting import eventually

MIB = int(os.environ.get("AE_BACKUP_MIB", "4"))
_ROW_BYTES = 140

T = TypeVar("T")


async def test_all_that_was_received_comes_back_and_any_moment_of_it(
    place: Place, server: EmbeddedPostgres, archiver: WalArchiver
) -> None:
    """Killed while rows are committed one by one: those that come back are the first ones, up to the last moments."""
    connection = await asyncpg.connect(server.url())
    await connection.execute("CREATE TABLE written (id int PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())")
    await connection.execute(
        "CREATE TABLE ballast (id int PRIMARY KEY, text text, other uuid DEFAULT gen_random_uuid())"
    )
    await connection.execute(
        "INSERT INTO ballast SELECT n, repeat(md5(n::text), 2) FROM generate_series(1, $1::int) n",
        MIB * 2**20 // _ROW_BYTES,
    )
    seconds: dict[str, float] = {}
    base = await timed(seconds, "backup", place.maker().make(Kind.WEEKLY))
    acknowledged: list[float] = []
    writing = asyncio.ensure_future(write(connection, acknowledged))
    safe = 0
    for _ in range(3):
        seen = len(acknowledged)
        await eventually(lambda seen=seen: enough(acknowledged, seen + 50), within_s=120)
        safe = len(acknowledged)
        await archiver.round()
    moment = await now(server)
    await eventually(lambda: enough(acknowledged, safe + 50), within_s=120)
    await archiver.round()
    postmaster(server).send_signal(signal.SIGKILL)
    await writing
    with suppress(AnalyticsEngineError):  # it tells that the server is gone
        await archiver.round()
    await archiver.stop()
    done = await timed(seconds, "restore of all", restored(place, "all", None))
    rows = await place.query(done, "SELECT id FROM written ORDER BY id")
    ids = [row["id"] for row in rows]
    lost_ms = max(0.0, acknowledged[-1] - acknowledged[min(len(ids), len(acknowledged)) - 1]) * 1000
    assert ids == list(range(1, len(ids) + 1))
    assert len(ids) >= safe
    past = await timed(seconds, "restore of a moment", restored(place, "moment", moment))
    (row,) = await place.query(past, "SELECT count(*) AS count, max(at) AS last FROM written")
    assert safe <= row["count"] < len(ids)
    assert row["last"] <= moment
    print(
        f"\n{base.size_bytes / 2**20:.0f} MiB of files, stored as {base.stored_bytes / 2**20:.0f} MiB; "
        f"{len(acknowledged)} commits were acknowledged, {max(0, len(acknowledged) - len(ids))} of them were lost, "
        f"the last {lost_ms:.0f} ms before the last one acknowledged; "
        + ", ".join(f"{what}: {took:.1f} s" for what, took in seconds.items())
    )


async def restored(place: Place, name: str, until: datetime | None) -> Path:
    restore = place.files_restore()
    return (await restore.carry_out(await restore.plan(place.target(name), until=until))).target


async def write(connection: asyncpg.Connection, acknowledged: list[float]) -> None:
    """Commit row after row until the server is gone, and note when each was acknowledged."""
    number = 0
    try:
        while True:
            number += 1
            await connection.execute("INSERT INTO written VALUES ($1)", number)
            acknowledged.append(time.perf_counter())
    except DRIVER_ERRORS:
        return


async def enough(acknowledged: list[float], count: int) -> bool:
    return len(acknowledged) >= count


async def now(server: EmbeddedPostgres) -> datetime:
    connection = await asyncpg.connect(server.url())
    try:
        moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
        return moment
    finally:
        await connection.close()


async def timed(seconds: dict[str, float], what: str, work: Awaitable[T]) -> T:
    began, worked = time.perf_counter(), cpu_s()
    outcome = await work
    seconds[what] = time.perf_counter() - began
    seconds[f"{what} (CPU)"] = cpu_s() - worked
    return outcome


def cpu_s() -> float:
    """Return the work of this process and of the programs it ran to their end."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def postmaster(server: EmbeddedPostgres) -> psutil.Process:
    (process,) = psutil.Process(server.child.launcher_pid).children()
    return process
