from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path
from typing import Annotated

import typer

from analytics_engine.errors import NotFound

_POLL_S = 0.2


def logs(
    name: Annotated[str, typer.Argument(help="A service, or postgres, valkey, migrate, supervisor.")],
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 50,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on.")] = False,
) -> None:
    """Print the end of a log of the system that runs from this AE_HOME."""
    from analytics_engine.bootstrap.settings import load_settings

    file = _log_file(load_settings().ae_home / "logs", name)
    with file.open(encoding="utf-8", errors="replace") as log:
        typer.echo("".join(deque(log, maxlen=lines)), nl=False)
    if follow:
        _follow(file)


def _log_file(folder: Path, name: str) -> Path:
    known = sorted(path.stem for path in folder.glob("*.log"))
    if name not in known:
        raise NotFound(
            f"There is no log {name!r} in {folder}.",
            remedy=f"There are: {', '.join(known)}." if known else "Start the system first: analytics-engine up",
        )
    return folder / f"{name}.log"


def _follow(file: Path) -> None:
    """Print what is added until interrupted, going over to the new file when the log is rotated."""
    log = file.open(encoding="utf-8", errors="replace")
    log.seek(0, 2)
    try:
        while True:
            if text := log.read():
                typer.echo(text, nl=False)
            elif file.exists() and not os.path.samestat(file.stat(), os.fstat(log.fileno())):
                log.close()
                log = file.open(encoding="utf-8", errors="replace")
            else:
                time.sleep(_POLL_S)
    except KeyboardInterrupt:
        log.close()


def register(app: typer.Typer) -> None:
    app.command()(logs)
