from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

_TO_TIME = "Bring back the state of this moment, such as 2026-11-27T10:00:00Z; default all there is."


def restore(
    backup: Annotated[str, typer.Option(help="The backup's id; default the right one for the moment.")] = "",
    *,
    to_time: Annotated[str, typer.Option("--to-time", help=_TO_TIME)] = "",
    target: Annotated[Path | None, typer.Option(help="An empty folder; default the server's files in AE_HOME.")] = None,
    timeline: Annotated[int | None, typer.Option(min=1, help="The timeline to end on; default the newest.")] = None,
    as_made: Annotated[bool, typer.Option("--as-made", help="Replay nothing that was changed after it.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Put the present data of AE_HOME aside.")] = False,
    server_recovers: Annotated[
        bool, typer.Option("--let-server-recover", help="Replay when the server is started next, not here.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; else everything is looked at and nothing is done.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Restore a backup: a server's files into a folder, a dump into the empty database at DATABASE_URL.

    Without --yes it says what it would do, after checking all that can be checked.
    """
    from analytics_engine.bootstrap.backups import (
        Backups,
        FilesRequest,
        restore_configuration,
        restore_dump,
        restore_files,
    )
    from analytics_engine.bootstrap.settings import load_settings

    backups = Backups(load_settings())
    if backup.endswith("-configuration"):
        told = asyncio.run(restore_configuration(backups, backup, _needed(target), yes=yes))
    elif backup.endswith(("-daily", "-monthly")):
        told = asyncio.run(restore_dump(backups, backup, yes=yes))
    else:
        request = FilesRequest(
            backup=backup,
            until=_moment(to_time),
            target=target,
            timeline=timeline,
            as_made=as_made,
            replace=replace,
            recover=not server_recovers,
        )
        told = asyncio.run(restore_files(backups, request, yes=yes))
    _tell(told, as_json=as_json, yes=yes)


def _tell(told: dict[str, Any], *, as_json: bool, yes: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told | {"done": yes}, indent=2))
        return
    for name, value in told.items():
        typer.echo(f"{name:<22} {value}")
    typer.echo("Restored." if yes else "Everything needed is there. --yes restores it.", err=True)


def _moment(text: str) -> datetime | None:
    from analytics_engine.errors import InvalidInput

    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no moment.", remedy="Write it as 2026-11-27T10:00:00Z.") from error
    if moment.tzinfo is None:
        raise InvalidInput(f"{text} has no time zone.", remedy=f"Write {text}Z for UTC, or an offset such as +01:00.")
    return moment.astimezone(UTC)


def _needed(target: Path | None) -> Path:
    from analytics_engine.errors import InvalidInput

    if target is None:
        raise InvalidInput("A backup of configuration needs a folder to go to.", remedy="Name one with --target.")
    return target.absolute()


def register(app: typer.Typer) -> None:
    app.command()(restore)
