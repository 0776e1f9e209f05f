from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from analytics_engine.bootstrap.schema import SchemaState
    from analytics_engine.bootstrap.settings import Settings

_PENDING = 3
_SERVER_PATIENCE_S = 60.0


def migrate(
    wait_s: Annotated[
        float | None,
        typer.Option(
            "--wait",
            help="Seconds to wait for a server that is starting (60); with --check for the schema, too (0).",
        ),
    ] = None,
    lock_wait_s: Annotated[
        float, typer.Option("--lock-wait", help="Seconds a migration may wait for others' transactions.")
    ] = 300.0,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing: exit code 0 when nothing is pending, 3 when something is.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing: print the SQL of what is pending.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring the database to the present schema, and set the services' passwords.

    The database is that of DATABASE_URL (its owner's URL), else that of the system in AE_HOME. --check and --dry-run
    may be asked with a service's login, too.
    """
    from analytics_engine.bootstrap.settings import load_settings
    from analytics_engine.bootstrap.this_machine import as_owner

    settings = as_owner(load_settings())
    if check or dry_run:
        _show(settings, wait_s=wait_s or 0.0, as_json=as_json, sql=dry_run)
    else:
        _migrate(
            settings, wait_s=_SERVER_PATIENCE_S if wait_s is None else wait_s, lock_wait_s=lock_wait_s, as_json=as_json
        )


def _migrate(settings: Settings, *, wait_s: float, lock_wait_s: float, as_json: bool) -> None:
    from analytics_engine.bootstrap import migrations
    from analytics_engine.bootstrap.schema import newest_revision

    folder = settings.ae_role_secrets_dir or settings.ae_home / "secrets" / "roles"
    report = migrations.migrate(
        settings.need_database_url(),
        role_secrets_dir=folder,
        patience_s=wait_s,
        lock_patience_s=lock_wait_s,
        tell=lambda line: typer.echo(line, err=True),
    )
    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    if report.applied:
        typer.echo(f"Migrated from {report.before or 'empty'} to {report.after}: {', '.join(report.applied)}.")
    elif report.after > newest_revision():
        typer.echo(f"Nothing to do: the database is at {report.after}, of a newer release than this one.")
    else:
        typer.echo(f"Nothing to do: the database is at {report.after}.")
    typer.echo(f"Passwords of {len(report.logins)} logins are those in {folder}.")


def _show(settings: Settings, *, wait_s: float, as_json: bool, sql: bool) -> None:
    from analytics_engine.bootstrap.migrations import pending_sql
    from analytics_engine.bootstrap.schema import awaited_state

    state = awaited_state(settings.need_database_url(), patience_s=wait_s)
    if as_json:
        typer.echo(json.dumps(asdict(state) | {"pending": [asdict(one) for one in state.pending]}))
    elif sql:
        typer.echo(pending_sql(state.found) if state.pending else f"-- nothing is pending: {_told(state)}")
    else:
        typer.echo(_told(state))
        for one in state.pending:
            typer.echo(f"  {one.revision}  {one.title}")
    if state.pending and not sql:
        raise typer.Exit(_PENDING)


def _told(state: SchemaState) -> str:
    found = state.found or ("empty" if state.empty else "at a revision that this login cannot see")
    if state.pending:
        return f"The database is {'at ' if state.found else ''}{found}; {len(state.pending)} migrations are pending:"
    newer = ", of a newer release than this one" if state.found > state.wanted else ""
    return f"The database is at {found}{newer}; nothing is pending."


def register(app: typer.Typer) -> None:
    app.command()(migrate)
