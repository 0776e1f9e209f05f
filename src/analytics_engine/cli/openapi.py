from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def openapi(
    out: Annotated[Path | None, typer.Option(help="Write to this file; default: standard output.")] = None,
) -> None:
    """Print the OpenAPI document of all services, at their public paths. Needs no running system."""
    from analytics_engine.bootstrap.openapi import aggregated_document

    text = json.dumps(aggregated_document(), indent=2) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


def register(app: typer.Typer) -> None:
    app.command()(openapi)
