"""A benchmark that is run at several sizes of the shop, each measured after the other into one report."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from data import Size
from engines import Folder
from reporting import Report, machine

Measure = Callable[[argparse.Namespace, Size, Report, Path], Awaitable[None]]


def run_at_sizes(name: str, about: str, measure: Measure, *, description: str | None) -> None:
    """Run a benchmark as the command line says; ``measure`` is given its arguments, a size, the report and a folder."""
    arguments = argparse.ArgumentParser(description=description)
    arguments.add_argument("--rows", nargs="+", type=int, default=[1_000_000], help="how many orders")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--keep", type=Path, help="a folder the server stays in")
    arguments.add_argument("--record", action="store_true", help="write the figures to results/")
    asyncio.run(_run(arguments.parse_args(), name, about, measure))


async def _run(given: argparse.Namespace, name: str, about: str, measure: Measure) -> None:
    folder = Folder(given.keep)
    report = Report(name, about, machine("asyncpg"))
    try:
        for rows in given.rows:
            await measure(given, Size(rows), report, folder.path)
    finally:
        folder.remove()
    if given.record:
        report.record()
