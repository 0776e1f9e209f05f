"""The one command line: ``analytics-engine up | serve | migrate | health | config | ...``."""

from __future__ import annotations

import sys

import typer

from analytics_engine.cli import (
    asyncapi,
    backup,
    checkups,
    config,
    doctor,
    health,
    keys,
    logs,
    migrate,
    openapi,
    restore,
    serve,
    stop,
    support_bundle,
    up,
    upgrade,
    users,
)
from analytics_engine.errors import AnalyticsEngineError

app = typer.Typer(
    name="analytics-engine",
    help="Define KPIs once, connect your data, and get the right number.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
up.register(app)
serve.register(app)
migrate.register(app)
health.register(app)
doctor.register(app)
checkups.register(app)
support_bundle.register(app)
logs.register(app)
stop.register(app)
upgrade.register(app)
config.register(app)
openapi.register(app)
asyncapi.register(app)
users.register(app)
keys.register(app)
backup.register(app)
restore.register(app)


def run() -> None:
    """Run the command line; a foreseen failure is one line of cause, one of remedy, and exit code 2."""
    try:
        app()
    except AnalyticsEngineError as error:
        typer.echo(f"error: {error.detail}", err=True)
        if error.remedy:
            typer.echo(f"remedy: {error.remedy}", err=True)
        sys.exit(2)
