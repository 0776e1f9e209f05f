from __future__ import annotations

import json
from typing import Annotated

import typer

from analytics_engine.bootstrap.settings import load_settings

group = typer.Typer(help="Look at the settings.", no_args_is_help=True)


@group.command()
def show(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print every setting as it is in force, secrets redacted."""
    values = {name.upper(): _shown(value) for name, value in load_settings().model_dump(mode="json").items()}
    if as_json:
        typer.echo(json.dumps(values, indent=2))
        return
    width = max(map(len, values))
    for name, value in values.items():
        typer.echo(f"{name:<{width}}  {_written(value)}")


def _shown(value: object) -> object:
    return "[set, redacted]" if isinstance(value, str) and set(value) == {"*"} else value


def _written(value: object) -> object:
    """Return a value as it is written in the environment."""
    if isinstance(value, dict):
        return ",".join(f"{name}={number}" for name, number in value.items()) or "(not set)"
    return "(not set)" if value is None else value


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="config")
