from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from analytics_engine.errors import InvalidInput, ProgramFailed


def upgrade(
    *,
    to: Annotated[
        Path | None, typer.Option(help="Another installation: a virtual environment, or its bin/analytics-engine.")
    ] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to the former installation.")] = False,
    status: Annotated[bool, typer.Option("--status", help="Only tell what runs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Replace the running services one by one, without a request that fails; by default with this installation.

    The supervisor of AE_HOME does the work: whoever ends this command ends only its telling. A service that does not
    get ready ends the upgrade, and what was replaced is taken back. Services that are all of the installation
    already are restarted one by one when it is not named.
    """
    from analytics_engine.bootstrap.one_machine import home_of
    from analytics_engine.bootstrap.settings import load_settings
    from analytics_engine.embedded.control import call
    from analytics_engine.embedded.installation import Installation

    if sum((to is not None, rollback, status)) > 1:
        raise InvalidInput("--to, --rollback and --status exclude each other.", remedy="Give one of them.")
    if status:
        request: dict[str, Any] = {"do": "status"}
    elif rollback:
        request = {"do": "rollback"}
    else:
        target = Installation.own() if to is None else Installation.at(to)
        request = {"do": "upgrade", "python": target.python, "version": target.version, "restart": to is None}
    for answer in call(home_of(load_settings()), request):
        if as_json:
            typer.echo(json.dumps(answer))
        elif "step" in answer:
            typer.echo(answer["step"])
        elif "services" in answer:
            _show(answer)
        if "error" in answer:
            raise ProgramFailed(answer["error"], remedy=answer["remedy"])


def _show(status: dict[str, Any]) -> None:
    width = max(map(len, status["services"]))
    for service, one in status["services"].items():
        typer.echo(f"{service:<{width}}  {one['version']}  {one['python']}")
    if status["under_way"]:
        typer.echo(f"An upgrade to {status['under_way']} is under way.")
    if len({one["python"] for one in status["services"].values()}) > 1:
        typer.echo("The services are mixed: run `analytics-engine upgrade` again, or `--rollback`.")
    if status["former"]:
        typer.echo(f"`--rollback` goes back to {status['former']['version']} ({status['former']['python']}).")


def register(app: typer.Typer) -> None:
    app.command()(upgrade)
