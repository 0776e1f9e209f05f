from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated

import typer

from analytics_engine.errors import InvalidInput

if TYPE_CHECKING:
    from analytics_engine.doctor.diagnosis import Diagnosis


def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    only: Annotated[str, typer.Option(help="Only findings of an area, such as database or services.")] = "",
) -> None:
    """Look for what is wrong, and print the cause and what mends it; exit code 0 when nothing is, else 1.

    It changes nothing, and needs no service that runs. The system is that of the environment, of .env and of AE_HOME.
    """
    from analytics_engine.doctor.diagnosis import AREAS, diagnose

    if only and only not in AREAS:
        raise InvalidInput(f"There is no area {only!r}.", remedy=f"There are: {', '.join(AREAS)}.")
    diagnosis = asyncio.run(diagnose(only=only))
    if as_json:
        typer.echo(json.dumps(diagnosis.document(), indent=2, default=str))
    else:
        _print(diagnosis)
    if diagnosis.causes:
        raise typer.Exit(1)


def _print(diagnosis: Diagnosis) -> None:
    took = f"{diagnosis.checks} checks, {diagnosis.took_s:.1f} s"
    if not diagnosis.causes:
        typer.echo(f"No problem found ({took})")
        return
    for cause in diagnosis.causes:
        finding, check = cause.finding, cause.finding.check
        typer.echo(f"{check.severity.value}: {finding.what}  [{check.name}]")
        typer.echo(f"  why: {finding.why}")
        typer.echo(f"  fix: {finding.fix}")
        for consequence in cause.consequences:
            typer.echo(f"  so:  {consequence.what}")
        typer.echo("")
    many = len(diagnosis.causes)
    typer.echo(f"{many} problem{'' if many == 1 else 's'} found ({took})")


def register(app: typer.Typer) -> None:
    app.command()(doctor)
