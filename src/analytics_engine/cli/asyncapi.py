from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def asyncapi(
    out: Annotated[Path | None, typer.Option(help="Write to this file; default: standard output.")] = None,
) -> None:
    """Print the AsyncAPI document of all registered events. Needs no running system."""
    from analytics_engine.bootstrap.asyncapi import events_document

    text = json.dumps(events_document(), indent=2) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


def register(app: typer.Typer) -> None:
    app.command()(asyncapi)
