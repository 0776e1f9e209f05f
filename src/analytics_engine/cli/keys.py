from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from analytics_engine.cli.access import ACTOR, checked, with_access

group = typer.Typer(
    help="API keys of programs. Uses DATABASE_URL and SECRET_KEY, else the system in AE_HOME.", no_args_is_help=True
)


@group.command("list")
def list_keys(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print which keys there are, without their secrets."""
    from analytics_engine.kernel.paging import PageRequest

    page = with_access(lambda access: access.keys.page(PageRequest(limit=500)))
    if as_json:
        typer.echo(page.model_dump_json(indent=2))
        return
    for key in page.items:
        state = "revoked" if key.revoked_at else "active"
        scopes = ",".join(key.scopes) or "all"
        typer.echo(f"{key.prefix:<14} {key.name:<30} {key.role:<11} {key.client_id:<20} {scopes:<20} {state}")


@group.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    *,
    role: Annotated[str, typer.Option(help="viewer, analyst, consultant or operator.")] = "viewer",
    client: Annotated[str, typer.Option(help="The client it belongs to; default AE_DEFAULT_CLIENT.")] = "",
    scope: Annotated[list[str] | None, typer.Option(help="Such as metadata:read; default all the role allows.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="How long it is valid; default until revoked.")] = None,
) -> None:
    """Create a key and print it, this once."""
    from analytics_engine.bootstrap.settings import load_settings
    from analytics_engine.services.api_gateway.keys.schemas import NewApiKey

    new = checked(
        NewApiKey,
        name=name,
        client_id=client or load_settings().ae_default_client,
        role=role,
        scopes=tuple(scope or ()),
        expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
    )
    made = with_access(lambda access: access.keys.create(new, actor=ACTOR))
    typer.echo(made.key)
    typer.echo("Send it as X-API-Key. It is not shown again.", err=True)


@group.command()
def revoke(prefix: Annotated[str, typer.Argument(help="The key's prefix, or its id.")]) -> None:
    """Make a key useless from now on."""
    key = with_access(lambda access: access.keys.revoke(prefix, actor=ACTOR))
    typer.echo(f"{key.prefix} ({key.name}) is revoked.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="keys")
