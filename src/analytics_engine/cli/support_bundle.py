from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from analytics_engine.errors import Conflict


def support_bundle(
    out: Annotated[
        Path | None, typer.Option(help="Write to this file; default: support-bundle-TIME.tar.gz in this folder.")
    ] = None,
) -> None:
    """Write what somebody who helps from afar needs into one file: findings, health, settings, logs, metrics.

    Secrets, email addresses, values in statements and rows of clients are left out. Look through it before you send it.
    """
    from analytics_engine.doctor.support_bundle import write_bundle

    path = out or Path(f"support-bundle-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz")
    if path.exists():
        raise Conflict(f"{path} is there already.", remedy="Name another file with --out, or delete that one.")
    names = asyncio.run(write_bundle(path, folder=Path.cwd()))
    typer.echo(f"{path}: {len(names)} files, secrets left out.")


def register(app: typer.Typer) -> None:
    app.command("support-bundle")(support_bundle)
