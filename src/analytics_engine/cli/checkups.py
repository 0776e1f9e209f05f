from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from analytics_engine.doctor.checkups.steps import Checkup

_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def preflight(*, as_json: _Json = False) -> None:
    """Go through the checklist before a deployment or an upgrade; exit code 1 when a step failed.

    It changes nothing. Run it with the new version, where the settings of the deployment are.
    """
    from analytics_engine.doctor.checkups.preflight import preflight as checklist

    _tell(checklist(Path.cwd()), as_json=as_json)


def daily(*, as_json: _Json = False) -> None:
    """Go through the daily checklist: health, error logs, disk space, backups; exit code 1 when a step failed.

    What it measures of disks is kept in AE_HOME, for the forecast of the days after.
    """
    from analytics_engine.doctor.checkups.daily import daily as checklist

    _tell(checklist(Path.cwd()), as_json=as_json)


def weekly(
    *,
    as_json: _Json = False,
    yes: Annotated[bool, typer.Option("--yes", help="Delete old logs; without it they are only named.")] = False,
) -> None:
    """Go through the weekly checklist: performance, security updates, slow queries, old logs."""
    from analytics_engine.doctor.checkups.weekly import weekly as checklist

    _tell(checklist(Path.cwd(), delete_logs=yes), as_json=as_json)


def monthly(
    *,
    as_json: _Json = False,
    drill: Annotated[bool, typer.Option("--drill", help="Restore the newest backup on trial now.")] = False,
) -> None:
    """Go through the monthly checklist: dependencies, capacity, disaster recovery, security.

    Of disaster recovery it tells the last drill; with --drill it runs one, which keeps its proof beside the backups.
    """
    from analytics_engine.doctor.checkups.monthly import monthly as checklist

    _tell(checklist(Path.cwd(), drill=drill), as_json=as_json)


def _tell(checklist: Awaitable[Checkup], *, as_json: bool) -> None:
    async def gone_through() -> Checkup:
        return await checklist

    checkup = asyncio.run(gone_through())
    if as_json:
        typer.echo(json.dumps(checkup.document(), indent=2))
    else:
        for step in checkup.steps:
            typer.echo(f"[{step.state.value}] {step.title}")
            for fact in step.facts:
                typer.echo(f"    {fact}")
            if step.fix:
                typer.echo(f"    do: {step.fix}")
    if checkup.failed:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    for command in (preflight, daily, weekly, monthly):
        app.command()(command)
