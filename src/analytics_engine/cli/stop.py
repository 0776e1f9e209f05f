from __future__ import annotations

import typer


def stop() -> None:
    """Stop the system that `analytics-engine up` runs from this AE_HOME."""
    from analytics_engine.bootstrap.one_machine import home_of
    from analytics_engine.bootstrap.settings import load_settings
    from analytics_engine.embedded.instance import stop_running

    process = stop_running(home_of(load_settings()))
    typer.echo(f"Stopped (process {process}).")


def register(app: typer.Typer) -> None:
    app.command()(stop)
