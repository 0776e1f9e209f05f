from __future__ import annotations

from typing import Annotated

import typer


def migrate(
    wait_s: Annotated[float, typer.Option("--wait", help="Seconds to wait for a server that is starting.")] = 60.0,
) -> None:
    """Bring the database at DATABASE_URL (its owner's URL) to the present schema, and set the services' passwords."""
    from analytics_engine.bootstrap import migrations
    from analytics_engine.bootstrap.settings import load_settings

    settings = load_settings()
    folder = settings.ae_role_secrets_dir or settings.ae_home / "secrets" / "roles"
    report = migrations.migrate(settings.need_database_url(), role_secrets_dir=folder, patience_s=wait_s)
    if report.applied:
        typer.echo(f"Migrated from {report.before or 'empty'} to {report.after}: {', '.join(report.applied)}.")
    else:
        typer.echo(f"Nothing to do: the database is at {report.after}.")
    typer.echo(f"Passwords of {len(report.logins)} logins are those in {folder}.")


def register(app: typer.Typer) -> None:
    app.command()(migrate)
